"""Environments, probes and locks through the real desk, on a box with a real environment."""

import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from envbench.ui.environment_choice import find_row, generation_key, row_key
from envbench.ui.flows import environment_acts, environments, locking, probing, specs
from envbench.ui.flows.probe_report import write_report
from envbench.ui.panels.environments_panel import describe_environments
from envbench.ui.panels.lock_panel import describe_lock
from envbench.ui.panels.probes_panel import describe_probes
from envbench.ui.state import ENVIRONMENTS, LOCK, PROBES, Fact, ScreenState
from envbench.workbench.desk.desk import WorkbenchDesk
from envbench.workbench.environments import find_prefix, rollback_environment
from tests.ui.recording_bench import RecordingBench
from tests.workbench.conftest import Box, make_box


@pytest.fixture(scope="module")
def used(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Box]:
    """Lend a box with an environment of two generations, and one of another tool."""
    with pytest.MonkeyPatch.context() as patch:
        box = make_box(tmp_path_factory.mktemp("box"), patch)
        box.build(box.write_spec("app=1"))
        box.build(box.write_spec("app=2"))
        box.build(box.write_spec("app=1", name="gone"))
        box.write_spec("app", name="later")
        theirs = box.root / "home" / "miniforge3" / "envs" / "theirs"
        (theirs / "conda-meta").mkdir(parents=True)
        (theirs / "conda-meta" / "history").touch()
        yield box


@pytest.fixture
async def bench(used: Box) -> AsyncIterator[RecordingBench]:
    desk = WorkbenchDesk(str(used.root))
    made = RecordingBench(ScreenState(directory=str(used.root), environment="env"), desk)
    yield made
    await made.end()
    await desk.close()


def screen(bench: RecordingBench) -> str:
    """Give the place of environments as text, as wide as it likes."""
    view = describe_environments(bench.state, 200, 0.0)
    lines = ["".join(p.text for p in line) for line in (*view.top, *view.bottom)]
    return "\n".join([*lines, *(row.plain for row in view.rows)])


def names_in(folder: Path) -> set[str]:
    """Name what lies in a folder."""
    return {path.name for path in folder.iterdir()}


async def test_all_environments_are_listed_and_specs_that_wait_to_be_built(bench: RecordingBench):
    await specs.list_folder(bench)
    await environments.list_all(bench)
    rows = {row.name: row for row in bench.state.environments.value or ()}
    assert rows.keys() >= {"env", "gone", "theirs", "later"}
    assert (rows["env"].live_generation, rows["env"].drift) == (2, "")
    assert rows["env"].unique_bytes is not None
    assert find_row(bench.state, "env") is rows["env"]
    assert find_row(bench.state, rows["theirs"].key) is rows["theirs"]
    assert rows["later"].kind == ""
    before = bench.state.environments.value

    # What is known stays in sight while it is looked for again.
    bench.states.clear()
    await environments.list_all(bench)
    told = [state.environments for state in bench.states]
    assert told[0].working and all(len(fact.value or ()) == len(before or ()) for fact in told)
    assert all(r.unique_bytes for fact in told for r in fact.value or () if r.name == "env")
    assert not bench.state.environments.working


async def test_generations_are_told_with_what_each_takes(bench: RecordingBench):
    await environments.list_all(bench)
    environments.show(bench, "env")
    assert bench.state.selected[ENVIRONMENTS] == generation_key("env", 2)
    environments.learn_place(bench, ENVIRONMENTS)
    await bench.settle()
    details = bench.state.details
    assert details.about == "env" and [g.number for g in details.value.generations] == [2, 1]
    assert {size.number for size in bench.state.generation_sizes.value or ()} == {1, 2}
    shown = {row.key: row.plain for row in describe_environments(bench.state, 200, 0.0).rows}
    live, kept = shown[generation_key("env", 2)], shown[generation_key("env", 1)]
    assert "●" in live and "live" in live and "○" in kept and "kept" in kept
    assert "of its own" in live and "of its own" in kept


async def test_another_environment_does_not_show_what_is_known_of_the_first(
    bench: RecordingBench, used: Box
):
    await environments.learn_details(bench)
    path = str(used.root / "home" / "miniforge3" / "envs" / "theirs")
    bench.change(environment=path)
    bench.begin("details", environments.learn_details(bench))
    await bench.settle()
    assert bench.state.details.value.name == "theirs"
    await environments.list_all(bench)
    assert "writing  off: made by conda" in screen(bench)
    bench.change(environment="nowhere")
    await environments.learn_details(bench)
    fact = bench.state.details
    assert fact.value is None and "nowhere" in fact.fault


async def test_a_rollback_asks_names_both_generations_and_comes_into_sight(
    bench: RecordingBench, used: Box
):
    await environments.list_all(bench)
    await environment_acts.roll_back(bench, "env", 1)
    question, lines = bench.asked[-1]
    assert question == "Put generation 1 of env in use instead of 2?"
    assert any("build" in line for line in lines)
    assert find_prefix("env", used.settings).name == "env-2", "no was the answer"
    bench.answers = [True]
    try:
        await environment_acts.roll_back(bench, "env", 1)
        await bench.settle()
        assert find_prefix("env", used.settings).name == "env-1"
        assert find_row(bench.state, "env").live_generation == 1
        assert bench.done == ["envbench rollback env 1"]
    finally:
        rollback_environment("env", 2, used.settings)


async def test_a_comparison_of_generations_opens_and_closes(bench: RecordingBench):
    await environments.list_all(bench)
    await environments.compare(bench, "env@1", "env@2")
    text = screen(bench)
    assert "env generation 1" in text and "app" in text and "newer" in text
    environments.close_comparison(bench)
    assert bench.state.comparison == Fact()
    assert bench.state.selected[ENVIRONMENTS] == generation_key("env", 2)
    await environments.compare(bench, "env@1", "env")
    assert "from env@1 to env" in screen(bench)
    environments.close_comparison(bench)
    assert bench.state.selected[ENVIRONMENTS] == row_key("env")
    await environments.compare(bench, "env@7", "env@1")
    assert "no generation 7" in " ".join(
        "".join(piece.text for piece in line)
        for line in describe_environments(bench.state, 200, 0.0).empty
    )


async def test_files_are_compared_with_their_records(bench: RecordingBench):
    await environments.list_all(bench)
    await environments.learn_details(bench)
    await environments.verify(bench, "env")
    assert bench.state.verification.value.is_fine
    assert "as installed" in screen(bench)
    await environments.verify(bench, "nowhere")
    assert bench.state.verification.fault and bench.state.told[-1].severity == "error"


@pytest.fixture
def sleeper(used: Box) -> Iterator[int]:
    """Run something that works in the environment that goes; give its process number."""
    with subprocess.Popen(
        [sys.executable, "-c", "import time; print(flush=True); time.sleep(600)"],
        cwd=find_prefix("gone", used.settings),
        stdout=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None and process.stdout.readline()
        yield process.pid
        process.kill()


async def test_a_removal_names_what_runs_in_it_and_goes_on_when_that_may_end(
    bench: RecordingBench, used: Box, sleeper: int
):
    await environments.list_all(bench)
    await environment_acts.remove(bench, "gone")
    question, lines = bench.asked[-1]
    assert "frees" in question and "1 process uses it" in question
    assert any(f"pid {sleeper}" in line for line in lines)
    assert used.path("gone").exists()
    bench.answers = [True]
    await environment_acts.remove(bench, "gone")
    await bench.settle()
    assert not used.path("gone").exists()
    assert find_row(bench.state, "gone") is None
    assert bench.done == ["envbench remove gone --yes --force"]


async def test_an_environment_is_used_by_line_by_shell_or_by_command(bench: RecordingBench):
    # Reading the same for the screen meanwhile does not take the answer away.
    bench.begin("details", environments.learn_details(bench))
    bench.choices = ["fish", environment_acts.SHELL, environment_acts.COMMAND, None]
    bench.fillings = [{"command": "python -c 'print(1)'"}]
    for _ in range(4):
        await environment_acts.use(bench, "env")
    assert bench.copied == [("envbench shell env --hook fish | source", "the activate line")]
    assert bench.suspended[0][-2:] == ("shell", "env")
    assert bench.suspended[1][-6:] == ("run", "env", "--", "python", "-c", "print(1)")
    assert bench.done[-1] == "envbench run env -- python -c 'print(1)'"


async def test_probes_run_as_a_job_and_their_results_come_back(bench: RecordingBench, used: Box):
    await environments.list_all(bench)
    await environments.learn_probes(bench)
    assert bench.state.probes == Fact(None, about="env")
    empty = describe_probes(bench.state, 80, 0.0).empty
    assert "Nothing was probed here yet" in "".join(p.text for p in empty[0])
    await probing.probe(bench, "env", ("python",))
    assert bench.state.place == PROBES and bench.state.log_job
    async for update in bench.desk.watch_jobs():
        bench.change(jobs=Fact(update))
        if any(job.id == bench.state.log_job and job.is_over for job in update.jobs):
            break
    await environments.learn_probes(bench)
    record = bench.state.probes.value
    assert record.job_id == bench.state.log_job
    view = describe_probes(bench.state, 120, 0.0)
    assert [row.key for row in view.rows] == ["probe:python"]
    assert "not installed" in view.rows[0].plain
    assert "python: not_installed" in write_report(record)


async def test_one_probe_can_be_chosen(bench: RecordingBench):
    bench.choices = [None]
    await probing.choose_probes(bench, "env")
    _, options = bench.offered[-1]
    assert [key for key, _ in options][:3] == ["python", "pip", "numpy"]
    assert {"torch", "jax", "transformers"} <= {key for key, _ in options}
    assert not bench.done


async def test_locks_are_looked_at_written_and_refused_where_others_lie(
    bench: RecordingBench, used: Box
):
    await environments.list_all(bench)
    await environments.learn_locks(bench)
    offers = {offer.format: offer for offer in bench.state.locks.value.offers}
    view = describe_lock(bench.state, 120, 0.0)
    assert [row.key for row in view.rows if row.selectable] == list(offers)
    assert "2 conda, 0 pip" in "".join(piece.text for piece in view.top[0])

    await locking.preview(bench, offers["explicit"])
    assert "@EXPLICIT" in "\n".join(row.plain for row in describe_lock(bench.state, 200, 0.0).rows)
    locking.close_preview(bench)
    assert bench.state.selected[LOCK] == "explicit"

    assert await locking.write(bench, offers["explicit"])
    await bench.settle()
    file = used.root / "explicit.txt"
    assert "@EXPLICIT" in file.read_text() and not bench.asked
    [known] = [o for o in bench.state.locks.value.offers if o.format == "explicit"]
    assert known.on_disk is not None and not known.on_disk.is_stale

    file.write_text("my own notes\n")
    assert not await locking.write(bench, offers["explicit"])
    assert "Write over explicit.txt?" in bench.asked[-1][0]
    assert file.read_text() == "my own notes\n"
    bench.answers = [True]
    assert await locking.write(bench, offers["explicit"])
    assert "@EXPLICIT" in file.read_text()


async def test_the_users_own_spec_is_never_written_over(bench: RecordingBench, used: Box):
    await environments.list_all(bench)
    await environments.learn_locks(bench)
    offers = {offer.format: offer for offer in bench.state.locks.value.offers}
    spec = used.root / "environment.yml"
    spec.write_text("# mine\nname: env\ndependencies:\n  - app\n")
    bench.answers = [True]
    assert not await locking.write(bench, offers["environment-yml"])
    assert spec.read_text().startswith("# mine")
    assert "is a spec, and stays" in bench.said[-1]
    spec.unlink()
    assert await locking.write(bench, offers["environment-yml"])
    assert "app==" in spec.read_text()
    spec.unlink()


async def test_all_usual_formats_are_written_and_a_refused_one_is_named(
    bench: RecordingBench, used: Box, tmp_path: Path
):
    bench.change(directory=str(tmp_path))
    await environments.list_all(bench)
    await environments.learn_locks(bench)
    offers = bench.state.locks.value.offers
    await locking.write_all(bench, offers)
    usual = {offer.file_name for offer in offers if offer.is_usual and not offer.refusal}
    assert names_in(tmp_path) == usual
    refused = [offer for offer in offers if offer.is_usual and offer.refusal]
    assert all(offer.file_name in bench.said[-1] for offer in refused)
