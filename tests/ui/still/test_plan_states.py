# ruff: noqa: RUF001 - the marks are those of the screen
"""The plan in each of its states: empty, at work, failed, stopped, old."""

from dataclasses import replace
from pathlib import Path

import pytest

from envbench.ui.state import PLAN, Fact, ScreenState
from tests.ui.still import sample_environments as environments
from tests.ui.still import sample_project as project
from tests.ui.still import sample_solves as solves
from tests.ui.still.cases import EACH_LOOK, case, check_all
from tests.ui.still.sample_states import PLANNED, at

FACT = Fact(solves.PLAN)
TIMEOUT = "conda-forge did not answer in 30 s"
NEWER = (replace(environments.ROWS[0], live_generation=5), *environments.ROWS[1:])


def plan(fact: Fact[object] = FACT, **parts: object) -> ScreenState:
    return at(PLAN, solve=fact, **parts)


CASES = (
    case("no spec", plan(Fact(), spec=None), PLAN, "No spec is open", "1 goes to the specs"),
    case("no plan", plan(Fact()), PLAN, "No plan. s solves, nothing is touched."),
    case("solving", plan(Fact(working="solving"), tick=9, solve_tick=2), PLAN, "SOLVING", "► solving",
         "7.0 s", "x stops it"),
    case("solving anew", plan(FACT.begin("reading the index of conda-forge")), PLAN, "SOLVING",
         "► reading the index of conda-forge", "what is below is the one before", "tensorflow"),
    case("stopped", plan(Fact(fault="stopped")), PLAN, "STOPPED",
         "The solve was stopped, nothing was changed."),
    case("failed", plan(Fact(fault=TIMEOUT, hint="S solves with what is cached")), PLAN, "FAILED",
         f"× {TIMEOUT}", "S solves with what is cached", "s solves again"),
    case("failed, old plan", plan(FACT.fail(TIMEOUT)), PLAN, "FAILED", f"× {TIMEOUT}",
         "what is below is the one before", "tensorflow"),
    case("a plan", PLANNED, PLAN, "SAFE TO BUILD", "against ai_dev_env gen 4",
         "5 change 1 new 1 goes 207 same", "get 1.90 GB in 6", "▼ 1 step back: typing-extensions",
         "▲ CPU build in the place of a GPU build", "+ keras", "- tensorboard-data", "p transformers",
         "b build as gen 5"),
    case("a first plan", plan(Fact(solves.FIRST_PLAN), environments=Fact(())), PLAN,
         "nothing built yet", "213 packages"),
    case("from the cache", plan(Fact(replace(solves.PLAN, offline=True))), PLAN,
         "offline, from cached indexes"),
    case("spec moved on", plan(spec=replace(project.GOOD, text=f"{project.GOOD_TEXT}#")), PLAN,
         "SPEC CHANGED", "▲ The spec changed since: s again"),
    case("another spec", plan(spec=replace(project.GOOD, path="/home/ada/project/other.yml")), PLAN,
         "ANOTHER SPEC", "▲ This is of ai_dev_env.yml"),
    case("no name", plan(spec=replace(project.GOOD, environment="")), PLAN, "NOT TO BUILD",
         "▲ the spec has no name"),
    case("environment moved on", plan(environments=Fact(NEWER)), PLAN, "COMPARED BEFORE",
         "▲ ai_dev_env is at gen 5 now"),
)  # fmt: skip


@pytest.mark.parametrize("look", EACH_LOOK)
async def test_the_plan_says_its_state_in_every_look(
    look: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    await check_all(CASES, look, monkeypatch, tmp_path)
