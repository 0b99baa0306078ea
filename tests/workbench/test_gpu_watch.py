"""The live readings as a screen gets them, and the GPU that somebody means."""

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from contextlib import aclosing
from pathlib import Path

import psutil
import pytest

from envbench.model.errors import NotFineError, PreventedError, UsageError
from envbench.workbench.gpu_reports import choose_gpu, follow_reports
from envbench.workbench.gpu_watch import GpuWatch
from tests.gpu_driver import StubBox, error, gpus, hang, mig_gpu, process
from tests.workbench.conftest import Box

HEAVY = ("rattler", "psutil", "pynvml", "yaml", "uv", "textual", "envbench.settings")


@pytest.fixture
def stub(tmp_path: Path) -> StubBox:
    directory = tmp_path / "stub"
    directory.mkdir()
    return StubBox(directory)


def test_a_watch_loads_nothing_heavy():
    code = f"import sys, envbench.workbench.gpu_watch\nprint([n for n in {HEAVY!r} if n in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


async def test_a_watch_follows_what_changes_until_it_is_closed(stub: StubBox):
    watch = GpuWatch(stub(*gpus(2)), period_s=5.0)
    seen: list[int | None] = []
    async for sample in watch.follow():
        if not sample.gpus:
            continue
        seen.append(sample.gpus[1].utilization_percent)
        if seen[-1] == 66:
            break
        watch.set_period(0.1)
        stub.rewrite(*gpus(2, util=66))
    await watch.close()
    await watch.close()
    assert (seen[0], seen[-1]) == (11, 66)


async def test_who_follows_no_longer_has_no_process_left(stub: StubBox):
    before = {child.pid for child in psutil.Process().children()}
    watch = GpuWatch(stub(*gpus(1)), period_s=0.1)
    async with aclosing(watch.follow()) as samples:
        await anext(samples)
        (sampler,) = {child.pid for child in psutil.Process().children()} - before
    async with asyncio.timeout(30):
        while psutil.pid_exists(sampler):  # noqa: ASYNC110 - a process tells nobody that it is gone
            await asyncio.sleep(0.01)


@pytest.fixture
def sleeper(box: Box) -> Iterator["subprocess.Popen[bytes]"]:
    child = subprocess.Popen(["sleep", "600"], env={"CONDA_PREFIX": str(box.path())})
    yield child
    child.kill()
    child.wait()


async def test_reports_name_the_environments_of_processes_that_come(
    stub: StubBox, box: Box, sleeper: "subprocess.Popen[bytes]"
):
    box.build(box.write_spec("app"))
    environ = stub(*gpus(1))
    async with aclosing(follow_reports(0.1, box.settings, environ=environ)) as reports:
        first = await anext(reports)
        stub.rewrite(*gpus(1), process(0, sleeper.pid))
        async for report in reports:
            if report.environments:
                break
    assert first.environments == ()
    (found,) = report.environments
    assert (found.name, found.generation, found.drift) == ("env", 1, "")


def test_the_gpu_that_is_meant(stub: StubBox):
    environ = stub(*gpus(2), *mig_gpu(2, instances=1))
    assert choose_gpu("1", environ=environ).endswith("01")
    instance = "MIG-" + "0" * 8
    with pytest.raises(UsageError) as told:
        choose_gpu(instance, environ=environ)
    name, known = told.value.hint.removeprefix("there are: ").split()
    assert choose_gpu(known, environ=environ) == known
    assert (name, choose_gpu(name, environ=environ)) == ("2:0", known)
    with pytest.raises(UsageError, match="no MIG instance '2:7'"):
        choose_gpu("2:7", environ=environ)
    with pytest.raises(UsageError):
        choose_gpu("9", environ=environ)


def test_a_gpu_that_cannot_be_used_is_not_given_to_anybody(stub: StubBox):
    environ = stub(*gpus(2), hang("nvmlDeviceGetPowerUsage", 1))
    with pytest.raises(NotFineError) as told:
        choose_gpu("1", environ=environ)
    assert told.value.what == "GPU 1 is hung"
    stub.rewrite(error("nvmlInitWithFlags", "-", 18))
    with pytest.raises(PreventedError) as mismatch:
        choose_gpu("0", environ=environ)
    assert mismatch.value.why
    assert mismatch.value.hint
