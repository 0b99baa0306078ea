"""What is refused of a build from a lock, nearly all of it before there is any job."""

from pathlib import Path

import pytest

from envbench.model.errors import EnvbenchError, UsageError
from envbench.settings.load import load_settings
from envbench.workbench.locked_builds.submitting import LockedOrder, submit_locked_build
from tests.workbench.conftest import LIMIT_S, Box


@pytest.fixture
def lock(box: Box) -> Path:
    path = box.root / "explicit.txt"
    url = box.publish("lone", files={"share/l": "l"}).as_uri()
    path.write_text(f"# platform: linux-64\n@EXPLICIT\n{url}\n")
    return path


def has_jobs(box: Box) -> bool:
    jobs = box.settings.paths.jobs_dir
    return jobs.is_dir() and any(jobs.iterdir())


@pytest.mark.parametrize("name", ["../out", "a/b", ".hidden", "base", "a b", "-x"])
def test_names_that_lead_elsewhere(box: Box, lock: Path, name: str):
    with pytest.raises(UsageError):
        submit_locked_build(LockedOrder(locks=(lock,), name=name), box.settings)
    assert not has_jobs(box)


def test_what_others_have_made_is_not_written_to(box: Box, lock: Path):
    box.path("theirs").mkdir(parents=True)
    (box.path("theirs") / "precious").write_text("x")
    with pytest.raises(EnvbenchError, match="theirs"):
        submit_locked_build(LockedOrder(locks=(lock,), name="theirs"), box.settings)
    assert not has_jobs(box)


def test_a_channel_that_this_box_forbids_is_forbidden_by_its_addresses(box: Box, lock: Path):
    """An explicit file names no channel at all."""
    (Path.home() / ".condarc").write_text(f"denylist_channels: [{box.channel.as_uri()}]\n")
    with pytest.raises(UsageError) as refused:
        submit_locked_build(LockedOrder(locks=(lock,), name="new"), load_settings())
    assert refused.value.where == str(lock)
    assert not has_jobs(box)


def test_a_name_of_other_letters_is_told_of_the_lock_and_of_no_channel(box: Box, lock: Path):
    lock.write_text(lock.read_text().replace("lone-", "l\u043ene-"))
    job = submit_locked_build(LockedOrder(locks=(lock,), name="new"), box.settings).job
    result = job.wait(LIMIT_S)
    assert result is not None and result.code == 1
    assert f"{lock}: the lock cannot be relied on" in result.reason
    assert "hannel" not in result.reason + result.hint


def test_a_package_of_another_platform_does_not_go_live(box: Box):
    """Its file calls it one of this platform; its address and its archive do not."""
    url = box.publish("lone", subdir="osx-64", files={"share/l": "l"}).as_uri()
    lock = box.root / "conda-lock.yml"
    lock.write_text(
        "version: 1\nmetadata:\n  content_hash: {linux-64: x}\n  channels: []\n"
        "  platforms: [linux-64]\n  sources: [environment.yml]\npackage:\n"
        "- {name: lone, version: '1.0', manager: conda, platform: linux-64, dependencies: {},"
        f" url: '{url}', hash: {{}}, category: main, optional: false}}\n"
    )
    job = submit_locked_build(LockedOrder(locks=(lock,), name="new"), box.settings).job
    result = job.wait(LIMIT_S)
    assert result is not None and result.code == 3
    assert "what was built is not what is locked: platform: linux-64, built osx-64" in result.reason
    assert not box.path("new").exists()
