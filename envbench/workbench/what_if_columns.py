"""Which columns a what-if table has: read from words, or chosen because they are near."""

import datetime
import re
from collections.abc import Callable, Iterator

from envbench.engine.solver.client import SolverProcess
from envbench.model.channel import ChannelPriority
from envbench.model.errors import UsageError
from envbench.model.plan import SolveRequest
from envbench.model.what_if import Condition

MOST_COLUMNS = 12
_PYTHON = re.compile(r"\d+(\.\d+){0,2}")
_VERSION = re.compile(r"\d+(\.\d+){0,2}")
_MINOR = re.compile(r"(\d+)\.(\d+)")
_ASKS_PYTHON = re.compile(r"(?:\S+::)?python(?![\w.-])")
_NONE = "none"
_COMMON_CUDA = "12.4"
"""What a box without a GPU is tried with."""
_PRIORITIES = (ChannelPriority.STRICT, ChannelPriority.FLEXIBLE)

Column = tuple[Condition, str]


def read_columns(text: str) -> tuple[Column, ...]:
    """Read `python=3.10,3.11`, `cuda=11.8,none`, `priority=strict`, `date=2024-01-01`, `host=FILE`.

    Raises:
        UsageError: It is nothing of the kind.
    """
    key, _, values = text.partition("=")
    read = _READERS.get(key.strip())
    listed = [value.strip() for value in values.split(",") if value.strip()]
    if read is None or not listed:
        raise UsageError(
            f"{text!r} is no what-if",
            hint="say python=3.10,3.11 or cuda=12.4,none or priority=strict or date=2024-01-01"
            " or host=FILE, or all",
        )
    return tuple(read(value) for value in listed)


def choose_columns(
    request: SolveRequest, python: str, solver: SolverProcess, today: datetime.date
) -> Iterator[Column]:
    """Choose columns that somebody may want: neighbours of what is.

    Args:
        request: The spec as it is.
        python: The version of Python in its plan; empty when there is none.
        solver: Tells which versions exist.
        today: The day from which a year is counted.

    Raises:
        EnvbenchError: As `SolverProcess.find`.
    """
    for minor in _neighbours(request, python, solver):
        yield Condition.PYTHON, minor
    yield Condition.HOST, f"__cuda={_NONE if request.host.cuda else _COMMON_CUDA}"
    for priority in _PRIORITIES:
        if priority is not request.channel_priority and len(request.channels) > 1:
            yield Condition.PRIORITY, priority.value
    yield Condition.DATE, (today - datetime.timedelta(days=365)).isoformat()


def _neighbours(request: SolveRequest, python: str, solver: SolverProcess) -> list[str]:
    """List the minor versions of Python around the one in use: one below, two above.

    Without a plan it is the one that the spec asks for, and two below are tried, too: newer ones
    are what the other lines least often have builds for.
    """
    found = solver.find("python", request.channels, request.host.platform, offline=request.offline)
    minors = sorted(
        {
            (int(parts[0]), int(parts[1]))
            for channel in found.versions
            for version in channel.versions
            if len(parts := version.split(".")) > 1
            and parts[0].isdecimal()
            and parts[1].isdecimal()
        }
    )
    own = _read_minor(python or _asked_python(request))
    below = 1 if python else 2
    if own is None:
        near = minors[-2:]
    else:
        near = [m for m in minors if m < own][-below:] + [m for m in minors if m > own][:2]
    return [f"{major}.{minor}" for major, minor in near]


def _read_minor(version: str) -> tuple[int, int] | None:
    found = _MINOR.search(version)
    return (int(found[1]), int(found[2])) if found else None


def _asked_python(request: SolveRequest) -> str:
    """Give what the spec asks of Python; empty where no line says so."""
    return next((spec.text for spec in request.specs if _ASKS_PYTHON.match(spec.text)), "")


def _read_python(value: str) -> Column:
    if not _PYTHON.fullmatch(value):
        raise UsageError(f"{value!r} is no version of Python such as 3.11")
    return Condition.PYTHON, value


def _read_cuda(value: str) -> Column:
    if value != _NONE and not _VERSION.fullmatch(value):
        raise UsageError(f"{value!r} is no version of CUDA such as 12.4, nor none")
    return Condition.HOST, f"__cuda={value}"


def _read_priority(value: str) -> Column:
    known = [priority.value for priority in ChannelPriority]
    if value not in known:
        raise UsageError(f"{value!r} is no channel priority: {', '.join(known)}")
    return Condition.PRIORITY, value


def _read_date(value: str) -> Column:
    try:
        datetime.datetime.fromisoformat(value)
    except ValueError:
        raise UsageError(f"{value!r} is no date such as 2024-01-31") from None
    return Condition.DATE, value


_READERS: dict[str, Callable[[str], Column]] = {
    "python": _read_python,
    "cuda": _read_cuda,
    "priority": _read_priority,
    "date": _read_date,
    "host": lambda value: (Condition.HOST, value),
}
