"""Ways out of a conflict: what they change in the user's file, what they cost, how they are proved."""

from dataclasses import dataclass
from enum import StrEnum

from envbench.model.conflict import Conflict, SpecLine
from envbench.model.problem import Edit


class MoveKind(StrEnum):
    """What is done to one line of the spec, or to what stands around the lines."""

    PIN = "pin"
    """Another version constraint for the line."""
    RELEASE = "release"
    """No constraint at all: neither version nor build."""
    DROP_BUILD = "drop_build"
    """The version stays, the build string goes."""
    DROP_CHANNEL = "drop_channel"
    """`channel::name` becomes `name`."""
    SET_CHANNEL = "set_channel"
    """`name` becomes `channel::name`, or the channel is another one."""
    RENAME = "rename"
    """The package that was meant: `torch` becomes `pytorch`."""
    REMOVE = "remove"
    TO_PIP = "to_pip"
    """From the conda dependencies to the pip section."""
    TO_CONDA = "to_conda"
    """From the pip section to the conda dependencies."""
    ADD = "add"
    """A new line among the conda dependencies, which holds a package for the sake of others."""
    ADD_CHANNEL = "add_channel"
    """A channel behind those that are listed."""
    RAISE_CHANNEL = "raise_channel"
    """A listed channel before all others."""
    PRIORITY = "priority"
    """Another channel priority; no matter of the file."""
    HOST = "host"
    """Another host profile, such as one with `__cuda`; no matter of the file."""


SETTINGS = frozenset({MoveKind.PRIORITY, MoveKind.HOST})
"""Moves that change nothing in the file: they are options of the solve."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """One change."""

    kind: MoveKind
    name: str
    """Of the package (without channel), of the channel, `channel_priority`, or the virtual package."""
    old: str = ""
    """The item as written (`tensorflow=2.13.1`); empty for what is added."""
    new: str = ""
    """The item as it is to be (`tensorflow=2.14.*`); empty for what is removed. The channel for
    channel moves, the priority for `PRIORITY`, `__cuda=12.4` for `HOST`."""
    line: int | None = None
    """Line of the item in the user's file, 1-based."""
    is_pip: bool = False
    """The item stands in the pip section (before the move)."""


@dataclass(frozen=True, slots=True, order=True, kw_only=True)
class FixCost:
    """What the user loses; the smaller, the better, the fields in their order."""

    hosts: int = 0
    """Changes of the box: whoever has this one cannot make them."""
    lines: int
    """Lines of the file that are touched or added, channels and settings counted as one each."""
    removals: int
    """Direct dependencies that are gone."""
    gpu_losses: int
    """Packages that the user's lines name and that fall from a GPU build to a CPU build."""
    distance: tuple[int, int, int]
    """Major, minor and patch steps between what the lines asked for and what they get, summed over
    the moves; a step of python's minor version counts as a major one."""
    loosened: int = 0
    """Lines that lose their version constraint altogether."""
    moved_back: int
    """Direct dependencies that get an older version than in the nearest wish."""
    python_changes: int
    """1 when the minor version of python is another one than in the nearest wish."""
    packages: int
    """Packages of the plan that differ from the nearest wish (or from what is installed)."""
    download_bytes: int
    order: tuple[int, ...] = ()
    """The lines touched: of equals, what stands first in the file comes first."""
    text: str = ""
    """The last resort, so that the order never depends on chance."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PackageShift:
    """One package that a fix gives another version than the nearest wish."""

    name: str
    wished: str
    """Version in the nearest wish; empty when it is not part of it."""
    got: str
    """Version in the plan of the fix; empty when it is not part of it."""
    is_direct: bool = False
    """One of the user's lines names it."""
    is_pip: bool = False
    lost_gpu: bool = False
    """It falls from a GPU build to a CPU build."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FixEffect:
    """What changes in the resulting plan against the nearest wish.

    The nearest wish is what the user gets of the spec without the lines of the conflict, together
    with the version that each of these lines asked for.
    """

    shifts: tuple[PackageShift, ...] = ()
    """Direct dependencies first, then by name."""
    added: int = 0
    removed: int = 0
    changed: int = 0
    download_bytes: int | None = None
    """Of archives that are not in the cache; None when the channels do not say."""
    against: str = "the nearest wish"
    """What the plan was compared with: that, or the name of an environment."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DiffRow:
    """One line of a text before or after an edit."""

    sign: str
    """`-`, `+`, or a blank for lines around the change."""
    line: int
    """Its number, in the old text for `-` and blanks, in the new one for `+`."""
    text: str
    """Cleaned and without secrets."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fix:
    """A way out that was solved."""

    moves: tuple[Move, ...]
    title: str
    """`line 12  tensorflow=2.13.1 → =2.14.*`; several moves joined by `; `."""
    cost: FixCost
    effect: FixEffect
    gains: str
    """What the user then has, in a few words: `tensorflow 2.14.1, openai 2.48.0`."""
    edit: Edit | None = None
    """The splice into the user's text; None where the fix is no matter of the file."""
    diff: tuple[DiffRow, ...] = ()
    command: str = ""
    """For settings: the option that does it, `--priority flexible`."""
    pip: str = ""
    """`resolved`, `not tried: ...`, or empty when there is no pip section."""
    solve_s: float = 0.0
    """The solve that proved it, on the whole index."""

    @property
    def loses_gpu(self) -> bool:
        """Whether something that computed on a GPU would compute on the CPU."""
        return self.cost.gpu_losses > 0


@dataclass(frozen=True, slots=True, kw_only=True)
class FailedTry:
    """A change that was tried and has no solution."""

    title: str
    why: str
    """`still no solution: not a cause`, or the next conflict in a few words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FixReport:
    """What is known so far of the ways out of a conflict."""

    path: str
    sha256: str = ""
    """Of the spec's bytes that were solved."""
    asked: tuple[SpecLine, ...] = ()
    conflict: Conflict | None = None
    """None when the spec has a solution: there is nothing to fix."""
    fixes: tuple[Fix, ...] = ()
    """Best first."""
    failed: tuple[FailedTry, ...] = ()
    trying: str = ""
    """What is being solved now; empty at the end."""
    not_tried: tuple[str, ...] = ()
    """What the budget did not allow, in words."""
    is_over: bool = False
    solves: int = 0
    seconds: float = 0.0
    first_core_s: float | None = None
    first_fix_s: float | None = None
    one_solve_s: float | None = None
    """What one solve of the spec as it stands took, for comparison."""
