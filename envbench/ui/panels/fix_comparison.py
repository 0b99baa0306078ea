"""Two fixes side by side: what each changes, what each costs, which versions come of them."""

from typing import TYPE_CHECKING

from envbench.ui.columns import Column, lay_out
from envbench.ui.fix_choice import RankedFix, find_ranked
from envbench.ui.ink import Line, Part, cut, ink
from envbench.ui.pane_view import Row
from envbench.ui.panels.fix_rows import TO_CPU, say_changes, say_download
from envbench.ui.sizes import show_duration
from envbench.ui.state import ScreenState

if TYPE_CHECKING:
    from envbench.model.repair import Fix

_COLUMNS = (
    Column("", least=10, most=28),
    Column("", least=12, gives=2),
    Column("", least=12, gives=2),
)


def compare_fixes(state: ScreenState, keys: tuple[str, str], width: int) -> tuple[Row, ...]:
    """Lay two fixes out side by side; nothing when one of them is not there any more.

    Args:
        state: All that is known.
        keys: Of the two.
        width: Of the lines, in cells.
    """
    one, other = (find_ranked(state, key) for key in keys)
    if one is None or other is None:
        return ()
    facts = [_facts(one, other), *_diff_cells(one.fix, other.fix), *_costs(one.fix, other.fix)]
    shifts = _shift_cells(one.fix, other.fix)
    cells = [*facts, *shifts]
    _, lines = lay_out(_COLUMNS, cells, width)
    # Nothing can be chosen here: the arrows move the window.
    rows = [Row(f"fact:{n}", (cut(line, width),), False) for n, line in enumerate(lines)]
    titles = [
        Row(f"title:{each.rank}", (cut(_name(each), width),), selectable=False)
        for each in (one, other)
    ]
    blank = Row("blank:compared", ((),), selectable=False)
    if not shifts:
        return (*titles, blank, *rows)
    heading = ink(("against the nearest wish", "dim"))
    at = len(facts)
    middle = Row("heading:shifts", ((), cut(heading, width)), selectable=False)
    return (*titles, blank, *rows[:at], middle, *rows[at:])


def _name(each: RankedFix) -> Line:
    return ink(("fix ", "dim"), (str(each.rank), "bold"), f"  {each.fix.title}")


def _facts(one: RankedFix, other: RankedFix) -> list[Part]:
    return ["", (f"fix {one.rank}", "bold"), (f"fix {other.rank}", "bold")]


def _costs(one: "Fix", other: "Fix") -> list[list[Part]]:
    pairs: list[tuple[str, Part, Part]] = [
        ("changes", say_changes(one), say_changes(other)),
        ("lines removed", str(one.cost.removals), str(other.cost.removals)),
        ("then you get", one.gains, other.gains),
        ("GPU builds", _say_gpu(one), _say_gpu(other)),
        ("go back", _say_back(one), _say_back(other)),
        ("python", _say_python(one), _say_python(other)),
        ("packages moved", str(one.cost.packages), str(other.cost.packages)),
        ("downloads", say_download(one), say_download(other)),
        ("pip part", one.pip or "-", other.pip or "-"),
        ("solved in", show_duration(one.solve_s), show_duration(other.solve_s)),
    ]
    return [[(name, "dim"), left, right] for name, left, right in pairs]


def _say_gpu(fix: "Fix") -> Part:
    return (f"▲ {TO_CPU}", "warning") if fix.loses_gpu else "kept"


def _say_back(fix: "Fix") -> Part:
    count = fix.cost.moved_back
    return (f"{count} of your packages", "warning") if count else "none of your packages"


def _say_python(fix: "Fix") -> Part:
    return ("another minor version", "warning") if fix.cost.python_changes else "kept"


def _diff_cells(one: "Fix", other: "Fix") -> list[list[Part]]:
    """Put what goes and what comes in the file beside each other."""
    texts = [[f"{row.line} {row.sign} {row.text.strip()}" for row in fix.diff if row.sign != " "] or
             [fix.command or "nothing in the file"] for fix in (one, other)]  # fmt: skip
    rows = max(map(len, texts))
    left, right = ([*each, *[""] * (rows - len(each))] for each in texts)
    return [
        [("your file" if n == 0 else "", "dim"), a, b]
        for n, (a, b) in enumerate(zip(left, right, strict=True))
    ]


def _shift_cells(one: "Fix", other: "Fix") -> list[list[Part]]:
    """List every package that one of the two gives another version than was wished."""
    got = [{shift.name: shift for shift in fix.effect.shifts} for fix in (one, other)]
    names = list(dict.fromkeys((*got[0], *got[1])))
    cells: list[list[Part]] = []
    for name in names:
        sides: list[Part] = []
        for known in got:
            shift = known.get(name)
            if shift is None:
                sides.append(("as wished", "dim"))
            else:
                sides.append(f"{shift.wished or 'not there'} → {shift.got or 'gone'}")
        cells.append([(name, "bold"), *sides])
    return cells
