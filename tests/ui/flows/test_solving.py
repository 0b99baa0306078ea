"""From the spec to the plan and the build, with the real desk and real solves."""

import asyncio
import hashlib
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from envbench.ui.commands import conflict as conflict_verbs
from envbench.ui.commands import plan as verbs
from envbench.ui.flows import environments, solving
from envbench.ui.panels.plan_panel import describe_plan
from envbench.ui.solve_choice import STOPPED
from envbench.ui.state import JOBS, PLAN, SPEC, Fact, OpenSpec, PlanFace, ScreenState
from envbench.workbench.desk.desk import WorkbenchDesk
from tests.channels import index_channel, make_package
from tests.ui.panels.plan_examples import SPEC as AN_OPEN_SPEC
from tests.ui.panels.plan_examples import make_conflict, make_view, state_of
from tests.ui.recording_bench import RecordingBench
from tests.workbench.desk.conftest import open_desk, wait_for

PATIENCE_S = 30.0


class Editor:
    """Remembers where the cursor was put."""

    def __init__(self) -> None:
        self.line = 0
        self.has_keys = False

    def go_to_line(self, line: int, column: int = 1) -> None:
        self.line = line

    def hand_over(self) -> None:
        """What was typed is known already."""

    def take_keys(self) -> None:
        self.has_keys = True


@dataclass
class Box:
    """A folder with a spec and a channel, and the screen's side of it."""

    root: Path
    channel: Path
    bench: RecordingBench

    def open(self, *dependencies: str, channel: str = "", name: str = "lab") -> OpenSpec:
        lines = [f"name: {name}", "channels:", f"  - {channel or self.channel.as_uri()}"]
        lines += ["dependencies:", *(f"  - {each}" for each in dependencies)]
        text = "\n".join(lines) + "\n"
        path = self.root / "env.yml"
        path.write_text(text)
        spec = OpenSpec(
            path=str(path),
            name="env.yml",
            text=text,
            saved_text=text,
            sha256=hashlib.sha256(text.encode()).hexdigest(),
            environment=name,
        )
        self.bench.change(spec=spec)
        return spec

    async def solve(self, *, offline: bool = False) -> None:
        await solving.solve(self.bench, offline=offline)
        await self.finish()

    async def finish(self) -> None:
        await asyncio.wait([self.bench.work["solve"]], timeout=PATIENCE_S)


@pytest.fixture
async def box(tmp_path: Path) -> AsyncIterator[Box]:
    channel = tmp_path / "channel"
    make_package(channel, "zlib", "1.3", files={"share/zlib.txt": "zlib\n"})
    make_package(channel, "app", "2.0", depends=["zlib >=1"], files={"share/app.txt": "app\n"})
    index_channel(channel)
    async with open_desk(tmp_path, WorkbenchDesk) as desk:
        bench = RecordingBench(ScreenState(directory=str(tmp_path)), desk, Editor())
        yield Box(tmp_path, channel, bench)
        await bench.end()


async def test_a_solve_says_what_it_does_and_ends_in_a_plan(box: Box):
    spec = box.open("app")

    await box.solve()

    state = box.bench.state
    assert state.place == PLAN
    view = state.solve.value
    assert view is not None
    assert view.report.plan is not None
    assert [record.name for record in view.report.plan.packages] == ["zlib", "app"]
    assert [(line.name, line.line) for line in view.report.asked] == [("app", 5)]
    assert view.sha256 == spec.sha256
    waited = {each.solve.working for each in box.bench.states}
    assert {"reading the spec", "solving"} <= waited
    assert any(words.startswith("reading the index of") for words in waited)
    assert describe_plan(state, 60).badge == "SAFE TO BUILD"
    assert box.bench.done == ["envbench solve env.yml"]


async def test_a_conflict_leads_to_the_line_that_is_the_trouble(box: Box):
    box.open("zlib", "app=3.*")

    await box.solve()
    box.bench.select(PLAN, describe_plan(box.bench.state, 80).rows[0].key)
    await verbs.OpenPlanRow().run(box.bench)

    assert box.bench.said[-1].startswith("No solution")
    assert "line 6  app=3.*" in describe_plan(box.bench.state, 80).rows[0].plain
    assert (box.bench.editor.line, box.bench.state.place) == (6, SPEC)
    assert solving.refuse_build(box.bench.state) == "the spec has no solution"


async def test_a_solve_that_waits_for_a_silent_channel_stops_at_once(box: Box):
    silent = await asyncio.start_server(lambda *_: asyncio.sleep(60), "127.0.0.1", 0)
    port = silent.sockets[0].getsockname()[1]
    box.open("app", channel=f"http://127.0.0.1:{port}/silent")
    await solving.solve(box.bench)
    task = box.bench.work["solve"]
    await wait_for(lambda: "index" in box.bench.state.solve.working, "the index")
    assert verbs.StopSolve().refuse(box.bench.state) == ""

    began = time.monotonic()
    assert verbs.StopSolve().run_now(box.bench)
    await asyncio.wait([task], timeout=PATIENCE_S)

    assert time.monotonic() - began < 2.0
    assert box.bench.state.solve.fault == STOPPED
    assert describe_plan(box.bench.state, 60).badge == "STOPPED"
    silent.close()
    box.open("app")
    await box.solve()
    assert box.bench.state.solve.value is not None


async def test_a_channel_that_cannot_be_read_is_told_and_the_plan_before_stays(box: Box):
    box.open("app")
    await box.solve()
    box.open("app", channel="http://127.0.0.1:9/nobody")

    await box.solve()

    fact = box.bench.state.solve
    assert fact.value is not None
    assert fact.fault
    assert describe_plan(box.bench.state, 60).badge == "FAILED"
    assert solving.refuse_build(box.bench.state) == (
        "the last solve failed, and the plan is older: s again"
    )


async def test_what_the_plan_shows_is_what_is_built(box: Box):
    box.open("app")
    await box.solve()
    await verbs.Build().run(box.bench)
    job = box.bench.state.log_job
    assert (box.bench.state.place, box.bench.state.selected[JOBS]) == (JOBS, job)
    assert box.bench.done[-1] == "envbench build env.yml --detach"
    async for update in box.bench.desk.watch_jobs():
        if any(each.id == job and each.is_over for each in update.jobs):
            break
    make_package(box.channel, "zlib", "1.4", files={"share/zlib.txt": "newer\n"})
    index_channel(box.channel)

    # It is found before the list of environments is there, too.
    assert await solving._find_against(box.bench) == ("lab", 1)
    await environments.list_all(box.bench)
    assert describe_plan(box.bench.state, 60).badge == "COMPARED BEFORE"
    await box.solve()

    # A build takes the newest; so must the comparison, though an older one is installed.
    view = box.bench.state.solve.value
    assert view is not None
    assert (view.against, view.generation) == ("lab", 1)
    assert [(c.name, c.kind.value) for c in view.report.changes] == [("zlib", "upgrade")]
    assert box.bench.done[-1] == "envbench solve env.yml --against lab --fresh"
    assert describe_plan(box.bench.state, 60).keys == "b build as gen 2  i what if"


@pytest.mark.parametrize(
    ("spec", "reason"),
    [
        (AN_OPEN_SPEC, ""),
        (None, "no spec is open"),
        (replace(AN_OPEN_SPEC, text="other"), "the spec changed since it was solved: s again"),
        (replace(AN_OPEN_SPEC, disk="gone"), "the spec changed since it was solved: s again"),
        (
            replace(AN_OPEN_SPEC, path="/else.yml"),
            "there is no plan of it yet: s solves, nothing is touched",
        ),
        (
            replace(AN_OPEN_SPEC, environment=""),
            "the spec has no name: add a line `name: my-env`",
        ),
    ],
)
def test_a_build_waits_for_a_plan_of_just_this_text(spec: OpenSpec | None, reason: str):
    assert verbs.Build().refuse(state_of(make_view(), spec)) == reason


def test_the_first_build_needs_a_plan_that_was_seen():
    assert solving.refuse_build(state_of(None)).startswith("there is no plan of it yet")


def test_verbs_that_are_off_say_why():
    plan, conflict = state_of(make_view()), state_of(make_conflict())

    assert conflict_verbs.SolverText().refuse(plan) == "there is no conflict"
    assert verbs.Why().refuse(conflict).startswith("the spec has no solution")
    assert verbs.WholePlan().refuse(plan).startswith("nothing is built yet")
    assert verbs.StopSolve().refuse(plan) == "nothing is at work here"
    assert verbs.Solve().refuse(replace(plan, solve=Fact(working="solving"))).startswith("a solve")
    assert verbs.SolveOffline().twin(plan) == "envbench solve env.yml --offline"
    assert not conflict_verbs.SolverText().refuse(conflict)


async def test_sides_of_the_plan_are_turned_by_keys():
    bench = RecordingBench(state_of(make_view(against="lab")))

    await verbs.WholePlan().run(bench)
    assert verbs.MarkPlanRow().run_now(bench)
    assert verbs.Why().run_now(bench)
    assert bench.state.plan_face == PlanFace(whole=True, unfolded=True, why=True)

    bench.select(PLAN, "same")
    await verbs.OpenPlanRow().run(bench)
    assert not bench.state.plan_face.unfolded


async def test_copying_takes_a_package_as_a_match_spec():
    bench = RecordingBench(state_of(make_view(), selected={PLAN: "package:icu"}))

    await verbs.CopyPlanRow().run(bench)

    assert bench.copied == [("conda-forge::icu=73.2=0", "icu")]
