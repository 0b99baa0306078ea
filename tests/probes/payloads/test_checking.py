"""The comparison that every verdict rests on, and where things are found to come from."""

import math
import sys
import time
from contextlib import suppress
from types import ModuleType, SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.probes.payloads.conftest import load

numbers = st.floats(allow_nan=False, allow_infinity=False, min_value=-1e9, max_value=1e9)


@given(st.lists(numbers, min_size=1, max_size=20))
def test_what_is_equal_has_no_error(values):
    assert load("checking").Probing.relative_error(values, list(values)) == 0.0


@pytest.mark.parametrize(
    ("computed", "reference", "error"),
    [
        ([1.0, 2.0], [1.0, 4.0], 0.5),
        ([[1.0], [2.0]], [[1.0], [4.0]], 0.5),
        ([[[1.0]], [[2.5]]], [1.0, 2.0], 0.25),
        (3.0, 2.0, 0.5),
        ([0.25], [0.0], 0.25),
        (SimpleNamespace(tolist=lambda: [[2.0, 2.0]]), [2.0, 1.0], 0.5),
    ],
)
def test_the_largest_deviation_counts(checking, computed, reference, error):
    assert checking.Probing.relative_error(computed, reference) == error


@pytest.mark.parametrize("place", range(3))
@pytest.mark.parametrize("bad", [math.nan, math.inf])
def test_no_nan_and_no_infinity_passes_wherever_it_stands(checking, place, bad):
    computed = [1.0, 2.0, 3.0]
    computed[place] = bad
    assert not checking.Probing.relative_error(computed, [1.0, 2.0, 3.0]) <= 1e300


@pytest.mark.parametrize("computed", [[], [1.0], [1.0, 2.0, 3.0]])
def test_another_number_of_numbers_is_an_error_of_its_own(checking, computed):
    with pytest.raises(ValueError, match="numbers came back, not 2"):
        checking.Probing.relative_error(computed, [1.0, 2.0])


def test_a_limit_ends_even_what_swallows_exceptions(checking):
    began = time.monotonic()
    with pytest.raises(checking.Skipped, match=r"not done within 0\.2 s"), checking.Limit(0.2):
        while True:
            with suppress(Exception):
                time.sleep(10)
    assert time.monotonic() - began < 5


def test_a_limit_that_holds_changes_nothing(checking):
    with checking.Limit(30):
        pass
    with pytest.raises(KeyError), checking.Limit(30):
        raise KeyError


def test_a_torn_install_is_told_by_its_versions(checking):
    known = {"torch": {"version": "2.1.0"}}
    probing = checking.Probing("", SimpleNamespace(describe_distribution=known.get), load)
    module = ModuleType("torch")
    module.__version__ = "2.1.0+cu121"
    assert probing.check_version(module, ("torch-nightly", "torch")) == 0.0
    module.__version__ = "2.0.1"
    with pytest.raises(RuntimeError, match=r"says version 2\.0\.1, its metadata 2\.1\.0"):
        probing.check_version(module, ("torch",))
    with pytest.raises(checking.Skipped):
        probing.check_version(module, ("other",))


def test_lines_of_what_stays_unchecked_are_given_once(checking):
    probing = checking.Probing("", None, load)
    probing.leave_unchecked("two\n  lines")
    assert probing.take_unchecked() == ["two lines"]
    assert probing.take_unchecked() == []


@pytest.mark.parametrize(
    ("name", "belongs"),
    [
        ("libcudart.so.12", True),
        ("libcudnn_ops_infer.so.8", True),
        ("libcublasLt.so.13", True),
        ("libnvrtc-builtins.so.12.1", True),
        ("libstdc++.so.6.0.30", True),
        ("libgomp-a34b3233.so.1.0.0", True),
        ("libiomp5.so", True),
        ("libopenblasp-r0-59b759f1.3.30.so", True),
        ("libmkl_rt.so.2", True),
        ("libtbb.so.12", True),
        ("libcuda.so.1", False),
        ("libc.so.6", False),
        ("libnvidia-ml.so.1", False),
        ("libblasphemy.so", False),
        ("libtbbind.so", False),
    ],
)
def test_families_of_libraries_that_clash(surroundings, name, belongs):
    assert bool(surroundings._FAMILY.match(name)) is belongs


def test_libraries_in_memory_are_listed_once(surroundings):
    found = surroundings.list_libraries()
    assert any("libc.so" in path or "libc-" in path for path in found)
    assert len(set(found)) == len(found)


def test_the_standard_library_and_the_prefix_are_no_outsiders(surroundings, tmp_path, monkeypatch):
    before = surroundings.find_outsiders()
    assert not {"json", "os", "pytest", "hypothesis"} & set(before)
    stray = ModuleType("stray")
    stray.__file__ = str(tmp_path / "stray.py")
    monkeypatch.setitem(sys.modules, "stray", stray)
    assert set(surroundings.find_outsiders()) == {*before, "stray"}


@pytest.mark.parametrize("text", ["4b5c9f-1", "GPU-4b5c9f-1"])
def test_a_gpu_is_named_as_the_driver_does(surroundings, text):
    assert surroundings.name_uuid(text) == "GPU-4b5c9f-1"
    assert surroundings.name_uuid("") == surroundings.name_uuid(None) == ""


@pytest.mark.parametrize(
    ("built", "capability", "found"),
    [
        ("sm_80 sm_90", (9, 0), "sm_90"),
        ("sm_80", (8, 6), "sm_80"),
        ("sm_86", (8, 0), ""),
        ("sm_80 sm_90", (12, 0), ""),
        ("sm_80 sm_90 compute_90", (12, 0), "compute_90"),
        ("compute_80 sm_120", (12, 0), "sm_120"),
        ("sm_120 compute_80", (12, 0), "sm_120"),
        ("sm_90a", (9, 0), "sm_90a"),
        ("sm_100a", (10, 3), ""),
        ("sm_100f", (10, 3), "sm_100f"),
        ("compute_90a", (10, 0), ""),
        ("sm_50 gfx90a nonsense", (9, 0), ""),
        ("", (9, 0), ""),
    ],
)
def test_what_of_a_build_runs_on_a_gpu(built, capability, found):
    assert load("probe_torch").find_code(built.split(), capability) == found
