"""Whole states of the screen, made by hand: what snapshots and tests of panes look at.

All of it is fixed: names, sizes and moments are those of a box that does not exist.
"""

from dataclasses import replace
from typing import Any

from envbench.model.repair import FixReport
from envbench.ui.gpu_face import GpuFace
from envbench.ui.solve_choice import name_solve
from envbench.ui.state import (
    COMPATIBILITY,
    EDITOR,
    ENVIRONMENTS,
    EXAMINATION,
    GPUS,
    HISTORY,
    JOBS,
    LOCK,
    LOG,
    PLAN,
    PROBES,
    PROBLEMS,
    SETTINGS,
    SPEC,
    Done,
    Fact,
    PlanFace,
    ScreenState,
    Told,
)
from tests.ui.panels import gpu_samples
from tests.ui.still import sample_box as boxes
from tests.ui.still import sample_environments as environments
from tests.ui.still import sample_fixes as fixes
from tests.ui.still import sample_jobs as jobs
from tests.ui.still import sample_project as project
from tests.ui.still import sample_solves as solves

EMPTY = ScreenState(directory=project.FOLDER)
"""Nothing is known yet."""
QUIET = ScreenState(
    directory=project.FOLDER,
    focus=PROBLEMS,
    spec=project.GOOD,
    specs=Fact(project.SPECS),
    environments=Fact(environments.ROWS),
    environment=environments.NAME,
    jobs=Fact(jobs.update(jobs.DONE, jobs.FAILED, jobs.CANCELLED)),
    box=Fact(boxes.GPUS),
    gpus=Fact(gpu_samples.EIGHT),
    gpu_owners=gpu_samples.OWNERS,
    gpu_trends=gpu_samples.TRENDS,
    link=boxes.FAST,
)
"""A sound spec; nothing runs."""


def at(place: str, **parts: Any) -> ScreenState:
    """Give the quiet state with another place in the centre, which has the keys."""
    focus = PROBLEMS if place == SPEC else place
    return replace(QUIET, **{"place": place, "focus": focus, **parts})


def of_environment(value: Any, **more: Any) -> Fact[Any]:
    """Give what is known of the environment in focus."""
    return Fact(value, about=environments.NAME, **more)


EDITING = at(
    SPEC,
    focus=EDITOR,
    editing=True,
    spec=project.BROKEN,
    inspection=Fact(project.INSPECTION),
    told=(
        Told("Build is off: line 11 has an error: ^O takes the offered fix, ^G goes there", "warning"),
    ),
)  # fmt: skip
"""The editor on the line of an error, whose fix is offered; a build is running."""
PLANNED = at(PLAN, solve=Fact(solves.PLAN), told=(Told("A plan of 213 packages in 0.9 s; b builds it", "ok"),))  # fmt: skip
OF_CONFLICT = name_solve(solves.CONFLICT)


def conflict(report: FixReport | None = fixes.ALL, working: str = "", **parts: Any) -> ScreenState:
    """Give the conflict with what is known of the ways out."""
    known = {"solve": Fact(solves.CONFLICT), "fixes": Fact(report, working, about=OF_CONFLICT)}
    return at(PLAN, **{**known, **parts})


FIRST_FIX = f"fix:{fixes.RAISE.title}"
CONFLICT = conflict(
    selected={PLAN: FIRST_FIX},
    told=(Told("4 fixes are proved in 30 s; Enter takes one", "ok"),),
)
WHAT_IF = at(
    PLAN,
    solve=Fact(solves.PLAN),
    plan_face=PlanFace(what_if=True, column=1),
    what_if=Fact(fixes.WHAT_IF, about=name_solve(solves.PLAN)),
)
PROBED = at(
    PROBES,
    probes=of_environment(environments.PROBES),
    selected={PROBES: "probe:tensorflow"},
)
EXAMINED = at(
    PROBES,
    probe_face=EXAMINATION,
    examination=of_environment(environments.EXAMINED),
    selected={PROBES: "finding:1"},
)
COMPATIBLE = at(
    PROBES,
    probe_face=COMPATIBILITY,
    compatibility=of_environment(environments.COMPATIBILITY),
    selected={PROBES: "verdict:2"},
)
LOCKS = at(LOCK, locks=of_environment(environments.LOCKS))
ALL_ENVIRONMENTS = at(
    ENVIRONMENTS,
    details=of_environment(environments.DETAILS),
    generation_sizes=of_environment(environments.SIZES),
)
ALL_JOBS = at(
    JOBS,
    jobs=Fact(jobs.update(*jobs.EVERY)),
    job=Fact(jobs.FAILED_DETAILS),
    selected={JOBS: jobs.FAILED.id},
)
BOX = at(GPUS, selected={GPUS: "process:81233"})
GPU_DETAIL = at(GPUS, gpu_face=GpuFace(detail=2))
GPU_PLOTS = at(GPUS, gpu_face=GpuFace(detail=0, plots=True))
CONFIGURED = at(
    SETTINGS,
    settings=Fact(boxes.SETTINGS),
    setting_problems=boxes.SETTING_PROBLEMS,
    selected={SETTINGS: "setting:keep_generations"},
)
DONE_THINGS = at(
    HISTORY,
    done=(
        Done("envbench solve ai_dev_env.yml --against ai_dev_env --fresh", "12:03:58", "213 packages"),
        Done("envbench build ai_dev_env.yml --detach", "12:04:11"),
    ),
)  # fmt: skip
WALKING = replace(PLANNED, walk=1)


def with_log(state: ScreenState, job: Any) -> ScreenState:
    """Let a job run whose log lies on the disk; its log is of interest."""
    others = (jobs.DETACHED, jobs.DONE, jobs.FAILED, jobs.CANCELLED)
    return replace(state, jobs=Fact(jobs.update(job, *others)), log_job=job.id)


def reading_log(job: Any) -> ScreenState:
    """Give the state with the log of a job in the centre."""
    return with_log(at(LOG), job)
