"""Unmodified frameworks made to fail: other versions put first, and a driver that answers as it is told."""

import shutil
import subprocess
from pathlib import Path

import pytest

from envbench.model.probe import ProbeStatus
from tests.probes.payloads.environments import FOLDER, RECIPES, make_environment

pytestmark = [pytest.mark.network, pytest.mark.slow, pytest.mark.timeout(3600)]
_LIMIT_S = 240.0


def environment(name: str) -> Path:
    [recipe] = (recipe for recipe in RECIPES if recipe.name == name)
    return make_environment(recipe)


@pytest.fixture(scope="session")
def stub_driver(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if shutil.which("gcc") is None:
        pytest.skip("there is no gcc here")
    folder = tmp_path_factory.mktemp("driver")
    subprocess.run(
        [
            "gcc",
            "-shared",
            "-fPIC",
            "-o",
            folder / "libcuda.so.1",
            "-Wl,-soname,libcuda.so.1",
            Path(__file__).parent / "stub_driver.c",
        ],
        check=True,
    )
    return folder


ANSWERS = {
    "torch_driver_11_0": ("cuda", "torch", "STUB_DRIVER_VERSION=11000", "gpu.driver_too_old"),
    "torch_driver_12_4": ("cuda", "torch", "STUB_DRIVER_VERSION=12040", "gpu.driver_too_old"),
    "torch_not_initialized": ("cuda", "torch", "STUB_INIT=3", "gpu.init_failed"),
    "torch_no_device": ("cuda", "torch", "STUB_INIT=100", "gpu.no_visible_device"),
    "torch_fabric": ("cuda", "torch", "STUB_INIT=802", "gpu.fabric"),
    "torch_mismatch": ("cuda", "torch", "STUB_INIT=803", "gpu.driver_lib_mismatch"),
    "torch_compat": ("cuda", "torch", "STUB_INIT=804", "gpu.compat"),
    "torch_unknown": ("cuda", "torch", "STUB_INIT=999", "gpu.init_failed"),
    "torch_no_driver": ("cuda", "torch", "", "gpu.no_driver"),
    "numba_no_driver": ("gpu_builds", "numba", "", "gpu.no_driver"),
}
WITHOUT_LIBRARIES = ("onnxruntime", "tensorflow", "jax")
"""Builds for GPUs of one of these environments, installed without CUDA's libraries."""


@pytest.mark.parametrize(("name", "probe", "answer", "code"), ANSWERS.values(), ids=ANSWERS)
def test_a_driver_that_does_not_serve(provoke, stub_driver, name, probe, answer, code):
    prefix = environment(name)
    variable, _, value = answer.partition("=")
    told = {variable: value, "LD_LIBRARY_PATH": str(stub_driver)} if answer else {}
    result = provoke(prefix, probe=probe, timeout_s=_LIMIT_S, **told)
    assert result.status is ProbeStatus.DEGRADED
    assert result.diagnoses[0].code == code, [d.code for d in result.diagnoses]


@pytest.mark.parametrize("probe", WITHOUT_LIBRARIES)
def test_missing_libraries_are_told_behind_a_missing_driver(provoke, probe):
    """Both are missing: the libraries alone would mend nothing on a box without a driver."""
    result = provoke(environment("gpu_builds"), probe=probe, timeout_s=_LIMIT_S)
    assert result.status is ProbeStatus.DEGRADED
    assert [d.code for d in result.diagnoses] == ["gpu.no_driver", "lib.cuda_runtime_missing"]


OVERLAYS = {
    "pandas_of_numpy_1": (
        "cpu",
        "pandas",
        ("pandas==2.1.1", "pytz"),
        "abi.numpy.dtype_size",
    ),
    "numpy_of_old_under_pandas": ("cpu", "pandas", ("numpy==1.23.5",), "abi.numpy.too_old"),
    "numpy_of_old_under_scipy": ("cpu", "scipy", ("numpy==1.23.5",), "abi.numpy.too_old"),
    "numba_of_old": ("cpu", "numba", ("numba==0.60.0", "llvmlite==0.43.0"), "abi.numpy.too_new"),
    "jaxlib_of_old": ("cpu", "jax", ("jaxlib==0.4.30",), "pin.jaxlib"),
    "tokenizers_of_old": ("cpu", "transformers", ("tokenizers==0.15.2",), "pin.runtime_check"),
    "pydantic_of_old": ("cpu", "langchain", ("pydantic==1.10.13",), "pin.pydantic"),
    "protobuf_of_old": (
        "tensorflow",
        "tensorflow",
        ("protobuf==3.20.3",),
        "pb.runtime_too_old",
    ),
}


def overlay(prefix: Path, requirements: tuple[str, ...]) -> Path:
    """Install packages into a folder of their own, once."""
    folder = FOLDER / "overlays" / "+".join(requirements)
    if not folder.is_dir():
        command = [prefix / "bin/python", "-m", "pip", "install", "--quiet", "--no-deps"]
        command += ["--only-binary", ":all:", "--target", folder, *requirements]
        subprocess.run(command, check=True, timeout=600)
    return folder


@pytest.mark.parametrize(("name", "probe", "requirements", "code"), OVERLAYS.values(), ids=OVERLAYS)
def test_another_version_comes_first(provoke, name, probe, requirements, code):
    prefix = environment(name)
    folder = overlay(prefix, requirements)
    result = provoke(prefix, probe=probe, timeout_s=_LIMIT_S, PYTHONPATH=str(folder))
    assert (result.status, result.stage) == (ProbeStatus.FAILED, "import")
    assert [told.code for told in result.diagnoses][:2] == [code, "leak.pythonpath"]
    assert str(folder) in result.diagnoses[1].title


def test_another_numpy_is_told_though_all_is_well(provoke):
    prefix = environment("cpu")
    folder = overlay(prefix, ("numpy==1.26.4",))
    result = provoke(prefix, timeout_s=_LIMIT_S, PYTHONPATH=str(folder))
    assert result.status is ProbeStatus.OK
    assert [told.code for told in result.diagnoses] == ["leak.pythonpath"]
