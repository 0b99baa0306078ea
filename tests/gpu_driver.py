"""A driver library made by the compiler, and the boxes that it pretends to stand in.

What a line of a box says is told in `tests/machine/driver/box.h`, the keys of a GPU in `keys.txt`
beside it. `StubBox` is all that a test needs:

    box = StubBox(tmp_path)
    environ = box(*eight_gpus(), error("nvmlDeviceGetPowerUsage", 3, 15))
    ...  # a program with this environment sees eight GPUs
    box.rewrite(*eight_gpus())  # and sees the change at its next call
    assert box.calls()["nvmlDeviceGetPcieThroughput"] == 0
"""

import functools
import os
import shutil
import struct
import subprocess
import tempfile
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from urllib.parse import quote

import pytest

SOURCES = Path(__file__).parent / "machine" / "driver"
LIBRARY = "libnvidia-ml.so.1"
GENERATIONS = {"470": 470, "535.43": 534, "535": 535, "current": 580}
"""Names of the driver's generations; 535.43 wrote longer process entries than all others."""
FOREVER = -1
MAX_GPUS = 64
"""Of the library; a record of its counts has a number for each, and one for calls about none."""
_RECORD = struct.Struct(f"64s{MAX_GPUS + 1}Q")
ERROR_CODES = (*range(1, 30), 999)
"""Every error that NVML defines."""


def build_driver(directory: Path, generation: str = "current") -> Path:
    """Build the library into this directory, and return the directory; skip without a compiler."""
    compiler = shutil.which("gcc") or shutil.which("cc")
    if not compiler:
        pytest.skip("no C compiler to build a driver library with")
    directory.mkdir(parents=True, exist_ok=True)
    flags = ["-shared", "-fPIC", "-O1", "-D_GNU_SOURCE", "-Wl,-Bsymbolic", f"-Wl,-soname,{LIBRARY}"]
    flags += [f"-DGENERATION={GENERATIONS[generation]}", "-o", str(directory / LIBRARY)]
    subprocess.run([compiler, *flags, *sorted(SOURCES.glob("*.c")), "-lm", "-lpthread"], check=True)
    return directory


@functools.cache
def shared_driver(generation: str = "current") -> Path:
    """The directory with the library of this generation, built once for all tests of a process."""
    return build_driver(_shared_directory() / generation, generation)


@functools.cache
def _shared_directory() -> Path:
    holder = tempfile.TemporaryDirectory(prefix="driver-")
    _HOLDERS.append(holder)
    return Path(holder.name)


_HOLDERS: list["tempfile.TemporaryDirectory[str]"] = []


def write_box(path: Path, lines: Iterable[str]) -> None:
    """Describe a box, in one step for those who look at it meanwhile."""
    partial = path.with_name(f"{path.name}.partial")
    partial.write_text("".join(f"{line}\n" for line in lines))
    partial.replace(path)


def gpu(**keys: object) -> str:
    """The line of one GPU; spaces and controls in texts are escaped for it."""
    escaped = {key: quote(str(value), safe="!-_.:,/x") for key, value in keys.items()}
    return " ".join(("gpu", *(f"{key}={value}" for key, value in escaped.items())))


def gpus(count: int, **keys: object) -> list[str]:
    """So many GPUs that all read differently, and nowhere 0: a 0 was not told by the driver."""
    return [gpu(**{**_distinct(index), **keys}) for index in range(count)]


def eight_gpus(**keys: object) -> list[str]:
    """The usual box."""
    return gpus(8, **keys)


def _distinct(index: int) -> dict[str, object]:
    return {
        "used": 1000 + 100 * index,
        "util": 10 + index,
        "memutil": 5 + index,
        "temp": 40 + index,
        "power": 200 + index,
        "sm": 1500 + index,
        "energy": 1000 + index,
        "limit": 500 + index,
        "smmax": 1900 + index,
        "memclk": 2000 + index,
        "memclkmax": 2500 + index,
        "fan": 30 + index,
        "gen": 1 + index % 4,
        "width": 2 + index % 3,
        "rx": 1000 + index,
        "tx": 500 + index,
        "eccc": 100 + index,
        "eccu": 200 + index,
        "remapped": 300 + index,
        "pending": 1,
        "pstate": 1 + index % 8,
        "throttle": "0x4",
        "mode": 3,
        "nvlink": "AIA",
    }


def mig_gpu(index: int = 0, instances: int = 7, **keys: object) -> list[str]:
    """A GPU in MIG mode and its instances; `index` is its place among the GPUs."""
    parent = gpu(**{**_distinct(index), "mig": 1, **keys})
    return [
        parent,
        *(f"mig {index} {place + 1} 0 9728 {100 + place} 1g.10gb" for place in range(instances)),
    ]


def unified_gpu(answer: str = "1") -> str:
    """A GPU that shares the memory of the box: memory answers error 3 (`1`) or 0 (`zero`)."""
    return gpu(
        name="NVIDIA GB10", cc="12.1", unified=answer, util=12, temp=45, power=20, limit="na"
    )


def process(
    gpu: int,
    pid: int,
    mib: int | str = 1000,
    *,
    kinds: str = "C",
    sm: int = 50,
    instance: tuple[int, int] | None = None,
) -> str:
    """The line of a process; kinds are C, G and M."""
    place = f" {instance[0]} {instance[1]}" if instance else ""
    return f"proc {gpu} {pid} {mib} {kinds} {sm}{place}"


def error(function: str, gpu: int | str, code: int) -> str:
    """This call about this GPU fails with this number; `*` stands for all, `-` for no GPU."""
    return f"error {function} {gpu} {code}"


def delay(function: str, gpu: int | str, ms: int) -> str:
    """This call takes so long."""
    return f"delay {function} {gpu} {ms}"


def hang(function: str, gpu: int | str) -> str:
    """This call never returns."""
    return delay(function, gpu, FOREVER)


def crash(function: str, gpu: int | str) -> str:
    """This call ends the process that makes it."""
    return f"crash {function} {gpu}"


class StubBox:
    """A box with this driver, and what a test does to it."""

    def __init__(self, directory: Path) -> None:
        self.path = directory / "box.txt"
        self.calls_directory = directory / "calls"
        self.calls_directory.mkdir(exist_ok=True)

    def __call__(self, *lines: str, generation: str = "current", **environ: str) -> dict[str, str]:
        """Describe the box, and return the environment of a program that shall stand in it."""
        self.rewrite(*lines)
        return {
            "PATH": os.environ["PATH"],
            "LD_LIBRARY_PATH": str(shared_driver(generation)),
            "STUB_NVML": str(self.path),
            "STUB_NVML_CALLS": str(self.calls_directory),
            **environ,
        }

    def rewrite(self, *lines: str) -> None:
        """Alter the box; programs that look at it see the change at their next call."""
        write_box(self.path, lines)

    def add(self, *lines: str) -> None:
        """Alter the box by further lines."""
        self.rewrite(*self.path.read_text().splitlines(), *lines)

    def calls(self) -> "Counter[str]":
        """How often each function was called, by all programs together."""
        totals: Counter[str] = Counter()
        for (symbol, _), count in self.calls_by_gpu().items():
            totals[symbol] += count
        return totals

    def calls_by_gpu(self) -> "Counter[tuple[str, int | None]]":
        """How often each function was called about each GPU; None: about no GPU."""
        totals: Counter[tuple[str, int | None]] = Counter()
        for path in self.calls_directory.glob("*.calls"):
            for record in _RECORD.iter_unpack(path.read_bytes()):
                symbol = record[0].split(b"\0")[0].decode()
                if symbol:
                    _count(totals, symbol, record[1:])
        return totals

    def forget_calls(self) -> None:
        """Begin to count anew; only while no program stands in the box."""
        for path in self.calls_directory.glob("*.calls"):
            path.unlink()


def _count(totals: "Counter[tuple[str, int | None]]", symbol: str, counts: tuple[int, ...]) -> None:
    for index, count in enumerate(counts):
        if count:
            totals[symbol, index if index < MAX_GPUS else None] += count
