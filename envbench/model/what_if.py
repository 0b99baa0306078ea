"""The same spec solved under other conditions, side by side."""

from dataclasses import dataclass
from enum import StrEnum

from envbench.model.problem import Edit
from envbench.model.repair import DiffRow


class Condition(StrEnum):
    """What is varied."""

    AS_IT_IS = "as_it_is"
    PYTHON = "python"
    HOST = "host"
    PRIORITY = "priority"
    DATE = "date"


@dataclass(frozen=True, slots=True, kw_only=True)
class Variant:
    """One column of the table: a spec under one condition."""

    condition: Condition
    value: str
    """`3.11`, `__cuda=12.4`, `__cuda=none`, the name of a host file, `strict`, `2024-01-01`; empty as
    it is."""
    is_solvable: bool | None = None
    """None when it was not tried."""
    versions: dict[str, str] | None = None
    """Direct dependency (conda and pip) to the version chosen."""
    builds: dict[str, str] | None = None
    """Direct conda dependency to its build string."""
    lost_gpu: tuple[str, ...] = ()
    """Direct conda dependencies whose build leaves GPUs alone, though as it is, or for this box, it
    need not."""
    packages: int = 0
    download_bytes: int | None = None
    refusal: str = ""
    """One line: why there is no solution, or why it was not tried."""
    pip: str = ""
    """`resolved`, `not tried: ...`, the refusal, or empty when there is no pip section."""
    note: str = ""
    """What is to be known of it beside that, in one line."""
    edit: Edit | None = None
    """The splice that takes this column over; None where it is no matter of the file."""
    diff: tuple[DiffRow, ...] = ()
    command: str = ""
    """The option that does it where it is no matter of the file: `--priority strict`."""
    solve_s: float = 0.0

    @property
    def title(self) -> str:
        """A few words over the column: `as it is`, `python 3.11`, `cuda 12.4`, `strict`."""
        match self.condition:
            case Condition.AS_IT_IS:
                return "as it is"
            case Condition.PYTHON:
                return f"python {self.value}"
            case Condition.HOST:
                return self.value.removeprefix("__").replace("=", " ")
            case _:
                return self.value


@dataclass(frozen=True, slots=True, kw_only=True)
class WhatIfReport:
    """The whole table, filled column by column."""

    path: str
    sha256: str = ""
    names: tuple[str, ...] = ()
    """The rows: direct dependencies in the order of the file."""
    variants: tuple[Variant, ...] = ()
    trying: str = ""
    """The column that is being solved, as `Variant.title` says it; empty at the end."""
    is_over: bool = False
    seconds: float = 0.0
