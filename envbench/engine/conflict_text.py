"""Reading the solver's own explanation of a conflict, which is prose without any structure.

Only a few things are taken from it: which packages it may speak of, which dependencies it found no
candidate for at all, what strict priority took away, and the text itself. What is said to the user is built from queries.
"""

import re
from dataclasses import dataclass

from envbench.engine.outside_text import show_text

_TEXT_LIMIT = 40_000
_READ_LIMIT = 100_000
_NO_CANDIDATES = re.compile(
    r"(?:No candidates were found for (?P<first>.+?)\.\s*$)"
    r"|(?P<second>[^\s│├└─].*?), for which no candidates were found"
)
_HIDDEN = re.compile(
    r"(?P<what>[^\s│├└─].*?) is excluded because due to strict channel priority"
    r" not using this option from: '(?P<url>[^']*)'"
)
_LEAD = re.compile(r"^[\s│├└─|]*")
_NAME = re.compile(r"(?:__)?[a-z0-9][a-z0-9_.-]*")
_REFUSAL = "Cannot solve the request"
_TIME_UP = "has been cancelled"


@dataclass(frozen=True, slots=True)
class ConflictText:
    """What could be read."""

    names: frozenset[str]
    """Names of packages that the text may speak of: every word that looks like one."""
    without_candidates: tuple[str, ...]
    """Dependencies that nothing satisfies, as the solver writes them, each once, in order."""
    hidden_by_priority: tuple[tuple[str, str], ...]
    """`name versions` and the address of the channel that strict priority does not use."""
    text: str
    """The whole, cleaned, without secrets."""

    @property
    def missing_virtual(self) -> tuple[str, ...]:
        """Dependencies on properties of the host that it does not have."""
        return tuple(text for text in self.without_candidates if text.startswith("__"))


def read_conflict(text: str) -> ConflictText:
    """Read the solver's explanation; any text gives an answer."""
    shown = show_text(text[:_READ_LIMIT], limit=_TEXT_LIMIT, multiline=True).strip()
    lines = [_LEAD.sub("", line) for line in shown.splitlines()]
    missing = [
        (found["first"] or found["second"]).strip()
        for line in lines
        for found in _NO_CANDIDATES.finditer(line)
    ]
    hidden = [(m["what"], m["url"]) for line in lines for m in _HIDDEN.finditer(line)]
    # `(?<!\\S)` would miss `conda-forge::numpy`; words of prose do no harm, since they are only
    # ever compared with names that the user wrote.
    names = frozenset(_NAME.findall(shown.lower()))
    return ConflictText(names, tuple(dict.fromkeys(missing)), tuple(dict.fromkeys(hidden)), shown)


def is_time_up(text: str) -> bool:
    """Tell whether the solver gave up for lack of time rather than found a conflict."""
    return _TIME_UP in text


def is_refusal(text: str) -> bool:
    """Tell whether the solver says that there is no solution, rather than that it failed."""
    return text.startswith(_REFUSAL)


def trim_text(text: str, *, lines: int = 400) -> str:
    """Keep the first lines of an explanation."""
    kept = text.splitlines()
    rest = len(kept) - lines
    return "\n".join(kept[:lines] + ([f"... ({rest} more lines)"] if rest > 0 else []))
