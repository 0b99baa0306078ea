"""The whole table of verbs against a real box: every method is asked, its answer is its type."""

import asyncio
import dataclasses
import inspect
import os
import time
import typing
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from envbench.model.errors import EnvbenchError, NotFineError, UsageError
from envbench.model.job import JobState
from envbench.workbench.building import BuildOrder
from envbench.workbench.desk.calling import REPORT, SETTINGS, load_verb
from envbench.workbench.desk.desk import WorkbenchDesk
from envbench.workbench.desk.lane import find_decoder
from envbench.workbench.desk.verbs import VERBS
from envbench.workbench.solving import SolveOrder
from tests.channels import index_channel, make_package
from tests.workbench.conftest import Box
from tests.workbench.desk.conftest import PATIENCE_S, is_alive, wait_for
from tests.workbench.failing import serving


@pytest.fixture
async def desk(box: Box) -> AsyncIterator[WorkbenchDesk]:
    opened = WorkbenchDesk(str(box.root))
    try:
        yield opened
    finally:
        pids = list(opened.pids().values())
        await opened.close()
        assert not [pid for pid in pids if is_alive(pid)]


@pytest.mark.parametrize("name", VERBS)
def test_every_verb_has_types_that_cross_the_border(name: str):
    verb = load_verb(name)
    for parameter, hint in verb.hints.items():
        if parameter in {SETTINGS, REPORT}:
            continue
        origin = typing.get_origin(hint)
        if parameter == "return" and inspect.isgeneratorfunction(verb.function):
            assert origin.__name__ == "Iterator"
            hint = typing.get_args(hint)[0]
        find_decoder(hint)
    assert "return" in verb.hints


async def test_a_spec_is_written_checked_saved_and_found_again(desk: WorkbenchDesk, box: Box):
    text = await desk.new_spec_text("fresh")
    path = str(box.root / "fresh.yml")
    report = await desk.check_text(text, path)
    assert report.errors == 0
    broken = await desk.check_text("name: [\n", path)
    assert broken.errors > 0
    await desk.keep_draft(path, text, "")
    assert [draft.path for draft in await desk.list_drafts()] == [path]
    outcome = await desk.save_spec(path, text, expected_sha256="")
    assert outcome.saved is not None
    assert await desk.drop_draft(path) in (True, False)
    assert await desk.hash_file(path) == outcome.saved.sha256
    assert await desk.hash_file(path + ".gone") == ""
    opened = await desk.open_spec(path)
    assert (opened.text, opened.sha256) == (text, outcome.saved.sha256)
    clash = await desk.save_spec(path, text + "# more\n", expected_sha256="0" * 64)
    assert clash.clash is not None
    await desk.note_recent(path)
    folder = await desk.list_specs()
    assert path in [entry.path for entry in folder.specs]
    await desk.forget_recent(path)
    form = await desk.describe_dependency("name: a\ndependencies:\n  - numpy=1.26\n", 3)
    assert form.name == "numpy"
    edit = await desk.write_dependency("name: a\ndependencies:\n  - numpy=1.26\n", path, form, 3)
    assert edit.replacements == ()
    longer = dataclasses.replace(form, version="1.27.*")
    edit = await desk.write_dependency("name: a\ndependencies:\n  - numpy=1.26\n", path, longer, 3)
    assert edit.replacements
    with pytest.raises(UsageError):
        await desk.open_spec(str(box.root / "nowhere.yml"))


async def test_a_solve_tells_its_phases_and_stays_warm(desk: WorkbenchDesk, box: Box):
    phases: list[str] = []
    order = SolveOrder(spec=box.write_spec("app"))
    report = await desk.solve(order, lambda phase: phases.append(phase.name))
    assert [package.name for package in report.plan.packages] == ["zlib", "app"]
    assert report.sizes.downloads == 2
    assert phases[0] == "prepare"
    assert phases[-1] == "solve"
    began = time.perf_counter()
    again = await desk.solve(order)
    warm_s = time.perf_counter() - began
    assert again.plan.packages == report.plan.packages
    assert warm_s < 2.0
    with pytest.raises(NotFineError):
        await desk.solve(SolveOrder(spec=box.write_spec("app =1 =2 =3 =4", name="wrong")))
    conflict = (await desk.solve(SolveOrder(spec=box.write_spec("app=9", name="none")))).conflict
    assert conflict is not None
    assert conflict.causes[0].line == 5


async def test_a_warm_solver_sees_what_a_channel_has_got_since(desk: WorkbenchDesk, box: Box):
    order = SolveOrder(spec=box.write_spec("app"))
    before = await desk.solve(order)
    box.publish("app", "3.0")
    after = await desk.solve(order)
    versions = [
        next(package.version for package in report.plan.packages if package.name == "app")
        for report in (before, after)
    ]
    assert versions == ["2.0", "3.0"]


async def test_a_solve_that_waits_for_a_channel_says_so_and_can_be_cancelled(
    desk: WorkbenchDesk, box: Box
):
    with serving(box.channel) as server:
        server.held = "repodata"
        phases = []
        order = SolveOrder(spec=box.write_spec("app", channel=server.url))
        solve = asyncio.create_task(desk.solve(order, phases.append))
        await wait_for(lambda: any(p.name == "fetch" for p in phases), "the phase fetch")
        assert phases[-1].channels
        children = find_children(desk.pids()["solve"])
        assert children
        began = time.perf_counter()
        solve.cancel()
        with pytest.raises(asyncio.CancelledError):
            await solve
        assert time.perf_counter() - began < 0.1
        await wait_for(lambda: not [pid for pid in children if is_alive(pid)], "the solver's end")
    assert (await desk.solve(SolveOrder(spec=box.write_spec("app")))).plan is not None


def find_children(parent: int) -> list[int]:
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                stat = (entry / "stat").read_text()
            except OSError:
                continue
            if int(stat.rpartition(")")[2].split()[1]) == parent:
                found.append(int(entry.name))
    return found


async def test_a_build_goes_from_submission_to_a_row_and_away(desk: WorkbenchDesk, box: Box):
    spec = box.write_spec("app=1")
    submitted = await desk.submit_build(BuildOrder(spec=spec))
    assert submitted.environment == "env"
    job = await follow(desk, submitted.id)
    assert job.state is JobState.DONE, job
    assert job.origin == "here"
    assert {phase.name for phase in job.phases} >= {"solve", "fetch", "link", "record"}
    assert all(phase.state == "done" for phase in job.phases)
    details = await desk.describe_job(submitted.id)
    assert details.build.generation == 1
    assert details.job.phases
    assert details.log_bytes == measure(details.log) > 0

    rows = ()
    async for known in desk.list_environment_rows(with_size=True):
        rows = known
    row = next(row for row in rows if row.name == "env")
    assert (row.live_generation, row.size_bytes is not None) == (1, True)
    assert (await desk.describe_environment("env")).generations[0].number == 1
    sizes = [size async for size in desk.measure_environment("env")]
    assert sizes
    offers = await desk.lock_offers("env", str(box.root))
    first = offers.offers[0]
    assert (await desk.preview_lock("env", first.format)).text
    written = await desk.write_lock("env", first.format, str(box.root))
    assert measure(written.path) == written.size_bytes
    report = await desk.verify_environment("env", written.path)
    assert report.is_fine
    assert report.describe()

    await follow(desk, (await desk.submit_build(BuildOrder(spec=box.write_spec("app=2")))).id)
    assert not (await desk.compare_environments("env@1", "env")).is_same
    lines = await desk.compare_in_words("env@1", "env")
    assert any("app" in line and "1.0" in line and "2.0" in line for line in lines)
    assert [row.name for row in (await desk.compare_generations("env", 1, 2)).rows] == ["app"]
    assert (await desk.rollback_environment("env")).generation == 1
    assert (await desk.remove_environment("env")).environment == "env"
    with pytest.raises(UsageError):
        await desk.describe_environment("env")


def measure(path: str) -> int:
    return Path(path).stat().st_size


async def follow(desk: WorkbenchDesk, job_id: str):
    """Watch the jobs until one of them is over."""
    async with asyncio.timeout(PATIENCE_S):
        async for update in desk.watch_jobs():
            for job in update.jobs:
                if job.id == job_id and job.is_over:
                    return job
    return None


async def test_two_desks_agree_on_the_jobs_and_one_cancels_what_the_other_began(
    desk: WorkbenchDesk, box: Box
):
    other = WorkbenchDesk(str(box.root))
    try:
        with serving(box.channel) as server:
            make_package(box.channel, "heavy", files={"share/heavy": "x" * 100_000})
            index_channel(box.channel)
            server.held = "heavy-1.0"
            spec = box.write_spec("heavy", channel=server.url)
            submitted = await desk.submit_build(BuildOrder(spec=spec))
            await asyncio.to_thread(server.reached.wait, PATIENCE_S)
            seen = {}
            for name, each in (("here", desk), ("elsewhere", other)):
                (job,) = (await each.list_jobs()).jobs
                seen[name] = job
                assert (job.id, job.state, job.origin) == (submitted.id, JobState.RUNNING, name)
            assert seen["here"].phase == seen["elsewhere"].phase == "fetch"
            result = await other.cancel_job(submitted.id)
            assert result.state is JobState.CANCELLED
        rows = [(await each.list_jobs()).jobs for each in (desk, other)]
        assert [[job.state for job in jobs] for jobs in rows] == [[JobState.CANCELLED]] * 2
    finally:
        await other.close()


async def test_the_box_the_settings_and_the_log_answer(desk: WorkbenchDesk, box: Box):
    assert (await desk.describe_box()).disks
    assert (await desk.describe_host()).platform
    rows = await desk.describe_settings()
    assert "theme" in [row.key for row in rows]
    assert await desk.list_setting_problems() == ()
    await desk.set_preference("theme", "nord")
    rows = await desk.describe_settings()
    assert [row.value for row in rows if row.key == "theme"] == ["nord"]
    assert await desk.list_probe_names()
    submitted = await desk.submit_build(BuildOrder(spec=box.write_spec("zlib")))
    await follow(desk, submitted.id)
    assert await desk.latest_probes("env") is None
    hits = [hit async for hit in desk.search_log(submitted.directory, "link")]
    assert hits[-1].done
    assert any(hit.lines for hit in hits)
    assert await desk.find_first_error(submitted.directory) is None


async def test_completion_and_inspection_answer(desk: WorkbenchDesk, box: Box):
    spec = box.write_spec("zlib")
    text = spec.read_text().replace("zlib", "zl")
    report = await desk.complete(text, 5, 6, path=str(spec))
    assert report.kind
    found = await desk.inspect(spec.read_text(), 5, path=str(spec))
    assert found is not None


async def test_a_demo_folder_is_made_with_its_steps_told(desk: WorkbenchDesk, box: Box):
    steps = []
    with pytest.raises(EnvbenchError):
        await desk.prepare_demo(Path(os.devnull) / "x", steps.append)


async def test_wrong_settings_stop_what_acts_and_not_what_looks(desk: WorkbenchDesk, box: Box):
    config = box.settings.paths.config_file
    config.parent.mkdir(parents=True, exist_ok=True)
    config.write_text("offline = 'perhaps'\n")
    spec = box.write_spec("zlib")
    with pytest.raises(UsageError, match="offline"):
        await desk.solve(SolveOrder(spec=spec))
    with pytest.raises(UsageError, match="offline"):
        await desk.submit_build(BuildOrder(spec=spec))
    assert (await desk.check_text(spec.read_text(), str(spec))).errors == 0
    assert (await desk.list_setting_problems())[0].key == "offline"
    await desk.set_preference("offline", False)
    assert (await desk.solve(SolveOrder(spec=spec))).plan is not None
