"""What the fix under the cursor does to the user's file, and what it does to the packages."""

from typing import TYPE_CHECKING

from envbench.ui.fix_choice import RankedFix
from envbench.ui.ink import Line, cut, ink, join, wrap
from envbench.ui.panels.fix_rows import TO_CPU

if TYPE_CHECKING:
    from envbench.model.repair import DiffRow, Fix, PackageShift

MOST_ROWS, LOW_ROWS = 8, 4
_SHIFT_LINES = 2
_MOST_SHIFTS = 4
_SIGNS = {"-": "error", "+": "ok"}


def describe_fix(ranked: RankedFix, width: int, *, is_low: bool = False) -> tuple[Line, ...]:
    """Show the difference that a fix makes in the file, with the numbers of its lines.

    Args:
        ranked: The fix.
        width: Of the lines, in cells.
        is_low: There is room for few lines.
    """
    most_rows = LOW_ROWS if is_low else MOST_ROWS
    shifts = _say_shifts(fix := ranked.fix, width, 1 if is_low else _SHIFT_LINES)
    head = ink(("fix ", "dim"), (str(ranked.rank), "bold"))
    if fix.edit is None:
        how = f" solves with {fix.command}" if fix.command else " is a setting"
        text = ink(head, how, (", for this screen; your file stays as it is", "dim"))
        return (*wrap(text, max(2, width)), *shifts)
    title = ink(head, (" in your file", "dim"), ("   comments and order stay as they are", "dim"))
    shown, more = choose_rows(fix.diff, most_rows)
    rows = [cut(draw_row(row), width) for row in shown]
    if more:
        rows.append(ink((f"      … {more} more {'line' if more == 1 else 'lines'}", "dim")))
    return (cut(title, width), *rows, *shifts)


def choose_rows(diff: "tuple[DiffRow, ...]", most: int) -> "tuple[tuple[DiffRow, ...], int]":
    """Take what goes and what comes, as far as there is room; tell how many rows are left out."""
    changed = tuple(row for row in diff if row.sign.strip())
    return (changed, 0) if len(changed) <= most else (changed[: most - 1], len(changed) - most + 1)


def draw_row(row: "DiffRow") -> Line:
    """Draw one line of a difference: number, sign, text."""
    role = _SIGNS.get(row.sign, "dim")
    return ink((f"{row.line:>5} ", "dim"), (f"{row.sign} ", role), (row.text, role))


def _say_shifts(fix: "Fix", width: int, most: int) -> tuple[Line, ...]:
    """Say which packages come out otherwise than was wished; direct ones are named first."""
    direct = [shift for shift in fix.effect.shifts if shift.is_direct]
    others = [shift for shift in fix.effect.shifts if not shift.is_direct]
    shown = [*direct, *others[: max(0, _MOST_SHIFTS - len(direct))]]
    said = [_say_shift(shift) for shift in shown]
    if left := len(fix.effect.shifts) - len(shown):
        said.append(ink((f"and {left} more", "dim")))
    lines: list[Line] = []
    if said:
        lead = ink((f"against {fix.effect.against}:  ", "dim"))
        lines += wrap(ink(lead, join(", ", said)), max(2, width))
    if len(lines) > most:
        lines = [*lines[: most - 1], cut(join(" ", lines[most - 1 :]), width)]
    if fix.pip.startswith("not tried"):
        lines += wrap(ink(("▲ ", "warning"), f"pip part {fix.pip}"), max(2, width))
    return tuple(lines)


def _say_shift(shift: "PackageShift") -> Line:
    name = (shift.name, "bold" if shift.is_direct else "text")
    lost = (f" {TO_CPU}", "warning") if shift.lost_gpu else ""
    if not shift.wished:
        return ink(name, f" {shift.got} comes", lost)
    if not shift.got:
        return ink(name, f" {shift.wished} goes", lost)
    return ink(name, f" {shift.wished} → {shift.got}", lost)
