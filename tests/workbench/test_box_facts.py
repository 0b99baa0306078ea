"""The facts of this box, asked for by the screen every now and then."""

import json
import os
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from envbench.machine.gpus import DriverFacts, Gpu
from envbench.model.document import from_builtins, to_builtins
from envbench.workbench import box_facts
from envbench.workbench.box_facts import BoxReport, describe_box
from tests.workbench.conftest import Box

SHARED_MEMORY = Path("/dev/shm")


@pytest.fixture(autouse=True)
def ask_anew() -> Iterator[None]:
    box_facts._ask_slow_ones.cache_clear()
    yield
    box_facts._ask_slow_ones.cache_clear()


@pytest.fixture
def driver(monkeypatch: pytest.MonkeyPatch):
    """Let the driver say something else than the one of this box does, if it has any."""

    def say(facts: DriverFacts) -> None:
        monkeypatch.setattr(box_facts, "ask_driver", lambda *_, **__: facts)

    return say


def test_the_box_is_described(box: Box):
    found = describe_box(box.settings)
    assert found.name and found.system and found.kernel
    assert found.cores == len(os.sched_getaffinity(0))
    assert 0 < found.memory_available_bytes <= found.memory_bytes
    assert found.load is not None and all(value >= 0 for value in found.load)
    assert found.glibc is None or found.glibc.startswith("2.")
    assert found.archspec
    assert found.gpu_note
    assert found.jobs_note
    assert from_builtins(json.loads(json.dumps(to_builtins(found))), BoxReport) == found


def test_uses_on_one_file_system_are_one_disk(box: Box):
    [disk] = describe_box(box.settings).disks
    assert disk.uses == ("home", "envs", "cache", "state")
    assert disk.path == str(box.root / "home")
    assert 0 < disk.free_bytes <= disk.total_bytes


@pytest.mark.skipif(not SHARED_MEMORY.is_dir(), reason="this box has no /dev/shm")
def test_a_file_system_in_memory_is_named(box: Box):
    with TemporaryDirectory(dir=SHARED_MEMORY) as folder:
        paths = replace(box.settings.paths, cache_dir=Path(folder) / "not" / "there")
        disks = describe_box(replace(box.settings, paths=paths)).disks
    assert [disk.uses for disk in disks] == [("home", "envs", "state"), ("cache",)]
    assert disks[1].is_in_memory and not disks[1].is_network
    assert disks[1].warning


def test_asked_again_it_answers_at_once(box: Box):
    describe_box(box.settings)
    began = time.monotonic()
    describe_box(box.settings)
    # A hundredth of this is usual; asking the driver alone takes longer.
    assert time.monotonic() - began < 0.1


def test_the_driver_is_asked_once_only(box: Box, monkeypatch: pytest.MonkeyPatch):
    asked = []
    monkeypatch.setattr(
        box_facts, "ask_driver", lambda *_, **__: asked.append(1) or DriverFacts(reason="x")
    )
    for _ in range(3):
        describe_box(box.settings)
    assert len(asked) == 1


@pytest.mark.parametrize(
    ("facts", "note"),
    [
        (DriverFacts(reason="no NVIDIA driver"), "no NVIDIA driver found"),
        (
            DriverFacts(reason="the driver did not answer for 10 s"),
            "GPUs are not known: the driver did not answer for 10 s",
        ),
        (DriverFacts(driver="550.54"), "the NVIDIA driver is there, and it has no GPU"),
        (
            DriverFacts(driver="550.54", gpus=(Gpu(index=0, name="A100"), Gpu(index=1))),
            "2 x A100 and unnamed; no live readings here",
        ),
    ],
)
def test_what_is_known_of_gpus_is_said(box: Box, driver, facts: DriverFacts, note: str):
    driver(facts)
    found = describe_box(box.settings)
    assert found.gpu_note == note
    assert (found.driver, len(found.gpus)) == (facts.driver, len(facts.gpus))


def test_jobs_that_end_at_the_logout_are_told(box: Box, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("SLURM_JOB_ID", "4711")
    found = describe_box(box.settings)
    assert not found.jobs_outlive_logout
    assert "4711" in found.jobs_note


@pytest.mark.gpu
def test_the_gpus_of_this_box_are_named(box: Box):
    found = describe_box(box.settings)
    assert found.driver and found.cuda
    assert found.gpus and all(gpu.name and gpu.memory_bytes for gpu in found.gpus)
