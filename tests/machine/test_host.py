"""The host profile: detected, overridden, written to a file and read back."""

import json
import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envbench.machine import host_file
from envbench.machine.gpus import DriverFacts, Gpu, ask_driver
from envbench.machine.host import detect_host
from envbench.machine.host_fields import HOST_FIELDS
from envbench.model.errors import UsageError
from envbench.model.host import HostProfile, VirtualPackage
from tests.gpu_driver import StubBox, crash, error, hang

OVERRIDES = tuple(field.variable for field in HOST_FIELDS)
H100S = (
    "cuda 12040",
    "driver 550.54.15",
    "gpu name=H100 cc=9.0 mem=81920 uuid=GPU-0",
    "gpu name=A100 cc=8.0 mem=40960 uuid=GPU-1",
)
DETECT = """
import json, os
from rattler import VirtualPackage
found = [g for g in map(lambda v: v.into_generic(), VirtualPackage.detect())]
print(json.dumps([[g.name.normalized, str(g.version), str(g.build_string)] for g in found]), flush=True)
os._exit(0)
"""


def test_this_box_is_seen_as_the_solver_library_sees_it():
    answer = subprocess.run(
        [sys.executable, "-c", DETECT], capture_output=True, text=True, timeout=60
    )
    assert answer.returncode == 0, answer.stderr
    theirs = {VirtualPackage(*found) for found in json.loads(answer.stdout)}
    ours = set(detect_host(dict(os.environ)).virtual_packages())
    # The name of the microarchitecture depends on the age of each one's tables.
    assert {p for p in ours if p.name not in {"__archspec", "__cuda_arch"}} == {
        p for p in theirs if p.name not in {"__archspec", "__cuda_arch"}
    }
    assert {p.name for p in theirs} - {p.name for p in ours} == set()


def test_the_driver_is_asked(box):
    profile = detect_host(box(*H100S))
    assert (profile.cuda, profile.cuda_arch) == ("12.4", "8.0")
    assert profile.origin["cuda"] == "detected"


def test_gpus_are_described(box):
    facts = ask_driver(box(*H100S))
    assert facts == DriverFacts(
        driver="550.54.15",
        cuda="12.4",
        gpus=(
            Gpu(index=0, name="H100", uuid="GPU-0", capability="9.0", memory_bytes=80 << 30),
            Gpu(index=1, name="A100", uuid="GPU-1", capability="8.0", memory_bytes=40 << 30),
        ),
    )


def test_no_driver_is_no_cuda_with_a_reason():
    facts = ask_driver({"PATH": os.environ["PATH"]})
    if facts.cuda:
        pytest.skip("this box has a driver")
    assert facts.reason
    profile = detect_host({"PATH": os.environ["PATH"]})
    assert profile.cuda is None
    assert profile.origin["cuda"] == facts.reason


def test_a_hung_driver_does_not_hang_us(tmp_path):
    faults = (
        hang("nvmlInitWithFlags", "-"),
        hang("nvmlSystemGetCudaDriverVersion", "-"),
        hang("nvmlDeviceGetHandleByIndex", 1),
        hang("nvmlDeviceGetMemoryInfo", 0),
    )
    environs = []
    for number, fault in enumerate(faults):
        (tmp_path / str(number)).mkdir()
        environs.append(StubBox(tmp_path / str(number))(*H100S, fault))
    started = time.monotonic()
    with ThreadPoolExecutor() as threads:
        found = list(threads.map(lambda environ: ask_driver(environ, timeout_s=0.7), environs))
    assert time.monotonic() - started < 10
    for facts in found:
        assert facts.cuda is None
        assert "did not answer for 0.7 s" in facts.reason


def test_a_crash_in_the_driver_is_named(box):
    facts = ask_driver(box(*H100S, crash("nvmlDeviceGetCudaComputeCapability", 0)))
    assert "crashed (SIGSEGV)" in facts.reason
    assert detect_host(box(*H100S, crash("nvmlInitWithFlags", "-"))).cuda is None


@pytest.mark.parametrize(
    ("code", "reason"), [(9, "no NVIDIA driver"), (18, "mismatch"), (999, "Unknown Error")]
)
def test_errors_of_the_driver(box, code, reason):
    facts = ask_driver(box(*H100S, error("nvmlInitWithFlags", "-", code)))
    assert facts.cuda is None
    assert facts.reason
    assert reason.lower() in facts.reason.lower()


def test_one_bad_gpu_leaves_the_others(box):
    facts = ask_driver(box(*H100S, error("nvmlDeviceGetHandleByIndex", 0, 15)))
    assert facts.cuda == "12.4"
    assert [gpu.name for gpu in facts.gpus] == [None, "A100"]
    # The lowest capability is unknown, not that of the GPUs that answered.
    assert facts.lowest_capability is None


def test_overrides_as_conda_honours_them(box):
    environ = box(
        *H100S,
        CONDA_OVERRIDE_CUDA="11.8",
        CONDA_OVERRIDE_GLIBC="2.17",
        CONDA_OVERRIDE_LINUX="4.18",
        CONDA_OVERRIDE_ARCHSPEC="zen2",
        CONDA_SUBDIR="linux-64",
    )
    profile = detect_host(environ)
    assert (profile.cuda, profile.glibc, profile.linux) == ("11.8", "2.17", "4.18")
    assert profile.archspec == "zen2"
    assert profile.cuda_arch == "8.0"
    assert profile.origin["glibc"] == "CONDA_OVERRIDE_GLIBC"


def test_an_empty_override_removes():
    environ = {"PATH": os.environ["PATH"], **dict.fromkeys(OVERRIDES, "")}
    profile = detect_host({**environ, "CONDA_SUBDIR": "linux-64"})
    assert [p.name for p in profile.virtual_packages()] == ["__unix"]
    assert profile.origin["cuda"] == "CONDA_OVERRIDE_CUDA"


def test_without_cuda_there_is_no_architecture(box):
    assert detect_host(box(*H100S, CONDA_OVERRIDE_CUDA="")).cuda_arch is None


@pytest.mark.parametrize("variable", [*OVERRIDES, "CONDA_SUBDIR"])
@pytest.mark.parametrize(
    "text", ["abc!", "12.x", "1" * 40, "-1", "12.4\x1b[31m", "é", "\u0661\u0662"]
)
def test_nonsense_is_refused_with_the_name_of_the_variable(variable, text):
    environ = {"CONDA_SUBDIR": "osx-64" if variable.endswith("OSX") else "linux-64", variable: text}
    if variable.endswith("ARCHSPEC") and text in {"12.x", "1" * 40}:
        return
    with pytest.raises(UsageError, match=variable) as caught:
        detect_host(environ)
    assert "\x1b" not in str(caught.value)


def test_another_platform_takes_nothing_from_this_one():
    profile = detect_host({"CONDA_SUBDIR": "osx-arm64", "CONDA_OVERRIDE_OSX": "14.5"})
    assert profile.platform == "osx-arm64"
    assert (profile.linux, profile.glibc, profile.cuda, profile.archspec) == (None,) * 4
    assert [p.name for p in profile.virtual_packages()] == ["__unix", "__osx"]


versions = st.from_regex(r"[0-9]{1,3}(\.[0-9]{1,3}){1,2}", fullmatch=True)
profiles = st.builds(
    HostProfile,
    platform=st.sampled_from(["linux-64", "linux-aarch64", "osx-arm64"]),
    linux=versions | st.none(),
    glibc=versions | st.none(),
    osx=versions | st.none(),
    cuda=versions | st.none(),
    cuda_arch=versions | st.none(),
    archspec=st.sampled_from(["zen4", "x86_64_v3", None]),
    origin=st.dictionaries(st.sampled_from(["cuda", "glibc"]), st.text()),
)


@given(profiles)
def test_a_file_holds_the_whole_profile(profile):
    found = host_file.parse(host_file.write(profile), "box.toml")
    assert found.virtual_packages() == profile.virtual_packages()
    assert (found.platform, found.osx, found.cuda_arch) == (
        profile.platform,
        profile.osx,
        profile.cuda_arch,
    )


def test_values_of_a_file_say_so(tmp_path):
    path = tmp_path / "box.toml"
    path.write_text('schema = 1\nplatform = "linux-64"\nglibc = "2.31"\ncuda = "12.4"\n')
    profile = host_file.read(path)
    assert profile.origin["cuda"] == str(path)
    assert profile.archspec is None


@pytest.mark.parametrize(
    ("text", "place", "why"),
    [
        ("schema = 1\n", "box.toml", "missing"),
        ("schema = 2\nplatform = 'linux-64'\n", "box.toml:1", "schema = 1"),
        ("platform = 'linux-64'\n", "box.toml", "schema = 1"),
        ("schema = 1\nplatform = 'linux-64'\nglib = '2.31'\n", "box.toml:3", "did you mean glibc?"),
        ("schema = 1\nplatform = 'linux-64'\ncuda = 12.4\n", "box.toml:3", "as text"),
        ("schema = 1\nplatform = 'linux-64'\n\n  cuda = '12.x'\n", "box.toml:4", "'12.4'"),
        ("schema = 1\nplatform = 'Linux'\n", "box.toml:2", "linux-64"),
        ("schema = 1\n[platform]\n", "box.toml", "as text"),
        ("schema =\n", "box.toml", "line 1"),
        pytest.param("a = " + "[" * 5000, "box.toml", "", id="deep"),
    ],
)
def test_errors_of_a_file_name_line_and_key(text, place, why):
    with pytest.raises(UsageError) as caught:
        host_file.parse(text, "box.toml")
    assert caught.value.where == place
    assert why in caught.value.why


def test_hostile_row_25_names_are_cleaned():
    with pytest.raises(UsageError) as caught:
        host_file.parse('schema = 1\nplatform = "linux-64"\n"\\u001b]0;x" = 1\n', "b\x1b[31mox")
    assert "\x1b" not in str(caught.value)
