"""From a prefix to its environment, generation, spec and lock: real builds, other tools' places."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from envbench.model.errors import UsageError
from envbench.workbench.desk.desk import WorkbenchDesk
from envbench.workbench.gpu_owners import identify_environments
from envbench.workbench.process_signals import SIGNALS, signal_process
from tests.workbench.conftest import Box


def identify(box: Box, *prefixes: Path):
    return identify_environments(tuple(map(str, prefixes)), box.settings)


def test_a_generation_is_known_by_its_directory(box: Box):
    spec = box.write_spec("app=1")
    box.build(spec)
    first = box.path().resolve()
    (found,) = identify(box, first)
    assert (found.name, found.kind, found.prefix) == ("env", "envbench", str(first))
    assert (found.generation, found.live_generation, found.is_old) == (1, 1, False)
    assert (found.spec_path, found.spec_state) == (str(spec), "ok")
    assert (found.drift, found.fault) == ("", "")
    assert Path(found.lock_path).is_file()
    assert Path(found.lock_path).parent == first

    spec = box.write_spec("app=2")
    assert identify(box, first)[0].spec_state == "spec changed"
    box.build(spec)
    old, new = identify(box, first, box.path().resolve(), first)
    assert (old.generation, old.live_generation, old.is_old) == (1, 2, True)
    assert (new.generation, new.live_generation, new.is_old) == (2, 2, False)


def test_a_spec_that_was_named_from_its_folder_is_found_from_every_other(
    box: Box, monkeypatch: pytest.MonkeyPatch
):
    spec = box.write_spec("app=1")
    folder = box.root / "project"
    folder.mkdir()
    moved = spec.rename(folder / "env.yml")
    box.build(Path("project/env.yml"))
    monkeypatch.chdir("/")
    (found,) = identify(box, box.path().resolve())
    assert (found.spec_path, found.spec_state) == (str(moved), "ok")
    moved.write_text(moved.read_text() + "# later\n")
    assert identify(box, box.path().resolve())[0].spec_state == "spec changed"


def test_what_was_changed_since_the_build_is_seen_at_the_next_look(box: Box):
    box.build(box.write_spec("app"))
    prefix = box.path().resolve()
    assert identify(box, prefix)[0].drift == ""
    next((prefix / "conda-meta").glob("zlib-*.json")).unlink()
    assert identify(box, prefix)[0].drift == "1 package removed"
    (prefix / "conda-meta" / "odd-1-0.json").write_text("{")
    assert identify(box, prefix)[0].drift == "1 record damaged"


def test_a_generation_that_was_removed_keeps_its_name(box: Box):
    box.build(box.write_spec("app"))
    gone = box.path().resolve().with_name("env-7")
    (found,) = identify(box, gone)
    assert (found.name, found.generation, found.live_generation) == ("env", 7, 1)
    assert (found.is_old, found.drift) == (True, None)
    assert found.fault == "it is not there any more"


def test_environments_of_other_tools(box: Box):
    conda, pixi, base = (
        box.root / "conda" / "envs" / "torch",
        box.root / "project" / ".pixi" / "envs" / "default",
        box.root / "miniforge3",
    )
    for prefix in (conda, pixi, base):
        (prefix / "conda-meta").mkdir(parents=True)
    (base / "condabin").mkdir()
    venv = box.root / "project" / ".venv"
    venv.mkdir()
    (venv / "pyvenv.cfg").write_text("home = /usr/bin\n")
    found = identify(box, conda, pixi, base, venv, box.root, box.root / "nowhere")
    assert [(each.name, each.kind) for each in found] == [
        ("torch", "conda"),
        ("default", "pixi"),
        ("miniforge3", "conda base"),
        (".venv", "venv"),
        (box.root.name, ""),
        ("nowhere", ""),
    ]
    assert [each.fault for each in found[:4]] == [""] * 4
    assert found[4].fault == "no environment lies there"
    assert found[5].fault == "it is not there any more"
    assert all(each.generation is None and each.drift is None for each in found)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may look into every directory")
def test_a_prefix_of_somebody_else_that_cannot_be_looked_into(box: Box):
    closed = box.root / "closed"
    closed.mkdir(mode=0)
    (found,) = identify(box, closed / "env")
    assert (found.name, found.fault) == ("env", "Permission denied")


@pytest.fixture
def sleeper() -> Iterator["subprocess.Popen[bytes]"]:
    child = subprocess.Popen(["sleep", "600"])
    yield child
    child.kill()
    child.wait()


async def test_the_desk_asks_for_environments_and_sends_signals(
    box: Box, sleeper: "subprocess.Popen[bytes]"
):
    box.build(box.write_spec("app"))
    desk = WorkbenchDesk(str(box.root))
    try:
        (found,) = await desk.identify_environments([str(box.path().resolve())])
        assert (found.name, found.generation) == ("env", 1)
        await desk.signal_process(sleeper.pid, read_start(sleeper.pid), "TERM")
        assert sleeper.wait(timeout=30) == -SIGNALS["TERM"]
    finally:
        await desk.close()


def test_only_signals_that_have_a_use_may_be_sent():
    with pytest.raises(UsageError) as told:
        signal_process(os.getpid(), 0.0, "SEGV")
    assert "TERM" in told.value.hint


def read_start(pid: int) -> float:
    """Give the start of a process, Unix time."""
    ticks = int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19])
    boot = next(
        int(line.split()[1])
        for line in Path("/proc/stat").read_text().splitlines()
        if line.startswith("btime ")
    )
    return boot + ticks / os.sysconf("SC_CLK_TCK")
