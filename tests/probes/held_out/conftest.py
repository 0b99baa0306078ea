import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from envbench.model.probe import ProbeResult
from envbench.probes.catalog import find_probe
from envbench.probes.runner import ProbeOrder, run_probe
from tests.probes.held_out.cases import Case

DRIVER = """
#include <stdlib.h>
static int read(const char *name, int otherwise) {
    const char *text = getenv(name);
    return text ? atoi(text) : otherwise;
}
int cuInit(unsigned flags) { return read("HELD_OUT_CUINIT", 0); }
int cuDriverGetVersion(int *version) { *version = read("HELD_OUT_CUDA", 12040); return 0; }
int cuDeviceGetCount(int *count) { *count = read("HELD_OUT_SHOWN", 0); return 0; }
int cuDeviceGet(int *device, int index) { *device = index; return 0; }
int cuDeviceGetName(char *name, int size, int device) { name[0] = 'S'; name[1] = 0; return 0; }
int cuDeviceGetUuid(char *uuid, int device) { for (int i = 0; i < 16; i++) uuid[i] = 7; return 0; }
int cuDeviceGetUuid_v2(char *uuid, int device) { return cuDeviceGetUuid(uuid, device); }
int cuDeviceGetAttribute(int *value, int which, int device) { *value = 9; return 0; }
int cuDeviceTotalMem_v2(unsigned long *bytes, int device) { *bytes = 1ul << 34; return 0; }
int cuDeviceTotalMem(unsigned long *bytes, int device) { return cuDeviceTotalMem_v2(bytes, device); }
int cuGetErrorString(int code, const char **text) { *text = "told by its number"; return 0; }
"""


@pytest.fixture(scope="session")
def compile_library(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """Compile C into a shared library; skip where there is no compiler."""
    compiler = shutil.which("gcc") or shutil.which("cc")

    def build(name: str, source: str, *options: str, folder: Path | None = None) -> Path:
        if compiler is None:
            pytest.skip("there is no C compiler here")
        target = (folder or tmp_path_factory.mktemp("built")) / name
        target.parent.mkdir(parents=True, exist_ok=True)
        text = target.with_suffix(".c")
        text.write_text(source)
        subprocess.run(
            [compiler, "-shared", "-fPIC", "-w", "-o", target, text, *options], check=True
        )
        text.unlink()
        return target

    return build


@pytest.fixture(scope="session")
def driver_library(compile_library: Callable[..., Path]) -> Path:
    return compile_library("libcuda.so.1", DRIVER, "-Wl,-soname,libcuda.so.1")


@pytest.fixture(scope="session")
def _throwaway(tmp_path_factory: pytest.TempPathFactory) -> Path:
    prefix = tmp_path_factory.mktemp("held-out") / "env"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", prefix], check=True)
    return prefix


@pytest.fixture
def throwaway(_throwaway: Path) -> Path:
    """An environment with nothing in it; what a test puts there goes afterwards."""
    [site] = _throwaway.glob("lib/python*/site-packages")
    yield _throwaway
    shutil.rmtree(site)
    site.mkdir()


def write(folder: Path, files: Mapping[str, str]) -> None:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


@pytest.fixture
def run_case(
    throwaway: Path, tmp_path: Path, driver_library: Path
) -> Callable[[Case], ProbeResult]:
    """Put a case into an environment and probe that."""

    def run(case: Case) -> ProbeResult:
        [site] = throwaway.glob("lib/python*/site-packages")
        write(site, case.lay_out(str(driver_library)))
        environ = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), **case.environ}
        if case.leaking:
            write(tmp_path / "mine", case.leaking)
            environ["PYTHONPATH"] = str(tmp_path / "mine")
        if case.driver >= 0:
            environ.update(HELD_OUT_CUINIT=str(case.driver), HELD_OUT_SHOWN=str(case.shown))
        order = ProbeOrder(
            probe=find_probe(case.probe),
            prefix=throwaway,
            environ=environ,
            timeout_s=case.timeout_s,
            host_gpus=case.host_gpus,
        )
        return run_probe(order)

    return run
