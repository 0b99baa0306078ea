"""The log of a real job in the centre: found, filtered, followed, through the real desk."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from textual.app import App, ComposeResult
from textual.events import Key

from envbench.jobs.job import Job
from envbench.jobs.store import JobStore
from envbench.model.job_states import JobState
from envbench.ui.commands import logs as verbs
from envbench.ui.panels.job_log import JobLog
from envbench.ui.panels.log_place import LogPlace
from envbench.ui.panels.log_strip import LogStrip
from envbench.ui.state import LOG, Fact, ScreenState
from envbench.ui.terminal.link_rule import LinkState
from envbench.workbench.desk.desk import WorkbenchDesk
from envbench.workbench.job_watch import JobWatch
from tests.jobs.conftest import shell, store, wait_until
from tests.ui.recording_bench import RecordingBench
from tests.ui.waiting import screen_text, wait_for
from tests.workbench.desk.conftest import private_environ

__all__ = ["store"]

LINES = """
for n in $(seq 1 3000); do echo "link $n/3000 libcublas 12.4.$n"; done
echo "ERROR two packages own site.cfg"
echo "warning: mkl is old"
for n in $(seq 1 3000); do echo "verify $n"; done
"""


class PlaceApp(App[None]):
    """The place by itself; it is its own bench."""

    CSS = "#log-find { display: none; height: 1; } #log-foot { height: 0; }"

    def __init__(self, state: ScreenState, desk: WorkbenchDesk, kind: type = LogPlace) -> None:
        super().__init__()
        self.bench = RecordingBench(state, desk)
        self.place = kind(id=LOG)
        self.heard: list[str] = []
        for name in ("begin", "stop", "copy", "tell"):
            setattr(self, name, getattr(self.bench, name))

    def compose(self) -> ComposeResult:
        yield self.place

    def on_mount(self) -> None:
        self.bench.log_door = self.place.query_one(JobLog)
        self.place.show(self.bench.state)
        if type(self.place) is LogPlace:
            self.place.keys_target().focus()

    def on_key(self, event: Key) -> None:
        self.heard.append(event.key)

    @property
    def desk(self) -> WorkbenchDesk:
        return self.bench.desk

    def show(self, **parts: Any) -> None:
        self.bench.change(**parts)
        self.place.show(self.bench.state)

    async def do(self, verb: type) -> None:
        command = verb()
        assert command.refuse(self.bench.state) == ""
        await command.run(self.bench)

    @property
    def heading(self) -> str:
        return self.place.query_one("#log-frame").border_title or ""


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[WorkbenchDesk]:
    opened = WorkbenchDesk(str(tmp_path), private_environ(tmp_path))
    yield opened
    await opened.close()


def look(store: JobStore, **parts: Any) -> ScreenState:
    update = JobWatch(store.root).look()
    return ScreenState(directory="/folder", jobs=Fact(update), place=LOG, **parts)


def is_running(store: JobStore) -> bool:
    """Tell whether a job's worker is at work; before that, the job is only starting."""
    return any(job.state is JobState.RUNNING for job in look(store).running_jobs)


def run(store: JobStore, command: str) -> Job:
    job = store.submit(shell(command, environment="env"))
    wait_until(job.result, "the end of the job")
    return job


async def test_a_log_is_found_in_filtered_and_copied(store: JobStore, desk: WorkbenchDesk):
    run(store, LINES)
    app = PlaceApp(look(store), desk)
    async with app.run_test(size=(70, 20)) as pilot:
        await wait_for(pilot, lambda: "6,002 lines" in app.heading)
        assert "END" in app.heading, "nothing more will come"
        assert "verify 3000" in screen_text(app)
        assert "● ok" in screen_text(app)

        await app.do(verbs.FindInLog)
        await wait_for(pilot, lambda: app.focused is app.place.find_line)
        await pilot.press(*"re:link 12.0/", "enter")
        await wait_for(pilot, lambda: "10 matches" in app.heading or "of 10" in app.heading)
        assert app.focused is app.place.log_view
        assert "link 1200/3000" in screen_text(app)
        await app.do(verbs.NextMatch)
        await wait_for(pilot, lambda: "match 2 of 10" in app.heading)
        await app.do(verbs.PreviousMatch)
        await wait_for(pilot, lambda: "match 1 of 10" in app.heading)
        await app.do(verbs.CopyLine)
        await wait_for(pilot, lambda: app.bench.copied)
        assert app.bench.copied == [("link 1200/3000 libcublas 12.4.1200", "the line")]

        await app.do(verbs.OnlyMatches)
        await wait_for(pilot, lambda: "only these" in app.heading)
        assert "link 1201/3000" not in screen_text(app)
        await app.do(verbs.OnlyMatches)
        await wait_for(pilot, lambda: "link 1201/3000" in screen_text(app))

        await app.do(verbs.FirstError)
        await wait_for(pilot, lambda: "ERROR two packages" in screen_text(app))
        app.bench.choices.append("w")
        await app.do(verbs.Levels)
        await wait_for(pilot, lambda: "only error and warning" in app.heading)
        await wait_for(pilot, lambda: "mkl is old" in screen_text(app))
        assert "verify" not in screen_text(app)
        app.bench.choices.append("a")
        await app.do(verbs.Levels)
        await wait_for(pilot, lambda: "only" not in app.heading)


async def test_writing_can_be_given_up(store: JobStore, desk: WorkbenchDesk):
    run(store, "echo one")
    app = PlaceApp(look(store), desk)
    async with app.run_test(size=(70, 20)) as pilot:
        await wait_for(pilot, lambda: "1 line" in app.heading)
        await app.do(verbs.FindInLog)
        await wait_for(pilot, lambda: app.focused is app.place.find_line)
        await pilot.press("q", "6", "escape")
        await wait_for(pilot, lambda: app.focused is app.place.log_view)
        assert app.place.log_view.search_query is None
        await app.do(verbs.NextMatch)
        await wait_for(pilot, lambda: app.focused is app.place.find_line)


async def test_a_wrong_pattern_is_told_and_forgotten(store: JobStore, desk: WorkbenchDesk):
    run(store, "echo one")
    app = PlaceApp(look(store), desk)
    async with app.run_test(size=(70, 20)) as pilot:
        await app.do(verbs.FindInLog)
        await wait_for(pilot, lambda: app.focused is app.place.find_line)
        await pilot.press(*"re:(", "enter")
        await wait_for(pilot, lambda: app.bench.work["log-search"].done())
        assert "log-search" in app.bench.work
        with pytest.raises(Exception, match="regular expression"):
            app.bench.work["log-search"].result()
        assert app.place.log_view.search_query is None


async def test_what_comes_later_is_found_too(store: JobStore, desk: WorkbenchDesk):
    gate = store.root.parent / "gate"
    job = store.submit(
        shell(
            f"echo needle 1; while [ ! -e {gate} ]; do sleep 0.05; done; echo needle 2",
            environment="env",
        )
    )
    wait_until(lambda: (job.directory / "log").exists(), "the log")
    app = PlaceApp(look(store), desk)
    async with app.run_test(size=(70, 20)) as pilot:
        await wait_for(pilot, lambda: "1 line" in app.heading)
        assert "FOLLOW" in app.heading
        await app.do(verbs.FindInLog)
        await wait_for(pilot, lambda: app.focused is app.place.find_line)
        await pilot.press(*"needle", "enter")
        await wait_for(pilot, lambda: "of 1" in app.heading)
        gate.touch()
        await wait_for(pilot, lambda: "of 2" in app.heading)
        await wait_for(pilot, lambda: job.result() is not None)
        app.show(jobs=look(store).jobs)
        await wait_for(pilot, lambda: "● ok" in screen_text(app))


async def test_another_job_is_another_log(store: JobStore, desk: WorkbenchDesk):
    first, second = run(store, "echo of the first"), run(store, "echo of the second; exit 3")
    app = PlaceApp(look(store), desk)
    async with app.run_test(size=(70, 20)) as pilot:
        await wait_for(pilot, lambda: "of the second" in screen_text(app))
        assert "FAIL" in screen_text(app)
        await app.do(verbs.OlderLog)
        assert app.bench.state.log_job == first.id
        app.show()
        await wait_for(pilot, lambda: "of the first" in screen_text(app))
        assert verbs.OlderLog().refuse(app.bench.state) == "there is no older job"
        await app.do(verbs.NewerLog)
        assert app.bench.state.log_job == second.id
        app.show(jobs=Fact())
        await wait_for(pilot, lambda: "Nothing ran yet" in screen_text(app))


def link(mode: str, log_s: float) -> LinkState:
    return LinkState(10, mode, "", log_s, 1.0)  # type: ignore[arg-type]


async def test_the_log_keeps_to_the_pace_of_the_link_and_rests_unseen(
    store: JobStore, desk: WorkbenchDesk
):
    run(store, "echo one")
    app = PlaceApp(look(store), desk)
    async with app.run_test(size=(70, 20)) as pilot:
        log = app.place.log_view
        await wait_for(pilot, lambda: "1 line" in app.heading)
        assert log.poll_s == 0.25
        app.show(link=link("slow", 2.0))
        assert log.poll_s == 2.0
        app.place.display = False
        await wait_for(pilot, lambda: log.is_held)
        app.show(link=link("fast", 0.25))
        assert log.poll_s > 1, "nobody sees it"
        app.place.display = True
        await wait_for(pilot, lambda: not log.is_held)
        assert log.poll_s == 0.25


async def test_the_strip_is_high_or_one_line(store: JobStore, desk: WorkbenchDesk):
    job = store.submit(shell("echo words $((40 + 2)); sleep 60"))
    wait_until(lambda: (job.directory / "log").exists(), "the log")
    state = replace(look(store), place="spec")
    wait_until(lambda: is_running(store), "the worker's start")
    app = PlaceApp(replace(state, jobs=look(store).jobs), desk, LogStrip)
    async with app.run_test(size=(70, 10)) as pilot:
        await wait_for(pilot, lambda: "words 42" in screen_text(app))
        assert not app.place.query_one(JobLog).can_focus
        app.show(link=link("strip", 8.0))
        app.place.styles.height = 1
        await wait_for(pilot, lambda: "words 42" not in screen_text(app))
        assert app.place.has_class("-one-line")
        assert app.place.query_one(JobLog).directory == "", "nothing is read any more"
        assert "running" in screen_text(app)
        app.show(jobs=Fact(), link=None)
        assert not app.place.display
    job.cancel()


POUR = """
i=0
while [ $i -lt 200 ]; do i=$((i+1)); seq 1 100; sleep 0.02; done
"""


async def test_a_log_that_pours_loses_no_key(store: JobStore, desk: WorkbenchDesk):
    job = store.submit(shell(POUR, environment="env"))
    wait_until(lambda: (job.directory / "log").exists(), "the log")
    app = PlaceApp(look(store), desk)
    async with app.run_test(size=(70, 20)) as pilot:
        log = app.place.log_view
        await wait_for(pilot, lambda: log.status.lines > 500)
        before = log.status.lines
        for number in range(40):
            await pilot.press("up" if number < 20 else "x")
        assert not log.status.follow, "the arrows were heard while it poured"
        assert app.heard.count("x") == 20
        await pilot.press("end")
        await wait_for(pilot, lambda: log.status.follow)
        await wait_for(pilot, lambda: log.status.lines == 20_000, 60)
        assert before < 20_000
        assert app.heading
