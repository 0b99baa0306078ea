"""The rows of a plan: what changes, or all of it; drawn once for each solve, width and side."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple, cast

from envbench.ui.columns import Column, lay_out
from envbench.ui.flows.plan_texts import SAME
from envbench.ui.ink import Line, Part, cut, ink
from envbench.ui.pane_view import Row
from envbench.ui.panels.plan_facts import (
    LastMade,
    PlanFacts,
    PlanLine,
    counted_pip,
    plan_facts,
    say_asker,
)
from envbench.ui.sizes import show_bytes
from envbench.ui.state import PlanFace, SolveView

if TYPE_CHECKING:
    from envbench.model.plan import PackageRecord
    from envbench.workbench.values.solving import AskedLine

MARKS: dict[str, tuple[str, str]] = {
    "add": ("+", "ok"),
    "remove": ("-", "error"),
    "upgrade": ("~", "info"),
    "downgrade": ("▼", "warning"),
    "rebuild": ("▲", "warning"),
    "rechannel": ("▲", "warning"),
    "same": (" ", "dim"),
    "new": (" ", "dim"),
}
"""Kind of a change to its mark and role; the words beside it say the same."""

_DIFFERENCE = (
    Column("  package", least=14, gives=2, most=30),
    Column("now", least=8, gives=3, drops=1, most=30),
    Column("plan", least=8, gives=4, most=44),
    Column("asked by", least=9, gives=5, drops=2, most=26),
    Column("size", align="right", drops=3),
)
_WHOLE = (
    Column("  package", least=14, gives=3, most=30),
    Column("version", least=8, gives=2, most=24),
    Column("build", least=14, gives=5, drops=4, most=36),
    Column("asked by", least=9, gives=4, drops=2, most=26),
    Column("size", align="right", drops=3),
)


class Table(NamedTuple):
    """A table that is laid out."""

    heading: Line
    rows: tuple[Row, ...]


_last_table = LastMade()


def make_table(view: SolveView, face: PlanFace, width: int) -> Table:
    """Lay out the rows of a plan; the same parts give the same table at once."""
    is_difference = bool(view.against) and not face.whole
    parts = (view.report, view.against, is_difference, face.unfolded, width)
    make = _make_difference if is_difference else _make_whole
    table = _last_table.get(parts, lambda: make(view, face, width))
    return cast(Table, table)


def _make_difference(view: SolveView, face: PlanFace, width: int) -> Table:
    facts, pip = plan_facts(view), counted_pip(view.report)
    stays = facts.same if face.unfolded else ()
    cells = [_difference_cells(line, facts) for line in facts.changed]
    cells += [_pip_cells(item, _DIFFERENCE) for item in pip]
    cells += [_difference_cells(line, facts) for line in stays]
    heading, lines = lay_out(_DIFFERENCE, cells, width)
    keys = [*_keys(facts.changed), *(f"pip:{item.line}" for item in pip), *_keys(stays)]
    rows = [Row(key, (line,)) for key, line in zip(keys, _fit(lines, width), strict=True)]
    if facts.same:
        at = len(facts.changed) + len(pip)
        rows.insert(at, _fold(len(facts.same), width, unfolded=face.unfolded))
    return Table(cut(heading, width), tuple(rows))


def _fold(count: int, width: int, *, unfolded: bool) -> Row:
    said = f"{count} same" if count > 1 else "1 same"
    hint = "space folds them" if unfolded else "space lists them"
    return Row(SAME, (cut(ink(("= ", "dim"), said, (f"   {hint}", "dim")), width),))


def _make_whole(view: SolveView, face: PlanFace, width: int) -> Table:
    del face
    facts, pip = plan_facts(view), counted_pip(view.report)
    direct = [line for line in facts.whole if line.name in facts.asked]
    rest = facts.whole[len(direct) :]
    cells = [_whole_cells(line, facts) for line in facts.whole]
    cells += [_pip_cells(item, _WHOLE) for item in pip]
    heading, lines = lay_out(_WHOLE, cells, width)
    keys = [*_keys(facts.whole), *(f"pip:{item.line}" for item in pip)]
    rows = [Row(key, (line,)) for key, line in zip(keys, _fit(lines, width), strict=True)]
    parts = (
        ("asked", f"your lines ask for {len(direct)}", rows[: len(direct)]),
        ("pip", f"pip installs {len(pip)} afterwards", rows[len(facts.whole) :]),
        ("rest", f"these need {len(rest)} more", rows[len(direct) : len(facts.whole)]),
    )
    shown: list[Row] = []
    for key, title, group in parts:
        if group:
            shown += [Row(f"heading:{key}", (cut(ink((title, "dim")), width),), False), *group]
    return Table(cut(heading, width), tuple(shown))


def _keys(lines: Sequence[PlanLine]) -> list[str]:
    return [f"package:{line.name}" for line in lines]


def _fit(lines: Sequence[Line], width: int) -> Sequence[Line]:
    """Cut what no column could give."""
    return lines if width >= 24 else [cut(line, width) for line in lines]


def _name_cell(line: PlanLine, facts: PlanFacts) -> Part:
    mark, role = MARKS.get(line.kind, (" ", "dim"))
    if line.surprise.startswith("CPU"):
        mark, role = "▲", "warning"
    return ink((f"{mark} ", role), (line.name, "bold" if line.name in facts.asked else "text"))


def _difference_cells(line: PlanLine, facts: PlanFacts) -> list[Part]:
    old, new = line.old, line.new
    both = old is not None and new is not None and line.kind != "same"
    same_version = both and old is not None and new is not None and old.version == new.version
    now = _spell(old, with_build=same_version)
    plan = _spell(new, with_build=same_version) if line.kind != "same" else ""
    if line.kind == "rechannel" and old is not None and new is not None:
        now, plan = f"{old.channel}::{old.version}", f"{new.channel}::{new.version}"
    note = _say_surprise(line)
    role = "warning" if note else "text"
    return [
        _name_cell(line, facts),
        (now, "dim"),
        ink((plan, role), (note, "warning")),
        (say_asker(line.name, facts) if new is not None else "-", "dim"),
        (_say_size(new), "dim"),
    ]


def _spell(record: "PackageRecord | None", *, with_build: bool) -> str:
    if record is None:
        return "-"
    return f"{record.version} {record.build}" if with_build else record.version


def _say_surprise(line: PlanLine) -> str:
    if line.surprise == "another channel" and line.kind != "rechannel" and line.new is not None:
        return f" from {line.new.channel}"
    return " CPU build" if line.surprise.startswith("CPU") else ""


def _whole_cells(line: PlanLine, facts: PlanFacts) -> list[Part]:
    record = line.new
    note = " CPU build" if line.surprise.startswith("CPU") else ""
    return [
        _name_cell(line, facts),
        ink(record.version if record is not None else "-", (note, "warning")),
        (record.build if record is not None else "-", "dim"),
        (say_asker(line.name, facts), "dim"),
        (_say_size(record), "dim"),
    ]


def _pip_cells(item: "AskedLine", columns: Sequence[Column]) -> list[Part]:
    told = "at build"
    middle: list[Part] = ["", (told, "dim")] if columns is _DIFFERENCE else [(told, "dim"), ""]
    return [ink(("p ", "accent"), (item.text, "bold")), *middle, (f"line {item.line}", "dim"), ""]


def _say_size(record: "PackageRecord | None") -> str:
    if record is None or record.size_bytes is None:
        return "-" if record is None else "unknown"
    return show_bytes(record.size_bytes)
