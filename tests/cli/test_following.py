"""Following a job in the foreground: each event is told once, a cancelled job's too."""

from types import SimpleNamespace

import pytest

from envbench.cli.following import _until_result
from envbench.model.event import Message, PhaseEnded, PhaseStarted
from envbench.model.job import JobResult, JobState


def test_a_cancelled_job_does_not_tell_its_story_twice():
    story = [PhaseStarted(phase="solve"), PhaseEnded(phase="solve", duration_s=1.0, ok=True)]
    end = PhaseEnded(phase="fetch", duration_s=2.0, ok=False)
    result = JobResult(state=JobState.CANCELLED)
    cancelled, told, calls = [], [], []

    def wait(_job, draw):
        calls.append(1)
        for event in story:
            draw(event)
        if len(calls) == 1:
            raise KeyboardInterrupt
        draw(end)
        return result

    job = SimpleNamespace(id="j1", cancel=lambda: cancelled.append(1))
    assert _until_result(job, told.append, wait) is result
    assert [event for event in told if not isinstance(event, Message)] == [*story, end]
    assert cancelled == [1]


def test_a_second_interrupt_leaves_the_job_alone():
    def wait(_job, _draw):
        raise KeyboardInterrupt

    job = SimpleNamespace(id="j1", cancel=lambda: None)
    with pytest.raises(KeyboardInterrupt):
        _until_result(job, lambda _event: None, wait)
