"""What a person sees in a line of a log: its text, how grave it is, whether a time leads it."""

import re
from dataclasses import dataclass
from typing import Literal, TypeAlias

Level: TypeAlias = Literal["error", "warning", "info", "debug", "cut", "plain"]
"""`cut` is a note about missing bytes; `plain` says nothing about itself."""

_LOOK_AT = 400
_HEAD = 80

_STATED = re.compile(
    r"(?<![\w./-])(?:(?P<error>ERROR|ERR|FATAL|CRITICAL|CRIT|PANIC|FAIL|FAILED|FAILURE)"
    r"|(?P<warning>WARN|WARNING)|(?P<info>INFO|NOTICE)|(?P<debug>DEBUG|TRACE|VERBOSE))(?![\w./-])"
)
_NAMED = re.compile(
    r"(?<![\w./-])(?:(?P<error>error|fatal|critical)|(?P<warning>warn|warning)"
    r"|(?P<info>info|notice)|(?P<debug>debug|trace|verbose))\s{0,3}[:\]>|]"
)
"""A word that leads a line, such as `warning: unused`."""
ERROR_WORDS = (
    *("error", "exception", "traceback", "fatal", "fail", "critical", "panic", "abort"),
    *("segmentation fault", "out of memory", "killed", "no space left", "permission denied"),
    "core dumped",
)
"""A line is no error unless it holds one of these, letter case aside."""
WARNING_WORDS = ("warn", "deprecat")
_ERROR = re.compile(
    r"(?<![\w./-])(?:errors?|fatal|critical|failed|fails|failure|failures|panic|panicked|aborted"
    r"|aborting|killed|segmentation fault|out of memory|no space left|permission denied"
    r"|core dumped|traceback \(most recent|exception)(?![\w/-]|\.\w)"
    r"|\b[a-z_]\w*(?:error|exception)(?::|$|\s*\()",
    re.IGNORECASE,
)
_NO_ERROR = re.compile(
    r"\b(?:0|no|zero|without)\s+(?:errors?|fail(?:ed|ures?)|exceptions?)\b"
    r"|\b(?:errors?|fail(?:ed|ures?)|exceptions?)\s{0,2}[:=]\s{0,2}(?:0|none|false|no)\b",
    re.IGNORECASE,
)
_WARNING = re.compile(r"\b\w*warning\b|\bwarnings?\b|\bdeprecated\b|\bdeprecation", re.IGNORECASE)
_NO_WARNING = re.compile(
    r"\b(?:0|no|zero|without)\s+warnings?\b|\bwarnings?\s{0,2}[:=]\s{0,2}(?:0|none)\b",
    re.IGNORECASE,
)

_DATE = r"\d{4}[-/]\d\d[-/]\d\d"
_CLOCK = r"\d\d:\d\d(?::\d\d(?:[.,]\d{1,9})?)?"
_ZONE = r"(?:\s?(?:Z|UTC|[+-]\d\d:?\d\d))?"
_TIME = re.compile(
    rf"(?:\[(?:{_DATE}[T ])?{_CLOCK}{_ZONE}\]|(?:{_DATE}[T ])?{_CLOCK}{_ZONE}(?![\w:.])"
    rf"|(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)\s{{1,2}}\d{{1,2}} {_CLOCK}"
    r"|\[\s{0,6}\d{1,10}\.\d{3,6}\])[\s:|]{1,3}"
)


@dataclass(frozen=True, slots=True)
class ShownLine:
    """One line of a log as it is shown."""

    number: int
    """Counted from 0 at the beginning of what was indexed."""
    text: str
    """Cleaned and redacted; TAB is the only control character that may be left."""
    level: Level
    time_length: int
    """Characters at the beginning that tell the time, blanks behind them included; 0 when none."""
    has_ended: bool = True
    """False for the last line while it has no end, such as a progress bar at work."""


def find_level(text: str) -> Level:
    """Judge how grave a line is by its words.

    A level that the line states for itself, in front, counts more than words further on.
    """
    text = text[:_LOOK_AT]
    stated = _STATED.search(text, 0, _HEAD) or _NAMED.match(text, find_time(text))
    if stated is not None:
        return _name_of(stated)
    lower = text.lower()
    if _holds(lower, ERROR_WORDS) and _is_said(text, _ERROR, _NO_ERROR):
        return "error"
    if _holds(lower, WARNING_WORDS) and _is_said(text, _WARNING, _NO_WARNING):
        return "warning"
    return "plain"


def find_time(text: str) -> int:
    """Give the length of the time that leads a line, blanks behind it included; 0 when none."""
    found = _TIME.match(text)
    return found.end() if found else 0


def _name_of(match: re.Match[str]) -> Level:
    if match["error"]:
        return "error"
    if match["warning"]:
        return "warning"
    return "info" if match["info"] else "debug"


def _holds(lower: str, words: tuple[str, ...]) -> bool:
    # A loop is faster here than a generator: this is asked of every line that is shown.
    for word in words:  # noqa: SIM110
        if word in lower:
            return True
    return False


def _is_said(text: str, saying: re.Pattern[str], denying: re.Pattern[str]) -> bool:
    """Tell whether a text says something once what denies it is taken out."""
    if saying.search(text) is None:
        return False
    rest = denying.sub(" ", text)
    return rest == text or saying.search(rest) is not None
