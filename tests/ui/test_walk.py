from dataclasses import replace

import pytest

from envbench.model.conflict import Conflict
from envbench.model.job_states import JobState
from envbench.model.problem import Edit, Problem, Severity
from envbench.ui.ink import plain, width_of
from envbench.ui.state import Done, Fact, OpenSpec, ScreenState, SolveView
from envbench.ui.walk import STEPS, advance, describe_walk
from envbench.workbench.job_rows import JobsUpdate, WatchedJob
from envbench.workbench.solving import SolveReport
from envbench.workbench.spec_folder import SpecFolder

FOLDER = Fact(SpecFolder(path="/d", shown="/d"))
START = ScreenState(directory="/d", specs=FOLDER, walk=0)


def spec(name, *problems, checked=1):
    return OpenSpec(
        path=f"/d/{name}", name=name, text="", saved_text="", problems=problems, version=1,
        checked=checked,
    )  # fmt: skip


def solved(name, *, conflict=False):
    given = {"conflict": Conflict("no", ())} if conflict else {"plan": object()}
    report = SolveReport(path=f"/d/{name}", problems=(), **given)
    return Fact(SolveView(report=report, sha256="", elapsed_s=1.0))


def jobs(*pairs, origin="here", environment="envbench-demo"):
    made = (
        WatchedJob(
            id=f"{n}", kind=kind, title=kind, environment=environment, state=state,
            directory="", origin=origin,
        )
        for n, (kind, state) in enumerate(pairs)
    )  # fmt: skip
    return Fact(JobsUpdate(jobs=tuple(made)))


BUILDING = jobs(("build", JobState.RUNNING))
BUILT = jobs(("build", JobState.DONE))
FAILED = jobs(("build", JobState.FAILED))
PROBED = jobs(("probe", JobState.FAILED), ("build", JobState.DONE))
LOCKED = (Done("envbench lock envbench-demo --format explicit -o explicit.txt", "12:00:00"),)
MENDABLE = Problem("EB301", Severity.ERROR, "twice", edit=Edit("remove", ()))
PLAIN = Problem("EB302", Severity.WARNING, "odd")


@pytest.mark.parametrize(
    ("at", "parts", "to"),
    [
        (0, {}, 0),
        (0, {"solve": solved("demo.yml")}, 1),
        (0, {"solve": solved("other.yml")}, 0),
        (0, {"solve": solved("demo.yml", conflict=True)}, 0),
        (1, {"jobs": BUILDING}, 2),
        (1, {"jobs": jobs(("build", JobState.DONE), origin="elsewhere")}, 1),
        (1, {"jobs": jobs(("build", JobState.DONE), environment="other")}, 1),
        (2, {"place": "log", "jobs": BUILDING}, 3),
        (2, {"place": "log", "jobs": BUILT}, 4),
        (3, {"jobs": BUILT}, 4),
        (3, {"jobs": FAILED}, 3),
        (4, {"jobs": BUILT}, 4),
        (4, {"jobs": PROBED}, 5),
        (5, {"done": LOCKED}, 6),
        (6, {"spec": spec("demo.yml")}, 6),
        (6, {"spec": spec("demo-problems.yml", MENDABLE)}, 7),
        (7, {"spec": spec("demo-problems.yml", MENDABLE, PLAIN)}, 7),
        (7, {"spec": spec("demo-problems.yml", checked=0)}, 7),
        (7, {"spec": spec("demo-problems.yml", PLAIN)}, 8),
        (8, {"solve": solved("demo-conflict.yml")}, 8),
        (8, {"solve": solved("demo-conflict.yml", conflict=True)}, 9),
        (9, {"solve": solved("demo-conflict.yml", conflict=True)}, 9),
        (9, {"solve": solved("demo-conflict.yml")}, 10),
        (9, {"solve": solved("demo.yml")}, 9),
        (-1, {"solve": solved("demo.yml")}, -1),
    ],
)
def test_a_step_leads_on_when_its_condition_holds(at, parts, to):
    assert advance(replace(START, walk=at, **parts)) == to


def test_nothing_moves_before_the_folder_is_ready():
    state = ScreenState(directory="/d", walk=0, solve=solved("demo.yml"))
    assert advance(state) == 0
    preparing = replace(state, specs=Fact(working="packaging rich  3 of 9"))
    assert "packaging rich 3 of 9" in " ".join(said(preparing, 100).split())


def said(state, width):
    return "\n".join(plain(line).rstrip() for line in describe_walk(state, width))


@pytest.mark.parametrize("width", [20, 40, 56, 80, 120, 200])
@pytest.mark.parametrize("step", range(len(STEPS)))
def test_every_step_is_one_or_two_lines(step, width):
    lines = describe_walk(replace(START, walk=step), width)
    assert 1 <= len(lines) <= 2
    assert all(width_of(line) <= width for line in lines)
    text = "".join(plain(line) for line in lines)
    assert "`" not in text
    if width >= 56:
        assert "…" not in text, "from 56 columns on all of it is told"
    if width >= 80:
        assert text.endswith(". skip  W end")


def test_no_walk_is_no_line():
    assert describe_walk(replace(START, walk=-1), 80) == ()
    assert describe_walk(replace(START, walk=len(STEPS)), 80) == ()


def test_trouble_is_told_in_the_place_of_the_step():
    assert "The build is failed: o says why" in said(replace(START, walk=3, jobs=FAILED), 120)
    fault = replace(START, solve=Fact(fault="the channel is not there"))
    assert "The solve had no answer" in said(fault, 120)
