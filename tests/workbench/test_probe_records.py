"""The results of the last probes, read back from the jobs that ran them."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from envbench.jobs.job import Job
from envbench.model.document import from_builtins, to_builtins
from envbench.model.errors import UsageError
from envbench.model.job import JobState
from envbench.model.probe import ProbeStatus
from envbench.probes.catalog import PROBES
from envbench.workbench.environments import remove_environment, rollback_environment
from envbench.workbench.probe_records import ProbeRecord, latest_probes, list_probe_names
from envbench.workbench.probing import submit_probe
from tests.workbench.conftest import LIMIT_S, Box, make_box


@pytest.fixture(scope="module")
def python_box(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Box]:
    """Lend a box on which all tests here build environments of their own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONNOUSERSITE", "1")
        yield make_box(tmp_path_factory.mktemp("box"), patch)


def build_proved(box: Box, name: str, channel: Path) -> Path:
    """Build an environment with a real Python in it, and let the build prove it."""
    spec = box.write_spec("python", "pip", channel=channel.as_uri(), name=name)
    result, _ = box.build(spec, probes=("python",))
    assert result.state is JobState.DONE, result.reason
    return spec


def probe(box: Box, *names: str, reference: str = "env") -> Job:
    job = submit_probe(reference, names, None, box.settings)
    assert job.wait(LIMIT_S) is not None
    return job


def test_results_of_builds_and_probes_are_found_with_the_generation_they_are_of(
    python_box: Box, python_channel: Path
):
    box = python_box
    spec = build_proved(box, "env", python_channel)
    built = latest_probes("env", box.settings)
    assert (built.job_kind, built.state, built.asked) == ("build", "done", ("python",))
    assert (built.generation, built.live_generation, built.staleness) == (1, 1, "")
    [result] = built.results
    assert (result.probe, result.status) == ("python", ProbeStatus.OK)
    assert all(check.error <= check.tolerance for check in result.checks)

    job = probe(box, "python", "pip", "numpy")
    found = latest_probes("env", box.settings)
    assert (found.job_id, found.job_kind) == (job.id, "probe")
    assert [each.status.value for each in found.results] == ["ok", "ok", "not_installed"]
    # Lists of jobs name what is not ok; the run itself ended as it should.
    assert (job.result().reason, found.reason) == ("numpy not installed", "")
    assert found.started <= found.ended and found.duration_s > 0
    assert latest_probes(str(box.path()), box.settings).job_id == job.id
    assert from_builtins(json.loads(json.dumps(to_builtins(found))), ProbeRecord) == found

    # A later build without probes leaves the results behind the times; a rollback brings them back.
    box.build(spec)
    stale = latest_probes("env", box.settings)
    assert (stale.job_id, stale.staleness) == (job.id, "env is g2 now, this is g1")
    rollback_environment("env", 1, box.settings)
    assert latest_probes("env", box.settings).staleness == ""

    # A run that ends without results is told beside the last one that has some.
    later = submit_probe("env", ("python",), 60.0, box.settings)
    later.cancel()
    later.wait(LIMIT_S)
    kept = latest_probes("env", box.settings)
    if later.result().state is JobState.CANCELLED:
        assert kept.job_id == job.id
        assert kept.notes[0].startswith(f"probe {later.id} ended cancelled without results")

    # Numbers begin anew after a removal: the results are not those of the new generation 1.
    remove_environment("env", box.settings)
    with pytest.raises(UsageError):
        latest_probes("env", box.settings)
    box.build(spec)
    again = latest_probes("env", box.settings)
    assert (again.generation, again.live_generation) == (1, 1)
    assert again.staleness == "g1 was built anew since"


def test_damaged_records_are_passed_over_and_told(python_box: Box, python_channel: Path):
    box = python_box
    build_proved(box, "other", python_channel)
    job = probe(box, "python", reference="other")
    broken = probe(box, "python", reference="other")
    (broken.directory / "job.json").write_text("{")
    found = latest_probes("other", box.settings)
    assert found.job_id == job.id
    assert found.notes[0].startswith(f"job {broken.id} was passed over: ")


def test_an_environment_of_another_tool_has_results_too(box: Box):
    prefix = box.root / "home" / "miniforge3" / "envs" / "theirs"
    (prefix / "conda-meta").mkdir(parents=True)
    (prefix / "conda-meta" / "history").touch()
    assert latest_probes(str(prefix), box.settings) is None
    probe(box, "python", reference=str(prefix))
    found = latest_probes("theirs", box.settings)
    assert (found.generation, found.live_generation, found.staleness) == (None, None, "")
    assert found.results[0].status is not ProbeStatus.OK
    (prefix / "conda-meta" / "history").write_text("later\n")
    assert latest_probes("theirs", box.settings).staleness == "packages were changed since"


def test_an_environment_that_was_never_probed_has_none(box: Box):
    box.build(box.write_spec("app"))
    assert latest_probes("env", box.settings) is None


def test_a_run_that_found_nothing_says_why(box: Box):
    box.build(box.write_spec("app"))
    job = submit_probe("env", (), None, box.settings)
    job.wait(LIMIT_S)
    found = latest_probes("env", box.settings)
    assert (found.job_id, found.results) == (job.id, ())


def test_the_probes_there_are_have_a_line_each():
    names = list_probe_names()
    assert [each.name for each in names] == [probe.name for probe in PROBES]
    assert all(each.title and each.timeout_s > 0 for each in names)
