# ruff: noqa: RUF001 - the marks are those of the screen
"""Jobs and their logs in each of their states: here, detached, elsewhere, lost; on slow links."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from envbench.model.job_states import JobState
from envbench.ui.job_words import STANDINGS
from envbench.ui.state import JOBS, SIDE_JOBS, SIDE_LOG, Fact, ScreenState
from envbench.workbench.job_rows import WatchedJob
from tests.ui.still import sample_jobs as jobs
from tests.ui.still.cases import COLOURS, EACH_LOOK, case, check_all, read_pane, set_look
from tests.ui.still.sample_box import SLOW, STRIP
from tests.ui.still.sample_states import ALL_JOBS, EDITING, EMPTY, QUIET, at, reading_log, with_log
from tests.ui.still.still_app import hold_still

FAULT = "the jobs cannot be read"
HEADER, STORY, PLACE = "header", "job-story", "jobs"


def place(fact: Fact[Any], **parts: Any) -> ScreenState:
    return at(JOBS, jobs=fact, **parts)


def story(job: WatchedJob) -> ScreenState:
    return replace(ALL_JOBS, selected={JOBS: job.id}, job=Fact())


def say_standing(job: WatchedJob) -> tuple[str, str]:
    """Give mark and word of a job as the table has them; at work its phase is the word."""
    standing = STANDINGS[job.state.value]
    detached = job.state is JobState.RUNNING and job.origin != "here"
    word = f"{job.share:.0%}" if job.share is not None else job.phase or standing.word
    return f"{'◄' if detached else standing.mark} ", word


LOOKING: Fact[Any] = Fact(working="looking for jobs")
LIST = (
    case("not looked", EMPTY, SIDE_JOBS, "looking for jobs"),
    case("looking", place(LOOKING), PLACE, "looking for jobs"),
    case("failed", place(Fact(fault=FAULT)), PLACE, f"× {FAULT}"),
    case("failed, beside", replace(QUIET, jobs=Fact(fault=FAULT)), SIDE_JOBS, f"× {FAULT}"),
    case("nothing ran", place(Fact(jobs.update())), PLACE, "Nothing ran yet.", "b builds the open spec",
         "Jobs go on when the screen is left"),
    case("nothing ran, beside", replace(QUIET, jobs=Fact(jobs.update())), SIDE_JOBS, "Nothing ran yet."),
    case("old", place(Fact(jobs.update(*jobs.USUAL), fault=FAULT)), PLACE, "as it was", f"× {FAULT}",
         "build llm_serving"),
    case("old, beside", replace(QUIET, jobs=Fact(jobs.update(*jobs.USUAL), fault=FAULT)), SIDE_JOBS,
         "Jobs old", f"× {FAULT}", "build llm_serving"),
    case("some", replace(QUIET, jobs=Fact(jobs.update(*jobs.USUAL))), SIDE_JOBS,
         "► build llm_serving 62%", "fetch 2.90/4.70 GB", "◄ probe ai_dev_env", "runs without you",
         "● probe ai_dev_env ok", "× build tf_legacy FAIL", "no space left on /home", "stopped"),
    case("counted", ALL_JOBS, HEADER, "7 jobs 62%"),
    case("at work", ALL_JOBS, PLACE, "7 at work, 14 in all", "► build llm_serving 62%",
         "fetch 2.90/4.70 GB 0:41", "wait 0:30", "◄ probe ai_dev_env", "without you"),
)  # fmt: skip
EACH = tuple(
    case(job.state.value, place(Fact(jobs.update(job))), PLACE, *say_standing(job)) for job in jobs.EVERY
)  # fmt: skip
"""One job at a time: its row has the mark and the word of its state."""
STORIES = (
    case("no job", replace(ALL_JOBS, selected={}, jobs=Fact(jobs.update())), STORY, "No job is chosen."),
    case("running", story(jobs.RUNNING), STORY, "62% 2.90 of 4.70 GB 38.1 MB/s 0:41 left",
         "libcublas 12.4.5", "● solve 1.4 s", "► fetch", "▲ two packages own site.cfg"),
    case("waiting", story(jobs.QUEUED), STORY, "► wait 30 s"),
    case("detached", story(jobs.DETACHED), STORY,
         "◄ started by process 70555 elsewhere or earlier: it runs without this screen"),
    case("failed", ALL_JOBS, STORY, "× no space left on /home", "make room there", "r runs it again",
         "× fetch 48 s failed", "exit code 3", "log 4.21 kB"),
    case("details on their way", replace(story(jobs.FAILED), job=Fact(working="reading the job")), STORY,
         "× no space left on /home", "reading the job"),
    case("no details", replace(story(jobs.FAILED), job=Fact(fault=FAULT)), STORY, FAULT),
    case("cancelled", story(jobs.CANCELLED), STORY, "stopped"),
    case("lost", story(jobs.LOST), STORY, "LOST", "× no result: the host was restarted", "r runs it again"),
    case("out of memory", story(jobs.OOM), STORY, "KILLED", "× killed, probably for lack of memory",
         "ended by signal 9"),
    case("elsewhere", story(jobs.FOREIGN), STORY, "◄ on another machine or in another container"),
    case("damaged", story(jobs.DAMAGED), STORY, "× its records cannot be read: job.json is no JSON"),
    case("starting", story(jobs.STARTING), STORY, "starting"),
    case("not started", story(jobs.UNSTARTED), STORY, "▲ not started yet"),
    case("orphaned", story(jobs.ORPHANED), STORY, "► running: what looks after it died"),
    case("dead", story(jobs.DEAD), STORY, "▲ died: being looked into"),
)  # fmt: skip


@pytest.mark.parametrize("look", EACH_LOOK)
async def test_panes_say_their_state_in_every_look(
    look: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    await check_all((*LIST, *EACH, *STORIES), look, monkeypatch, tmp_path)


def log_cases(root: Path) -> tuple[Any, ...]:
    """Logs in the centre: of a job at work, of ended ones, of none."""

    def of(job: WatchedJob) -> ScreenState:
        return reading_log(jobs.write_log(root / job.id, job))

    none = at("log", jobs=Fact(jobs.update()))
    not_there = reading_log(replace(jobs.RUNNING, directory=str(root / "nowhere")))
    return (
        case("no job", none, "log-frame", "Nothing ran yet.", "b builds the open spec"),
        case("no log yet", not_there, "log-frame", "Nothing is in this log yet."),
        case("at work", of(jobs.RUNNING), "log-frame", "build llm_serving FOLLOW 27 lines",
             "libcublas 12.4.5 461 MB", "▲12:04:53 warning", "62% 2.90 of 4.70 GB"),
        case("done", of(jobs.DONE), "log-frame", "probe ai_dev_env END 27 lines", "● ok took 49 s, 7 min ago"),
        case("failed", of(jobs.FAILED), "log-frame", "END", "× FAIL: no space left on /home",
             "make room there, then run it again"),
        case("cancelled", of(jobs.CANCELLED), "log-frame", "END", "○ stopped"),
        case("lost", of(jobs.LOST), "log-frame", "END", "× LOST: no result: the host was restarted"),
        case("detached", of(jobs.DETACHED), "log-frame", "probe ai_dev_env FOLLOW", "torch 8:59"),
        case("elsewhere", of(jobs.FOREIGN), "log-frame", "◄ elsewhere: on another machine"),
    )  # fmt: skip


@pytest.mark.parametrize("look", EACH_LOOK)
async def test_logs_say_their_state_in_every_look(
    look: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    await check_all(log_cases(tmp_path), look, monkeypatch, tmp_path)


async def test_a_log_that_is_scrolled_back_says_how_much_is_new(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    set_look(monkeypatch, tmp_path, COLOURS)
    job = jobs.write_log(tmp_path / "job")
    async with hold_still((80, 24)) as still:
        await still.show(reading_log(job))
        await still.until_log_says("FOLLOW  27 lines")
        await still.pilot.press("pageup")
        await still.until(lambda: "paused at" in read_pane(still, "#log-frame"))
        with (Path(job.directory) / "log").open("a") as log:
            log.writelines(f"link {number}/412\n" for number in range(412))
        await still.until(lambda: "paused, 412 new: End" in read_pane(still, "#log-frame"))
        await still.pilot.press("end")
        await still.until(
            lambda: "FOLLOW  439 lines" in still.text and "link 411/412" in still.text
        )


@pytest.mark.parametrize("look", EACH_LOOK)
async def test_a_slow_link_is_named_and_the_strip_becomes_one_line(
    look: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    set_look(monkeypatch, tmp_path, look)
    job = jobs.write_log(tmp_path / "job")
    state = with_log(EDITING, job)
    async with hold_still() as still:
        await still.show(replace(state, link=None))
        assert "link" not in read_pane(still, f"#{HEADER}")
        await still.show(state)
        assert "link 20 ms" in read_pane(still, f"#{HEADER}")
        await still.until_log_says("libcublas 12.4.5")
        strip = still.app.screen.query_one(f"#{SIDE_LOG}")
        assert strip.outer_size.height == 10
        await still.show(replace(state, link=SLOW))
        assert read_pane(still, f"#{HEADER}").endswith("link 900 ms SLOW")
        assert strip.outer_size.height == 10, "a slow link still shows the log, more rarely"
        assert strip.query_one("#strip-log").poll_s == SLOW.log_interval_s
        await still.show(replace(state, link=STRIP))
        assert read_pane(still, f"#{HEADER}").endswith("link 2000 ms SLOW")
        assert strip.outer_size.height == 1
        assert "fetch libcublas 12.4.5" in read_pane(still, f"#{SIDE_LOG}")
        assert "62%" in read_pane(still, f"#{SIDE_LOG}")
