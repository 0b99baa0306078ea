"""The guided walk: short steps over the demo's three specs, each done when the state says so.

Pure: the steps watch what is known and never act. The user may do anything else meanwhile.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from envbench.ui.ink import Line, Part, cut, ink, join, wrap
from envbench.ui.state import LOG, ScreenState

if TYPE_CHECKING:
    from envbench.workbench.job_rows import WatchedJob

GOOD, PROBLEMS, CONFLICT = "demo.yml", "demo-problems.yml", "demo-conflict.yml"
ENVIRONMENT = "envbench-demo"
MOST_LINES = 2
NO_WALK = -1


def _nothing(state: ScreenState) -> str:
    del state
    return ""


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to do."""

    text: str
    """What it shows and what to press; keys stand between backquotes."""
    is_done: Callable[[ScreenState], bool]
    say_trouble: Callable[[ScreenState], str] = _nothing
    """What to do when it went wrong; empty while it did not."""


def _is_open(name: str) -> Callable[[ScreenState], bool]:
    return lambda state: state.spec is not None and state.spec.name == name


def _has_plan(state: ScreenState) -> bool:
    view = state.solve.value
    return view is not None and view.report.plan is not None and _name(view.report.path) == GOOD


def _has_conflict(state: ScreenState) -> bool:
    view = state.solve.value
    if view is None or view.report.conflict is None:
        return False
    return _name(view.report.path) == CONFLICT


def _jobs(state: ScreenState, kind: str) -> "list[WatchedJob]":
    """Give the demo's jobs that were submitted on this screen."""
    known = state.jobs.value.jobs if state.jobs.value is not None else ()
    return [
        job
        for job in known
        if job.kind == kind and job.environment == ENVIRONMENT and job.origin == "here"
    ]


def _is_building(state: ScreenState) -> bool:
    return bool(_jobs(state, "build"))


def _shows_log(state: ScreenState) -> bool:
    return state.place == LOG


def _is_built(state: ScreenState) -> bool:
    return any(job.state.value == "done" for job in _jobs(state, "build"))


def _is_probed(state: ScreenState) -> bool:
    return any(job.is_over for job in _jobs(state, "probe"))


def _is_locked(state: ScreenState) -> bool:
    return any(done.command.startswith("envbench lock ") for done in state.done)


def _is_mended(state: ScreenState) -> bool:
    spec = state.spec
    if spec is None or spec.name != PROBLEMS or spec.checked != spec.version:
        return False
    return not any(problem.edit is not None for problem in spec.problems)


def _is_settled(state: ScreenState) -> bool:
    view = state.solve.value
    has_plan = view is not None and view.report.plan is not None
    return has_plan and view is not None and _name(view.report.path) == CONFLICT


def _never(state: ScreenState) -> bool:
    del state
    return False


def _say_build_trouble(state: ScreenState) -> str:
    ended = [job for job in _jobs(state, "build") if job.is_over]
    if not ended or _is_built(state):
        return ""
    return f"The build is {ended[0].state.value}: `o` says why, `b` tries again, `.` goes on."


def _say_solve_trouble(state: ScreenState) -> str:
    return "The solve had no answer: `2` says why, `.` goes on." if state.solve.fault else ""


STEPS: tuple[Step, ...] = (
    Step(
        "demo.yml is a good spec. `s` solves it: you see the plan, nothing is touched.",
        _has_plan,
        _say_solve_trouble,
    ),
    Step(
        "This is what would be installed. `b` builds it, as a job in the background.", _is_building
    ),
    Step("The job outlives this screen and your connection. `o` shows its log.", _shows_log),
    Step(
        "When it is done, it goes live in one step. One that fails changes nothing. Wait for it.",
        _is_built,
        _say_build_trouble,
    ),
    Step("`p` proves that what is installed works: it computes and compares numbers.", _is_probed),
    Step(
        "`l` shows what each lock keeps and loses. `l` again writes the one you are on.", _is_locked
    ),
    Step(
        "Now a bad one. `Esc` leads out, to the list of specs: `Enter` on demo-problems.yml.",
        _is_open(PROBLEMS),
    ),
    Step(
        "Each problem has a cause. `^G` goes to the next, `^O` takes its fix, until none is left.",
        _is_mended,
    ),
    Step(
        "Good text, no solution: open demo-conflict.yml, then `s`.",
        _has_conflict,
        _say_solve_trouble,
    ),
    Step(
        "It names your own lines. Fixes come in, each solved before: `Enter` takes the chosen one.",
        _is_settled,
    ),
    Step("It is in the file and solved; `U` takes it back. That was it.", _never),
)
"""In order; the last one stays until the walk is ended."""


def advance(state: ScreenState) -> int:
    """Give the step that the walk is at: past every one that is done.

    One step leads to the next only: what was done before its turn counts when its turn comes.
    """
    step = state.walk
    if step < 0 or state.specs.value is None:
        return step
    while step < len(STEPS) - 1 and STEPS[step].is_done(state):
        step += 1
    return step


def describe_walk(state: ScreenState, width: int) -> tuple[Line, ...]:
    """Say what to do now, in one or two lines; none without a walk."""
    if not 0 <= state.walk < len(STEPS):
        return ()
    head = ink((f"Walk {state.walk + 1}/{len(STEPS)}  ", "accent"))
    keys = ink(("  . skip  W end", "dim"))
    said = ink(*_mark_keys(_say_step(state)))
    room = max(2, width - 2)
    lines = wrap(ink(head, said, keys), room)
    if len(lines) > MOST_LINES:
        lines = wrap(ink(head, said), room)
    if len(lines) > MOST_LINES:
        rest = join(" ", lines[MOST_LINES - 1 :])
        lines = (*lines[: MOST_LINES - 1], cut(rest, room))
    return tuple(cut(ink(" ", line), width) for line in lines)


def _say_step(state: ScreenState) -> str:
    if state.specs.value is None:
        return state.specs.working or "making the folder of the demo ready"
    step = STEPS[state.walk]
    return step.say_trouble(state) or step.text


def _mark_keys(text: str) -> list[Part]:
    parts = text.split("`")
    return [(part, "accent") if n % 2 else part for n, part in enumerate(parts)]


def _name(path: str) -> str:
    return path.rpartition("/")[2]
