"""The GPUs of this box: what the driver says of each."""

from typing import TYPE_CHECKING

from envbench.ui.ink import Line, ink, wrap
from envbench.ui.pane_view import PaneView
from envbench.ui.panels.gpu_rows import (
    NO_READINGS,
    is_driver_missing,
    list_gpus,
    say_driver,
    say_fault,
)
from envbench.ui.panels.panel import Panel
from envbench.ui.state import ScreenState

if TYPE_CHECKING:
    from envbench.workbench.values.box_facts import BoxReport

_NO_GPU = (
    "Specs are solved as for a box without CUDA. To solve for a box with GPUs, make its profile"
    " there and use it here:"
)
_PROFILE = ("envbench host > box.toml", "envbench solve SPEC --host box.toml")


class GpusPanel(Panel):
    """One row a GPU, and what the driver serves."""

    reads = ("box",)

    def describe(self, state: ScreenState, width: int) -> PaneView:
        """List them."""
        return describe_gpus(state, width)


def describe_gpus(state: ScreenState, width: int) -> PaneView:
    """List the GPUs, or say why there are none and how to solve for a box that has some."""
    width = max(2, width)
    fact = state.box
    box = fact.value
    if box is None:
        empty = say_fault(fact, width) if fact.fault else (ink((fact.working or "-", "dim")),)
        return PaneView("GPUs", empty=empty)
    old = say_fault(fact, width) if fact.fault else ()
    title = f"GPUs {box.name}"
    if not box.gpus:
        badge = ("none", "dim") if is_driver_missing(box) else ("not known", "warning")
        return PaneView(title, badge[0], badge[1], top=old, empty=_say_none(box, width))
    heading, rows = list_gpus(box, width)
    top = (*old, *wrap(ink((say_versions(box), "dim")), width), (), heading)
    bottom = ((), *wrap(ink(("● ", "info"), NO_READINGS), width))
    badge_text, role = ("old", "warning") if fact.fault else (str(len(rows)), "dim")
    return PaneView(title, badge_text, role, top=top, rows=rows, bottom=bottom)


def say_versions(box: "BoxReport") -> str:
    """Name the driver and what it serves."""
    parts = (f"driver {box.driver}" if box.driver else "", f"CUDA {box.cuda}" if box.cuda else "")
    return "  ".join(part for part in parts if part)


def _say_none(box: "BoxReport", width: int) -> tuple[Line, ...]:
    lines = [*say_driver(box, width), (), *wrap(ink((_NO_GPU, "dim")), width)]
    lines += [ink("  ", *line) for text in _PROFILE for line in wrap(ink(text), max(2, width - 2))]
    return tuple(lines)
