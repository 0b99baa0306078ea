"""What the place of the plan shows of a plan or of a conflict, and how: values of the state."""

from dataclasses import dataclass

FOLDED, RAW = "folded", "raw"
"""How the solver's own words are shown; `t` goes round."""


@dataclass(frozen=True, slots=True)
class PlanFace:
    """Which sides of the plan or of the conflict are shown."""

    whole: bool = False
    """All packages in the place of the difference."""
    unfolded: bool = False
    """The packages that stay are listed, too."""
    why: bool = False
    """The way from the package under the cursor to the lines of the spec."""
    solver_text: str = ""
    """The solver's own words: `FOLDED`, `RAW`, or empty for not at all."""
    marked: str = ""
    """Key of the fix that the next one is compared with."""
    compared: tuple[str, str] | None = None
    """Keys of two fixes that stand side by side, in the place of all that there is else."""
    what_if: bool = False
    """The spec under other conditions, in the place of the plan."""
    column: int = 0
    """The column of that table that is chosen, from 0."""

    back: str = ""
    """Key of the row that the cursor goes back to from what stands in the place of the plan."""

    @property
    def is_aside(self) -> bool:
        """Whether something stands in the place of the plan for a moment; Esc leads out."""
        return bool(self.solver_text or self.compared or self.what_if)


PLAIN = PlanFace()


@dataclass(frozen=True, slots=True, kw_only=True)
class SolveOptions:
    """What this screen asks of every solve beside what the spec and the settings say."""

    priority: str = ""
    """A channel priority; empty takes that of the settings."""
    virtual: str = ""
    """A virtual package that the box is taken to have, `__cuda=12.4`; empty for none."""
    exclude_newer: str = ""
    """A date, ISO 8601; younger packages do not exist; empty for none."""

    @property
    def command(self) -> str:
        """The options of the command line that do the same; empty when nothing is asked."""
        named = (
            ("--priority", self.priority),
            ("--virtual", self.virtual),
            ("--exclude-newer", self.exclude_newer),
        )
        return " ".join(f"{name} {value}" for name, value in named if value)

    @property
    def is_empty(self) -> bool:
        """Whether nothing is asked."""
        return not (self.priority or self.virtual or self.exclude_newer)


NO_OPTIONS = SolveOptions()


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenFix:
    """A fix that was put into the text, or a setting that was taken for this screen."""

    title: str
    path: str
    """Of the spec."""
    before: str = ""
    """The whole text before it; empty for settings."""
    after: str = ""
    """The whole text with it."""
    options: SolveOptions = NO_OPTIONS
    """What was asked of solves before a setting was taken."""
    is_setting: bool = False
