"""Which fixes are offered: the best, and of each kind of way out the best one."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from envbench.model.repair import Fix, FixCost, Move, MoveKind

MOST_FIXES = 9
"""So many are offered: one key each."""
_MOST_OF_A_WAY = 2
"""So many versions of the same change of the same lines are offered, besides each kind's best."""

_SOURCES = frozenset(
    {
        MoveKind.ADD_CHANNEL,
        MoveKind.RAISE_CHANNEL,
        MoveKind.SET_CHANNEL,
        MoveKind.DROP_CHANNEL,
        MoveKind.PRIORITY,
    }
)
_SECTIONS = frozenset({MoveKind.TO_PIP, MoveKind.TO_CONDA})
_OWN_WAYS = frozenset({MoveKind.REMOVE, MoveKind.RELEASE, MoveKind.RENAME, *_SECTIONS})
_WIDENING = frozenset({MoveKind.PIN, MoveKind.SET_CHANNEL})
"""To leave a build or a channel out says less than to write another one."""

_Place = tuple[int | None, str, bool]


def choose_fixes(fixes: Sequence[Fix], most: int = MOST_FIXES) -> tuple[Fix, ...]:
    """Choose what is offered, best first: of each kind the best, then as many ways as there is room.

    A fix that does all that another one does, and more, is left out; so is one that comes to the
    same plan as a better one by a change of the same lines.
    """
    ranked = sorted(drop_dominated(fixes), key=lambda fix: fix.cost)
    chosen: list[Fix] = []
    kinds = set[str]()
    for fix in ranked:
        if kind_of(fix) not in kinds and len(chosen) < most:
            kinds.add(kind_of(fix))
            chosen.append(fix)
    ways = Counter(_way_of(fix) for fix in chosen)
    for limit in range(1, _MOST_OF_A_WAY + 1):
        for fix in ranked:
            if fix not in chosen and len(chosen) < most and ways[_way_of(fix)] < limit:
                ways[_way_of(fix)] += 1
                chosen.append(fix)
    return tuple(sorted(chosen, key=lambda fix: fix.cost))


def drop_dominated(fixes: Sequence[Fix]) -> tuple[Fix, ...]:
    """Leave out fixes whose moves are those of another one and more.

    So are those with the plan of a better fix that changes the same lines.
    """
    kept: list[Fix] = []
    for fix in sorted(fixes, key=_weigh):
        mine = set(fix.moves)
        if any(set(other.moves) < mine for other in fixes):
            continue
        if any(set(other.moves) == mine or _gives_same(other, fix) for other in kept):
            continue
        kept.append(fix)
    return tuple(kept)


def _weigh(fix: Fix) -> tuple[FixCost, int]:
    """Order fixes by cost; of those that only their text tells apart, what asks for less is last."""
    widened = sum(move.kind in _WIDENING for move in fix.moves)
    return replace(fix.cost, text=""), widened


def _gives_same(better: Fix, fix: Fix) -> bool:
    """Tell whether a better fix changes the same lines, no more, and has the same plan.

    Of a fix that releases what the better one pins, only the user's own packages are compared.
    """
    if {_place(move) for move in better.moves} != {_place(move) for move in fix.moves}:
        return False
    if _places(better, MoveKind.REMOVE) != _places(fix, MoveKind.REMOVE):
        return False
    if _places(better, MoveKind.RELEASE) < _places(fix, MoveKind.RELEASE):
        return _direct(better) == _direct(fix)
    return better.effect == fix.effect


def _direct(fix: Fix) -> set[tuple[str, str, bool]]:
    return {(s.name, s.got, s.lost_gpu) for s in fix.effect.shifts if s.is_direct}


def _places(fix: Fix, kind: MoveKind) -> set[_Place]:
    return {_place(move) for move in fix.moves if move.kind is kind}


def _place(move: Move) -> _Place:
    return (move.line, move.name, move.is_pip)


def _way_of(fix: Fix) -> tuple[bool, frozenset[tuple[_Place, str]]]:
    """Tell ways apart: the same lines, changed in the same manner, only to other versions."""
    return fix.loses_gpu, frozenset(
        (_place(move), move.kind.value if move.kind in _OWN_WAYS else "") for move in fix.moves
    )


def kind_of(fix: Fix) -> str:
    """Name the kind of way out that a fix is."""
    kinds = {move.kind for move in fix.moves}
    names = {
        "box": MoveKind.HOST in kinds,
        "section": bool(kinds & _SECTIONS),
        "sources": bool(kinds & _SOURCES),
        "remove": MoveKind.REMOVE in kinds,
        "release": MoveKind.RELEASE in kinds,
        "python": any(move.name == "python" for move in fix.moves),
        "pip version": any(move.is_pip for move in fix.moves),
    }
    return next((name for name, applies in names.items() if applies), "version")
