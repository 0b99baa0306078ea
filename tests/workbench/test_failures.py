"""Builds that go wrong: what is live stays, cause and remedy are told, the next build heals."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from envbench.envs.lock import lock_environment
from envbench.model.errors import PreventedError, UsageError
from envbench.model.event import Message
from envbench.model.job import JobState
from envbench.workbench.building import read_build_result
from envbench.workbench.jobs import wait_for_result
from tests.channels import HOSTILE, index_channel, lie_in_index, make_package, make_python
from tests.workbench.conftest import Box, snapshot
from tests.workbench.failing import (
    build_well,
    fail_build,
    fill_up,
    list_litter,
    mounted,
    unchanged,
    wait_for_phase,
)


@pytest.fixture
def live(box: Box) -> Box:
    """A box with an environment in use."""
    result, _ = box.build(box.write_spec("zlib"))
    assert result.state is JobState.DONE
    return box


def test_what_no_channel_has_is_named_with_its_line(live: Box):
    spec = live.write_spec("zlib", "nosuch")
    result = fail_build(live, spec)
    assert result.code == 1
    assert f"{spec}: nosuch (line 6): there is no such package" in result.reason
    assert "envbench solve" in result.hint

    result = fail_build(live, live.write_spec("app=9", "zlib"))
    assert result.code == 1
    assert "app=9 (line 5): there is no such version" in result.reason
    conflict = read_build_result(result).conflict
    assert "2.0" in conflict.causes[0].explanation, "the versions that there are"


def test_packages_that_exclude_each_other_are_named_with_their_lines(live: Box):
    live.publish("old", depends=["zlib <1"])
    result = fail_build(live, live.write_spec("app", "old"))
    assert result.code == 1
    assert "line 6" in result.reason
    assert "old" in result.reason


def test_a_channel_that_is_not_there_is_named(live: Box):
    place = live.root / "nowhere"
    result = fail_build(live, live.write_spec("zlib", channel=place.as_uri()))
    assert result.code == 3
    assert place.as_uri() in result.reason
    assert "does not exist" in result.reason
    assert "channel_alias" in result.hint


def test_hostile_row_21_a_package_that_is_not_what_its_index_says(live: Box):
    archive = live.publish("liar")
    lie_in_index(live.channel, archive, sha256="0" * 64)
    HOSTILE["truncated"](live.channel)
    index_channel(live.channel)
    result = fail_build(live, live.write_spec("liar"))
    assert result.code == 3
    assert "liar-1.0-0" in result.reason
    assert "the channel announces 0000" in result.reason
    assert "tell whoever runs it" in result.hint

    result = fail_build(live, live.write_spec("hostile-truncated"))
    assert result.code == 3
    assert "hostile-truncated-1.0-0 could not be fetched: the download broke off" in result.reason
    assert not list((live.settings.paths.cache_dir / "pkgs").glob("liar-*"))
    build_well(live, live.write_spec("app"))


HARM = {
    "dotdot-path": "a path with `..`",
    "absolute-path": "an absolute path",
    "absolute-symlink": "a soft link to an absolute path",
    "dotdot-symlink": "a soft link out of the prefix",
    "through-symlink": "out",
    "setuid": "a file with the setuid or setgid bit",
    "entry-point-slash": "an entry point whose name is no plain file name",
}


def test_hostile_row_19_package_is_refused_by_name_and_touches_nothing(live: Box):
    make_python(live.channel)
    for kind in HARM:
        HOSTILE[kind](live.channel)
    index_channel(live.channel)
    known = list_outside(live)
    for kind, reason in HARM.items():
        result = fail_build(live, live.write_spec("app", f"hostile-{kind}"))
        assert result.code == 3
        assert f"hostile-{kind}-1.0-0" in result.reason
        assert reason in result.reason, kind
        assert "Do not use this package" in result.hint
        assert list_outside(live) == known
    assert not Path("/tmp/envbench-hostile").exists()
    build_well(live, live.write_spec("app"))


def list_outside(box: Box) -> set[str]:
    """List all that lies neither in the cache nor among the jobs."""
    paths = box.settings.paths
    apart = (paths.cache_dir, paths.state_dir, box.root / "env.yml")
    return {
        str(path) for path in box.root.rglob("*") if not any(path.is_relative_to(a) for a in apart)
    }


def test_a_package_that_fails_among_many_files_leaves_nothing_that_comes_back(live: Box):
    # The library goes on linking the others after the failure of one: removed too early, the
    # staged directory would come back without its mark, and nobody would ever sweep it.
    for number in range(4):
        files = {f"share/many{number}/{index}.txt": f"{number} {index}\n" for index in range(700)}
        make_package(live.channel, f"many{number}", files=files)
    make_package(
        live.channel,
        "tight",
        files={"lib/tight.so": b"\x7fELF\0/opt/x/lib\0\0\0"},
        paths_json_override=lambda entries: [
            {**entry, "prefix_placeholder": "/opt/x", "file_mode": "binary"} for entry in entries
        ],
    )
    index_channel(live.channel)
    many = [f"many{number}" for number in range(4)]
    for _ in range(2):
        result = fail_build(live, live.write_spec("tight", *many))
        assert result.code == 3
        assert "tight-1.0-0" in result.reason
        assert "the path of the environment is longer than a package leaves room for" in (
            result.reason
        )
        assert "Choose a shorter name or folder" in result.hint
        assert list_litter(live) == []
    build_well(live, live.write_spec("app", *many))


def test_files_that_two_packages_bring_are_told_of(live: Box):
    for name in ("this", "that"):
        make_package(live.channel, name, files={"share/both": f"{name}\n", f"share/{name}": name})
    index_channel(live.channel)
    seen = []
    result = wait_for_result(live.submit(live.write_spec("this", "that")), seen.append)
    assert result.state is JobState.DONE, result
    warnings = [e.text for e in seen if isinstance(e, Message) and e.level == "warning"]
    assert len(warnings) == 1
    assert "'share/both' of package th" in warnings[0]
    assert "is also in another package" in warnings[0]


def test_a_probe_that_fails_keeps_the_environment_from_going_live(live: Box):
    result = fail_build(live, live.write_spec("app"), probes=("python",))
    assert result.code == 1
    assert "the probe python is not_installed, so the environment does not go live" in result.reason
    assert "envbench probe" in result.hint


@pytest.mark.parametrize("kind", ["directory", "symlink", "dangling", "file", "outside"])
def test_hostile_row_13_what_is_not_ours_at_the_place_of_the_environment_stays(box: Box, kind: str):
    place = box.path()
    place.parent.mkdir(parents=True)
    elsewhere = box.root / "elsewhere"
    (elsewhere / "deep").mkdir(parents=True)
    (elsewhere / "deep" / "precious.txt").write_text("precious")
    if kind == "directory":
        shutil.copytree(elsewhere, place)
    elif kind == "symlink":
        place.symlink_to(elsewhere)
    elif kind == "dangling":
        place.symlink_to(box.root / "not-there")
    elif kind == "file":
        place.write_text("precious")
    else:
        place.symlink_to("../elsewhere/deep")
    before = snapshot(box.root)
    with pytest.raises(UsageError, match="was not made by envbench and is left alone") as caught:
        box.submit(box.write_spec("zlib"))
    assert caught.value.exit_code == 2
    assert "choose another name" in caught.value.hint
    after = snapshot(box.root)
    after.pop("env.yml")
    assert after == before


def test_hostile_row_13_a_link_that_appears_while_the_build_waits_is_left_alone_too(box: Box):
    envs = box.settings.paths.envs_dir
    elsewhere = box.root / "elsewhere"
    elsewhere.mkdir()
    with lock_environment(envs, "env", wait_s=5):
        job = box.submit(box.write_spec("zlib"))
        wait_for_phase(job, "wait")
        box.path().symlink_to(elsewhere)
    result = job.wait(60)
    assert (result.state, result.code) == (JobState.FAILED, 2), result
    assert "was not made by envbench" in result.reason
    assert box.path().readlink() == elsewhere
    assert list(elsewhere.iterdir()) == []


def test_hostile_row_24_generations_that_lie_behind_a_link_are_refused(live: Box):
    generations = live.settings.paths.envs_dir / ".generations"
    moved = live.root / "moved"
    generations.rename(moved)
    generations.symlink_to(moved)
    before = snapshot(moved)
    result, _ = live.build(live.write_spec("app"))
    assert (result.state, result.code) == (JobState.FAILED, 3), result
    assert str(generations) in result.reason
    assert snapshot(moved) == before


def publish_bulk(box: Box) -> None:
    for number in range(3):
        files = {f"share/b{number}/{i}.bin": os.urandom(4096) for i in range(150)}
        make_package(box.channel, f"bulk{number}", files=files)
    index_channel(box.channel)


def test_a_full_disk_below_the_cache(live: Box):
    publish_bulk(live)
    spec = live.write_spec("bulk0", "bulk1", "bulk2")
    with mounted(live.settings.paths.cache_dir, "size=1500k"):
        result = fail_build(live, spec)
        assert result.code == 3
        assert "the disk is full" in result.reason
        assert "bulk" in result.reason
        assert "Free some space" in result.hint
        assert list_litter(live) == []
        subprocess.run(
            ["mount", "-o", "remount,size=50m", live.settings.paths.cache_dir], check=True
        )
        build_well(live, spec)


def test_a_full_disk_below_the_environments(live: Box):
    publish_bulk(live)
    spec = live.write_spec("bulk0", "bulk1", "bulk2")
    with mounted(live.settings.paths.envs_dir, "size=1m") as place:
        result = fail_build(live, spec)
        assert result.code == 3
        assert "the disk is full" in result.reason
        assert str(place) in result.reason
        assert "Free some space" in result.hint
        subprocess.run(["mount", "-o", "remount,size=50m", place], check=True)
        build_well(live, spec)


def test_hostile_row_24_a_full_disk_below_the_jobs(live: Box):
    envs = live.settings.paths.envs_dir
    with mounted(live.settings.paths.state_dir, "size=400k") as place:
        # While the builds wait for the environment, the disk fills up under them.
        with lock_environment(envs, "env", wait_s=5):
            good = live.submit(live.write_spec("app"))
            wait_for_phase(good, "wait")
            filler = fill_up(place)
        result = good.wait(60)
        assert result.state is JobState.DONE, result
        assert read_build_result(result).generation == 2
        with lock_environment(envs, "env", wait_s=5):
            filler.unlink()
            bad = live.submit(live.write_spec("app", "nosuch"))
            wait_for_phase(bad, "wait")
            filler = fill_up(place)
        with unchanged(live):
            result = bad.wait(60)
        assert (result.state, result.code) == (JobState.FAILED, 1)
        assert "nosuch" in result.reason
        with pytest.raises(PreventedError) as caught:
            live.submit(live.write_spec("app"))
        assert "the disk is full" in caught.value.why
        assert not list(live.settings.paths.jobs_dir.glob(".*"))
        filler.unlink()
        build_well(live, live.write_spec("zlib"))


def test_a_read_only_disk_below_the_environments(live: Box):
    with mounted(live.settings.paths.envs_dir, "size=10m") as place:
        subprocess.run(["mount", "-o", "remount,ro", place], check=True)
        result = fail_build(live, live.write_spec("app"))
        assert result.code == 3
        assert "read-only" in result.reason.lower()
        assert str(place) in result.reason
        subprocess.run(["mount", "-o", "remount,rw", place], check=True)
        build_well(live, live.write_spec("app"))
