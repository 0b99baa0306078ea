"""Builds that go well: the whole way from a spec to a live generation, by real detached jobs."""

import json
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from envbench.envs.history import read_requested_specs
from envbench.jobs import state_directory
from envbench.model.errors import NotFineError, UsageError
from envbench.model.job import JobState
from envbench.workbench.building import BuildOrder, submit_build
from envbench.workbench.environments import (
    compare_environments,
    find_prefix,
    list_environments,
    remove_environment,
    rollback_environment,
)
from envbench.workbench.jobs import list_jobs, read_log
from envbench.workbench.locks.files import LockFilesOrder, write_lock_files
from envbench.workbench.values.lock_making import LockOrder
from envbench.workbench.verification.verify import verify_environment
from tests.workbench.conftest import Box, snapshot


def test_a_spec_becomes_a_live_environment(box: Box):
    result, built = box.build(box.write_spec("app"))
    assert (result.state, result.code) == (JobState.DONE, 0)
    assert (built.generation, built.conda_packages, built.pip_packages) == (1, 2, 0)
    assert built.files_verified == 2
    assert (box.path() / "bin" / "app").read_text().endswith("echo app 2.0\n")
    assert box.path().is_symlink()
    assert box.leftovers() == []
    [listed] = list_environments(box.settings)
    assert (listed.name, listed.kind, listed.generations, listed.live) == (
        "env",
        "envbench",
        (1,),
        1,
    )


def read_as_pixi_does(prefix: Path) -> list[str]:
    """Read the records with the library of another client, in a child: it may crash at its exit."""
    code = (
        "import os, sys; from pathlib import Path; from rattler import PrefixRecord\n"
        "for path in sorted(Path(sys.argv[1], 'conda-meta').glob('*.json')):\n"
        "    r = PrefixRecord.from_path(path)\n"
        "    print(r.name.normalized, r.version, r.build, len(r.files))\n"
        "sys.stdout.flush(); os._exit(0)"
    )
    command = [sys.executable, "-c", code, str(prefix)]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()


def test_other_conda_clients_can_read_it(box: Box):
    box.build(box.write_spec("app=1", "zlib"))
    records = [json.loads(p.read_text()) for p in (box.path() / "conda-meta").glob("*.json")]
    assert {record["name"] for record in records} == {"app", "zlib"}
    for record in records:
        assert record["url"].startswith("file://")
        assert record["files"]
        assert record["link"]["source"] is not None
    assert set(read_requested_specs(box.path())) == {"app=1", "zlib"}
    assert read_as_pixi_does(box.path()) == ["app 1.0 0 1", "zlib 1.3 0 1"]
    registered = Path.home() / ".conda" / "environments.txt"
    assert registered.read_text().splitlines() == [str(box.path())]


def test_building_again_makes_the_next_generation_and_rollback_brings_back_the_first(box: Box):
    box.build(box.write_spec("app=1"))
    first = snapshot(box.path().resolve())
    box.build(box.write_spec("app=2"))
    assert "app 2.0" in (box.path() / "bin" / "app").read_text()
    difference = compare_environments("env@1", "env@2", box.settings).difference
    assert [(change.name, change.kind) for change in difference.conda] == [("app", "upgrade")]

    report = rollback_environment("env", None, box.settings)
    assert (report.generation, report.previous) == (1, 2)
    assert snapshot(box.path().resolve()) == first
    assert verify_environment("env", None, box.settings).is_fine
    with pytest.raises(NotFineError, match=r"older|earlier"):
        rollback_environment("env", None, box.settings)


def test_old_generations_are_collected_but_the_newest_few_stay(box: Box):
    for version in ("1", "2", "1", "2"):
        box.build(box.write_spec(f"app={version}"))
    [listed] = list_environments(box.settings)
    assert (listed.generations, listed.live) == ((2, 3, 4), 4)


def test_a_lock_of_it_is_written_and_verified(box: Box, tmp_path: Path):
    box.build(box.write_spec("app"))
    lock = tmp_path / "environment.lock.yml"
    order = LockFilesOrder(
        lock=LockOrder(subject="env"), format_name="environment.lock.yml", output=str(lock)
    )
    exported = write_lock_files(order, box.settings)
    assert "  - app=2.0\n  - zlib=1.3\n" in lock.read_text()
    assert "builds" in " ".join(loss.what for loss in exported.export.lost)
    assert verify_environment("env", lock, box.settings).is_fine

    lock.write_text(lock.read_text().replace("zlib=1.3", "zlib=1.2"))
    report = verify_environment("env", lock, box.settings)
    assert not report.is_fine
    assert any("zlib" in line and ":6: " in line for line in report.describe())


def test_verify_finds_a_file_that_was_changed_and_one_that_is_gone(box: Box):
    box.build(box.write_spec("app"))
    target = find_prefix("env", box.settings)
    (target / "lib" / "zlib.txt").unlink()
    (target / "bin" / "app").unlink()
    (target / "bin" / "app").write_text("#!/bin/sh\necho bad 2.0\n")
    report = verify_environment("env", None, box.settings)
    assert [f.path for f in report.files.missing] == ["lib/zlib.txt"]
    assert [f.path for f in report.files.changed] == ["bin/app"]


def test_removed_means_gone_from_disk_and_from_the_registry(box: Box):
    box.build(box.write_spec("app"))
    remove_environment("env", box.settings)
    assert not box.path().exists()
    assert box.leftovers() == []
    assert (Path.home() / ".conda" / "environments.txt").read_text().strip() == ""
    with pytest.raises(UsageError, match="no environment"):
        find_prefix("env", box.settings)


def test_its_job_is_listed_with_a_log(box: Box):
    job = box.submit(box.write_spec("app"))
    job.wait(60)
    [entry] = list_jobs(box.settings)
    assert (entry.kind, entry.state, entry.environment) == ("build", "done", "env")
    with (job.directory / "log").open("a") as log:
        log.write("one\ntwo\x1b[2J\nthree\n")
    assert list(read_log(job, follow=False, last=2)) == ["two", "three"]


def test_jobs_on_a_network_disk_are_warned_of(box: Box, monkeypatch: pytest.MonkeyPatch):
    mounts = box.root / "mountinfo"
    mounts.write_text(f"1 0 0:1 / {box.root} rw - nfs4 server:/home rw\n")
    monkeypatch.setattr(state_directory, "_MOUNTINFO", mounts)
    submitted = submit_build(BuildOrder(spec=box.write_spec("zlib")), box.settings)
    assert submitted.job.wait(60) is not None
    [warning] = [text for text in submitted.warnings if "ENVBENCH_STATE_DIR" in text]
    assert "nfs4" in warning


def test_the_demo_in_all_its_stages(box: Box):
    from envbench.workbench.demo import run_demo

    report = run_demo(box.settings, box.root / "demo")
    assert report.ok, report.reason
    assert [stage.name for stage in report.stages] == [
        "channel",
        "check",
        "solve",
        "build",
        "run",
        "probe",
        "lock",
        "verify",
    ]
    evidence = {stage.name: stage.evidence for stage in report.stages}
    assert evidence["build"]["conda_packages"] == evidence["solve"]["packages"] > 5
    assert evidence["build"]["pip_packages"] == 1
    assert evidence["run"]["hello-envbench"] == f"hello from {evidence['build']['prefix']}"
    assert evidence["probe"]["python"]["checks"]["pi"]["error"] <= 1e-45
    assert evidence["verify"]["files_checked"] >= evidence["build"]["files_verified"] > 1000


def test_others_may_read_it_if_the_user_lets_them_but_not_the_job(box: Box):
    before = os.umask(0o022)
    try:
        job = box.submit(box.write_spec("app"))
        job.wait(60)
    finally:
        os.umask(before)
    prefix = box.path().resolve()
    assert stat.S_IMODE((prefix / "bin").stat().st_mode) == 0o755
    assert stat.S_IMODE((prefix / "conda-meta").stat().st_mode) == 0o755
    assert {stat.S_IMODE(p.stat().st_mode) & 0o077 for p in job.directory.iterdir()} == {0}


def test_a_channel_by_path_is_locked_by_its_address(box: Box):
    spec = box.write_spec("app", channel="./channel")
    box.build(spec)
    order = LockFilesOrder(lock=LockOrder(subject="env"), format_name="environment-lock")
    text = write_lock_files(order, box.settings).export.text
    assert text.startswith(f"name: env\nchannels:\n  - {box.channel.as_uri()}\ndependencies:\n")
