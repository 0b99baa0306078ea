"""What the driver itself says, asked through a library made here."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from envbench.probes.catalog import PAYLOADS

SOURCE = r"""
#include <stdlib.h>
#include <string.h>
static int number(const char *name) { const char *v = getenv(name); return v ? atoi(v) : 0; }
int cuInit(unsigned flags) { (void)flags; return number("STUB_INIT"); }
int cuDeviceGetCount(int *count) { *count = number("STUB_COUNT"); return 0; }
int cuDeviceGetName(char *name, int size, int device) {
    (void)device; strncpy(name, "NVIDIA Test", size); return 0;
}
int cuDeviceGetUuid(unsigned char *uuid, int device) {
    for (int i = 0; i < 16; i++) uuid[i] = (unsigned char)(i * 16 + device);
    uuid[3] = 0;
    return 0;
}
int cuDeviceGetUuid_v2(unsigned char *uuid, int device) { return cuDeviceGetUuid(uuid, device); }
int cuDeviceTotalMem_v2(size_t *bytes, int device) { (void)device; *bytes = (size_t)80 << 30; return 0; }
int cuDeviceGetAttribute(int *value, int attribute, int device) {
    (void)device; *value = attribute == 75 ? 9 : 0; return 0;
}
"""
ASK = """
import importlib.util, json, sys
spec = importlib.util.spec_from_file_location("surroundings", sys.argv[1])
module = importlib.util.module_from_spec(spec)
spec.loader.exec_module(module)
devices, reason = module.list_driver_devices()
print(json.dumps([devices, reason, module.describe(())["driver_library"]]))
"""


@pytest.fixture(scope="module")
def driver(tmp_path_factory: pytest.TempPathFactory) -> Path:
    compiler = shutil.which("gcc") or shutil.which("cc")
    if compiler is None:
        pytest.skip("no C compiler to make a driver library with")
    folder = tmp_path_factory.mktemp("driver")
    (folder / "stub.c").write_text(SOURCE)
    command = [compiler, "-shared", "-fPIC", "-Wl,-soname,libcuda.so.1", "-o", "libcuda.so.1"]
    subprocess.run([*command, "stub.c"], cwd=folder, check=True)
    return folder


def ask(**environ: str) -> tuple[list[dict], str, str]:
    command = [sys.executable, "-c", ASK, PAYLOADS / "surroundings.py"]
    ran = subprocess.run(command, env=environ, capture_output=True, text=True, check=True)
    return tuple(json.loads(ran.stdout))


def test_devices_are_named_as_the_drivers_own_tools_do(driver):
    devices, reason, library = ask(LD_LIBRARY_PATH=str(driver), STUB_COUNT="2")
    assert [device["uuid"] for device in devices] == [
        "GPU-00102000-4050-6070-8090-a0b0c0d0e0f0",
        "GPU-01112100-4151-6171-8191-a1b1c1d1e1f1",
    ]
    assert devices[0]["name"] == "NVIDIA Test"
    assert devices[0]["capability"] == "9.0"
    assert devices[0]["memory_bytes"] == 80 << 30
    assert reason == ""
    assert library == str(driver / "libcuda.so.1")


@pytest.mark.parametrize("code", ["3", "100", "802", "803", "804", "999"])
def test_a_driver_that_does_not_come_up_is_told_by_its_code(driver, code):
    devices, reason, _ = ask(LD_LIBRARY_PATH=str(driver), STUB_INIT=code, STUB_COUNT="2")
    assert (devices, reason) == ([], f"cuInit ended with {code}")


def test_a_driver_without_devices_says_so(driver):
    devices, reason, _ = ask(LD_LIBRARY_PATH=str(driver))
    assert (devices, reason) == ([], "the driver shows no device")


def test_no_driver_is_a_reason_and_no_failure(tmp_path):
    empty = tmp_path / "libcuda.so.1"
    empty.write_bytes(b"")
    devices, reason, _ = ask(LD_LIBRARY_PATH=str(tmp_path))
    assert devices == [] or "GPU-" in devices[0]["uuid"]
    assert reason or devices
