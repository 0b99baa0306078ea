"""The driver library of the tests itself, seen through nvidia-ml-py in a child."""

import json
import signal
import subprocess
import sys

import pytest

from tests.gpu_driver import (
    ERROR_CODES,
    crash,
    eight_gpus,
    error,
    gpu,
    hang,
    mig_gpu,
    process,
    unified_gpu,
)

ASK = """
import json, sys, pynvml as n
def ask(name, *arguments):
    try:
        found = getattr(n, name)(*arguments)
    except n.NVMLError as fault:
        return {"code": fault.value}
    except n.NVMLLibraryMismatchError:
        return {"code": 13}
    if isinstance(found, n.ctypes.Structure if hasattr(n, "ctypes") else n.Structure):
        return {field[0]: getattr(found, field[0]) for field in found._fields_}
    return found
n.nvmlInit()
handles = [n.nvmlDeviceGetHandleByIndex(i) for i in range(n.nvmlDeviceGetCount())]
for line in sys.stdin:
    name, index, *arguments = json.loads(line)
    answer = ask(name, *([handles[index]] if index is not None else []), *arguments)
    if isinstance(answer, list):
        answer = [getattr(one, "pid", one) for one in answer]
    print(json.dumps(answer, default=str), flush=True)
"""


class Asked:
    """A child that puts questions to the library through the real binding."""

    def __init__(self, environ):
        self.child = subprocess.Popen(
            [sys.executable, "-c", ASK],
            env=environ,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def ask(self, name, index, *arguments):
        self.child.stdin.write(json.dumps([name, index, *arguments]) + "\n")
        self.child.stdin.flush()
        line = self.child.stdout.readline()
        return json.loads(line) if line else None

    def close(self):
        self.child.kill()
        self.child.wait()
        self.child.stdin.close()
        self.child.stdout.close()


@pytest.fixture
def ask_in(box):
    opened = []

    def open_box(*lines, **given):
        opened.append(Asked(box(*lines, **given)))
        return opened[-1]

    yield open_box
    for asked in opened:
        asked.close()


def test_it_reads_as_described_and_anew_when_altered(box, ask_in):
    asked = ask_in(*eight_gpus())
    assert asked.ask("nvmlDeviceGetTemperature", 3, 0) == 43
    assert asked.ask("nvmlDeviceGetPowerUsage", 7) == 207000
    box.rewrite(*eight_gpus(temp=77))
    assert asked.ask("nvmlDeviceGetTemperature", 3, 0) == 77
    box.rewrite(gpu())
    assert asked.ask("nvmlDeviceGetTemperature", 3, 0) == {"code": 15}
    assert box.calls()["nvmlDeviceGetTemperature"] == 3
    assert box.calls_by_gpu()["nvmlDeviceGetTemperature", 3] == 3


def test_every_error_reaches_only_what_it_is_meant_for(box, ask_in):
    asked = ask_in(*eight_gpus())
    for code in ERROR_CODES:
        box.rewrite(*eight_gpus(), error("nvmlDeviceGetMemoryInfo", 2, code))
        assert asked.ask("nvmlDeviceGetMemoryInfo", 2) == {"code": code}
        assert asked.ask("nvmlDeviceGetMemoryInfo", 2, 0x2000028) == {"code": code}
        assert asked.ask("nvmlDeviceGetMemoryInfo", 1)["used"] == (1100 + 512) << 20
        assert asked.ask("nvmlDeviceGetPowerUsage", 2) == 202000
        assert asked.ask("nvmlSystemGetCudaDriverVersion", None) == 13000
        box.rewrite(*eight_gpus(), error("*", 2, code))
        assert asked.ask("nvmlDeviceGetPowerUsage", 2) == {"code": code}
        assert asked.ask("nvmlDeviceGetPowerUsage", 3) == 203000


def test_a_crash_is_one(ask_in):
    asked = ask_in(*eight_gpus(), crash("nvmlDeviceGetUUID", 1))
    assert asked.ask("nvmlDeviceGetUUID", 0) == "GPU-00000000-0000-0000-0000-000000000000"
    assert asked.ask("nvmlDeviceGetUUID", 1) is None
    assert asked.child.wait() == -signal.SIGSEGV


def test_a_hang_lasts_though_the_box_changes(box, ask_in):
    asked = ask_in(*eight_gpus())
    assert asked.ask("nvmlDeviceGetUUID", 1)
    box.add(hang("nvmlDeviceGetUUID", 1))
    asked.child.stdin.write(json.dumps(["nvmlDeviceGetUUID", 1]) + "\n")
    asked.child.stdin.flush()
    with pytest.raises(subprocess.TimeoutExpired):
        asked.child.wait(0.3)


@pytest.mark.parametrize(
    ("generation", "missing"),
    [
        ("470", {"nvmlDeviceGetComputeRunningProcesses_v3", "memory v2", "TemperatureV"}),
        ("535", {"TemperatureV"}),
        ("current", set()),
    ],
)
def test_generations(ask_in, generation, missing):
    asked = ask_in(gpu(), process(0, 4711), generation=generation)
    answers = {
        "nvmlDeviceGetComputeRunningProcesses_v3": asked.ask(
            "nvmlDeviceGetComputeRunningProcesses_v3", 0
        ),
        "memory v2": asked.ask("nvmlDeviceGetMemoryInfo", 0, 0x2000028),
        "TemperatureV": asked.ask("nvmlDeviceGetTemperatureV", 0, 0),
    }
    assert {name for name, answer in answers.items() if answer == {"code": 13}} == missing
    assert asked.ask("nvmlDeviceGetComputeRunningProcesses_v2", 0) == [4711]
    assert asked.ask("nvmlDeviceGetTemperature", 0, 0) == 40


def test_mig_and_unified_memory(ask_in):
    asked = ask_in(*mig_gpu(0, 3), unified_gpu(), unified_gpu("zero"))
    assert asked.ask("nvmlDeviceGetMigMode", 0) == [1, 1]
    assert asked.ask("nvmlDeviceGetUtilizationRates", 0) == {"code": 3}
    assert asked.ask("nvmlDeviceGetMigDeviceHandleByIndex", 0, 3) == {"code": 6}
    assert asked.ask("nvmlDeviceGetMemoryInfo", 1) == {"code": 3}
    assert asked.ask("nvmlDeviceGetMemoryInfo", 2)["total"] == 0
