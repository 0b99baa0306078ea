"""What `solve --what-if` is asked."""

from dataclasses import dataclass

from envbench.model.what_if import Condition
from envbench.workbench.values.why import SpecConditions


@dataclass(frozen=True, slots=True, kw_only=True)
class WhatIfOrder:
    """A spec, and the columns that stand beside it as it is."""

    conditions: SpecConditions
    """How it is solved as it is; every column changes one thing of that."""
    columns: tuple[tuple[Condition, str], ...] = ()
    """What is changed, and to what, as `Variant.value` writes it."""
    takes_near: bool = False
    """Further columns that somebody may want: neighbouring Pythons, with or without CUDA, the other
    priority, a year ago. Without any column these are taken in any case."""
    is_pip_asked: bool = True
    """Resolve the pip section of each column, too."""
