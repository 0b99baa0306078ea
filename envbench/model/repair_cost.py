"""What a way out of a conflict costs the user, and what it changes; pure rules.

`FixCost` is the order of the fixes: its fields, from the first to the last.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from envbench.model.build_flavour import Flavour, read_flavour
from envbench.model.conflict import SpecLine
from envbench.model.line_texts import read_line
from envbench.model.plan import PackageRecord
from envbench.model.repair import FixCost, FixEffect, Move, MoveKind, PackageShift
from envbench.model.version import compare_versions
from envbench.model.version_match import satisfies_version
from envbench.model.version_steps import Distance, add_distances, distance_from

_GPU_TEXT = re.compile(r"(?:^|[^a-z])(?:cuda|gpu|cu\d{2,3})")
_NUMBER = re.compile(r"\d+(?:\.\d+)*")
_TWO_PLACES = frozenset({MoveKind.TO_PIP, MoveKind.TO_CONDA})


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What the user would have, were there no conflict: the nearest thing that has a solution."""

    packages: tuple[PackageRecord, ...] = ()
    """Plan of the spec without lines that stand in the way."""
    pip: Mapping[str, str] = field(default_factory=dict)
    """Distribution to version, where the pip part was resolved."""
    asked: Mapping[str, str] = field(default_factory=dict)
    """Package of a line that is left out of the plan, to the version that it asked for."""
    gpu: frozenset[str] = frozenset()
    """Direct dependencies that were wished for GPUs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a fix comes to."""

    packages: tuple[PackageRecord, ...]
    pip: Mapping[str, str] = field(default_factory=dict)
    download_bytes: int | None = None


def measure_cost(
    moves: Sequence[Move],
    outcome: Outcome,
    wish: Wish,
    direct: Sequence[SpecLine],
    existing: Mapping[str, Sequence[str]],
) -> FixCost:
    """Measure what a fix costs.

    Args:
        moves: The fix.
        outcome: Its plan.
        wish: The nearest wish.
        direct: All of the user's lines, before the fix.
        existing: Package (of moves) to the versions that there are.
    """
    shifts = list_shifts(outcome, wish, direct)
    got = _versions(outcome)
    # Two moves of different places never have the same line; settings have none.
    order = tuple(sorted(move.line for move in moves if move.line is not None))
    return FixCost(
        hosts=sum(move.kind is MoveKind.HOST for move in moves),
        lines=sum(2 if move.kind in _TWO_PLACES else 1 for move in moves),
        removals=sum(move.kind is MoveKind.REMOVE for move in moves),
        gpu_losses=sum(shift.lost_gpu for shift in shifts),
        distance=add_distances(_measure_move(move, got, existing) for move in moves),
        loosened=sum(_loses_constraint(move) for move in moves),
        moved_back=sum(_is_moved_back(shift) for shift in shifts if shift.is_direct),
        python_changes=sum(_changes_python(shift) for shift in shifts),
        packages=len(shifts),
        download_bytes=outcome.download_bytes or 0,
        order=order,
        text="; ".join(f"{move.kind} {move.name} {move.new}" for move in moves),
    )


def describe_effect(
    outcome: Outcome, wish: Wish, direct: Sequence[SpecLine], against: str = ""
) -> FixEffect:
    """Say what changes against the nearest wish, or against what `against` has installed."""
    shifts = list_shifts(outcome, wish, direct)
    added = sum(not shift.wished for shift in shifts)
    removed = sum(not shift.got for shift in shifts)
    return FixEffect(
        shifts=shifts,
        added=added,
        removed=removed,
        changed=len(shifts) - added - removed,
        download_bytes=outcome.download_bytes,
        **({"against": against} if against else {}),
    )


def list_shifts(
    outcome: Outcome, wish: Wish, direct: Sequence[SpecLine]
) -> tuple[PackageShift, ...]:
    """List the packages whose version is another one, direct dependencies first."""
    named = {line.name for line in direct if not line.is_pip}
    pip_named = {line.name for line in direct if line.is_pip}
    wished = {p.name: p.version for p in wish.packages} | dict(wish.asked)
    got = {p.name: p.version for p in outcome.packages}
    lost = _find_lost(outcome.packages, wish.gpu)
    conda = [
        PackageShift(
            name=name,
            wished=wished.get(name, ""),
            got=got.get(name, ""),
            is_direct=name in named,
            lost_gpu=name in lost,
        )
        for name in {*wished, *got}
        if wished.get(name) != got.get(name) or name in lost
    ]
    pip = [
        PackageShift(
            name=name,
            wished=wish.pip.get(name, ""),
            got=outcome.pip.get(name, ""),
            is_direct=name in pip_named,
            is_pip=True,
        )
        for name in {*wish.pip, *outcome.pip}
        if wish.pip and outcome.pip and wish.pip.get(name) != outcome.pip.get(name)
    ]
    return tuple(sorted((*conda, *pip), key=lambda s: (not s.is_direct, s.is_pip, s.name)))


def wishes_gpu(line: SpecLine) -> bool:
    """Tell whether a line asks for a GPU build in so many words."""
    read = read_line(line.text)
    if read is None:
        return False
    return line.name.endswith("-gpu") or _GPU_TEXT.search(read.build) is not None


def asked_version(line: SpecLine, existing: Sequence[str]) -> str:
    """Give the version that a line asked for: the newest that meets it, else the one it names.

    Empty when it asks for none.
    """
    read = read_line(line.text)
    if read is None or read.match.version in {None, "*"}:
        return ""
    constraint = read.match.version or "*"
    found = next((v for v in existing if satisfies_version(v, constraint)), None)
    number = _NUMBER.search(constraint)
    return found or (number[0] if number else "")


def _versions(outcome: Outcome) -> dict[str, str]:
    return {**outcome.pip, **{p.name: p.version for p in outcome.packages}}


def _measure_move(
    move: Move, got: Mapping[str, str], existing: Mapping[str, Sequence[str]]
) -> Distance:
    if move.kind in {MoveKind.REMOVE, MoveKind.ADD} or not move.old:
        return (0, 0, 0)
    constraint = _constraint_of(move)
    name = name_after(move)
    version = got.get(name, "")
    if constraint is None or not version:
        return (0, 0, 0)
    versions = existing.get(name, ())
    return distance_from(constraint, version, versions, name=name)


def _constraint_of(move: Move) -> str | None:
    if move.is_pip:
        found = re.fullmatch(r"[A-Za-z0-9._-]+\s*(?:\[[^\]]*\])?\s*([^;@]*).*", move.old.strip())
        terms = [t.strip() for t in found[1].split(",") if t.strip()] if found else []
        return ",".join(_to_conda_term(term) for term in terms) or None
    read = read_line(move.old)
    return read.match.version if read is not None else None


def _loses_constraint(move: Move) -> bool:
    if move.kind is MoveKind.RENAME:
        old, new = read_line(move.old), read_line(move.new)
        return bool(old and new and old.version and not new.version)
    return move.kind is MoveKind.RELEASE


def _to_conda_term(term: str) -> str:
    return term[2:] if term.startswith("==") and term.endswith(".*") else term.replace("===", "==")


def name_after(move: Move) -> str:
    """Name the package that a move leaves: another one after a renaming, or on the other side."""
    if move.kind in {MoveKind.RENAME, MoveKind.TO_CONDA}:
        read = read_line(move.new)
        return read.match.name if read is not None else move.name
    if move.kind is MoveKind.TO_PIP:
        found = re.match(r"[A-Za-z0-9._-]+", move.new)
        return found[0].lower() if found else move.name
    return move.name


def _find_lost(packages: Sequence[PackageRecord], wished: frozenset[str]) -> frozenset[str]:
    """Name what was wished for GPUs and computes on the CPU.

    A package that does not say is not lost, and one that is gone is removed, which says itself.
    """
    return frozenset(
        p.name for p in packages if p.name in wished and read_flavour(p) is Flavour.CPU
    )


def _is_moved_back(shift: PackageShift) -> bool:
    return bool(shift.wished and shift.got) and compare_versions(shift.wished, shift.got) < 0


def _changes_python(shift: PackageShift) -> bool:
    return shift.name == "python" and not shift.is_pip and _minor(shift.wished) != _minor(shift.got)


def _minor(version: str) -> list[str]:
    return version.split(".")[:2]
