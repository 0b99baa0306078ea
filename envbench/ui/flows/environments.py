"""Environments: the list, one of them in detail, back to an earlier generation, away with it."""

import shlex

from envbench.ui.bench import Bench
from envbench.ui.flows.facts import learn
from envbench.ui.state import ENVIRONMENTS, Fact


async def list_all(bench: Bench) -> None:
    """List the environments of all tools; sizes come when they are known."""
    from envbench.model.errors import EnvbenchError
    from envbench.ui.flows.faults import say_error

    bench.change(environments=bench.state.environments.begin("looking for environments"))
    known = bench.state.environments.value
    try:
        async for rows in bench.desk.list_environment_rows(with_size=True):
            known = rows
            bench.change(environments=Fact(rows, working="measuring sizes"))
    except EnvbenchError as fault:
        bench.change(environments=Fact(known, fault=say_error(fault), hint=fault.hint))
        return
    bench.change(environments=Fact(known or ()))


async def learn_details(bench: Bench) -> None:
    """Read the generations of the environment that the panes are about."""
    name = bench.state.environment
    if name:
        await learn(bench, "details", f"reading {name}", bench.desk.describe_environment(name))


async def learn_probes(bench: Bench) -> None:
    """Read what the last probes of the environment found."""
    name = bench.state.environment
    if name:
        await learn(bench, "probes", f"reading {name}", bench.desk.latest_probes(name))


async def learn_locks(bench: Bench) -> None:
    """Read which formats can say what about the environment."""
    name = bench.state.environment
    if name:
        offers = bench.desk.lock_offers(name, bench.state.directory)
        await learn(bench, "locks", f"reading {name}", offers)


async def roll_back(bench: Bench, name: str, generation: int) -> None:
    """Ask, then put an earlier generation back in use."""
    details = [
        "Its pip part comes back with it. Processes that run keep the generation they run.",
        "No generation is deleted; R brings the present one back.",
    ]
    if not await bench.ask(f"Put {name} back to generation {generation}?", details):
        return
    bench.note(f"envbench rollback {shlex.quote(name)} {generation}")
    report = await bench.desk.rollback_environment(name, generation)
    bench.tell(f"{name} is back at generation {report.generation}", "ok")
    await _learn_again(bench)


async def remove(bench: Bench, name: str, details: list[str]) -> None:
    """Ask, naming what is lost, then delete an environment with all its generations."""
    if not await bench.ask(f"Delete {name} with all its generations?", details):
        return
    bench.note(f"envbench remove {shlex.quote(name)} --yes")
    report = await bench.desk.remove_environment(name)
    bench.tell(f"{name} is deleted" + (f"; {report.warning}" if report.warning else ""), "ok")
    bench.change(details=Fact(), environment="")
    await _learn_again(bench)


async def compare(bench: Bench, a: str, b: str) -> None:
    """Show what differs between two environments, or two generations of one."""
    bench.note(f"envbench diff {shlex.quote(a)} {shlex.quote(b)}")
    answer = bench.desk.compare_environments(a, b)
    if await learn(bench, "comparison", f"comparing {a} with {b}", answer) is not None:
        bench.go(ENVIRONMENTS)


async def verify(bench: Bench, name: str) -> None:
    """Compare every file of an environment with its records."""
    bench.note(f"envbench verify {shlex.quote(name)}")
    answer = bench.desk.verify_environment(name)
    report = await learn(bench, "verification", f"checking every file of {name}", answer)
    if report is None:
        return
    if report.is_fine:
        count = report.files.checked_files
        bench.tell(f"{name} is as it was built: {count:,} files checked", "ok")
    else:
        first = next(iter(report.describe()), "")
        bench.tell(f"{name} is not as it was built: {first}", "error")


async def _learn_again(bench: Bench) -> None:
    await learn_details(bench)
    await list_all(bench)


async def copy_activation(bench: Bench, name: str) -> None:
    """Copy the line that activates an environment; of several shells the user chooses."""
    details = await bench.desk.describe_environment(name)
    lines = {each.shell: each.line for each in details.activate}
    if not lines:
        bench.tell(f"{name} has nothing to activate", "warning")
        return
    options = tuple((shell, f"{shell:<6} {line}") for shell, line in lines.items())
    shell = options[0][0] if len(options) == 1 else await bench.choose(f"Use {name} in", options)
    if shell:
        bench.copy(lines[shell], "the activate line")
