"""What must not keep an environment from being removed, nor make a removal look failed."""

import json
import sys
from pathlib import Path

from envbench.jobs import layout
from envbench.jobs.job import Job
from envbench.jobs.submitting import write_job
from envbench.model.job import JobRequest, JobState
from envbench.workbench.environments import remove_environment
from tests.workbench.conftest import Box


def test_a_list_that_cannot_be_written_is_a_warning(box: Box):
    box.build(box.write_spec("zlib"))
    registry = Path.home() / ".conda" / "environments.txt"
    registry.unlink()
    registry.mkdir()
    report = remove_environment("env", box.settings)
    assert report.generations == (1,)
    assert "list of environments" in report.warning
    assert not box.path().is_symlink()


def test_an_unfinished_job_of_another_container_is_not_in_the_way(box: Box):
    box.build(box.write_spec("zlib"))
    request = JobRequest(
        kind="bytecode",
        title="compile",
        argv=(sys.executable,),
        environment="env",
        payload={"prefix": "/nowhere", "stable_path": str(box.path())},
    )
    directory = box.settings.paths.jobs_dir / write_job(box.settings.paths.jobs_dir, request)
    record = json.loads((directory / layout.JOB).read_bytes())
    record["creator"]["machine_id"] = "another"
    (directory / layout.JOB).write_text(json.dumps(record))
    assert Job.load(directory).state() is JobState.FOREIGN
    assert remove_environment("env", box.settings).generations == (1,)
