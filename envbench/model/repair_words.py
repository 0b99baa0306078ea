"""Fixes in a few words."""

import re
from collections.abc import Mapping, Sequence

from envbench.model.cleaning import clean
from envbench.model.line_texts import read_line
from envbench.model.redaction import redact
from envbench.model.repair import Move, MoveKind

_LIMIT = 160
_MOST_GAINS = 4
_SHORTENED = frozenset({MoveKind.PIN, MoveKind.RELEASE, MoveKind.DROP_BUILD})


def title_of(moves: Sequence[Move]) -> str:
    """Say moves in one line: `line 12  tensorflow=2.13.1 → =2.14.*`; several joined by `; `."""
    return "; ".join(_say(move) for move in moves)


def gains_of(moves: Sequence[Move], names: Sequence[str], versions: Mapping[str, str]) -> str:
    """Say what the user then has of some packages: `tensorflow 2.14.1, openai 2.48.0`.

    Args:
        moves: The fix; what it changes comes first.
        names: Further packages of interest.
        versions: Package to version in the resulting plan.
    """
    wanted = [_name_after(move) for move in moves if move.line is not None or move.new]
    parts = []
    for name in dict.fromkeys((*wanted, *names)):
        if name in versions:
            parts.append(f"{name} {versions[name]}")
        elif any(move.kind is MoveKind.REMOVE and move.name == name for move in moves):
            parts.append(f"no {name}")
    more = len(parts) - _MOST_GAINS
    shown = ", ".join(parts[:_MOST_GAINS])
    return _show(f"{shown}, {more} more" if more > 0 else shown)


def _say(move: Move) -> str:
    place = f"line {move.line}  " if move.line is not None else ""
    old, new, name = _show(move.old), _show(move.new), _show(move.name)
    words = {
        MoveKind.REMOVE: f"{place}remove {name}",
        MoveKind.ADD: f"add {new}",
        MoveKind.ADD_CHANNEL: f"add the channel {new or name}",
        MoveKind.RAISE_CHANNEL: f"channel {new or name} first",
        MoveKind.PRIORITY: f"channel priority {new}",
        MoveKind.HOST: f"if it is meant for another box: {new or name}",
        MoveKind.TO_PIP: f"{place}{old} → pip: {new}",
        MoveKind.TO_CONDA: f"{place}pip: {old} → conda: {new}",
    }
    if move.kind in _SHORTENED:
        new = _shorten(move)
    return words.get(move.kind, f"{place}{old} → {new}")


def _shorten(move: Move) -> str:
    """Leave out what stays: the channel and the name."""
    old, new = move.old.strip(), move.new.strip()
    if move.kind is MoveKind.RELEASE:
        return "any version"
    head = 0
    while head < min(len(old), len(new)) and old[head] == new[head]:
        head += 1
    read = None if move.is_pip else read_line(old)
    length = len(read.head) + len(read.name) if read is not None else len(move.name)
    if head < length:
        return _show(new)
    return _show(new[length:].strip()) or _show(new)


def _name_after(move: Move) -> str:
    if move.kind is MoveKind.TO_PIP:
        found = re.match(r"[A-Za-z0-9._-]+", move.new)
        return found[0].lower() if found else move.name
    is_new = move.kind in {MoveKind.RENAME, MoveKind.ADD} and not move.is_pip
    if is_new or move.kind is MoveKind.TO_CONDA:
        read = read_line(move.new)
        return read.match.name if read is not None else move.name
    return move.name


def _show(text: str) -> str:
    return redact(clean(text, limit=_LIMIT))
