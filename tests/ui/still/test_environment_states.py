# ruff: noqa: RUF001 - the marks are those of the screen
"""Environments, probes and locks in each of their states."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from envbench.model.job_states import JobState
from envbench.ui.state import ENVIRONMENTS, LOCK, PROBES, SIDE_ENVIRONMENTS, Fact, ScreenState
from envbench.workbench.job_rows import JobProgress
from tests.ui.still import sample_environments as samples
from tests.ui.still import sample_jobs as jobs
from tests.ui.still.cases import EACH_LOOK, case, check_all
from tests.ui.still.sample_project import NOW
from tests.ui.still.sample_states import (
    ALL_ENVIRONMENTS,
    EMPTY,
    LOCKS,
    PROBED,
    QUIET,
    at,
    of_environment,
)

FAULT = "a root cannot be read"
LOOKING: Fact[Any] = Fact(working="looking for environments")
UNBUILT = "tf_legacy"
PREVIEWED = f"explicit-sha256 {samples.NAME}"


def environments(**parts: Any) -> ScreenState:
    return replace(ALL_ENVIRONMENTS, **parts)


def probes(fact: Fact[Any], **parts: Any) -> ScreenState:
    return at(PROBES, probes=fact, **parts)


def locks(fact: Fact[Any] = LOCKS.locks, **parts: Any) -> ScreenState:
    return at(LOCK, locks=fact, **parts)


PROBING = jobs.job(
    30, JobState.RUNNING, 20, kind="probe", environment=samples.NAME,
    progress=JobProgress(done=2, total=5, unit="probes", item="tensorflow, stage import", at=NOW),
)  # fmt: skip
STALE = replace(samples.PROBES, staleness="env is g5 now, this is g4")
NO_RESULT = replace(samples.PROBES, results=(), state="lost", reason="the host was restarted")
NEW_LOCKS = replace(
    samples.LOCKS, offers=tuple(replace(o, on_disk=None) for o in samples.LOCKS.offers)
)

SIDE = (
    case("not looked", EMPTY, SIDE_ENVIRONMENTS, "not looked for yet"),
    case("looking", replace(EMPTY, environments=LOOKING), SIDE_ENVIRONMENTS, "looking for environments"),
    case("failed", replace(EMPTY, environments=Fact(fault=FAULT)), SIDE_ENVIRONMENTS, f"× {FAULT}"),
    case("none", replace(QUIET, environments=Fact(())), SIDE_ENVIRONMENTS, "None found.", "b builds"),
    case("some", QUIET, SIDE_ENVIRONMENTS, "► ai_dev_env g4 drift", "● llm_serving g2 ok",
         "● torch22 conda", "○ tf_legacy not built", "vllm bob", "base frozen", "5 found"),
    case("broken", replace(QUIET, environments=Fact((samples.BROKEN_ROW,))), SIDE_ENVIRONMENTS,
         "× lab", "× broken"),
    case("old", replace(QUIET, environments=Fact(samples.ROWS, fault=FAULT)), SIDE_ENVIRONMENTS,
         "Environments old", f"× old: {FAULT}", "ai_dev_env"),
    case("filling", replace(QUIET, environments=Fact(samples.ROWS[:1], "sizes")), SIDE_ENVIRONMENTS,
         "Environments reading", "ai_dev_env"),
)  # fmt: skip
TABLE = (
    case("looking", environments(environments=LOOKING), ENVIRONMENTS, "looking for environments"),
    case("failed", environments(environments=Fact(fault=FAULT)), ENVIRONMENTS, f"× {FAULT}"),
    case("none", environments(environments=Fact(())), ENVIRONMENTS, "None found.", "b builds the open spec"),
    case("some", environments(), ENVIRONMENTS, "5 found, 23.2 GB unique", "1 pip", "3 pip",
         "not built", "frozen", "pid 9021"),
    case("generations", environments(), ENVIRONMENTS, "● live ○ kept", "live, 760 MB of its own",
         "in use by pid 81233", "kept, 340 MB", "drift ▲ 1 pip added",
         "used by pid 81233 python runs it generation 3"),
    case("old", environments(environments=Fact(samples.ROWS, fault=FAULT)), ENVIRONMENTS,
         f"× old: {FAULT}", "ai_dev_env"),
    case("filling", environments(environments=Fact(samples.ROWS, "sizes")), ENVIRONMENTS, "reading"),
    case("unreadable", environments(environments=Fact((samples.BROKEN_ROW,)), environment="lab",
                                    details=Fact(about="lab")), ENVIRONMENTS, "× broken"),
    case("no details yet", environments(details=of_environment(None, working="reading ai_dev_env")),
         ENVIRONMENTS, "ai_dev_env reading ai_dev_env"),
    case("no details", environments(details=of_environment(None, fault=FAULT)), ENVIRONMENTS, f"× {FAULT}"),
    case("not built", environments(environment=UNBUILT), ENVIRONMENTS,
         "tf_legacy is not built yet: s solves, b builds"),
    case("none in focus", environments(environment=""), ENVIRONMENTS,
         "Enter shows the generations of a row"),
    case("marked", environments(marked=f"{samples.NAME}@2"), ENVIRONMENTS, "marked kept"),
    case("verifying", environments(verification=of_environment(None, working="412 of 48211 files")),
         ENVIRONMENTS, "files ► 412 of 48211 files", "v stops it"),
    case("verified", environments(verification=of_environment(samples.SOUND_FILES)), ENVIRONMENTS,
         "files ●", "as installed", "48211 files"),
    case("not verified", environments(verification=of_environment(None, fault=FAULT)), ENVIRONMENTS,
         f"files × {FAULT}"),
    case("comparing", environments(comparison=Fact(working="comparing 3 and 4")), ENVIRONMENTS,
         "Comparison", "comparing 3 and 4", "Esc goes back to the list"),
    case("not compared", environments(comparison=Fact(fault=FAULT)), ENVIRONMENTS, f"× {FAULT}"),
    case("compared", environments(comparison=Fact(samples.COMPARISON)), ENVIRONMENTS, "4 differ",
         "from ai_dev_env generation 3 to generation 4", "~ pytorch", "newer", "▼ typing-extensions",
         "older", "+ openai", "new", "changed"),
    case("the same", environments(comparison=Fact(replace(samples.COMPARISON, rows=()))), ENVIRONMENTS,
         "same", "● The same packages"),
)  # fmt: skip
PROOFS = (
    case("no environment", probes(Fact(), environment=""), PROBES, "no environment is chosen"),
    case("not built", probes(Fact(), environment=UNBUILT), PROBES,
         "tf_legacy is not built yet: s solves, b builds"),
    case("looking", probes(of_environment(None, working="reading the last probes")), PROBES,
         "reading the last probes"),
    case("never", probes(of_environment(None)), PROBES, "Nothing was probed here yet.", "p computes"),
    case("failed", probes(of_environment(None, fault=FAULT)), PROBES, f"× {FAULT}"),
    case("at work", probes(of_environment(None), jobs=Fact(jobs.update(PROBING))), PROBES, "RUNNING",
         "► probing: tensorflow, stage import, 2 of 5 done, 19 s"),
    case("at work again", probes(PROBED.probes, jobs=Fact(jobs.update(PROBING))), PROBES, "RUNNING",
         "► probing:", "× transformers"),
    case("results", PROBED, PROBES, "1 DEGRADED 1 FAILED 1 TIMEOUT", "probed 7 min ago, 48 s",
         "● numpy", "ok", "▲ tensorflow", "- jax", "not installed", "× transformers", "× rapids"),
    case("a diagnosis", replace(PROBED, selected={PROBES: "probe:transformers"}), PROBES,
         "× transformers FAILED isolated from your own packages", "reason ImportError",
         "at transformers/utils/hub.py:31", "import 2.4 s failed"),
    case("old", probes(of_environment(samples.PROBES, fault=FAULT)), PROBES, f"× {FAULT}", "● numpy"),
    case("out of date", probes(of_environment(STALE)), PROBES, "OUT OF DATE",
         "▲ env is g5 now, this is g4: p probes again"),
    case("no result", probes(of_environment(NO_RESULT)), PROBES, "no result",
         "× the run ended lost: the host was restarted", "Enter shows the log"),
)  # fmt: skip
LOCKED = (
    case("not built", locks(Fact(), environment=UNBUILT), LOCK, "tf_legacy is not built yet"),
    case("trying", locks(of_environment(None, working="trying the formats")), LOCK, "trying the formats"),
    case("failed", locks(of_environment(None, fault=FAULT)), LOCK, f"× {FAULT}"),
    case("offers", replace(LOCKS, selected={LOCK: "environment-lock"}), LOCK, "1 STALE",
         "212 conda, 19 pip, 1 from git", "▲ stale", "cannot say it",
         "▲ loses platform, addresses", "env moved on: 2 differ, written 6 days ago"),
    case("with further files", replace(LOCKS, selected={LOCK: "dockerfile"}), LOCK,
         "files for other tools", "with explicit.txt, requirements.txt, .dockerignore"),
    case("refused", replace(LOCKS, selected={LOCK: "pixi-v6"}), LOCK, "× cannot be written: openai"),
    case("nothing lost", replace(LOCKS, selected={LOCK: "pylock"}), LOCK, "● loses nothing"),
    case("nothing locked", locks(of_environment(NEW_LOCKS)), LOCK, "nothing locked yet"),
    case("old", locks(of_environment(samples.LOCKS, fault=FAULT)), LOCK, f"× {FAULT}", "1 STALE"),
    case("writing a preview", locks(preview=Fact(working="writing explicit-sha256", about=PREVIEWED)),
         LOCK, "writing explicit-sha256", "Esc goes back to the formats"),
    case("no preview", locks(preview=Fact(fault=FAULT, about=PREVIEWED)), LOCK, f"× {FAULT}"),
    case("preview", locks(preview=Fact(samples.PREVIEW, about=PREVIEWED)), LOCK, "preview", "@EXPLICIT",
         "▲ only 3 of 214 lines are shown"),
)  # fmt: skip


@pytest.mark.parametrize("look", EACH_LOOK)
async def test_panes_say_their_state_in_every_look(
    look: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    await check_all((*SIDE, *TABLE, *PROOFS, *LOCKED), look, monkeypatch, tmp_path)
