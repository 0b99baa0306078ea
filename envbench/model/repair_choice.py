"""Which fixes are offered: the best, and of each kind of way out the best one."""

from collections.abc import Sequence

from envbench.model.repair import Fix, Move, MoveKind

MOST_FIXES = 9
"""So many are offered: one key each."""

_SOURCES = frozenset(
    {
        MoveKind.ADD_CHANNEL,
        MoveKind.RAISE_CHANNEL,
        MoveKind.SET_CHANNEL,
        MoveKind.DROP_CHANNEL,
        MoveKind.PRIORITY,
        MoveKind.HOST,
    }
)
_SECTIONS = frozenset({MoveKind.TO_PIP, MoveKind.TO_CONDA})


def choose_fixes(fixes: Sequence[Fix], most: int = MOST_FIXES) -> tuple[Fix, ...]:
    """Choose what is offered, best first.

    A fix that does all that another one does, and more, is left out.
    """
    ranked = sorted(drop_dominated(fixes), key=lambda fix: fix.cost)
    chosen: list[Fix] = ranked[:1]
    seen = {kind_of(fix) for fix in chosen}
    for fix in ranked:
        if kind_of(fix) not in seen and len(chosen) < most:
            seen.add(kind_of(fix))
            chosen.append(fix)
    for fix in ranked:
        if fix not in chosen and len(chosen) < most:
            chosen.append(fix)
    return tuple(sorted(chosen, key=lambda fix: fix.cost))


def drop_dominated(fixes: Sequence[Fix]) -> tuple[Fix, ...]:
    """Leave out fixes whose moves are those of another one and more.

    So are those that release a line where a pin of the same line gives the same.
    """
    kept: list[Fix] = []
    for fix in sorted(fixes, key=lambda each: each.cost):
        mine = set(fix.moves)
        if any(set(other.moves) < mine for other in fixes):
            continue
        if any(set(other.moves) == mine or _gives_same(other, fix) for other in kept):
            continue
        kept.append(fix)
    return tuple(kept)


def _gives_same(better: Fix, fix: Fix) -> bool:
    if len(better.moves) != len(fix.moves) or better.effect != fix.effect:
        return False
    pins = {_place(move): move for move in better.moves}
    pairs = [(pins.get(_place(move)), move) for move in fix.moves]
    return all(
        pin == move
        or (pin is not None and pin.kind is MoveKind.PIN and move.kind is MoveKind.RELEASE)
        for pin, move in pairs
    )


def _place(move: Move) -> tuple[int | None, str, bool]:
    return (move.line, move.name, move.is_pip)


def kind_of(fix: Fix) -> str:
    """Name the kind of way out that a fix is."""
    kinds = {move.kind for move in fix.moves}
    names = {
        "section": bool(kinds & _SECTIONS),
        "sources": bool(kinds & _SOURCES),
        "remove": MoveKind.REMOVE in kinds,
        "release": MoveKind.RELEASE in kinds,
        "python": any(move.name == "python" for move in fix.moves),
        "pip version": any(move.is_pip for move in fix.moves),
    }
    return next((name for name, applies in names.items() if applies), "version")
