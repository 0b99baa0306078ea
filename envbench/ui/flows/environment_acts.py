"""What is done to environments, after asking: back to a generation, away with it, use it."""

import shlex
import sys
import time
from typing import TYPE_CHECKING

from envbench.ui.bench import Bench
from envbench.ui.command_lines import join, quote
from envbench.ui.environment_choice import find_row, show_name
from envbench.ui.flows.environments import learn_again, learn_details
from envbench.ui.sizes import show_age, show_bytes
from envbench.ui.state import Fact
from envbench.ui.times import read_moment

if TYPE_CHECKING:
    from envbench.workbench.values.environment_details import EnvironmentDetails, GenerationDetails
    from envbench.workbench.values.environment_users import EnvironmentUser

COMMAND, SHELL = "command", "shell"
MOST_USERS = 5
_SHOW_AND_WAIT = (
    '"$@"; code=$?; printf "\\n[exit code %s, Enter goes back to envbench] " "$code"; '
    'read -r _; exit "$code"'
)
"""Else the screen would cover at once what the command has printed."""


async def roll_back(bench: Bench, name: str, number: int) -> None:
    """Ask, then put another generation in use."""
    details = await bench.desk.describe_environment(name, keep=True)
    question, lines = describe_rollback(details, number, time.time())
    if not await bench.ask(question, lines):
        return
    bench.note(f"envbench rollback {quote(name)} {number}")
    bench.tell(f"Putting generation {number} of {name} in use")
    report = await bench.desk.rollback_environment(name, number)
    bench.tell(f"{name} is at generation {report.generation}; {report.previous} is kept", "ok")
    learn_again(bench)


def describe_rollback(
    details: "EnvironmentDetails", number: int, now: float
) -> tuple[str, list[str]]:
    """Give the question before a rollback, and what to know for the answer."""
    wanted = next((g for g in details.generations if g.number == number), None)
    live = next((g for g in details.generations if g.is_live), None)
    from_words = f" instead of {live.number}" if live is not None else ""
    lines = [_say_generation("back  ", wanted, now), _say_generation("leaves", live, now)]
    lines = [line for line in lines if line]
    lines.append("The pip part comes back with it. No generation is deleted by this.")
    if live is not None and live.users:
        lines.append(f"They keep running generation {live.number}: {name_users(live.users)}")
    return f"Put generation {number} of {details.name} in use{from_words}?", lines


def _say_generation(word: str, generation: "GenerationDetails | None", now: float) -> str:
    if generation is None:
        return ""
    count = generation.conda_packages + generation.pip_packages
    age = show_age(max(0.0, now - read_moment(generation.created)))
    return f"{word} {generation.number}: {age}, {generation.reason}, {count} packages"


def name_users(users: "tuple[EnvironmentUser, ...]") -> str:
    """Name processes: `pid 81233 python runs it`."""
    named = ", ".join(f"pid {user.pid} {user.name} {user.how}" for user in users[:MOST_USERS])
    more = len(users) - MOST_USERS
    return f"{named} and {more} more" if more > 0 else named


async def remove(bench: Bench, name: str) -> None:
    """Ask, naming what is lost, then delete an environment with all its generations."""
    details = await bench.desk.describe_environment(name, keep=True)
    row = find_row(bench.state, name)
    frees = row.unique_bytes if row is not None else None
    question, lines = describe_removal(details, frees)
    if not await bench.ask(question, lines):
        return
    force = bool(details.users)
    bench.note(f"envbench remove {quote(name)} --yes" + (" --force" if force else ""))
    bench.tell(f"Deleting {name}")
    # Whoever was named in the question loses what he runs; whoever came since then does not.
    report = await bench.desk.remove_environment(name, force=force)
    warning = f"; {report.warning}" if report.warning else ""
    bench.tell(f"{name} is deleted{warning}", "warning" if warning else "ok")
    if bench.state.environment == name:
        spec = bench.state.spec
        kept = name if spec is not None and spec.environment == name else ""
        bench.change(details=Fact(), probes=Fact(), locks=Fact(), environment=kept)
    learn_again(bench)


def describe_removal(
    details: "EnvironmentDetails", frees_bytes: int | None
) -> tuple[str, list[str]]:
    """Give the question before a removal, and what is lost by it."""
    count = len(details.generations)
    parts = [f"frees {show_bytes(frees_bytes)}" if frees_bytes is not None else ""]
    if details.users:
        several = len(details.users) > 1
        parts.append(f"{len(details.users)} process{'es use' if several else ' uses'} it")
    said = ", ".join(part for part in parts if part)
    question = f"Delete {details.name}{f' ({said})' if said else ''}?"
    kept = f"all {count} generations" if count > 1 else "its only generation"
    lines = [f"Gone will be {kept} and what was put into it since; R cannot bring it back."]
    if frees_bytes is None:
        lines.append("How much this frees is not measured yet.")
    if details.users:
        lines.append(f"These will fail: {name_users(details.users)}")
    return question, lines


async def use(bench: Bench, name: str) -> None:
    """Let the user choose: copy the line that activates it, or run something in it."""
    details = await bench.desk.describe_environment(name, keep=True)
    lines = {each.shell: each.line for each in details.activate}
    options = [(shell, f"copy for {shell:<5} {line}") for shell, line in _own_shell_first(lines)]
    options.append((SHELL, "open a shell in it; exit comes back here"))
    options.append((COMMAND, "run a command in it"))
    chosen = await bench.choose(f"Use {details.name}", options)
    if chosen == COMMAND:
        await _run_command(bench, name)
    elif chosen == SHELL:
        await _give_terminal(bench, ("shell", name))
    elif chosen:
        bench.note(f"envbench shell {quote(name)} --hook {chosen}")
        bench.copy(lines[chosen], "the activate line")


def _own_shell_first(lines: dict[str, str]) -> list[tuple[str, str]]:
    import os

    own = os.environ.get("SHELL", "").rpartition("/")[2]
    return sorted(lines.items(), key=lambda item: item[0] != own)


async def _run_command(bench: Bench, name: str) -> None:
    shown = show_name(bench.state, name)
    filled = await bench.fill(f"Run in {shown}", [("command", "command line", "")])
    text = (filled or {}).get("command", "").strip()
    if not text:
        return
    try:
        words = shlex.split(text)
    except ValueError as fault:
        bench.tell(f"That is no command line: {str(fault).lower()}", "error")
        return
    await _give_terminal(bench, ("run", name, "--", *words))


async def _give_terminal(bench: Bench, arguments: tuple[str, ...]) -> None:
    twin = join(("envbench", *arguments))
    bench.note(twin)
    command = (sys.executable, "-m", "envbench", *arguments)
    waits = ("sh", "-c", _SHOW_AND_WAIT, "sh") if arguments[0] == "run" else ()
    code = await bench.suspend_for((*waits, *command))
    bench.tell(f"{twin}: exit code {code}", "ok" if code == 0 else "warning")
    bench.begin("details", learn_details(bench))
