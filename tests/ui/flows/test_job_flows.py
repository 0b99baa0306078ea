"""What follows from what jobs do: real jobs, the real desk, no screen."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from envbench.jobs.store import JobStore
from envbench.model.job import JobRequest
from envbench.model.job_states import JobState
from envbench.ui.commands import jobs as verbs
from envbench.ui.flows import jobs
from envbench.ui.flows.endings import say_ending
from envbench.ui.state import JOBS, LOG, SIDE_JOBS, SPEC, Fact
from envbench.workbench.job_rows import JobsUpdate
from tests.jobs.conftest import shell, store, wait_until
from tests.ui.flows.real_bench import open_bench_at
from tests.ui.panels.job_examples import at_work, failed, job, screen
from tests.ui.recording_bench import RecordingBench

__all__ = ["store"]


class QuietBench(RecordingBench):
    """Tells bells from toasts, and begins nothing that would ask a desk."""

    def __init__(self, *args, **more) -> None:
        super().__init__(*args, **more)
        self.bells: list[str] = []
        self.begun: list[str] = []

    def begin(self, name, work) -> None:
        self.begun.append(name)
        work.close()

    def notify_ending(self, text: str) -> None:
        self.bells.append(text)


class NoDesk:
    """Answers nothing."""

    def __getattr__(self, name: str) -> Callable[..., None]:
        return lambda *_, **__: None


def update(*each) -> JobsUpdate:
    return JobsUpdate(jobs=each, total=len(each))


def bench_on(*each, **parts) -> QuietBench:
    return QuietBench(screen(*each, **parts), NoDesk())


def test_an_ending_says_what_comes_next():
    done = job(JobState.DONE)
    assert say_ending(done, "llm_serving") == (
        "llm_serving is built: p probes it, l locks it",
        "ok",
    )
    assert say_ending(done) == ("build llm_serving: done", "ok")
    found = job(JobState.DONE, kind="probe", code=1, reason="torch degraded")
    assert say_ending(found) == ("probe llm_serving: torch degraded", "info")
    text, severity = say_ending(failed())
    assert text == "build llm_serving: failed: no space left on /home. 6 shows the log"
    assert severity == "error"
    assert say_ending(job(JobState.CANCELLED)) == ("build llm_serving: cancelled", "info")
    assert "lack of memory" in say_ending(job(JobState.OOM))[0]


def test_an_ending_is_toasted_and_rings_once():
    bench = bench_on(at_work())
    jobs.take_update(bench, update(failed()))
    assert len(bench.toasts) == len(bench.bells) == 1
    assert bench.said == bench.toasts, "every toast is also a message"
    assert {"environments", "specs"} <= set(bench.begun)
    jobs.take_update(bench, update(failed()))
    assert len(bench.toasts) == 1, "it ended once"


def test_what_another_screen_began_does_not_ring():
    bench = bench_on(at_work(origin="elsewhere"))
    jobs.take_update(bench, update(failed(origin="elsewhere")))
    assert (len(bench.toasts), bench.bells) == (1, [])


def test_what_nobody_asked_for_keeps_quiet():
    bench = bench_on(at_work(kind="bytecode"))
    jobs.take_update(bench, update(job(JobState.DONE, kind="bytecode")))
    assert (bench.toasts, bench.said) == ([], [])


def test_a_job_too_short_to_be_seen_running_is_told_but_none_of_before():
    bench = bench_on(jobs=Fact())
    jobs.take_update(bench, update(failed(1)))
    assert bench.toasts == [], "it ended before the screen was there"
    jobs.take_update(bench, update(failed(2), failed(1)))
    assert len(bench.toasts) == 1


def test_what_the_environment_shows_is_learned_again():
    bench = bench_on(at_work(), environment="llm_serving", place="lock")
    jobs.take_update(bench, update(job(JobState.DONE)))
    assert {"details", "locks"} <= set(bench.begun)
    other = bench_on(at_work(), environment="other")
    jobs.take_update(other, update(job(JobState.DONE)))
    assert "details" not in other.begun


def test_a_list_that_cannot_be_read_is_told_and_kept():
    bench = bench_on(at_work())
    jobs.take_update(bench, JobsUpdate(fault="permission denied"))
    assert bench.state.jobs.value == update(at_work())
    assert "permission denied" in bench.state.jobs.fault
    jobs.take_update(bench, update(at_work()))
    assert bench.state.jobs.fault == ""


def test_the_log_of_a_failure_stays_and_gives_way_to_the_next_job():
    bench = bench_on(at_work(1))
    jobs.take_update(bench, update(failed(1)))
    assert bench.state.log_job == failed(1).id
    jobs.take_update(bench, update(at_work(2), failed(1)))
    assert bench.state.log_job == ""
    assert bench.state.shown_log.id == at_work(2).id


def test_the_log_of_a_success_stays_only_where_it_is_read():
    bench = bench_on(at_work(2), at_work(1))
    jobs.take_update(bench, update(job(JobState.DONE, 2), at_work(1)))
    assert bench.state.log_job == ""
    reader = bench_on(at_work(2), at_work(1), place=LOG)
    jobs.take_update(reader, update(job(JobState.DONE, 2), at_work(1)))
    assert reader.state.log_job == job(number=2).id
    jobs.leave_log(reader)
    assert reader.state.log_job == ""


def test_a_chosen_log_that_grows_is_kept():
    bench = bench_on(at_work(1), log_job=at_work(1).id)
    jobs.take_update(bench, update(at_work(2), at_work(1)))
    assert bench.state.log_job == at_work(1).id


@pytest.mark.parametrize(
    ("one", "stop", "again"),
    [
        (at_work(), "", "it has not ended: running"),
        (failed(), "it has ended: failed", ""),
        (job(JobState.DONE), "it has ended: done", "it ended well; b builds the open spec"),
        (job(JobState.FOREIGN), "on another machine or in another container", "it has not"),
        (failed(kind="bytecode"), "it has ended: failed", "only builds and probes"),
    ],
)
def test_verbs_say_why_they_are_off(one, stop: str, again: str):
    state = screen(one, focus=JOBS, place=JOBS)
    assert verbs.StopJob().refuse(state) == stop
    assert verbs.RepeatJob().refuse(state).startswith(again)
    assert bool(verbs.RepeatJob().refuse(state)) == bool(again)
    assert verbs.OpenLog().refuse(state) == ""


def test_verbs_without_a_job():
    state = screen(focus=SIDE_JOBS)
    for verb in (verbs.OpenLog(), verbs.StopJob(), verbs.RepeatJob(), verbs.CopyJob()):
        assert verb.refuse(state) == "no job is chosen"
    assert verbs.ShowLog().refuse(state) == "no job has run yet"


async def test_o_goes_to_the_log_and_back():
    bench = RecordingBench(screen(at_work()))
    await verbs.ShowLog().run(bench)
    assert bench.state.place == LOG
    assert verbs.chosen_job(bench.state) == at_work().id
    await verbs.ShowLog().run(bench)
    assert bench.state.place == SPEC


def test_what_became_of_a_job_is_copied():
    bench = RecordingBench(screen(failed(), job(JobState.DONE, 2)))
    jobs.copy_job(bench, failed().id)
    jobs.copy_job(bench, job(number=2).id)
    (told, _), (name, _) = bench.copied
    assert "no space left on /home\nmake room" in told
    assert failed().id in told
    assert name == job(number=2).id


async def until(bench: RecordingBench, condition: Callable[[], object], what: str) -> None:
    deadline = asyncio.get_running_loop().time() + 30
    while not condition():
        assert asyncio.get_running_loop().time() < deadline, (what, bench.state)
        await asyncio.sleep(0.01)


async def test_a_job_is_watched_and_stopped(tmp_path: Path):
    store = JobStore(tmp_path / "state" / "jobs")
    async with open_bench_at(tmp_path, tmp_path) as bench:
        bench.begin("jobs", jobs.watch(bench))
        await until(bench, lambda: bench.state.jobs.value is not None, "the first look")
        sleeping = store.submit(shell("sleep 120", environment="env"))
        await until(bench, lambda: bench.state.running_jobs, "the job")
        bench.select(JOBS, sleeping.id)
        await jobs.stop_job(bench, sleeping.id)
        assert bench.asked[0][0] == "Stop test env?"
        assert bench.state.running_jobs, "the answer was no"
        bench.answers.append(True)
        await jobs.stop_job(bench, sleeping.id)
        await until(bench, lambda: "test env: cancelled" in bench.toasts, "the ending")
        assert f"envbench cancel {sleeping.id}" in bench.done
        await jobs.learn_job(bench, sleeping.id)
        assert bench.state.job.value.job.state is JobState.CANCELLED


async def test_a_failed_build_takes_its_spec_as_it_is_now(tmp_path: Path):
    spec = tmp_path / "broken.yml"
    spec.write_text("name: mine\nchannels: [conda-forge]\ndependencies: [python=3.12]\n")
    from envbench.workbench.building import BuildOrder

    async with open_bench_at(tmp_path, tmp_path) as bench:
        first = await bench.desk.submit_build(BuildOrder(spec=spec, offline=True))
        store = JobStore(tmp_path / "state" / "jobs")
        wait_until(store.find(first.id).result, "the end: nothing is cached")
        bench.change(jobs=Fact(await bench.desk.list_jobs()))
        assert bench.state.jobs.value.jobs[0].state is JobState.FAILED
        await jobs.repeat_job(bench, first.id)
        listed = (await bench.desk.list_jobs()).jobs
        assert [each.environment for each in listed] == ["mine", "mine"]
        assert bench.state.selected[JOBS] == listed[0].id != first.id
        assert listed[0].title == listed[1].title
        wait_until(store.find(listed[0].id).result, "the end")


async def test_what_is_no_build_is_not_repeated(store: JobStore, tmp_path: Path):
    from envbench.model.errors import UsageError

    odd = store.submit(
        JobRequest(kind="build", title="odd", argv=("/bin/true",), payload={"spec_path": 3})
    )
    wait_until(odd.result, "the end")
    async with open_bench_at(tmp_path, tmp_path) as bench:
        with pytest.raises(UsageError, match="cannot be repeated"):
            await bench.desk.repeat_job(odd.id)
