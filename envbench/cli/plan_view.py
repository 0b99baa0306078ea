"""Plans and conflicts as text."""

import shlex
from collections.abc import Sequence
from typing import TYPE_CHECKING

from envbench.cli.output import format_bytes, say
from envbench.cli.table import print_table, terminal_width
from envbench.model.conflict import Conflict
from envbench.model.conflict_words import describe_conflict
from envbench.model.counting import count_of
from envbench.model.plan import ChangeKind, PackageChange

if TYPE_CHECKING:
    from envbench.engine.backends.rattler.sizes import PlanSizes
    from envbench.envs.compare import LockDifference
    from envbench.workbench.solving import SolveReport

_PIPE_WIDTH = 100
_MAX_WIDTH = 120
"""Longer rows are hard to read."""
_MOST_ROWS = 12
"""Of a conflict."""
_SIGNS = {
    ChangeKind.ADD: "+",
    ChangeKind.REMOVE: "-",
    ChangeKind.UPGRADE: "^",
    ChangeKind.DOWNGRADE: "v",
    ChangeKind.REBUILD: "~",
    ChangeKind.RECHANNEL: "%",
}


def show_plan(report: "SolveReport") -> None:
    """Print a plan: the changes against what is installed, or the whole list."""
    plan = report.plan
    if plan is None:
        raise ValueError("the report holds no plan")
    if report.against:
        show_changes(report.changes)
    else:
        rows = [
            (p.name, p.version, p.build, p.channel, format_bytes(p.size_bytes))
            for p in sorted(plan.packages, key=lambda package: package.name)
        ]
        _print_packages(rows)
    if report.pip_items:
        say(f"pip section: {', '.join(report.pip_items)}")
    if report.sizes is not None:
        say(_describe_sizes(report.sizes))
    say(
        f"{count_of(len(plan.packages), 'package')}, solved in {plan.solve_s:.2f} s for {plan.platform}"
        f" ({plan.channel_priority.value} channel priority)"
    )


def _print_packages(rows: list[tuple[str, str, str, str, str]]) -> None:
    headers = ("package", "version", "build", "channel", "size")
    channels = {row[3] for row in rows}
    if len(channels) == 1 and terminal_width() is not None:
        # The same address in every row would leave no room for the rest.
        print_table((*headers[:3], headers[4]), [(*row[:3], row[4]) for row in rows])
        say(f"all from {channels.pop()}")
    else:
        print_table(headers, rows, whole=headers[:2])


def _describe_sizes(sizes: "PlanSizes") -> str:
    """Say what is known, and how much is not: channels need not state sizes."""
    download = f"{sizes.downloads} archives to download, {format_bytes(sizes.download_bytes)}"
    if sizes.downloads_of_unknown_size:
        download += f" and {sizes.downloads_of_unknown_size} of unknown size"
    disk = f"{format_bytes(sizes.disk_bytes)} on disk"
    if sizes.on_disk_unknown:
        disk += f" for what is in the cache, unknown for the other {sizes.on_disk_unknown}"
    return f"{download}; {disk}"


def show_changes(changes: tuple[PackageChange, ...]) -> None:
    """Print what a plan does to an installed environment, one line a package."""
    if not changes:
        say("nothing to change")
        return
    rows = []
    for change in changes:
        old, new = change.old, change.new
        versions = [f"{p.version} {p.build}" for p in (old, new) if p is not None]
        if versions[0] == versions[-1] and len(versions) == 2:
            versions = versions[:1]
        channels = list(dict.fromkeys(p.channel for p in (old, new) if p is not None))
        rows.append((
            _SIGNS[change.kind], change.kind.value, change.name,
            " -> ".join(versions), " -> ".join(channels),
        ))  # fmt: skip
    print_table(("", "change", "package", "version", "channel"), rows)


def show_difference(difference: "LockDifference") -> None:
    """Print all that differs between two environments."""
    if difference.is_empty:
        say("no difference")
    if difference.conda:
        show_changes(difference.conda)
    for pip in difference.pip:
        old = pip.old.version if pip.old else "absent"
        say(f"pip {pip.name}: {old} -> {pip.new.version if pip.new else 'absent'}")
    for variable in difference.variables:
        say(f"variable {variable.name}: {variable.old} -> {variable.new}")
    if difference.channels is not None:
        old_names, new_names = (", ".join(names) or "none" for names in difference.channels)
        say(f"channels: {old_names} -> {new_names}")
    if difference.platform is not None:
        say(f"platform: {difference.platform[0]} -> {difference.platform[1]}")


def show_conflict(
    conflict: Conflict,
    path: str,
    *,
    asked: int = 0,
    limit: int = _MOST_ROWS,
    options: Sequence[str] = (),
    leads_on: bool = False,
    err: bool = False,
) -> None:
    """Print a conflict in a dozen lines at most: the user's own, and how they meet.

    Args:
        conflict: What the solver found.
        path: The spec.
        asked: How many of its lines ask for packages; 0 when that is not known.
        limit: Most rows of the explanation.
        options: What the user gave to say for which box and from which packages to solve; repeated
            in what is told to run next.
        leads_on: Whether to name what finds ways out.
        err: Print it on stderr, for verbs whose stdout is data.
    """
    width = min(terminal_width() or _PIPE_WIDTH, _MAX_WIDTH)
    for row in describe_conflict(conflict, path, width=width, limit=limit, asked=asked):
        say(row, err=err)
    given = shlex.join([path, *options])
    if leads_on:
        say(f"ways out that were solved: envbench fix {given}", err=err)
    if conflict.solver_text:
        say(f"the whole of the solver's text: envbench solve {given} --solver-text", err=err)
