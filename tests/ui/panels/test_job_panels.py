"""Jobs in the side pane, in their place and under a log: every state, every width."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envbench.model.job_states import JobState
from envbench.ui.ink import plain, width_of
from envbench.ui.job_words import STANDINGS
from envbench.ui.panels.job_lines import describe_foot, describe_line
from envbench.ui.panels.job_story import describe_story
from envbench.ui.panels.jobs_panel import describe_jobs
from envbench.ui.panels.log_strip import is_wanted
from envbench.ui.panels.side_jobs import describe_side_jobs
from envbench.ui.state import LOG, Fact, ScreenState
from envbench.workbench.job_rows import (
    STATE_WORDS,
    JobDetails,
    JobMessage,
    JobPhase,
    JobProgress,
    JobsUpdate,
    WatchedJob,
)
from tests.ui.panels.job_examples import NOW, PHASES, at_work, failed, job, screen
from tests.ui.panels.showing import WIDTHS, assert_fits, lines_of, text_of

VIEWS = (describe_side_jobs, describe_jobs, describe_story)


def side(*jobs: WatchedJob, width: int = 25) -> list[str]:
    return lines_of(describe_side_jobs(screen(*jobs), width, NOW))


def test_every_state_has_a_mark_and_a_word():
    assert set(STANDINGS) == {state.value for state in JobState}
    assert all(standing.mark and standing.word for standing in STANDINGS.values())


def test_nobody_counts_as_at_work_what_cannot_be_seen():
    unseen = (job(JobState.DAMAGED, 2), job(JobState.FOREIGN, 3))
    assert describe_jobs(screen(*unseen), 90, NOW).badge == "2"
    assert describe_jobs(screen(at_work(4), *unseen), 90, NOW).badge == "1 at work, 3 in all"


def test_the_side_pane_is_as_it_was_drawn():
    done = job(JobState.DONE, 2, kind="probe", environment="ai_dev_env")
    lines = side(at_work(3), done, failed(1))
    assert lines == [
        "► build llm_serving   62%",
        "  fetch 2.90/4.70 GB",
        "● probe ai_dev_env     ok",
        "  7 min ago",
        "× build llm_serving  FAIL",  # noqa: RUF001
        "  no space left on /home",
    ]


def test_what_others_started_runs_without_us():
    lines = side(at_work(origin="elsewhere"))
    assert lines[0].startswith("◄ ")
    assert lines[2] == "  runs without you"


def test_those_at_work_come_first():
    jobs = (job(JobState.DONE, 3), at_work(2), failed(1))
    keys = [row.key for row in describe_jobs(screen(*jobs), 60, NOW).rows]
    assert keys == [jobs[1].id, jobs[0].id, jobs[2].id]


@pytest.mark.parametrize("state", list(JobState))
@pytest.mark.parametrize("width", WIDTHS)
def test_every_state_says_where_it_stands_at_every_width(state: JobState, width: int):
    shown = screen(job(state, origin="elsewhere"))
    for describe in VIEWS:
        view = describe(shown, width, NOW)
        assert_fits(view, width)
        text = f"{text_of(view)} {view.badge}"
        assert STANDINGS[state.value].word in text or "►" in text or "◄" in text
    if state not in {JobState.DONE, JobState.RUNNING, JobState.STARTING, JobState.CANCELLED}:
        told = " ".join(text_of(describe_story(shown, width, NOW)).split())
        assert STATE_WORDS[state].split(":")[0].split()[0] in told


def test_a_probe_that_found_something_is_not_called_ok():
    found = job(JobState.DONE, kind="probe", code=1, reason="torch degraded, numpy failed")
    head, below = side(found)[:2]
    assert (head[0], head.split()[-2:]) == ("▲", ["not", "ok"])
    assert below.startswith("  torch degraded")
    assert "not ok" in text_of(describe_jobs(screen(found), 80, NOW))
    assert "torch degraded, numpy failed" in text_of(describe_story(screen(found), 80, NOW))


def test_nothing_ran_yet():
    view = describe_jobs(screen(), 60, NOW)
    assert "b  builds the open spec" in lines_of(view)
    assert view.badge == "none"
    assert text_of(describe_story(screen(), 60, NOW)) == "No job is chosen."


def test_before_the_first_look():
    state = ScreenState(directory="/folder")
    for describe in VIEWS[:2]:
        assert text_of(describe(state, 40, NOW)) == "looking for jobs"


def test_what_cannot_be_read_is_said_and_what_was_known_stays():
    shown = screen(at_work())
    state = screen(at_work(), jobs=shown.jobs.fail("the list cannot be read: permission denied"))
    for describe in VIEWS[:2]:
        text = text_of(describe(state, 60, NOW))
        assert "permission denied" in text
        assert "build llm_serving" in text
    nothing = ScreenState(directory="/f", jobs=Fact().fail("permission denied"))
    assert "permission denied" in text_of(describe_side_jobs(nothing, 25, NOW))


def test_a_failure_says_why_and_what_to_do():
    text = text_of(describe_story(screen(failed()), 60, NOW))
    assert "× no space left on /home" in text  # noqa: RUF001
    assert "make room there" in text
    assert "r runs it again" in text
    assert "exit code 1" in text
    assert "/state/jobs/" in text


def test_phases_of_a_job_that_ended_before_the_watch_come_from_its_records():
    over = job(JobState.DONE)
    details = JobDetails(
        job=job(JobState.DONE, phases=PHASES[:1]),
        messages=(JobMessage(at=NOW, level="warning", text="two packages own site.cfg"),),
        log_bytes=4096,
    )
    lines = lines_of(describe_story(screen(over, job=Fact(details)), 60, NOW))
    assert "● solve   1.4 s  212 packages" in lines
    assert "▲ two packages own site.cfg" in lines
    others = Fact(JobDetails(job=job(JobState.DONE, 9, phases=PHASES)))
    assert "solve" not in text_of(describe_story(screen(over, job=others), 60, NOW))


def test_what_runs_shows_its_bar_and_the_time_of_its_phase():
    lines = lines_of(describe_story(screen(at_work()), 70, NOW))
    assert lines[0].startswith("[██")
    assert lines[0].endswith("62%  2.90 of 4.70 GB  38.0 MB/s  0:41 left")
    assert "pytorch 2.4.1" in lines
    assert "► fetch    1:00  running" in lines


@pytest.mark.parametrize("width", [*WIDTHS, 2, 7])
def test_the_foot_of_a_log(width: int):
    for state in JobState:
        lines = describe_foot(job(state), width, NOW)
        assert 1 <= len(lines) <= 3
        assert all(width_of(line) <= width for line in lines)
    text = " ".join(plain(line) for line in describe_foot(failed(), 120, NOW))
    assert text.startswith("× FAIL: no space left on /home")  # noqa: RUF001
    assert "make room" in text


def test_the_strip_in_one_line():
    state = screen(at_work())
    assert plain(describe_line(state, 80, NOW)).startswith(" build llm_serving fetch pytorch")
    assert plain(describe_line(state, 56, NOW)).startswith(" fetch pytorch")
    assert plain(describe_line(state, 56, NOW)).endswith("0:41 left")
    assert "no space left" in plain(describe_line(screen(failed()), 80, NOW))
    assert describe_line(screen(), 80, NOW) == ()


def test_the_strip_is_there_while_something_runs_or_was_chosen():
    assert is_wanted(screen(at_work()))
    assert not is_wanted(screen(job(JobState.DONE)))
    assert is_wanted(screen(failed(), log_job=failed().id))
    assert not is_wanted(screen(at_work(), place=LOG))
    assert not is_wanted(screen(at_work(), zoomed=True))
    assert not is_wanted(screen(job(JobState.FOREIGN)))
    assert not is_wanted(screen())


def test_the_log_shown_is_that_of_what_runs_and_not_of_what_nobody_asked_for():
    byte_code = job(JobState.RUNNING, 9, kind="bytecode")
    assert screen(byte_code, job(JobState.DONE, 8), at_work(2)).shown_log.id == at_work(2).id
    assert screen(byte_code, job(JobState.DONE, 8)).shown_log.id == job(number=8).id
    assert screen(byte_code).shown_log.id == byte_code.id
    chosen = screen(at_work(2), failed(1), log_job=failed(1).id)
    assert chosen.shown_log.id == failed(1).id


texts = st.text(max_size=30)
times = st.one_of(st.just(0.0), st.floats(NOW - 1e6, NOW + 1e3))
progresses = st.builds(
    JobProgress,
    done=st.integers(0, 10**12),
    total=st.none() | st.integers(0, 10**12),
    unit=st.sampled_from(("bytes", "packages")),
    item=texts,
    at=times,
    per_second=st.none() | st.floats(0, 1e9),
    eta_s=st.none() | st.floats(0, 1e6),
)
phases = st.builds(
    JobPhase,
    name=texts,
    state=st.sampled_from(("running", "done", "failed", "stopped", "odd")),
    began=times,
    duration_s=st.none() | st.floats(0, 1e6),
    detail=texts,
)
jobs = st.builds(
    WatchedJob,
    id=st.just("1a2-a"),
    kind=st.sampled_from(("build", "probe", "bytecode", "damaged", "x")),
    title=texts,
    environment=texts,
    state=st.sampled_from(list(JobState)),
    directory=texts,
    submitted=times,
    started=times,
    ended=times,
    reason=texts,
    hint=texts,
    origin=st.sampled_from(("here", "elsewhere", "foreign")),
    phase=texts,
    phases=st.tuples(phases) | st.just(()),
    progress=st.none() | progresses,
    message=texts,
)


@given(one=jobs, width=st.integers(2, 130))
def test_whatever_a_job_says_it_fits(one: WatchedJob, width: int):
    state = ScreenState(
        directory="/f", jobs=Fact(JobsUpdate(jobs=(one,), total=1)), selected={"jobs": one.id}
    )
    for describe in VIEWS:
        view = describe(state, width, NOW)
        assert_fits(view, width)
    assert all(width_of(line) <= width for line in describe_foot(one, width, NOW))
    assert width_of(describe_line(state, width, NOW)) <= width
