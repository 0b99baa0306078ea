"""Packages that do not fit each other: real import errors, and texts as the real packages raise them."""

import sys

import pytest

from envbench.model.probe import ProbeStatus

STALE = """Descriptors cannot be created directly.
If this call came from a _pb2.py file, your generated code is out of date and must be regenerated with protoc >= 3.19.0."""
GENCODE = (
    "Detected incompatible Protobuf Gencode/Runtime versions when loading tensorflow/core/x.proto: gencode "
    "6.31.1 runtime 5.29.5. Runtime version cannot be older than the linked gencode version."
)
RAISED = {
    "dtype_size": (
        "ValueError('numpy.dtype size changed, may indicate binary incompatibility. Expected 96 from C header, got 88 from PyObject')",
        "abi.numpy.dtype_size",
    ),
    "ndarray_size_of_newer_numpy": (
        "ValueError('numpy.ndarray size changed, may indicate binary incompatibility. Expected 96 from C header, got 80 from PyObject')",
        "abi.numpy.dtype_size",
    ),
    "api_version": (
        "RuntimeError('module compiled against API version 0x10 but this version of numpy is 0xe')",
        "abi.numpy.too_old",
    ),
    "numba_cap": (
        "ImportError('Numba needs NumPy 2.0 or less. Got NumPy 2.4.')",
        "abi.numpy.too_new",
    ),
    "pandas_floor": (
        "ImportError('Please upgrade numpy to >= 2.0.2 to use this pandas version.\\nYour numpy version is 1.23.5.')",
        "abi.numpy.too_old",
    ),
    "stale_descriptors": (f"TypeError({STALE!r})", "pb.stale_descriptors"),
    "old_protobuf": (f"RuntimeError({GENCODE!r})", "pb.runtime_too_old"),
    "jaxlib": (
        "RuntimeError('jaxlib is version 0.4.30, but this version of jax requires version >= 0.10.1.')",
        "pin.jaxlib",
    ),
    "tokenizers": (
        "ImportError('tokenizers>=0.23.1,<0.24.0 is required for a normal functioning of this module, but found tokenizers==0.15.2.')",
        "pin.runtime_check",
    ),
    "torchvision_nms": (
        "RuntimeError('operator torchvision::nms does not exist')",
        "pin.torchvision",
    ),
    "no_kernel_image": (
        "RuntimeError('CUDA error: no kernel image is available for execution on the device')",
        "gpu.arch",
    ),
    "card_is_full": (
        "RuntimeError('CUDA out of memory. Tried to allocate 2.00 GiB. GPU 0 has a total capacity of 7.79 GiB')",
        "gpu.oom",
    ),
    "driver_too_old": (
        "RuntimeError('CUDA driver version is insufficient for CUDA runtime version; the driver on your system is too old (found version 11040).')",
        "gpu.driver_too_old",
    ),
    "fabric_manager": ("RuntimeError('CUDA error 802: system not yet initialized')", "gpu.fabric"),
    "driver_mismatch": (
        "RuntimeError('Failed to initialize NVML: Driver/library version mismatch')",
        "gpu.driver_lib_mismatch",
    ),
    "cudnn_mismatch": (
        "RuntimeError('cuDNN version incompatibility: PyTorch was compiled  against (9, 1, 0) but found runtime version (8, 9, 2).')",
        "gpu.cudnn_mismatch",
    ),
    "ptxas": ("RuntimeError('libdevice not found at ./libdevice.10.bc')", "gpu.ptxas"),
    "cpu_only": ("AssertionError('Torch not compiled with CUDA enabled')", "gpu.cpu_only_build"),
}


@pytest.mark.parametrize(("raised", "code"), RAISED.values(), ids=RAISED)
def test_a_text_of_a_package(workshop, provoke, raised, code):
    workshop.package("somelib", f"raise {raised}")
    workshop.numpy("import somelib")
    result = provoke(workshop.prefix)
    assert (result.status, result.stage) == (ProbeStatus.FAILED, "import")
    assert result.diagnoses[0].code == code, [told.code for told in result.diagnoses]
    assert result.diagnoses[0].found_in == "exception"


NAMES = {
    "pydantic_1": (
        {"pydantic": "class BaseModel: pass"},
        "from pydantic import BaseModel, RootModel",
        "pin.pydantic",
    ),
    "protobuf_without_runtime_version": (
        {"google/protobuf": ""},
        "from google.protobuf import runtime_version",
        "pb.runtime_too_old",
    ),
    "name_that_python_lost": ({}, "from collections import MutableMapping", "pin.python"),
    "module_that_python_lost": ({}, "import asyncore_of_old\n", "missing.module"),
    "name_of_another_release": (
        {"huggingface_hub": "__version__ = '1.0'"},
        "from huggingface_hub import cached_download",
        "pin.api",
    ),
    "attribute_of_another_release": (
        {"openai": "__version__ = '1.0'"},
        "import openai\nopenai.ChatCompletion",
        "pin.api",
    ),
}


@pytest.mark.parametrize(("packages", "source", "code"), NAMES.values(), ids=NAMES)
def test_a_name_is_not_there(workshop, provoke, packages, source, code):
    for name, text in packages.items():
        (workshop.site / name).mkdir(parents=True)
        (workshop.site / name / "__init__.py").write_text(text)
    workshop.package("userlib", source)
    workshop.numpy("import userlib")
    result = provoke(workshop.prefix)
    assert (result.status, result.stage) == (ProbeStatus.FAILED, "import")
    assert result.diagnoses[0].code == code, result.errors
    assert "userlib" in result.diagnoses[0].title


@pytest.mark.skipif(sys.version_info >= (3, 13), reason="this Python has the name")
def test_a_name_that_only_a_newer_python_has(workshop, provoke):
    workshop.package("userlib", "from typing import TypeIs")
    workshop.numpy("import userlib")
    result = provoke(workshop.prefix)
    assert result.diagnoses[0].code == "pin.python"
    assert "3.13" in result.diagnoses[0].title


def test_numpy_lost_a_name_that_is_still_used(workshop, provoke):
    """`numpy.float` is asked for by a package, of a NumPy that is there and whole."""
    workshop.package("oldlib", "import numpy\ndef work(): return numpy.float")
    workshop.numpy("import oldlib\ndef show_config(mode): oldlib.work()\n__version__ = '2.1.0'")
    result = provoke(workshop.prefix)
    assert result.status is ProbeStatus.FAILED
    assert result.diagnoses[0].code == "abi.numpy.too_new"
    assert "oldlib" in result.diagnoses[0].title


def test_an_extension_of_numpy_1_tells_only_in_the_log(workshop, provoke):
    source = (
        "import sys\nprint('AttributeError: _ARRAY_API not found', file=sys.stderr)\n"
        "raise ImportError('numpy.core.multiarray failed to import')"
    )
    workshop.package("numexpr", source)
    workshop.numpy("import numexpr")
    result = provoke(workshop.prefix)
    told = result.diagnoses[0]
    assert (told.code, told.found_in) == ("abi.numpy.compiled_for_1x", "log")
    assert "numexpr" in told.title


def test_the_innermost_exception_tells(workshop, provoke):
    workshop.numpy(
        "try:\n    import ctypes; ctypes.CDLL('libnobody.so.4')\n"
        "except OSError as error:\n"
        "    raise ImportError('Error importing numpy: you should not try to import numpy from\\n"
        "        its source directory') from error"
    )
    result = provoke(workshop.prefix)
    assert result.diagnoses[0].code == "lib.missing"


def test_a_failure_that_nobody_knows_is_not_guessed_at(workshop, provoke):
    workshop.numpy("raise RuntimeError('the moon is in the wrong house')")
    assert provoke(workshop.prefix).diagnoses == ()
