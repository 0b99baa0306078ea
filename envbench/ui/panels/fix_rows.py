"""The table of fixes: those that were solved, best first, then what was tried in vain."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from envbench.ui.columns import Column, lay_out
from envbench.ui.fix_choice import (
    SEARCH,
    RankedFix,
    is_about_shown,
    is_searching,
    rank_fixes,
    shown_report,
)
from envbench.ui.ink import Line, Part, cut, ink, measure, spread, width_of, wrap
from envbench.ui.pane_view import Row
from envbench.ui.sizes import show_bytes, show_duration
from envbench.ui.solve_choice import STOPPED
from envbench.ui.state import ScreenState

if TYPE_CHECKING:
    from envbench.model.repair import FailedTry, Fix, FixReport

TO_CPU = "falls to a CPU build"
_MOST_FAILED = 8
_COLUMNS = (
    Column("#", least=1),
    Column("fix", least=24, gives=6, most=60),
    Column("changes", least=7, drops=4),
    Column("moves", align="right", least=5, drops=3),
    Column("downloads", align="right", least=9, drops=5),
    Column("then you get", least=26, gives=7, most=44),
    Column("proved", least=12),
)
_OTHERS = 64
"""Cells of the table that are neither title nor proof; where these have no room beside them, a fix
has two lines: what it does, and what comes of it."""


def list_fixes(state: ScreenState, width: int) -> tuple[Row, ...]:
    """List what is known of the ways out, in the order of rank.

    A fix that is found goes to its rank, whatever stands there. The cursor belongs to a fix and
    not to a place in the list, so that it stays on its fix and Enter means what it meant. Until it
    is moved it waits on the row of the search, over all fixes: the best one so far is one step
    down, and when the search is over, the row goes and the cursor is on the best of all.
    """
    report = shown_report(state)
    rows = _say_search(state, report, width)
    ranked = rank_fixes(report)
    if ranked:
        rows += _list_ranked(ranked, state.plan_face.marked, width)
    if report is not None:
        rows += _list_failed(report.failed, width)
        rows += _say_end(state, report, width)
    return tuple(rows)


def _list_ranked(ranked: Sequence[RankedFix], marked: str, width: int) -> list[Row]:
    longest = max(measure(each.fix.title) for each in ranked)
    proof = max(width_of(_say_proof(each.fix)) for each in ranked)
    if width < _OTHERS + longest + proof:
        return [Row(each.key, _two_lines(each, marked, width)) for each in ranked]
    cells = [_cells(each, marked) for each in ranked]
    heading, lines = lay_out(_COLUMNS, cells, width)
    rows = [Row(each.key, (line,)) for each, line in zip(ranked, lines, strict=True)]
    return [Row("heading:fixes", (cut(heading, width),), selectable=False), *rows]


def _number(each: RankedFix, marked: str) -> Line:
    sign = ("●", "accent") if each.key == marked else ""
    return ink((str(each.rank), "bold"), sign)


def _cells(each: RankedFix, marked: str) -> list[Part]:
    fix = each.fix
    return [
        _number(each, marked),
        fix.title,
        (say_changes(fix), "dim"),
        str(fix.cost.packages),
        say_download(fix),
        _say_gains(fix),
        _say_proof(fix),
    ]


def _two_lines(each: RankedFix, marked: str, width: int) -> tuple[Line, ...]:
    fix = each.fix
    moves = f"{fix.cost.packages} {'move' if fix.cost.packages == 1 else 'moves'}"
    facts = (f"{say_changes(fix)}, {moves}, {say_download(fix)}", "dim")
    title = ink(_number(each, marked), " ", (fix.title, "bold"))
    proof = _say_proof(fix)
    if width < measure(fix.title) + width_of(proof) + 5:
        # What must not be missed comes first, where the end may have no room.
        second = ink("    ", _say_loss(fix), proof, "   ", fix.gains, "   ", facts)
        return cut(title, width), cut(second, width)
    second = ink("    ", _say_gains(fix), "   ", facts)
    return spread(title, proof, width), cut(second, width)


def say_changes(fix: "Fix") -> str:
    """Say how much of the file a fix touches; one that is a setting says so."""
    if fix.edit is None:
        return "setting"
    return "1 line" if fix.cost.lines == 1 else f"{fix.cost.lines} lines"


def say_download(fix: "Fix") -> str:
    """Say how much is to be fetched; unknown is said as unknown."""
    size = fix.effect.download_bytes
    return show_bytes(size) if size is not None else "unknown"


def _say_gains(fix: "Fix") -> Line:
    return ink(_say_loss(fix), fix.gains)


def _say_loss(fix: "Fix") -> Line:
    return ink((f"▲ {TO_CPU}: ", "warning")) if fix.loses_gpu else ()


def _say_proof(fix: "Fix") -> Line:
    took = ink(("solved ", "ok"), (show_duration(fix.solve_s), "dim"))
    if fix.pip.startswith("not tried"):
        return ink(took, (", pip not tried", "warning"))
    return took


def _say_search(state: ScreenState, report: "FixReport | None", width: int) -> list[Row]:
    """Say what is being tried, or why nothing is any more."""
    if is_searching(state):
        return [Row(SEARCH, (_say_trying(state, report, width),))]
    if not is_about_shown(state):
        return []
    fact = state.fixes
    lines: tuple[Line, ...] = ()
    if fact.fault == STOPPED:
        said = ink("The search was stopped. ", ("f", "accent"), (" looks again", "dim"))
        lines = wrap(said, max(2, width))
    elif fact.fault:
        lines = wrap(ink(("× ", "error"), fact.fault), max(2, width))
        lines += wrap(ink(("f", "accent"), (" looks for fixes again", "dim")), max(2, width))
    return [Row("ended", lines, selectable=False)] if lines else []


def _say_trying(state: ScreenState, report: "FixReport | None", width: int) -> Line:
    """Say what is tried, for how long, and which key stops it; a long title is cut, not the key."""
    trying = report.trying if report is not None else ""
    what = ink(("trying  ", "dim"), trying) if trying else ink(
        "looking for fixes; each is solved before it is offered"
    )  # fmt: skip
    seconds = max(0, state.tick - state.solve_tick)
    rest = ink((f"   {seconds} s", "dim"), ("   x", "accent"), (" stops it", "dim"))
    room = max(12, width - width_of(rest))
    return cut(ink(cut(ink(("► ", "accent"), what), room), rest), width)


def _list_failed(failed: "Sequence[FailedTry]", width: int) -> list[Row]:
    rows = [
        Row(f"tried:{index}", (_say_failed(each, width),))
        for index, each in enumerate(failed[:_MOST_FAILED])
    ]
    more = len(failed) - _MOST_FAILED
    if more > 0:
        said = ink((f"- {more} more were tried and have no solution", "dim"))
        rows.append(Row("tried:more", (cut(said, width),), selectable=False))
    return rows


def _say_failed(each: "FailedTry", width: int) -> Line:
    return cut(ink((f"- {each.title}   tried: {each.why}", "dim")), width)


def _say_end(state: ScreenState, report: "FixReport", width: int) -> list[Row]:
    """Say what the search came to, and what it did not get to."""
    room = max(2, width)
    lines: list[Line] = []
    if not is_searching(state) and not report.fixes:
        lines += wrap(ink(("▲ ", "warning"), "No fix was found among what was tried."), room)
    for left in report.not_tried:
        lines.append(cut(ink(("not tried: ", "warning"), (left, "dim")), width))
    return [Row("left", tuple(lines), selectable=False)] if lines else []
