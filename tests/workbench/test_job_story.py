"""Phases, pace and last words out of events, whatever their order."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envbench.model.event import (
    EventsDropped,
    JobEnded,
    LogTrimmed,
    Message,
    PhaseEnded,
    PhaseStarted,
    Progress,
    WorkerStarted,
)
from envbench.workbench.job_rows import (
    JobPhase,
    JobsUpdate,
    WatchedJob,
    apply_change,
    find_change,
)
from envbench.workbench.job_story import MOST_MESSAGES, STALLED_S, JobStory


def tell(*events) -> JobStory:
    story = JobStory()
    for event in events:
        story.take(event)
    return story


def progress(t: float, done: int, total: int | None = 100, **more) -> Progress:
    return Progress(t=t, phase="fetch", done=done, total=total, **more)


def test_phases_begin_and_end_with_what_they_say():
    story = tell(
        WorkerStarted(t=9.0, pid=1),
        PhaseStarted(t=10.0, phase="solve"),
        PhaseEnded(t=11.0, phase="solve", duration_s=1.0, detail="2 packages"),
        PhaseStarted(t=11.0, phase="fetch"),
    )
    assert story.started == 9.0
    assert story.phase == "fetch"
    assert story.phases == [
        JobPhase(name="solve", state="done", began=10.0, duration_s=1.0, detail="2 packages"),
        JobPhase(name="fetch", state="running", began=11.0),
    ]
    story.take(PhaseEnded(t=12.0, phase="fetch", duration_s=1.0, ok=False))
    assert (story.phase, story.phases[-1].state) == ("", "failed")


def test_a_job_that_ends_in_a_phase_stopped_there():
    story = tell(PhaseStarted(t=1.0, phase="link"), progress(2.0, 5))
    story.stop()
    assert (story.phase, story.phases[0].state) == ("", "stopped")
    assert story.measure(3.0) is None


def test_the_pace_is_that_of_the_last_seconds():
    slow = [progress(t, t) for t in range(20)]
    fast = [progress(20 + t, 19 + 4 * t) for t in range(1, 16)]
    found = tell(PhaseStarted(t=0, phase="fetch"), *slow, *fast).measure(35.0)
    assert found.per_second == pytest.approx(4.0)
    assert found.eta_s == pytest.approx((100 - 79) / 4, abs=0.1)


@pytest.mark.parametrize(
    ("events", "now"),
    [
        ([progress(1, 5)], 1),  # One sample has no pace.
        ([progress(1, 5), progress(1.2, 9)], 1.2),  # Too short a time.
        ([progress(1, 5), progress(4, 5)], 4),  # Nothing moved.
        ([progress(1, 5), progress(4, 9)], 4 + STALLED_S),  # No news since.
        ([progress(1, 50), progress(4, 9)], 4),  # It began anew.
        ([progress(1, 5), progress(4, 9, unit="bytes")], 4),  # Another unit.
    ],
)
def test_what_is_not_known_is_not_guessed(events, now):
    found = tell(PhaseStarted(t=0, phase="fetch"), *events).measure(now)
    assert (found.per_second, found.eta_s) == (None, None)
    assert found.done == events[-1].done


def test_without_a_total_there_is_a_pace_and_no_end():
    story = tell(progress(1, 5, None), progress(4, 11, None))
    found = story.measure(4.0)
    assert (found.per_second, found.eta_s, found.total) == (2.0, None, None)


EVENTS = st.one_of(
    st.builds(PhaseStarted, t=st.floats(0, 1e10), phase=st.sampled_from("abc")),
    st.builds(
        PhaseEnded,
        t=st.floats(0, 1e10), phase=st.sampled_from("abc"), duration_s=st.floats(0, 10),
        ok=st.booleans(),
    ),
    st.builds(
        Progress,
        t=st.floats(0, 1e10), phase=st.sampled_from("abc"), done=st.integers(-5, 10**9),
        total=st.none() | st.integers(-5, 10**9), unit=st.sampled_from(("bytes", "files")),
    ),
    st.builds(Message, t=st.floats(0, 1e10), text=st.text()),
    st.builds(WorkerStarted, pid=st.integers(1, 99)),
    st.builds(LogTrimmed, cut_bytes=st.integers(0, 99)),
    st.builds(EventsDropped, count=st.integers(0, 99)),
    st.builds(JobEnded, state=st.just("done")),
)  # fmt: skip


@given(st.lists(EVENTS, max_size=60), st.floats(0, 1e10))
def test_any_events_in_any_order_add_up_to_something_sane(events, now):
    story = tell(*events)
    found = story.measure(now)
    if found is not None:
        assert found.per_second is None or found.per_second > 0
        assert found.eta_s is None or found.eta_s >= 0
    assert story.phase in {"", "a", "b", "c"}
    story.stop()
    assert all(phase.state != "running" for phase in story.phases)


def test_messages_are_bounded():
    story = tell(*(Message(t=float(n), text=str(n)) for n in range(MOST_MESSAGES + 10)))
    assert len(story.messages) == MOST_MESSAGES
    assert story.messages[-1].text == str(MOST_MESSAGES + 9)


JOBS = st.dictionaries(
    st.sampled_from([f"{n:011x}-0000000{n}" for n in range(8)]), st.sampled_from("xyz")
)


def listed(jobs: dict[str, str], total: int) -> JobsUpdate:
    rows = [
        WatchedJob(
            id=key, kind="build", title=jobs[key], environment="", state="done", directory="/"
        )
        for key in sorted(jobs, reverse=True)
    ]
    return JobsUpdate(jobs=tuple(rows), total=total)


@given(JOBS, JOBS)
def test_a_change_leads_from_one_list_to_the_other(before, after):
    old, new = listed(before, 1), listed(after, 2)
    change = find_change(old, new)
    assert apply_change(old, change) == new
    assert {job.id for job in change.changed} == {
        key for key in after if before.get(key) != after[key]
    }
