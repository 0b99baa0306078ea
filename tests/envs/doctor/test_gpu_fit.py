"""Builds against drivers and GPUs: what the files of frameworks say, and what follows from it."""

import json

import pytest

from envbench.envs.doctor.frameworks import list_frameworks
from envbench.envs.doctor.reading import read_view
from envbench.envs.doctor.view import DriverState, GpuFacts
from envbench.model.compatibility.architectures import find_architectures, has_code_for
from envbench.model.compatibility.drivers import DriverFit, judge_driver
from envbench.model.problem import Severity
from tests.envs.conftest import SITE

H200 = GpuFacts(name="NVIDIA H200", uuid="GPU-1", capability="9.0")
V100 = GpuFacts(name="Tesla V100", uuid="GPU-2", capability="7.0")
NEW = DriverState(version="580.65.06", cuda="13.0", gpus=(H200,))
OLD = DriverState(version="535.104.05", cuda="12.2", gpus=(H200,))
OLDEST = DriverState(version="470.82.01", cuda="11.4", gpus=(H200,))


def torch(cuda: str | None, version: str = "2.14.1") -> dict[str, bytes]:
    text = f"__version__ = '{version}'\ndebug = False\ncuda: Optional[str] = {cuda!r}\nhip: Optional[str] = None\n"
    return {"torch/__init__.py": b"", "torch/version.py": text.encode()}


def tensorflow(**info: object) -> dict[str, bytes]:
    text = f"import collections\nbuild_info = collections.OrderedDict({list(info.items())!r})\n"
    return {"tensorflow/python/platform/build_info.py": text.encode()}


def describe(patient) -> dict[str, tuple[str, str]]:
    view = read_view(patient.prefix, environ={}, home=patient.home)
    return {each.name: (each.version, each.build) for each in list_frameworks(view)}


def test_frameworks_are_read_without_importing_them(patient):
    patient.become_venv()
    patient.dist("torch", "2.14.1", files=torch("13.0"))
    patient.dist(
        "tensorflow", "2.21.0",
        files=tensorflow(is_cuda_build=True, cuda_version="12.5.1", cuda_compute_capabilities=["sm_60", "compute_90"]),
    )  # fmt: skip
    patient.dist("jax", "0.10.2", files={})
    patient.dist("jaxlib", "0.10.2", files={})
    patient.dist("jax-cuda12-plugin", "0.10.2", files={})
    patient.dist("cupy-cuda13x", "14.2.0", files={})
    info = b"package_name = 'onnxruntime-gpu'\n__version__ = '1.20.0'\ncuda_version = '12.2'\n"
    patient.dist(
        "onnxruntime-gpu", "1.20.0", files={"onnxruntime/capi/build_and_package_info.py": info}
    )
    assert describe(patient) == {
        "torch": ("2.14.1", "cuda 13.0"),
        "tensorflow": ("2.21.0", "cuda 12.5.1"),
        "jax": ("0.10.2", "cuda 12"),
        "cupy": ("14.2.0", "cuda 13"),
        "onnxruntime": ("1.20.0", "cuda 12.2"),
    }


def test_cpu_builds_and_local_versions_are_read_too(patient):
    patient.become_venv()
    patient.dist("torch", "2.3.1+cu118", files={})
    patient.dist("tensorflow-cpu", "2.21.0", files=tensorflow(is_cuda_build=False))
    patient.dist("jax", "0.4.30", files={})
    patient.dist("jaxlib", "0.4.30+cuda12.cudnn91", files={})
    patient.dist("onnxruntime", "1.20.0", files={})
    assert describe(patient) == {
        "torch": ("2.3.1+cu118", ""),
        "tensorflow": ("2.21.0", "cpu"),
        "jax": ("0.4.30", "cuda 12"),
        "onnxruntime": ("1.20.0", "cpu"),
    }


@pytest.mark.parametrize(
    ("build", "cuda", "expected"),
    [
        ("cuda124py311h1234_200", "12.4", "cuda 12.4"),
        ("py3.11_cuda12.1_cudnn8.9.2_0", "", "cuda 12.1"),
        ("cpu_py311h1234_0", "", "cpu"),
        ("cuda12py311_0", "12.6", "cuda 12.6"),
    ],
)
def test_builds_of_conda_are_read_from_their_records(patient, build, cuda, expected):
    patient.python()
    patient.dist("torch", "2.3.1", files={}, owner="pytorch")
    [record] = (patient.prefix / "conda-meta").glob("pytorch-*.json")
    document = json.loads(record.read_text()) | {"build": build}
    record.write_text(json.dumps(document))
    if cuda:
        patient.conda("cuda-version", cuda)
    assert describe(patient)["torch"] == ("2.3.1", expected)


@pytest.mark.parametrize(
    "text", [b"\xff", b"build_info = collections.OrderedDict([(", b"build_info = open('/')"]
)
def test_damaged_texts_of_frameworks_are_no_facts(patient, text):
    patient.become_venv()
    patient.dist("tensorflow", files={"tensorflow/python/platform/build_info.py": text})
    patient.dist("torch", "2.0", files={"torch/version.py": text})
    assert describe(patient)["tensorflow"] == ("1.0", "")


@pytest.mark.parametrize(
    ("driver", "code", "severity"),
    [
        (NEW, None, None),
        (OLD, "gpu.minor_version", Severity.INFO),
        (OLDEST, "gpu.driver_too_old", Severity.ERROR),
    ],
)
def test_a_driver_is_compared_with_the_build(patient, driver, code, severity):
    patient.become_venv()
    patient.dist("torch", "2.5.0", files=torch("12.4"))
    patient.driver = driver
    findings = [(f.code, f.severity) for f in patient.examine()]
    assert findings == ([(code, severity)] if code else [])


@pytest.mark.parametrize(
    ("build", "driver_cuda", "driver", "fit"),
    [
        ("12.4", "12.4", "550.54", DriverFit.NATIVE),
        ("12.4", "13.0", "580.10", DriverFit.NATIVE),
        ("12.4", "12.2", "535.10", DriverFit.MINOR),
        ("12", "12.2", "535.10", DriverFit.NATIVE),
        ("13.0", "12.9", "575.10", DriverFit.TOO_OLD),
        ("12.4", "12.0", "520.10", DriverFit.TOO_OLD),
        ("11.8", "11.4", "470.82", DriverFit.MINOR),
        ("12.4", None, "550.54", DriverFit.UNKNOWN),
        ("", "12.4", "550.54", DriverFit.UNKNOWN),
        ("12.4", "odd", None, DriverFit.UNKNOWN),
    ],
)
def test_the_rule_of_drivers(build, driver_cuda, driver, fit):
    assert judge_driver(build, driver_cuda, driver) is fit


@pytest.mark.parametrize(
    ("codes", "capability", "answer"),
    [
        (("sm_80",), "8.0", True),
        (("sm_80",), "8.6", True),
        (("sm_86",), "8.0", False),
        (("sm_80",), "9.0", False),
        (("compute_80",), "9.0", True),
        (("compute_90",), "8.0", False),
        (("sm_90a",), "9.0", True),
        (("sm_100", "sm_120"), "12.0", True),
        (("sm_100a",), "10.3", False),
        ((), "9.0", None),
        (("nonsense",), "9.0", None),
        (("sm_80",), "nine", None),
    ],
)
def test_the_rule_of_architectures(codes, capability, answer):
    assert has_code_for(codes, capability) is answer


def test_a_card_that_a_build_has_no_code_for_is_told_from_the_table_with_its_date(patient):
    patient.become_venv()
    patient.dist("torch", "2.14.1", files=torch("13.0"))
    patient.driver = DriverState(version="580.1", cuda="13.0", gpus=(H200, V100, V100))
    [finding] = patient.examine()
    assert (finding.code, finding.severity) == ("gpu.arch", Severity.WARNING)
    assert "Tesla V100" in finding.title
    assert finding.found_in == "table"
    assert any("2026-11-22" in reference for reference in finding.references)


def test_the_files_own_list_of_architectures_is_certain(patient):
    patient.become_venv()
    files = tensorflow(is_cuda_build=True, cuda_version="12.5", cuda_compute_capabilities=["sm_80"])
    patient.dist("tensorflow", "2.21.0", files=files)
    patient.driver = DriverState(version="580.1", cuda="13.0", gpus=(H200, V100))
    assert [f.severity for f in patient.find("gpu.arch")] == [Severity.ERROR, Severity.ERROR]


def test_cpu_builds_are_told_on_boxes_with_gpus_only(patient):
    patient.become_venv()
    patient.dist("torch", "2.13.0+cpu", files=torch(None))
    assert patient.examine() == ()
    patient.driver = NEW
    [finding] = patient.examine()
    assert (finding.code, finding.severity) == ("gpu.cpu_only_build", Severity.WARNING)
    assert finding.found_in == f"{SITE}/torch/version.py"


@pytest.mark.usefixtures("compiler")
def test_a_gpu_build_without_its_cuda_libraries_is_told_on_boxes_with_gpus(patient):
    patient.become_venv()
    files = tensorflow(
        is_cuda_build=True, cuda_version="12.5.1", cuda_compute_capabilities=["compute_60"]
    )
    patient.dist("tensorflow", "2.21.0", files=files)
    assert patient.examine() == ()
    patient.driver = NEW
    [finding] = patient.examine()
    assert (finding.code, finding.severity) == ("lib.cuda_runtime_missing", Severity.WARNING)
    assert (
        "without CUDA's libraries: libcudart.so.12, libcublas.so.12, libcudnn.so" in finding.title
    )
    assert finding.remedies[0].changes[0].requirement == "tensorflow[and-cuda]"
    for name in (
        "cuda_runtime/lib/libcudart.so.12",
        "cublas/lib/libcublas.so.12",
        "cudnn/lib/libcudnn.so.9",
    ):
        patient.compile(f"{SITE}/nvidia/{name}")
    assert patient.examine() == ()


def test_a_gpu_build_without_a_driver_is_no_finding(patient):
    patient.become_venv()
    patient.dist("torch", "2.14.1", files=torch("13.0"))
    assert patient.examine() == ()


def test_the_most_exact_row_of_a_table_counts():
    assert find_architectures("torch", "13.0").is_measured
    assert "compute_120" in find_architectures("torch", "13.2").codes
    assert "sm_50" in find_architectures("torch", "12.4").codes
    assert "sm_70" in find_architectures("torch", "12.8").codes
    assert find_architectures("tensorflow", "12.5") is None
