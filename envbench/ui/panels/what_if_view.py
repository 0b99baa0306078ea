"""The spec under other conditions, side by side; one column is chosen and can be taken over."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from envbench.ui.ink import Line, Part, cut, ink, measure, pad, wrap
from envbench.ui.pane_view import PaneView, Row
from envbench.ui.panels.fix_detail import choose_rows, draw_row
from envbench.ui.sizes import show_bytes, show_duration
from envbench.ui.solve_choice import STOPPED
from envbench.ui.state import ScreenState

if TYPE_CHECKING:
    from envbench.model.what_if import Variant, WhatIfReport

_LEAST, _MOST, _GAP = 11, 18, 2
_MOST_ROWS = 6


def describe_what_if(state: ScreenState, title: str, width: int) -> PaneView:
    """Show the table; what is not solved yet says so."""
    fact, report = state.what_if, state.what_if.value
    shown = PaneView(f"{title}: what if", keys="left right choose  Enter take over  Esc back")
    room = max(2, width)
    news = _say_news(state, room)
    if report is None or not report.variants:
        return shown._replace(badge="SOLVING" if fact.working else "", empty=news)
    column = min(state.plan_face.column, len(report.variants) - 1)
    heading, rows = _lay_out(report, column, width)
    badge, role = ("SOLVING", "accent") if fact.working else (f"{len(report.variants)} ways", "dim")
    return shown._replace(
        badge=badge,
        badge_role=role,
        top=(*news, *heading),
        rows=rows,
        bottom=((), *_describe_column(report.variants[column], width)),
    )


def _say_news(state: ScreenState, width: int) -> tuple[Line, ...]:
    fact = state.what_if
    if fact.working:
        seconds = max(0, state.tick - state.solve_tick)
        trying = fact.value.trying if fact.value is not None else ""
        what = f"{fact.working}: {trying}" if trying else fact.working
        return wrap(
            ink(("► ", "accent"), what, (f"   {seconds} s   ", "dim"), ("x", "accent"),
                (" stops it", "dim")),
            width,
        )  # fmt: skip
    if fact.fault == STOPPED:
        return wrap(ink("Stopped; what is solved stays. ", ("i i", "accent"), " asks again"), width)
    if fact.fault:
        return wrap(ink(("× ", "error"), fact.fault), width)
    return ()


def _lay_out(
    report: "WhatIfReport", chosen: int, width: int
) -> tuple[tuple[Line, ...], tuple[Row, ...]]:
    """Lay the table out; where not all columns fit, those around the chosen one are shown."""
    names = (*report.names, "packages", "get", "solved")
    first = min(max(map(measure, names)) + _GAP, max(10, width // 3))
    sizes = [_measure_column(variant, report.names) for variant in report.variants]
    start, end = _window(sizes, chosen, width - first)
    shown = range(start, end)
    heads: list[Part] = [_head(report.variants[i], i == chosen) for i in shown]
    more = ("‹ " if start else "") + ("›" if end < len(sizes) else "")
    lead = (f"{more} more" if more else "", "dim")
    heading = _join(lead, heads, first, [sizes[i] for i in shown])
    rows = []
    for name in report.names:
        cells: list[Part] = [_cell(report, i, name, i == chosen) for i in shown]
        line = _join((name, "bold"), cells, first, [sizes[i] for i in shown])
        rows.append(Row(f"name:{name}", (cut(line, width),)))
    for key, say in (("packages", _say_packages), ("get", _say_download), ("solved", _say_solved)):
        cells = [say(report.variants[i]) for i in shown]
        line = _join((key, "dim"), cells, first, [sizes[i] for i in shown])
        rows.append(Row(f"fact:{key}", (cut(line, width),)))
    return (cut(heading, width),), tuple(rows)


def _measure_column(variant: "Variant", names: Sequence[str]) -> int:
    versions = variant.versions or {}
    longest = max(
        [measure(versions.get(name, "")) + 4 * (name in variant.lost_gpu) for name in names],
        default=0,
    )
    return max(_LEAST, min(_MOST, max(longest, measure(variant.title) + 2)))


def _window(sizes: Sequence[int], chosen: int, room: int) -> tuple[int, int]:
    """Choose the columns that fit, the chosen one among them."""
    start, end = chosen, chosen + 1
    used = sizes[chosen] + _GAP
    while True:
        if end < len(sizes) and used + sizes[end] + _GAP <= room:
            used += sizes[end] + _GAP
            end += 1
        elif start > 0 and used + sizes[start - 1] + _GAP <= room:
            start -= 1
            used += sizes[start] + _GAP
        else:
            return start, end


def _join(name: Part, cells: Sequence[Part], first: int, sizes: Sequence[int]) -> Line:
    line = pad(ink(name), first)
    for cell, size in zip(cells, sizes, strict=True):
        line = ink(line, pad(ink(cell), size), " " * _GAP)
    return line


def _head(variant: "Variant", is_chosen: bool) -> Line:
    name = variant.title
    return ink(("► ", "accent"), (name, "accent")) if is_chosen else ink((name, "dim"))


def _cell(report: "WhatIfReport", index: int, name: str, is_chosen: bool) -> Part:
    variant, base = report.variants[index], report.variants[0]
    if variant.versions is None:
        return ("-", "dim")
    version = variant.versions.get(name, "-")
    before = (base.versions or {}).get(name, "-")
    if name in variant.lost_gpu:
        return ink((version, "warning"), (" CPU", "warning"))
    is_other = index > 0 and base.versions is not None and version != before
    return (version, "info" if is_other else "bold" if is_chosen else "text")


def _say_packages(variant: "Variant") -> Part:
    return str(variant.packages) if variant.is_solvable else ""


def _say_download(variant: "Variant") -> Part:
    if not variant.is_solvable:
        return ""
    size = variant.download_bytes
    return show_bytes(size) if size is not None else ("unknown", "dim")


def _say_solved(variant: "Variant") -> Part:
    if variant.is_solvable is None:
        return ("not tried", "dim")
    if not variant.is_solvable:
        return ("no solution", "error")
    return (f"ok {show_duration(variant.solve_s)}", "ok")


def _describe_column(variant: "Variant", width: int) -> tuple[Line, ...]:
    """Say what taking the chosen column over would change."""
    room = max(2, width)
    name = ink((variant.title, "bold"))
    if variant.refusal:
        return wrap(ink(name, "   ", (variant.refusal, "warning")), room)
    lines: list[Line] = []
    if variant.edit is not None:
        lines.append(cut(ink(name, ("   in your file", "dim")), width))
        lines += [cut(draw_row(row), width) for row in choose_rows(variant.diff, _MOST_ROWS)[0]]
    elif variant.command:
        said = f"   solves with {variant.command}; your file stays as it is"
        lines += wrap(ink(name, (said, "dim")), room)
    else:
        lines += wrap(ink(name, ("   is how it is solved now", "dim")), room)
    if variant.lost_gpu:
        lost = ", ".join(variant.lost_gpu)
        lines += wrap(ink(("▲ ", "warning"), f"falls to a CPU build: {lost}"), room)
    if variant.note:
        lines += wrap(ink((variant.note, "dim")), room)
    if variant.pip and variant.pip != "resolved":
        lines += wrap(ink(("▲ ", "warning"), f"pip part: {variant.pip}"), room)
    return tuple(lines)
