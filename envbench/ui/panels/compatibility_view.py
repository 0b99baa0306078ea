"""Framework by version by device, each verdict with what it rests on."""

from collections import Counter
from typing import TYPE_CHECKING

from envbench.model.compatibility.same_devices import merge_devices
from envbench.ui.columns import Column, lay_out
from envbench.ui.environment_choice import show_name
from envbench.ui.ink import Line, Part, cut, ink, wrap
from envbench.ui.pane_view import PaneView, Row
from envbench.ui.state import PROBES, ScreenState
from envbench.ui.times import show_since

if TYPE_CHECKING:
    from envbench.model.compatibility_report import CompatibilityReport, CompatibilityRow

MOST_NOTES = 3
VERDICTS: dict[str, tuple[str, str]] = {
    "works": ("●", "ok"),
    "should work": ("○", "text"),
    "degraded": ("▲", "warning"),
    "fails": ("×", "error"),
    "will fail": ("×", "error"),
    "unknown": ("-", "dim"),
}
"""Verdict to its mark and role."""
_COLUMNS = (
    Column("", least=1),
    Column("framework", least=6),
    Column("version", least=8, most=16, gives=3, drops=2),
    Column("build", least=9, most=20, gives=4, drops=3),
    Column("device", least=14, most=26, gives=2),
    Column("verdict", least=8),
    Column("why", least=10, gives=1, drops=1),
)


def describe_compatibility(state: ScreenState, width: int, now: float) -> PaneView:
    """List the verdicts; what the one under the cursor rests on stands below.

    Args:
        state: All that is known.
        width: Of the lines, in cells.
        now: Unix time.
    """
    fact = state.compatibility
    name = show_name(state, state.environment)
    title = f"{name}: compatibility" if name else "Compatibility"
    if fact.about != state.environment:
        again = (("M", "accent"), (f" makes the report of {name}" if name else " makes it", "dim"))
        return PaneView(title, empty=wrap(ink(*again), width))
    working = wrap(ink(("► ", "accent"), fact.working), width) if fact.working else ()
    fault = wrap(ink(("× ", "error"), fact.fault), width) if fact.fault else ()
    report = fact.value
    if report is None:
        return PaneView(title, empty=(*working, *fault))
    shown = merge_devices(report.rows)
    heading, lines = lay_out(_COLUMNS, [_cells(row) for row in shown], width)
    rows = tuple(Row(f"verdict:{n}", (cut(line, width),)) for n, line in enumerate(lines))
    badge, role = _judge(report)
    top = (*working, *fault, *_say_head(report, width, now), ())
    return PaneView(
        title,
        badge,
        role,
        top=(*top, cut(heading, width)) if rows else top,
        rows=rows,
        empty=wrap(ink(("none of the frameworks that are known is installed", "dim")), width),
        bottom=_say_proof(report, state.selected.get(PROBES, ""), width),
        keys="M again  c copy Markdown  w save  Esc probes",
    )


def _cells(row: "CompatibilityRow") -> tuple[Part, ...]:
    mark, role = VERDICTS.get(row.verdict.value, ("?", "warning"))
    return (
        (mark, role),
        (row.framework, "bold"),
        row.version or ("-", "faint"),
        (row.build or "-", "dim"),
        row.device.replace("NVIDIA ", ""),
        (row.verdict.value, role),
        (row.reason, "dim"),
    )


def _judge(report: "CompatibilityReport") -> tuple[str, str]:
    counted = Counter(row.verdict.value for row in merge_devices(report.rows))
    bad = counted["fails"] + counted["will fail"]
    said = ", ".join(f"{counted[verdict]} {verdict}" for verdict in VERDICTS if counted[verdict])
    if not report.rows:
        return "no framework", "dim"
    return said, "error" if bad else "warning" if counted["degraded"] else "ok"


def _say_head(report: "CompatibilityReport", width: int, now: float) -> tuple[Line, ...]:
    generation = f"generation {report.generation}   " if report.generation is not None else ""
    cuda = f", CUDA {report.cuda}" if report.cuda else ""
    driver = f"driver {report.driver}{cuda}" if report.driver else "no NVIDIA driver"
    python = f"python {report.python}   " if report.python else ""
    probed = (
        f"probed {show_since(report.probed, now)}" if report.probed else "not probed: p computes"
    )
    head = ink((generation, "bold"), f"{python}{driver}", (f"   {report.host}   {probed}", "dim"))
    notes = [ink(("▲ ", "warning"), (note, "dim")) for note in report.notes[:MOST_NOTES]]
    return tuple(line for each in (head, *notes) for line in wrap(each, width))


def _say_proof(report: "CompatibilityReport", key: str, width: int) -> tuple[Line, ...]:
    number = key.removeprefix("verdict:")
    at = int(number) if number.isascii() and number.isdecimal() else 0
    shown = merge_devices(report.rows)
    row = shown[at] if at < len(shown) else next(iter(shown), None)
    if row is None:
        return ()
    head = ink(
        (f"{row.framework} ", "bold"), f"{row.version} on {row.device}", (f"   {row.build}", "dim")
    )
    lines = [head]
    if row.reason:
        lines.append(ink(("why     ", "dim"), row.reason))
    lines.append(
        ink(("proof   ", "dim"), row.proof or "nothing was computed, and nothing speaks against it")
    )
    return ((), *(line for each in lines for line in wrap(each, width)))
