from dataclasses import replace

import pytest

from envbench.model.errors import PreventedError
from envbench.model.job_states import JobState
from envbench.ui.flows.leaving import leave_bench, list_answers, say_farewell
from envbench.ui.state import Fact, OpenSpec, ScreenState
from envbench.workbench.job_rows import JobsUpdate, WatchedJob
from tests.ui.recording_bench import RecordingBench

SAVED = OpenSpec(path="/p/a.yml", name="a.yml", text="x", saved_text="x", sha256="1")
DIRTY = replace(SAVED, text="y")


class Drafts:
    """A desk that keeps drafts, or whose disk is full."""

    def __init__(self, fault=None):
        self.kept = []
        self.fault = fault

    async def keep_draft(self, path, text, sha256, *, has_bom=False):
        if self.fault:
            raise self.fault
        self.kept.append((path, text))

    async def drop_draft(self, path):
        return True


def bench_of(spec, *answers, fault=None):
    bench = RecordingBench(ScreenState(directory="/p", spec=spec), Drafts(fault))
    bench.choices, bench.answers = [*answers[:1]], [*answers[1:]]
    return bench


def job(number, state=JobState.RUNNING):
    return WatchedJob(
        id=f"2026-{number}", kind="build", title=f"build env{number}", environment="e",
        state=state, directory="",
    )  # fmt: skip


def test_nothing_runs_nothing_is_said():
    state = ScreenState(directory="/p", jobs=Fact(JobsUpdate(jobs=(job(1, JobState.DONE),))))
    assert say_farewell(state) == ""


def test_what_runs_on_is_said_with_its_command():
    state = ScreenState(directory="/p", jobs=Fact(JobsUpdate(jobs=(job(1),))))
    assert say_farewell(state) == "1 job runs on: build env1\n  envbench logs 2026-1 -f"
    many = replace(state, jobs=Fact(JobsUpdate(jobs=tuple(job(n) for n in range(7)))))
    lines = say_farewell(many, "a.yml").splitlines()
    assert lines[0] == "7 jobs run on:"
    assert lines[1] == "  envbench logs 2026-0 -f    build env0"
    assert lines[-2] == "  and 2 more: envbench jobs"
    assert "a.yml is kept" in lines[-1]


@pytest.mark.parametrize("spec", [None, SAVED])
async def test_without_unsaved_work_nothing_is_asked(spec):
    bench = bench_of(spec)
    await leave_bench(bench)
    assert bench.offered == []
    assert (bench.left, bench.farewell) == (0, "")


async def test_the_default_answer_keeps_the_work():
    default = list_answers(DIRTY)[0][0]
    bench = bench_of(DIRTY, default)
    await leave_bench(bench)
    assert bench.desk.kept == [("/p/a.yml", "y")]
    assert bench.left == 0
    assert "a.yml is kept" in bench.farewell


@pytest.mark.parametrize("answer", [None, "stay"])
async def test_staying_changes_nothing(answer):
    bench = bench_of(DIRTY, answer)
    await leave_bench(bench)
    assert bench.left is None
    assert bench.desk.kept == []


async def test_a_draft_that_cannot_be_kept_is_asked_about_once_more():
    full = PreventedError("no space is left", where="/state")
    bench = bench_of(DIRTY, "draft", False, fault=full)
    await leave_bench(bench)
    assert bench.left is None
    assert "no space is left" in bench.asked[0][1][0]
    sure = bench_of(DIRTY, "draft", True, fault=full)
    await leave_bench(sure)
    assert (sure.left, sure.farewell) == (0, ""), "nothing is said to be kept"


async def test_changes_to_a_sample_can_be_saved_as_a_copy_or_let_go():
    sample = replace(DIRTY, is_sample=True)
    assert [key for key, _ in list_answers(sample)] == ["save", "stay", "lose"]
    bench = bench_of(sample, "lose")
    await leave_bench(bench)
    assert bench.left == 0
    assert bench.desk.kept == []
