"""What the report of a box says of its driver, and of not having been made."""

from typing import TYPE_CHECKING

from envbench.ui.ink import Line, ink, wrap
from envbench.ui.state import Fact

if TYPE_CHECKING:
    from envbench.workbench.values.box_facts import BoxReport


def say_fault(fact: "Fact[BoxReport]", width: int) -> tuple[Line, ...]:
    """Say that the box could not be looked at."""
    lines = wrap(ink(("× ", "error"), fact.fault), width)
    return (*lines, *wrap(ink((fact.hint, "dim")), width)) if fact.hint else lines


def is_driver_missing(box: "BoxReport") -> bool:
    """Tell whether this simply is a box without an NVIDIA driver, which is no fault."""
    return box.driver is None and not box.gpus and box.gpu_note == "no NVIDIA driver found"
