"""A setting with where it came from, and what is wrong with one."""

from dataclasses import dataclass

from envbench.model.cleaning import clean
from envbench.model.severity import Severity


@dataclass(frozen=True, slots=True)
class SettingValue:
    """One line of `envbench config`."""

    key: str
    """`envs_dir`, `pip.index_url`, `conda.channels`: conda's own keys begin with `conda.`."""
    value: object
    """JSON builtins, redacted."""
    source: str
    """`default`, a file, or the name of an environment variable; several joined by `, `."""


@dataclass(frozen=True, slots=True)
class SettingProblem:
    """One finding in the configuration; the default is used in the place of what is wrong."""

    source: str
    """The file, or the name of an environment variable."""
    key: str
    """The key as written; empty when it concerns the file as a whole."""
    message: str
    """One line, no full stop."""
    line: int | None = None
    """1-based; None when unknown."""
    severity: Severity = Severity.WARNING

    @property
    def where(self) -> str:
        """`file:line`, as errors name places."""
        return f"{self.source}:{self.line}" if self.line else self.source


def show_key(text: str) -> str:
    """Give a key of a file for people: safe, and with numbers in the place of what no font shows."""
    shown = clean(text, limit=100)
    return shown if shown.isprintable() else ascii(shown)[1:-1]
