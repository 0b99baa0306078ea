# ruff: noqa: RUF001 - the marks are those of the screen
"""The conflict in each of its states: cores, fixes as they come, compared, other conditions, why."""

from dataclasses import replace
from pathlib import Path

import pytest

from envbench.ui.fix_choice import SEARCH
from envbench.ui.flows.whys import name_question
from envbench.ui.plan_face import FOLDED, RAW, PlanFace, SolveOptions
from envbench.ui.solve_choice import STOPPED, name_solve
from envbench.ui.state import PLAN, Fact, ScreenState
from tests.ui.still import sample_fixes as fixes
from tests.ui.still import sample_solves as solves
from tests.ui.still.cases import EACH_LOOK, case, check_all
from tests.ui.still.sample_states import CONFLICT, FIRST_FIX, OF_CONFLICT, WHAT_IF, at, conflict

SEARCHING = "looking for fixes"
FACT = Fact(solves.CONFLICT)
FLEXIBLE = SolveOptions(priority="flexible")
CUDA = SolveOptions(virtual="__cuda=12.4")
TO_CPU = f"fix:{fixes.TO_CPU.title}"
WHOLE = PlanFace(whole=True, why=True)
PACKAGE = {PLAN: "package:typing-extensions"}
PLANNED = name_solve(solves.PLAN)
ABOUT = name_question(solves.PLAN, "typing-extensions")


def faced(face: PlanFace, **parts: object) -> ScreenState:
    return replace(CONFLICT, plan_face=face, **parts)


def why(fact: Fact[object]) -> ScreenState:
    return at(PLAN, solve=Fact(solves.PLAN), plan_face=WHOLE, selected=PACKAGE, why=fact)


def pip_check(fact: Fact[object]) -> ScreenState:
    return at(PLAN, solve=Fact(solves.PLAN), fixes=fact)


def with_options(options: SolveOptions) -> ScreenState:
    return at(PLAN, solve=Fact(replace(solves.PLAN, options=options)), solve_options=options)


CASES = (
    case("two lines", CONFLICT, PLAN, "NO SOLUTION",
         "× No solution. 2 of your 8 lines cannot both hold.",
         "1.4 s, 17 solves", "line 10 tensorflow=2.13.1 line 13 openai>=2 (pip)",
         "└ tensorflow-base 2.13.1 └ openai 2.0 … 2.48",
         "└ typing-extensions >=3.6.6,<4.6.0 × clash × └ typing-extensions >=4.11,<5",
         "Both need typing-extensions, and there is no version"),
    case("all fixes", CONFLICT, PLAN, "1 line 10 tensorflow=2.13.1 → =2.14.* solved 0.9 s",
         "openai 2.48, tensorflow 2.14.1 1 line, 9 moves, 412 MB",
         "3 channel priority strict → flexible", "setting, 12 moves, 61.0 MB",
         "solved 1.1 s, pip not tried", "▲ falls to a CPU build: all newest",
         "- line 7 numpy=1.23.* → * tried: still no solution: not a cause",
         "not tried: 14 changes of two lines at once", "t shows the solver's own text",
         "fix 1 in your file comments and order stay", "10 - - tensorflow=2.13.1",
         "10 + - tensorflow=2.14.*", "typing-extensions 4.5.0 → 4.12.2",
         "Enter apply fix 1 and solve"),
    case("the search begins", conflict(None, SEARCHING, selected={PLAN: SEARCH}), PLAN,
         "► looking for fixes; each is solved before it is offered 0 s x stops it",
         "Fixes come in below as they are proved"),
    case("fixes come in", conflict(fixes.COMING, SEARCHING, tick=5, selected={PLAN: SEARCH}), PLAN,
         "► trying line 10 tensorflow=2.13.1 → =2.14.* 5 s x stops it",
         "1 line 13 openai>=2 → openai solved 0.8 s", "- line 7 numpy=1.23.*",
         "fix 1 in your file", "13 + - openai", "down best so far x stop"),
    case("stopped", conflict(fixes=Fact(fixes.COMING, fault=STOPPED, about=OF_CONFLICT)), PLAN,
         "The search was stopped. f looks again", "1 line 13 openai>=2"),
    case("the search failed", conflict(fixes=Fact(fault="the child died", about=OF_CONFLICT)), PLAN,
         "× the child died", "f looks for fixes again"),
    case("no way out", conflict(fixes.HOPELESS), PLAN, "▲ No fix was found among what was tried."),
    case("of another solve", conflict(fixes=Fact(fixes.ALL, about="another")), PLAN, "NO SOLUTION",
         lacks=("=2.14.*",)),
    case("several cores", conflict(solve=Fact(solves.THREE_CORES), fixes=Fact()), PLAN,
         "6 of your 8 lines are in 3 conflicts.",
         "conflict 1 of 3 no such version", "line 9 pytorch::pytorch=1.99",
         "there is 1.13.1, 2.0.0", "conflict 2 of 3 pip's part clashes with conda's",
         "conflict 3 of 3 clashes, shares a line with one above",
         "line 8 pandas=2.2 needs numpy >=1.26"),
    case("cores unknown", conflict(None, solve=Fact(solves.NO_CORES)), PLAN,
         "line 10 tensorflow=2.13.1 clashes", "there is 2.14.1, 2.15.0", "line 13 openai>=2 clashes"),
    case("a setting", replace(CONFLICT, selected={PLAN: f"fix:{fixes.FLEXIBLE.title}"}), PLAN,
         "fix 3 solves with --priority flexible, for this screen; your file stays as it is",
         "Enter solve with fix 3 space compare"),
    case("a tried one", replace(CONFLICT, selected={PLAN: "tried:0"}), PLAN,
         "tried line 7 numpy=1.23.* → * still no solution: not a cause"),
    case("marked", faced(PlanFace(marked=FIRST_FIX)), PLAN, "1● line 10"),
    case("compared", faced(PlanFace(compared=(FIRST_FIX, TO_CPU))), PLAN, "fix 1 fix 4",
         "GPU builds kept ▲ falls to a CPU build", "python kept another minor version",
         "downloads 412 MB unknown", "typing-extensions 4.5.0 → 4.12.2 as wished", "Esc back"),
    case("the solver's words", faced(PlanFace(solver_text=FOLDED)), PLAN,
         "the solver's own text, 5 lines as it came", "t shows it untouched"),
    case("untouched", faced(PlanFace(solver_text=RAW)), PLAN, "untouched, 5 lines",
         "└ openai >=2 would require"),
    case("another priority", with_options(FLEXIBLE), PLAN, "▲ for this screen: --priority flexible",
         "conda config --set channel_priority flexible makes it lasting", "U undoes it"),
    case("another box", with_options(CUDA), PLAN, "▲ for this screen: --virtual __cuda=12.4",
         "export CONDA_OVERRIDE_CUDA=12.4 makes it lasting"),
    case("pip asked", pip_check(Fact(working="asking whether the pip part fits", about=PLANNED)), PLAN,
         "► asking whether the pip part fits 0 s x stops it", "f pip part"),
    case("pip fits", pip_check(Fact(fixes.NOTHING, about=PLANNED)), PLAN, "SAFE TO BUILD",
         "● the pip part fits beside this plan"),
    case("pip not known", pip_check(Fact(fixes.PIP_UNKNOWN, about=PLANNED)), PLAN,
         "▲ the pip section: not tried: the package index cannot be reached"),
    case("what if", WHAT_IF, PLAN, "as it is ► python 3.10 python 3.12 strict 2023-06-01",
         "tensorflow 2.13.1 2.15.0 -", "no solution ok 0.9 s not tried",
         "python 3.10 in your file", "5 + - python=3.10"),
    case("what if, a refusal", replace(WHAT_IF, plan_face=PlanFace(what_if=True, column=2)), PLAN,
         "► python 3.12", "has no build for python 3.12"),
    case("what if, a setting", replace(WHAT_IF, plan_face=PlanFace(what_if=True, column=3)), PLAN,
         "strict solves with --priority strict; your file stays as it is"),
    case("what if at work", replace(WHAT_IF, what_if=Fact(working="solving it")), PLAN, "SOLVING",
         "► solving it 0 s x stops it"),
    case("why", why(Fact(fixes.WHY, about=ABOUT)), PLAN,
         "held typing-extensions 4.5.0 and not 4.12.2: line 10 tensorflow=2.13.1 holds it",
         "without it 4.12.2, proved; or without line 5 python=3.9 4.9.0"),
    case("why, at work", why(Fact(working="proving it", about=ABOUT)), PLAN,
         "► proving it 0 s x stops it"),
    case("why, not asked", why(Fact()), PLAN, "w asks what holds typing-extensions back"),
)  # fmt: skip


@pytest.mark.parametrize("look", EACH_LOOK)
async def test_the_conflict_says_its_state_in_every_look(
    look: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    await check_all(CASES, look, monkeypatch, tmp_path)


SMALL = (
    case("low", CONFLICT, PLAN, "1 line 10 tensorflow=2.13.1 → =2.14.*", "10 + - tensorflow=2.14.*"),
    case("low, searching", conflict(None, SEARCHING, selected={PLAN: SEARCH}), PLAN,
         "not older than 4.11.", "► looking for fixes"),
)  # fmt: skip


@pytest.mark.parametrize("size", [(80, 24), pytest.param((56, 16), marks=pytest.mark.slow)])
async def test_the_fix_under_the_cursor_is_seen_on_a_small_screen(
    size: tuple[int, int], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    await check_all(SMALL, "colours", monkeypatch, tmp_path, size)
