"""Options that say under which conditions a spec is solved, the same for every verb."""

import datetime
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from envbench.model.channel import ChannelPriority

if TYPE_CHECKING:
    from envbench.workbench.values.why import SpecConditions

F = TypeVar("F", bound=Callable[..., Any])


class IsoDate(click.ParamType[str, str]):
    """A date or an instant as ISO 8601 writes it; given back as it was written."""

    name = "date"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Refuse what is none."""
        try:
            datetime.datetime.fromisoformat(value)
        except ValueError:
            self.fail(f"{value!r} is no date such as 2024-01-31.", param, ctx)
        return str(value)


def exclude_newer_option(command: F) -> F:
    """Give a verb the option `--exclude-newer`."""
    return click.option(
        "--exclude-newer",
        metavar="DATE",
        type=IsoDate(),
        help="Packages younger than DATE (2024-01-31) do not exist, in conda and pip parts alike.",
    )(command)


def priority_option(command: F) -> F:
    """Give a verb the option `--priority`."""
    return click.option(
        "--priority",
        type=click.Choice([priority.value for priority in ChannelPriority]),
        help="Channel priority.",
    )(command)


def virtual_option(command: F) -> F:
    """Give a verb the option `--virtual`."""
    return click.option(
        "--virtual",
        multiple=True,
        metavar="NAME=VERSION",
        help="Take the box to have __cuda=12.4, or with __cuda=none to lack it; repeatable.",
    )(command)


def condition_options(command: F) -> F:
    """Give a verb the options that say for which box, from which packages it is solved."""
    host = click.option(
        "--host",
        "host_file",
        type=click.Path(path_type=Path),
        help="Solve for the box that this file describes.",
    )
    offline = click.option("--offline", is_flag=True, help="Use cached channel indexes only.")
    return host(virtual_option(priority_option(exclude_newer_option(offline(command)))))


def write_conditions(
    host_file: Path | None,
    virtual: Sequence[str],
    priority: str | None,
    exclude_newer: str | None,
    *,
    offline: bool,
) -> list[str]:
    """Write the options that were given, as they are given: for a command that is to run next."""
    return [
        *(["--host", str(host_file)] if host_file is not None else []),
        *(word for value in virtual for word in ("--virtual", value)),
        *(["--priority", priority] if priority else []),
        *(["--exclude-newer", exclude_newer] if exclude_newer else []),
        *(["--offline"] if offline else []),
    ]


def budget_option(command: F) -> F:
    """Give a verb the option `--budget`."""
    return click.option(
        "--budget",
        "budget_s",
        type=click.FloatRange(min=0),
        default=30.0,
        show_default=True,
        metavar="SECONDS",
        help="Begin no further solve after so long; what was not tried is said.",
    )(command)


def read_conditions(
    spec: Path,
    host_file: Path | None,
    virtual: tuple[str, ...],
    priority: str | None,
    exclude_newer: str | None,
    *,
    offline: bool,
    budget_s: float,
) -> "SpecConditions":
    """Put what `condition_options` and `budget_option` read into one value."""
    from envbench.workbench.values.why import SpecConditions

    return SpecConditions(
        spec=spec,
        host_file=host_file,
        virtual=virtual,
        priority=ChannelPriority(priority) if priority else None,
        exclude_newer=exclude_newer,
        offline=offline,
        budget_s=budget_s,
    )
