"""All environments, and the generations of the one that the panes are about."""

import time
from collections.abc import Iterator
from typing import TYPE_CHECKING

from envbench.ui.environment_choice import find_row, is_unbuilt, show_name, split_reference
from envbench.ui.ink import Line, Part, cut, ink, pad, wrap
from envbench.ui.pane_view import PaneView, Row
from envbench.ui.panels.comparison_lines import describe_comparison
from envbench.ui.panels.environment_lines import list_fully, list_generations, say_totals
from envbench.ui.panels.panel import Panel
from envbench.ui.sizes import show_bytes
from envbench.ui.state import Fact, ScreenState

if TYPE_CHECKING:
    from envbench.workbench.values.environment_details import EnvironmentDetails

LABEL = 9
MOST_FINDINGS = 12
"""Lines of a comparison of files that are shown; all of them are in `envbench verify`."""


class EnvironmentsPanel(Panel):
    """The table, and below it what lies behind one row of it."""

    reads = (
        "environments",
        "environment",
        "details",
        "generation_sizes",
        "comparison",
        "marked",
        "verification",
        "minute",
    )

    def describe(self, state: ScreenState, width: int) -> PaneView:
        """List them, or show a comparison."""
        return describe_environments(state, width, time.time())


def describe_environments(state: ScreenState, width: int, now: float) -> PaneView:
    """List the environments and the generations of one, or what `d` compared.

    Args:
        state: All that is known.
        width: Of the lines, in cells.
        now: Unix time.
    """
    width = max(2, width)
    if state.comparison != Fact():
        return describe_comparison(state.comparison, width)
    fact = state.environments
    if fact.value is None:
        line = ink(("× ", "error"), fact.fault) if fact.fault else ink((fact.working or "-", "dim"))
        return PaneView("Environments", empty=wrap(line, width))
    heading, rows = list_fully(state, width, now)
    old = tuple(wrap(ink(("× old: ", "error"), fact.fault), width)) if fact.fault else ()
    empty = wrap(ink("None found. ", ("b", "accent"), (" builds the open spec", "dim")), width)
    badge = ", ".join(part for part in (say_totals(fact.value), fact.working and "reading") if part)
    return PaneView(
        "Environments",
        badge,
        top=(*old, heading) if rows else old,
        rows=(*rows, *_describe_focus(state, width, now)) if rows else (),
        empty=empty,
        keys="Enter generations  space mark  d diff",
    )


def _describe_focus(state: ScreenState, width: int, now: float) -> tuple[Row, ...]:
    """Give what is known of the environment that the panes are about."""
    name = state.environment
    if not name:
        hint = ink(("Enter", "accent"), (" shows the generations of a row", "dim"))
        return (Row("focus:none", ((), cut(hint, width)), selectable=False),)
    return tuple(_focus_rows(state, width, now))


def _focus_rows(state: ScreenState, width: int, now: float) -> Iterator[Row]:
    name, fact = state.environment, state.details
    shown, row = show_name(state, name), find_row(state, name)
    if row is not None and is_unbuilt(row):
        said = ink((shown, "bold"), " is not built yet: ", ("s", "accent"), " solves, ",
                   ("b", "accent"), " builds")  # fmt: skip
        yield _note("focus:unbuilt", (), *wrap(said, width))
        return
    details = fact.value if fact.about == name else None
    legend: Part = ("   ● live  ○ kept", "dim") if details and details.generations else ""
    working = (f"   {fact.working}" if fact.working and details is None else "", "dim")
    yield _note("focus:title", (), cut(ink((shown, "bold"), legend, working), width))
    if fact.fault and fact.about == name:
        yield _note("focus:fault", *wrap(ink(("× ", "error"), fact.fault), width))
    if details is None:
        return
    if details.generations:
        heading, rows = list_generations(details, state, width, now)
        yield _note("focus:heading", heading)
        yield from rows
    lines = tuple(_detail_lines(details, state, width))
    yield _note("focus:details", (), *lines)


def _note(key: str, *lines: Line) -> Row:
    return Row(key, lines or ((),), selectable=False)


def _detail_lines(details: "EnvironmentDetails", state: ScreenState, width: int) -> Iterator[Line]:
    if details.fault:
        yield from _labelled("broken", width, ("× ", "error"), details.fault)
    yield from _labelled("path", width, details.path)
    contents = details.contents
    if contents is not None:
        python = f"python {contents.python}  " if contents.python else ""
        count = f"{contents.conda_packages} conda, {contents.pip_packages} pip"
        channels = ", ".join(contents.channels)
        yield from _labelled("holds", width, f"{python}{count}  {contents.platform}")
        yield from _labelled("channels", width, channels) if channels else ()
        if contents.variables:
            yield from _labelled("sets", width, ", ".join(contents.variables))
        if contents.drift is not None:
            drift: Part = (f"▲ {contents.drift}", "warning") if contents.drift else "none"
            yield from _labelled("drift", width, drift)
        for damage in contents.damage:
            yield from _labelled("damage", width, ("× ", "error"), damage)
    sizes = state.generation_sizes
    if sizes.value and sizes.about == state.environment and not details.generations:
        unique, total = sizes.value[0].unique_bytes, sizes.value[0].total_bytes
        words = f"{show_bytes(total)}, of it {show_bytes(unique)} its own"
        yield from _labelled("size", width, words)
    for user in details.users:
        old = f"  generation {user.generation}" if user.generation is not None else ""
        yield from _labelled(
            "used by", width, f"pid {user.pid} {user.name} {user.how}", (old, "dim")
        )
    yield from _verification_lines(state, width)
    if details.read_only:
        yield from _labelled("writing", width, (f"off: {details.read_only}", "dim"))


def _verification_lines(state: ScreenState, width: int) -> Iterator[Line]:
    fact = state.verification
    if not fact.about or split_reference(fact.about)[0] != state.environment:
        return
    if fact.working:
        stops = ("  v stops it", "dim")
        yield from _labelled("files", width, ("► ", "accent"), fact.working, stops)
    elif fact.fault:
        yield from _labelled("files", width, ("× ", "error"), fact.fault)
    report = fact.value
    if report is None:
        return
    lines = report.describe()
    mark: Part = ("● ", "ok") if report.is_fine else ("× ", "error")
    yield from _labelled("files", width, mark, lines[-1])
    for line in lines[:-1][:MOST_FINDINGS]:
        yield from _labelled("", width, line)
    if len(lines) - 1 > MOST_FINDINGS:
        more = f"{len(lines) - 1 - MOST_FINDINGS} more: envbench verify {fact.about}"
        yield from _labelled("", width, (more, "dim"))


def _labelled(label: str, width: int, *parts: Part) -> Iterator[Line]:
    """Put a label before a text; where that breaks, it goes on under itself."""
    room = max(2, width - LABEL - 3)
    for number, line in enumerate(wrap(ink(*parts), room)):
        head = pad(ink(("" if number else f"   {label}", "dim")), LABEL + 3)
        yield cut((*head, *line), width)
