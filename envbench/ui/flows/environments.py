"""Environments: the list, one of them in detail, what differs, what its files are like."""

import asyncio
import time
from collections.abc import Awaitable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

from envbench.ui.bench import Bench
from envbench.ui.command_lines import quote
from envbench.ui.environment_choice import (
    find_row,
    generation_key,
    is_unbuilt,
    reference_of,
    row_key,
    show_name,
    split_reference,
)
from envbench.ui.flows.facts import learn
from envbench.ui.flows.solve_orders import make_order
from envbench.ui.lock_choice import plan_to_lock
from envbench.ui.state import ENVIRONMENTS, LOCK, PROBES, Fact, ScreenState

if TYPE_CHECKING:
    from envbench.workbench.values.environment_rows import EnvironmentRow, KnownSpec

T = TypeVar("T")

PACE_S = 0.25
"""Rows come one by one; they are shown together, at most so often."""


async def list_all(bench: Bench) -> None:
    """List the environments of all tools; what takes longer comes when it is known.

    What was known before stays in sight until it is told anew.
    """
    from envbench.model.errors import EnvbenchError
    from envbench.ui.flows.faults import say_error

    state = bench.state
    old = state.environments.value or ()
    rows: tuple[EnvironmentRow, ...] = ()
    bench.change(environments=state.environments.begin("looking for environments"))
    told = bench.desk.list_environment_rows(
        with_size=True, specs=tuple(known_specs(state)), folder=state.directory
    )
    try:
        async for rows in told:
            what = f"{len(rows)} found, measuring"
            bench.change(environments=Fact(overlay(old, rows), working=what))
            await asyncio.sleep(PACE_S)
    except EnvbenchError as fault:
        known = overlay(old, rows) or None
        bench.change(environments=Fact(known, fault=say_error(fault), hint=fault.hint))
        return
    bench.change(environments=Fact(rows))


def known_specs(state: ScreenState) -> "Iterator[KnownSpec]":
    """Give the specs of the folder that name an environment."""
    from envbench.workbench.values.environment_rows import KnownSpec

    folder = state.specs.value
    for entry in folder.specs if folder is not None else ():
        if entry.title and entry.sha256:
            yield KnownSpec(name=entry.title, path=entry.path, sha256=entry.sha256)


def overlay(
    old: "tuple[EnvironmentRow, ...]", new: "tuple[EnvironmentRow, ...]"
) -> "tuple[EnvironmentRow, ...]":
    """Put newer rows over older ones; what a newer one does not say yet is taken from the older.

    What was built or deleted meanwhile has another key than before, and the same name.
    """
    known = {row.key: row for row in old}
    told = {row.key: _fill(row, known.get(row.key)) for row in new}
    names = {reference_of(row) for row in new}
    rest = (row for row in old if row.key not in told and reference_of(row) not in names)
    return (*told.values(), *rest)


def _fill(row: "EnvironmentRow", old: "EnvironmentRow | None") -> "EnvironmentRow":
    if old is None or row.live_generation != old.live_generation:
        return row
    return replace(
        row,
        drift=old.drift if row.drift is None else row.drift,
        extras=row.extras or old.extras,
        size_bytes=old.size_bytes if row.size_bytes is None else row.size_bytes,
        unique_bytes=old.unique_bytes if row.unique_bytes is None else row.unique_bytes,
        users=row.users or old.users,
    )


def show(bench: Bench, reference: str) -> None:
    """Make panes be about an environment, and go to its generations."""
    row = find_row(bench.state, reference)
    bench.change(environment=reference, comparison=Fact(), preview=Fact())
    if row is not None and row.live_generation is not None:
        # The cursor waits for the row: it comes with the details.
        bench.select(ENVIRONMENTS, generation_key(reference, row.live_generation))
    else:
        bench.select(ENVIRONMENTS, row_key(reference))
    bench.go(ENVIRONMENTS)


async def learn_details(bench: Bench) -> None:
    """Read the generations of the environment that the panes are about."""
    name = _askable(bench, "details")
    if not name:
        return
    answer = bench.desk.describe_environment(name)
    what = f"reading {show_name(bench.state, name)}"
    if await learn(bench, "details", what, answer, about=name) is not None:
        bench.begin("generation-sizes", _measure(bench, name))


async def _measure(bench: Bench, name: str) -> None:
    """Measure what each generation takes, one after the other."""
    from envbench.model.errors import EnvbenchError
    from envbench.ui.flows.faults import say_error

    known = bench.state.generation_sizes
    sizes = {s.number: s for s in (known.value or ()) if known.about == name}
    try:
        async for size in bench.desk.measure_environment(name):
            sizes[size.number] = size
            bench.change(generation_sizes=Fact(tuple(sizes.values()), "measuring", about=name))
    except EnvbenchError as fault:
        bench.change(generation_sizes=Fact(fault=say_error(fault), about=name))
        return
    bench.change(generation_sizes=Fact(tuple(sizes.values()), about=name))


async def learn_probes(bench: Bench) -> None:
    """Read what the last probes of the environment found."""
    name = _askable(bench, "probes")
    if name:
        what = f"reading the last probes of {show_name(bench.state, name)}"
        await learn(bench, "probes", what, bench.desk.latest_probes(name), about=name)


async def learn_locks(bench: Bench) -> None:
    """Read which formats can say what about the environment, or the plan of the open spec."""
    plan = plan_to_lock(bench.state)
    if plan is not None:
        about = bench.state.environment
        offers = bench.desk.plan_lock_offers(make_order(plan), bench.state.directory)
        await learn(bench, "locks", "locking the plan in every format", offers, about=about)
        return
    name = _askable(bench, "locks")
    if name:
        what = f"trying every format on {show_name(bench.state, name)}"
        offers = bench.desk.lock_offers(name, bench.state.directory)
        await learn(bench, "locks", what, offers, about=name)


def _askable(bench: Bench, field: str) -> str:
    """Name the environment to ask about; where there is none, what was known goes."""
    name = bench.state.environment
    row = find_row(bench.state, name)
    if name and (row is None or not is_unbuilt(row)):
        return name
    if getattr(bench.state, field) != Fact(about=name):
        bench.change(**{field: Fact(about=name)})
    return ""


async def compare(bench: Bench, a: str, b: str) -> None:
    """Show what differs between two environments, or two generations of one."""
    bench.note(f"envbench diff {quote(a)} {quote(b)}")
    bench.go(ENVIRONMENTS)
    words = f"comparing {a} with {b}"
    (name, old), (other, new) = split_reference(a), split_reference(b)
    if name == other and old is not None and new is not None:
        generations = bench.desk.compare_generations(name, old, new)
        await learn(bench, "comparison", words, generations, about=f"{a} {b}")
    else:
        answer = bench.desk.compare_environments(a, b)
        await learn(bench, "comparison", words, answer, about=f"{a} {b}")


def close_comparison(bench: Bench) -> None:
    """Go back from a comparison to the list, with the cursor where it was."""
    bench.stop("verb-diff")
    name, number = split_reference(bench.state.comparison.about.rpartition(" ")[2])
    bench.change(comparison=Fact())
    about = row_key(bench.state.environment)
    bench.select(ENVIRONMENTS, generation_key(name, number) if number is not None else about)


async def verify(bench: Bench, name: str) -> None:
    """Compare every file of an environment with its records; this may take minutes."""
    bench.note(f"envbench verify {quote(name)}")
    shown = show_name(bench.state, split_reference(name)[0])
    what = f"checking every file of {shown}"
    answer = _count_seconds(bench, what, bench.desk.verify_environment(name))
    report = await learn(bench, "verification", what, answer, about=name)
    if report is None:
        bench.tell(bench.state.verification.fault, "error")
        return
    lines = report.describe()
    say = bench.tell if bench.state.place == ENVIRONMENTS else bench.toast
    if report.is_fine:
        say(lines[-1], "ok")
    else:
        # In a sentence the mark in front of a line says nothing.
        say(f"{shown}: {lines[0].lstrip('+-~ ')}; {lines[-1]}", "error")


async def _count_seconds(bench: Bench, what: str, answer: Awaitable[T]) -> T:
    """Wait for an answer, and say each second how long that takes."""
    task = asyncio.ensure_future(answer)
    began = time.monotonic()
    try:
        while not (await asyncio.wait({task}, timeout=1.0))[0]:
            seconds = int(time.monotonic() - began)
            bench.change(verification=bench.state.verification.begin(f"{what}, {seconds} s"))
        return task.result()
    except asyncio.CancelledError:
        fact = bench.state.verification
        bench.change(verification=Fact(fact.value, fault="it was stopped", about=fact.about))
        raise
    finally:
        task.cancel()


def learn_again(bench: Bench) -> None:
    """Read anew what an act has changed."""
    bench.begin("environments", list_all(bench))
    bench.begin("details", learn_details(bench))
    learn_place(bench, bench.state.place)


def learn_place(bench: Bench, place: str) -> None:
    """Learn what a place shows of the environment that panes are about."""
    if place == ENVIRONMENTS:
        bench.begin("details", learn_details(bench))
        if not bench.state.selected.get(ENVIRONMENTS) and bench.state.environment:
            bench.select(ENVIRONMENTS, row_key(bench.state.environment))
    elif place == PROBES:
        bench.begin("probes", learn_probes(bench))
    elif place == LOCK:
        bench.begin("locks", learn_locks(bench))
