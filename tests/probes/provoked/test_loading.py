"""Extensions that a compiler made, and that the loader then refuses for a genuine reason."""

import pytest

from envbench.model.probe import ProbeStatus
from tests.probes.provoked.workshop import build, needing, undefined

NEEDED = {
    "missing_libcudnn": ("libcudnn.so.9", "", "lib.missing", "cudnn"),
    "missing_cuda_runtime": ("libcudart.so.12", "", "lib.missing", "cudart"),
    "missing_libGL": ("libGL.so.7", "", "lib.missing", "OpenGL"),
    "missing_unknown_library": ("libquux.so.3", "", "lib.missing", "libquux.so.3"),
    "missing_musl": ("libc.musl-x86_64.so.1", "", "lib.missing", "Alpine"),
    "missing_driver_library": ("libnvidia-ml.so.1", "", "gpu.no_driver", "driver"),
    "other_python_library": ("libpython3.6m.so.1.0", "", "abi.python_tag", "3.6"),
    "glibc_too_old": ("libm.so.6", "GLIBC_9.99", "lib.glibc", "9.99"),
    "libstdcxx_too_old": ("libstdc++.so.6", "GLIBCXX_9.4.99", "lib.glibcxx", "GLIBCXX_9.4.99"),
    "cxxabi_too_old": ("libstdc++.so.6", "CXXABI_9.3.15", "lib.glibcxx", "CXXABI_9.3.15"),
    "libgcc_too_old": ("libgcc_s.so.1", "GCC_99.0.0", "lib.glibcxx", "GCC_99.0.0"),
    "zlib_too_old": ("libz.so.1", "ZLIB_9.9", "lib.undefined_symbol", "ZLIB_9.9"),
}
SYMBOLS = {
    "nobodys_symbol": ("foo_of_nobody", "lib.undefined_symbol", "foo_of_nobody"),
    "torch_cxx_abi": (
        "_ZN3c106detail23torchInternalAssertFailEPKcS2_jS2_RKSs",
        "abi.torch_cxx",
        "torch",
    ),
    "torch_tensor_call": ("_ZNK2at6Tensor4sizeEl", "abi.torch_cxx", "torch"),
    "python_c_interface": ("PyCObject_FromVoidPtr", "abi.python_tag", "Python"),
    "nvjitlink_of_another_cuda": ("__nvJitLinkComplete_99_4", "lib.undefined_symbol", "nvJitLink"),
    "mkl_profiler": ("iJIT_NotifyEventNobody", "lib.undefined_symbol", "mkl"),
    "cublas_of_another_release": ("cublasLtNoSuchCall", "lib.undefined_symbol", "CUDA"),
    "newer_c_library": ("__isoc99_nosuch_strtol", "lib.glibc", "glibc"),
}


def as_told(result, code, words):
    first = result.diagnoses[0]
    assert first.code == code, [told.code for told in result.diagnoses]
    assert words.lower() in f"{first.title} {first.cause} {first.evidence}".lower()
    assert first.evidence
    assert first.remedies
    assert (result.status, result.stage) == (ProbeStatus.FAILED, "import")
    assert result.isolated is not None
    assert result.isolated.status is ProbeStatus.FAILED


@pytest.mark.parametrize(("soname", "version", "code", "words"), NEEDED.values(), ids=NEEDED)
def test_a_library_is_missing_or_too_old(workshop, provoke, tmp_path, soname, version, code, words):
    workshop.loads(needing(tmp_path, soname, version=version))
    as_told(provoke(workshop.prefix), code, words)


@pytest.mark.parametrize(("symbol", "code", "words"), SYMBOLS.values(), ids=SYMBOLS)
def test_a_symbol_is_missing(workshop, provoke, tmp_path, symbol, code, words):
    workshop.loads(undefined(tmp_path, symbol))
    as_told(provoke(workshop.prefix), code, words)


DAMAGE = {
    "cut_short": (lambda whole: whole[:40], "lib.corrupt"),
    "pointer_of_git_lfs": (
        lambda _: b"version https://git-lfs.github.com/spec/v1\n" * 3,
        "lib.corrupt",
    ),
    "of_32_bits": (lambda whole: whole[:4] + b"\x01" + whole[5:], "lib.wrong_arch"),
}


@pytest.mark.parametrize(("damage", "code"), DAMAGE.values(), ids=DAMAGE)
def test_a_library_is_damaged(workshop, provoke, tmp_path, damage, code):
    library = build(tmp_path / "whole.so", "int PyInit__core(void) { return 0; }\n")
    library.write_bytes(damage(library.read_bytes()))
    workshop.loads(library)
    as_told(provoke(workshop.prefix), code, "_core.so")


def test_thread_storage_finds_no_room(workshop, provoke, tmp_path):
    source = "__thread char room[4000000]; int PyInit__core(void) { return room[1]; }\n"
    workshop.loads(build(tmp_path / "tls.so", source, "-ftls-model=initial-exec"))
    as_told(provoke(workshop.prefix), "lib.static_tls", "_core.so")


def test_a_library_is_opened_by_its_name(workshop, provoke):
    workshop.numpy("import ctypes\nctypes.CDLL('libxgboost_nobody.so')")
    as_told(provoke(workshop.prefix), "lib.missing", "libxgboost_nobody.so")


def test_an_extension_is_there_for_another_python(workshop, provoke):
    folder = workshop.package("fastlib", "from fastlib import _speedups")
    (folder / "_speedups.cpython-36m-x86_64-linux-gnu.so").write_bytes(b"\x7fELF")
    workshop.numpy("import fastlib")
    as_told(provoke(workshop.prefix), "abi.python_tag", "3.6")


def test_a_submodule_is_there_for_another_python(workshop, provoke):
    folder = workshop.package("fastlib", "import fastlib.engine")
    (folder / "engine.cpython-36m-x86_64-linux-gnu.so").write_bytes(b"\x7fELF")
    workshop.numpy("import fastlib")
    as_told(provoke(workshop.prefix), "abi.python_tag", "3.6")


def test_no_memory_in_a_constructor_of_cxx(workshop, provoke, tmp_path):
    source = "#include <new>\nstruct A { A() { throw std::bad_alloc(); } } a;\n"
    workshop.loads(build(tmp_path / "alloc.so", source, compiler="g++"))
    result = provoke(workshop.prefix)
    assert (result.status, result.stage) == (ProbeStatus.CRASHED, "import")
    assert result.diagnoses[0].code == "host.oom"


def test_a_library_that_is_cut_behind_its_headers(workshop, provoke, tmp_path):
    library = build(tmp_path / "whole.so", "int PyInit__core(void) { return 0; }\n")
    library.write_bytes(library.read_bytes()[:5000])
    workshop.loads(library)
    result = provoke(workshop.prefix)
    assert (result.status, result.stage) == (ProbeStatus.CRASHED, "import")
    assert result.diagnoses[0].code == "signal.bus"
    assert "damaged library" in result.diagnoses[0].cause
