"""Modules built for NumPy 1, and code that protoc generated: told from what stands in the files."""

import os

import pytest

from envbench.envs.doctor.numpy_marks import NumpyApi, scan_numpy_api
from envbench.model.compatibility.numpy_abi import NUMPY_2, is_built_for_numpy_1
from envbench.model.problem import Severity
from tests.envs.conftest import SITE

MODULE = "_fast.cpython-311-x86_64-linux-gnu.so"
OLD = 'const char *api = "numpy.core._multiarray_umath";\n'
NEW = 'const char *first = "numpy._core._multiarray_umath";\n' + OLD


def install(patient, source: str, *, numpy: str = "2.2.6", name: str = "mine") -> None:
    patient.become_venv()
    patient.dist("numpy", numpy, files={"numpy/__init__.py": b""})
    patient.compile(f"{SITE}/{name}/{MODULE}", source)
    patient.dist(name, files={f"{name}/__init__.py": b""}, paths=[f"{name}/{MODULE}"])


@pytest.mark.usefixtures("compiler")
def test_a_module_built_for_numpy_1_is_told_beside_numpy_2(patient):
    install(patient, OLD)
    [finding] = patient.examine()
    assert (finding.code, finding.severity) == ("abi.numpy.compiled_for_1x", Severity.ERROR)
    assert finding.packages == ("mine", "numpy")
    assert finding.found_in.endswith(MODULE)
    assert finding.remedies[-1].changes[0].requirement == "numpy<2"


@pytest.mark.usefixtures("compiler")
@pytest.mark.parametrize(
    ("source", "numpy"),
    [(NEW, "2.2.6"), (OLD, "1.26.4"), ("int nothing;", "2.0.0"), (OLD, "odd version")],
)
def test_what_fits_is_not_told(patient, source, numpy):
    install(patient, source, numpy=numpy)
    assert patient.examine() == ()


@pytest.mark.usefixtures("compiler")
def test_the_first_release_for_numpy_2_is_named_where_it_is_known(patient):
    install(patient, OLD, name="pandas")
    [finding] = patient.examine()
    assert finding.remedies[0].changes[0].requirement == "pandas>=2.2.2"


@pytest.mark.usefixtures("compiler")
def test_the_table_is_asked_only_where_no_file_tells(patient):
    install(patient, "int nothing;", name="pandas")
    [finding] = patient.examine()
    assert (finding.severity, finding.found_in) == (Severity.WARNING, "table")
    patient.compile(f"{SITE}/pandas/{MODULE}", NEW)
    assert patient.examine() == ()


@pytest.mark.usefixtures("compiler")
def test_readings_are_remembered_until_the_file_changes(patient, tmp_path):
    install(patient, OLD)
    cache = tmp_path / "cache"
    cache.mkdir(mode=0o700)
    assert patient.find("abi.numpy.compiled_for_1x", cache_dir=cache)
    path = patient.prefix / SITE / "mine" / MODULE
    stamp, size = path.stat().st_mtime_ns, path.stat().st_size
    path.write_bytes(path.read_bytes().replace(b"numpy.core._multi", b"numpy.xxxx._multi"))
    os.utime(path, ns=(stamp, stamp))
    assert path.stat().st_size == size
    # Path, size and time are the same: what is remembered counts.
    assert patient.find("abi.numpy.compiled_for_1x", cache_dir=cache)
    os.utime(path, ns=(stamp + 1, stamp + 1))
    assert patient.find("abi.numpy.compiled_for_1x", cache_dir=cache) == []


@pytest.mark.usefixtures("compiler")
@pytest.mark.parametrize("content", [b"{", b"[]", b'{"x": "3"}', b"\xff"])
def test_a_damaged_memory_is_read_anew(patient, tmp_path, content):
    install(patient, OLD)
    cache = tmp_path / "cache"
    cache.mkdir(mode=0o700)
    assert patient.find("abi.numpy.compiled_for_1x", cache_dir=cache)
    [memory] = (cache / "doctor").iterdir()
    memory.write_bytes(content)
    assert patient.find("abi.numpy.compiled_for_1x", cache_dir=cache)


def test_a_mark_is_found_wherever_it_stands(tmp_path):
    path = tmp_path / "large.so"
    mark = b"numpy.core._multiarray_umath"
    size = 8 * 1024 * 1024
    for offset in (0, 5, size - 10, size - len(mark), size, size + 3):
        path.write_bytes(b"x" * offset + mark + b"x" * 100)
        assert scan_numpy_api(path) is NumpyApi.ONE, offset
    path.write_bytes(b"x" * (size - 7) + mark.replace(b"core", b"_core") + mark)
    assert scan_numpy_api(path) is NumpyApi.TWO
    assert scan_numpy_api(tmp_path / "absent.so") is NumpyApi.NONE


def test_the_table_compares_versions_and_knows_its_limits():
    assert is_built_for_numpy_1("pandas", "2.2.1") is True
    assert is_built_for_numpy_1("pandas", "2.2.2") is False
    assert is_built_for_numpy_1("pandas", "odd version") is None
    assert is_built_for_numpy_1("unheard-of", "1.0") is None
    assert len({row.distribution for row in NUMPY_2}) == len(NUMPY_2)
    assert all(str(row.source) for row in NUMPY_2)


STALE = b"""from google.protobuf import descriptor as _descriptor
DESCRIPTOR = _descriptor.FileDescriptor(name='x.proto', serialized_pb=b'x')
_X = _descriptor.FieldDescriptor(name='x')
"""
FRESH = b"""from google.protobuf import descriptor_pool
DESCRIPTOR = descriptor_pool.Default().AddSerializedFile(b'x')
"""
GATED = b"""_runtime_version.ValidateProtobufRuntimeVersion(
    _runtime_version.Domain.PUBLIC,
    5,
    27,
    2,
    '',
    'x.proto'
)
"""


def generate(
    patient, code: bytes, protobuf: str, init: bytes = b"from mine import x_pb2\n"
) -> None:
    patient.become_venv()
    patient.dist("protobuf", protobuf, files={"google/protobuf/__init__.py": b""})
    files = {"mine/__init__.py": init, "mine/more.py": b"", "mine/x_pb2.py": code}
    patient.dist("mine", files=files)


@pytest.mark.parametrize(
    ("code", "protobuf", "found"),
    [
        (STALE, "4.25.3", "pb.stale_descriptors"),
        (GATED, "5.26.1", "pb.runtime_too_old"),
        (GATED, "3.20.3", "pb.runtime_too_old"),
    ],
)
def test_generated_code_that_protobuf_refuses_is_told(patient, code, protobuf, found):
    generate(patient, code, protobuf)
    [finding] = patient.examine()
    assert (finding.code, finding.severity) == (found, Severity.ERROR)
    assert finding.found_in.endswith("mine/x_pb2.py")


@pytest.mark.parametrize(
    ("code", "protobuf"),
    [(STALE, "3.20.3"), (FRESH, "6.31.1"), (GATED, "5.27.2"), (GATED, "6.0.0"), (STALE, "odd")],
)
def test_generated_code_that_fits_is_not_told(patient, code, protobuf):
    generate(patient, code, protobuf)
    assert patient.examine() == ()


def test_old_code_that_is_carried_along_for_old_runtimes_is_not_told(patient):
    generate(patient, STALE, "6.31.1", init=b"def load():\n    from mine import x_pb2\n")
    assert patient.examine() == ()
