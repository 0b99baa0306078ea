"""The main screens at the usual sizes in two themes, as they were looked at and found good.

After a change that is meant: `ENVBENCH_RENEW_SNAPSHOTS=1 pytest tests/ui/snapshots`, then read
the difference.
"""

import difflib
import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from envbench.model.job_states import JobState
from envbench.ui.screens.question import Question
from envbench.ui.state import ScreenState
from envbench.workbench.job_rows import WatchedJob
from tests.ui.snapshots.cells import Cell, read_cells, write_screen
from tests.ui.still import sample_states as samples
from tests.ui.still.sample_jobs import LOG_LINES, write_log
from tests.ui.still.sample_project import TORCH_LINE
from tests.ui.still.still_app import Still, calm, hold_still

KEPT = Path(__file__).with_name("__snapshots__")
THEMES = ("envbench-dark", "envbench-light")
LARGE, USUAL, SMALL = (120, 40), (80, 24), (56, 16)
RENEW = "ENVBENCH_RENEW_SNAPSHOTS"
MOST_LINES = 80
"""Of a difference that are told."""
PLACES: dict[str, ScreenState] = {
    "plan": samples.PLANNED,
    "conflict": samples.CONFLICT,
    "what-if": samples.WHAT_IF,
    "probes": samples.PROBED,
    "doctor": samples.EXAMINED,
    "compatibility": samples.COMPATIBLE,
    "gpu-in-full": samples.GPU_DETAIL,
    "gpu-history": samples.GPU_PLOTS,
    "lock": samples.LOCKS,
    "environments": samples.ALL_ENVIRONMENTS,
    "jobs": samples.ALL_JOBS,
    "gpus": samples.BOX,
    "settings": samples.CONFIGURED,
}
OVERLAYS = ("help", "palette", "question")
EVERY = ("spec", *PLACES, "log", *OVERLAYS)
SHOWN = {LARGE: EVERY, USUAL: EVERY, SMALL: ("spec", "gpus")}
LOST = ("/opt/conda/envs/torch22", "frees 5.90 GB", "1 process uses it: pid 81233 python")


def name_file(name: str, size: tuple[int, int]) -> str:
    return f"{name}-{size[0]}x{size[1]}.txt"


@pytest.mark.parametrize("size", SHOWN, ids=lambda size: f"{size[0]}x{size[1]}")
async def test_the_main_screens_look_as_they_did(
    size: tuple[int, int], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    job = write_log(tmp_path / "job")
    looks: dict[str, dict[str, list[list[Cell]]]] = {name: {} for name in SHOWN[size]}
    for theme in THEMES:
        calm(monkeypatch, tmp_path, theme=theme)
        async with hold_still(size) as still:
            assert still.app.theme == theme
            async for name in visit(still, job, SHOWN[size]):
                looks[name][theme] = read_cells(still.look())
    wrong = [
        said
        for name, found in looks.items()
        if (said := compare(name_file(name, size), write_screen(f"{name} at {size[0]}x{size[1]}", found)))
    ]  # fmt: skip
    assert not wrong, "\n\n".join(wrong)


async def visit(still: Still, job: WatchedJob, wanted: tuple[str, ...]) -> AsyncIterator[str]:
    """Put one screen after the other there."""
    await still.show(samples.with_log(samples.EDITING, job))
    still.app.editor.go_to_line(TORCH_LINE)
    if still.app.bench_screen.has_class("-high"):
        await still.until_log_says(LOG_LINES[-1][:30])
    await still.settle()
    yield "spec"
    for name in PLACES:
        if name in wanted:
            await still.show(PLACES[name])
            yield name
    if "log" in wanted:
        await still.show(samples.reading_log(job))
        await still.until_log_says(f"{len(LOG_LINES)} lines")
        await still.settle()
        yield "log"
    async for name in visit_overlays(still, wanted):
        yield name


async def visit_overlays(still: Still, wanted: tuple[str, ...]) -> AsyncIterator[str]:
    """Put what stands over the bench there."""
    for name in OVERLAYS:
        if name in wanted:
            await still.show(samples.PLANNED)
            await still.open(Question("Delete torch22?", LOST) if name == "question" else name)
            yield name
            await still.close()


def compare(file_name: str, found: str) -> str:
    """Compare a screen with the kept one, or keep it; says what differs."""
    file = KEPT / file_name
    if os.environ.get(RENEW):
        KEPT.mkdir(exist_ok=True)
        file.write_text(found, encoding="utf-8")
        return ""
    kept = file.read_text(encoding="utf-8") if file.exists() else ""
    if kept == found:
        return ""
    lines = list(
        difflib.unified_diff(
            kept.splitlines(), found.splitlines(), f"kept {file_name}", "now", lineterm="", n=1
        )
    )
    more = [f"... {len(lines) - MOST_LINES} more lines"] if len(lines) > MOST_LINES else []
    hint = f"If this is meant: {RENEW}=1 pytest tests/ui/snapshots, then read the difference."
    return "\n".join([*lines[:MOST_LINES], *more, hint])


def wanted_files() -> Iterator[str]:
    for size, names in SHOWN.items():
        yield from (name_file(name, size) for name in names)


def test_no_kept_screen_is_left_over_or_large():
    kept = {file.name: file.stat().st_size for file in KEPT.glob("*")}
    assert set(kept) == set(wanted_files())
    assert max(kept.values()) <= 32 * 1024 and sum(kept.values()) <= 512 * 1024


def test_the_sample_jobs_are_in_every_state():
    jobs = samples.ALL_JOBS.jobs.value
    assert jobs is not None
    assert {job.state for job in jobs.jobs} == set(JobState)
