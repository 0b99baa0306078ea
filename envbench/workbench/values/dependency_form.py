"""One item of a spec as the fields of a form."""

from dataclasses import dataclass

from envbench.model.item_kind import ItemKind


@dataclass(frozen=True, slots=True, kw_only=True)
class DependencyForm:
    """The fields of one item; which of them count depends on the kind."""

    kind: ItemKind
    line: int = 0
    """Where the item begins, 1-based; 0 for one that is not in the text."""
    name: str = ""
    """Of the package, the channel, the environment or the variable."""
    version: str = ""
    """`1.26.*`, `==1.26.4`, `>=1.20,<2`; a bare `1.26` is that series for conda, exact for pip."""
    build: str = ""
    """Conda only: a pattern such as `cuda*`."""
    channel: str = ""
    """Conda only: the one channel that it may come from."""
    extras: str = ""
    """Pip only: names with commas between them."""
    marker: str = ""
    """Pip only: `sys_platform == "linux"`."""
    meaning: str = ""
    """What the item asks for, in words."""
    locked: str = ""
    """Why the form cannot change it; empty when it can."""
