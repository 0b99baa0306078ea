"""Questions beyond the solve, asked of real children: told as they come, stopped at once."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from envbench.model.errors import EnvbenchError
from envbench.model.repair import FixReport
from envbench.model.what_if import Condition, WhatIfReport
from envbench.model.why import WhyReport
from envbench.workbench.desk.desk import WorkbenchDesk
from envbench.workbench.desk.solver_questions import NOT_FURTHER
from envbench.workbench.values.solving import SolveOrder
from tests.ui.flows.test_fixing_on_screen import publish
from tests.workbench.desk.conftest import is_alive, open_desk, wait_for

STOPPED_S = 2.0
"""So long a stop may take, on a loaded box."""


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[WorkbenchDesk]:
    publish(tmp_path / "channel")
    async with open_desk(tmp_path, WorkbenchDesk) as opened:
        assert isinstance(opened, WorkbenchDesk)
        yield opened


def order(root: Path, *dependencies: str, name: str = "env") -> SolveOrder:
    lines = ["name: lab", "channels:", f"  - {(root / 'channel').as_uri()}", "dependencies:"]
    spec = root / f"{name}.yml"
    spec.write_text("\n".join([*lines, *(f"  - {each}" for each in dependencies), ""]))
    # Well-known channels are looked into, too, and none is to be asked here.
    return SolveOrder(spec=spec, offline=True)


async def test_fixes_are_told_as_they_are_proved(desk: WorkbenchDesk, tmp_path: Path):
    asked, told = order(tmp_path, "tool=1.0", "app=2.*"), list[FixReport]()
    conflict = (await desk.solve(asked)).conflict
    assert conflict is not None

    report = await desk.find_fixes(asked, told.append)

    assert report == told[-1]
    assert report.is_over
    assert NOT_FURTHER in report.not_tried, "what would be fetched is not asked unasked"
    assert report.fixes[0].title == "line 5  tool=1.0 → =2.0"
    assert report.conflict == conflict, "it is not explained again"
    assert any(each.fixes and not each.is_over for each in told)
    counts = [len(each.fixes) for each in told]
    assert counts == sorted(counts)
    edit = report.fixes[0].edit
    assert edit is not None
    text = edit.apply(asked.spec.read_text())
    asked.spec.write_text(text)
    assert (await desk.solve(asked)).plan is not None


async def test_a_search_that_is_stopped_ends_its_solver_and_the_next_solve_works(
    desk: WorkbenchDesk, tmp_path: Path
):
    asked, told = order(tmp_path, "tool=1.0", "app=2.*"), list[FixReport]()
    await desk.solve(asked)
    child = desk.pids()["solve"]
    search = asyncio.create_task(desk.find_fixes(asked, told.append))
    await wait_for(lambda: told, "the first report")

    began = time.monotonic()
    search.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await search
    await wait_for(lambda: not is_alive(child), "the end of the child")

    assert time.monotonic() - began < STOPPED_S
    report = await desk.solve(order(tmp_path, "zlib"))
    assert report.plan is not None


async def test_other_channels_are_looked_into_when_that_is_asked(
    desk: WorkbenchDesk, tmp_path: Path
):
    asked = order(tmp_path, "tool=1.0", "app=2.*")

    report = await desk.find_fixes(asked, lambda _: None, far=True)

    assert NOT_FURTHER not in report.not_tried
    assert any("conda-forge" in each for each in report.not_tried)


async def test_a_text_that_changed_since_is_solved_anew(desk: WorkbenchDesk, tmp_path: Path):
    asked = order(tmp_path, "tool=1.0", "app=2.*")
    await desk.solve(asked)
    again = order(tmp_path, "app=9")

    report = await desk.find_fixes(again, lambda _: None)

    assert report.conflict is not None
    assert [line.name for core in report.conflict.cores for line in core.lines] == ["app"]


async def test_why_tells_requirers_first_and_then_what_holds_it_back(
    desk: WorkbenchDesk, tmp_path: Path
):
    told = list[WhyReport]()

    report = await desk.explain_package(order(tmp_path, "tool=1.0"), "lib", told.append)

    assert report == told[-1]
    assert told[0].requirers and told[0].held_back is None
    assert report.held_back is not None
    assert report.held_back.jumps_to == "2.0"
    assert [each.line.text for each in report.held_back.culprits] == ["tool=1.0"]


async def test_other_conditions_come_column_by_column(desk: WorkbenchDesk, tmp_path: Path):
    told = list[WhatIfReport]()

    report = await desk.what_if(order(tmp_path, "tool=1.0"), told.append)

    assert report == told[-1]
    assert report.is_over
    assert report.variants[0].condition is Condition.AS_IT_IS
    assert report.variants[0].versions == {"tool": "1.0"}
    assert len(told) > 2


async def test_a_spec_that_cannot_be_read_is_refused(desk: WorkbenchDesk, tmp_path: Path):
    broken = order(tmp_path, "app =1 =2 =3")

    for question in (
        desk.find_fixes(broken, lambda _: None),
        desk.explain_package(broken, "app", lambda _: None),
        desk.what_if(broken, lambda _: None),
    ):
        with pytest.raises(EnvbenchError):
            await question
