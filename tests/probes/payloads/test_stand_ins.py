"""Payloads over stand-ins for frameworks: what the real ones do on boxes that are not at hand."""

import pytest

from tests.probes.payloads.conftest import metadata

SCIPY = {
    **{
        f"scipy/{name}/__init__.py": ""
        for name in ("integrate", "linalg", "optimize", "sparse", "sparse/linalg")
    },
    "scipy/__init__.py": "__version__ = '9.9'",
    **metadata("scipy", "9.9"),
    **metadata("numpy", "2.0"),
}


def test_a_stage_of_its_own_owns_what_fails_before_the_checks(tell):
    told = tell("scipy", SCIPY | {"numpy/__init__.py": "__version__ = '2.0'"})
    failed = told.stage("inputs")
    assert failed["ok"] is False
    assert "random" in failed["error"][0]["message"]
    assert told.of("done")
    assert told.code == 0


def test_origins_and_outsiders_are_told(tell, tmp_path):
    told = tell("scipy", SCIPY | {"numpy/__init__.py": "__version__ = '2.0'"})
    facts = told.data("facts")
    assert facts["origins"]["numpy"] == str(tmp_path / "site/numpy/__init__.py")
    assert facts["outside_prefix"] == ["numpy", "scipy"]
    assert list(told.data("static")["distributions"]) == ["scipy", "numpy"]
    assert told.data("static")["distributions"]["scipy"]["in_prefix"] == "false"


TRITON = {
    "triton/__init__.py": "__version__ = '3.0.0'",
    "triton/language.py": "",
    **metadata("triton", "3.0.0"),
}


def test_a_library_for_gpus_says_what_it_cannot_check_without_one(tell):
    told = tell("triton", TRITON)
    assert told.data("check:version")["error"] == "0.0"
    assert told.data("facts")["device_used"] == "cpu"
    assert told.unchecked == [
        "kernels: Triton needs a GPU, and PyTorch is not installed to lend one"
    ]


def test_a_torn_install_fails(tell):
    told = tell("triton", TRITON | {"triton/__init__.py": "__version__ = '2.9.9'"})
    assert told.stage("check:version")["ok"] is False
    assert (
        "says version 2.9.9, its metadata 3.0.0"
        in told.stage("check:version")["error"][0]["message"]
    )


TORCH = """
__version__ = "2.1.0+cu121"
float32, float16, bfloat16, float64 = "float32", "float16", "bfloat16", "float64"

class version:
    cuda, hip, git_version = "12.1", None, "abc"

class Tensor:
    def __matmul__(self, other): raise AssertionError("nothing may run on this GPU")
    def double(self): return self
    def to(self, where): return self
    def float(self): return self

class _C:
    @staticmethod
    def _cuda_getArchFlags(): return "sm_80 sm_90"

class Generator:
    def manual_seed(self, seed): return self

def randn(*shape, **options): return Tensor()
def get_num_threads(): return 1

class nn:
    class functional:
        @staticmethod
        def conv2d(*inputs): return Tensor()

class backends:
    class cudnn:
        @staticmethod
        def version(): return 90100

class _Properties:
    name, major, minor, total_memory, uuid = "New Card", 12, 0, 1 << 30, "1234-5"

class cuda:
    class nccl:
        @staticmethod
        def version(): return (2, 20, 5)
    is_available = staticmethod(lambda: True)
    device_count = staticmethod(lambda: 1)
    get_device_properties = staticmethod(lambda index: _Properties)
"""


def test_nothing_is_run_on_a_gpu_that_the_build_has_no_code_for(tell):
    told = tell("torch", {"torch/__init__.py": TORCH, **metadata("torch", "2.1.0")})
    facts = told.data("facts")
    [device] = facts["devices"]
    assert (device["uuid"], device["capability"]) == ("GPU-1234-5", "12.0")
    assert (device["supported"], device["via"]) == (False, "")
    assert (facts["cudnn"], facts["nccl"], facts["cuda_build"]) == (90100, "2.20.5", "12.1")
    refused = told.stage("check:architecture_cuda0")
    assert refused["ok"] is False
    assert "no kernel image is available for New Card" in refused["error"][0]["message"]
    assert refused["data"]["device"] == "GPU-1234-5"
    for name in ("matmul_fp32", "matmul_fp16", "matmul_bf16", "conv2d", "autograd", "allocator"):
        assert "no code for the GPU" in told.data(f"check:{name}_cuda0")["skipped"]
    assert "NCCL between GPUs: only one GPU is visible" in told.unchecked
    assert (
        "matmul_fp32_cuda0: this build has no code for the GPU, see architecture" in told.unchecked
    )


def test_a_gpu_build_without_gpu_says_why_it_has_none(tell):
    source = TORCH.replace("lambda: True", "lambda: False") + (
        "    @staticmethod\n    def init(): raise RuntimeError('Found no NVIDIA driver')\n"
    )
    told = tell("torch", {"torch/__init__.py": source, **metadata("torch", "2.1.0")})
    facts = told.data("facts")
    assert (facts["gpu_build"], facts["device_used"]) == (True, "cpu")
    assert facts["gpu_error"] == "Found no NVIDIA driver"
    assert "GPU: this build of PyTorch reaches none here" in told.unchecked


def test_gpus_that_are_left_out_are_counted(tell):
    two = TORCH.replace("lambda: 1)", "lambda: 2)")
    told = tell("triton", TRITON | {"torch/__init__.py": two, **metadata("torch", "2.1.0")})
    assert "1 of 2 GPUs: only the first one is used" in told.unchecked
    told = tell("torch", {"torch/__init__.py": two})
    assert not any("only the first one" in line for line in told.unchecked)
    assert told.stage("check:architecture_cuda1")["ok"] is False


ONNXRUNTIME = """
__version__ = "1.20"
def get_available_providers(): return ["TensorrtExecutionProvider", "CUDAExecutionProvider", "CPUExecutionProvider"]
def get_device(): return "GPU"
class SessionOptions: pass
class InferenceSession:
    def __init__(self, model, options, providers):
        assert b"MatMul" in model
    def get_providers(self): return ["CPUExecutionProvider"]
    def run(self, names, inputs): return [inputs["a"]]
"""
NUMPY = """
class Array:
    def astype(self, kind): return self
    def __matmul__(self, other): return self
    def tolist(self): return [1.0, 2.0]
class _State:
    def standard_normal(self, shape): return [Array(), Array()]
class random:
    @staticmethod
    def RandomState(seed): return _State()
"""


def test_a_session_that_silently_fell_back_is_not_taken_for_the_gpu(tell):
    modules = {"onnxruntime/__init__.py": ONNXRUNTIME, "numpy/__init__.py": NUMPY}
    told = tell("onnxruntime", modules | metadata("onnxruntime-gpu", "1.20"))
    facts = told.data("facts")
    assert facts["providers_used"]["CUDAExecutionProvider"] == ["CPUExecutionProvider"]
    assert (facts["gpu_build"], facts["devices"], facts["device_used"]) == (True, [], "cpu")
    assert facts["gpu_error"]
    assert told.data("check:matmul_cpu")["error"] == "0.0"
    assert "asked for CUDA" in told.data("check:matmul_cuda")["skipped"]
    assert any(line.startswith("TensorrtExecutionProvider") for line in told.unchecked)
    assert not told.data("facts")["providers_used"].get("TensorrtExecutionProvider")


PANDAS = {"pandas/__init__.py": "raise ImportError('broken')", **metadata("pandas", "1.0")}


def test_what_cannot_be_imported_ends_the_run_with_its_reason(tell):
    told = tell("pandas", PANDAS | {"numpy/__init__.py": ""})
    assert told.stage("import")["error"][0] == {"type": "ImportError", "message": "broken"}
    assert [event["stage"] for event in told.of("stage_end")] == ["static", "import"]
    assert told.of("done")


def test_what_is_not_installed_is_not_imported(tell):
    told = tell("pandas", {"pandas/__init__.py": "raise SystemExit(9)"})
    assert told.of("not_installed")
    assert told.code == 0


@pytest.mark.parametrize("shadow", ["json.py", "random.py", "subprocess.py", "re.py", "signal.py"])
def test_files_named_like_the_standard_library_do_not_break_the_payload_itself(tell, shadow):
    told = tell("pip", {shadow: "raise RuntimeError('shadow')", **metadata("pip", "1.0")})
    assert told.stage("static")["ok"] is True
