"""Interpreters really packaged, installed at another place, and run there."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from envbench.engine.local_channel import ChannelReport, make_channel
from envbench.engine.local_channel.interpreter import ask_interpreter
from envbench.model.errors import UsageError
from tests.engine.local_channel.conftest import DEBIAN_PYTHON, Prefix, install
from tests.engine.local_channel.wheels import make_wheel

STDLIB = [
    "ssl",
    "sqlite3",
    "ctypes",
    "json",
    "zlib",
    "hashlib",
    "lzma",
    "bz2",
    "decimal",
    "asyncio",
    "multiprocessing",
    "uuid",
    "curses",
    "readline",
    "venv",
    "ensurepip",
    "xml.etree.ElementTree",
    "unicodedata",
    "zoneinfo",
    "unittest.mock",
]


@pytest.fixture(params=["own", "debian"])
def prefix(request: pytest.FixtureRequest) -> Prefix:
    found: Prefix = request.getfixturevalue(f"{request.param}_prefix")
    return found


def _require_conda_layout(prefix: Prefix) -> None:
    root, short = str(prefix.path), prefix.ask("'%d.%d' % sys.version_info[:2]")
    site_packages = f"{root}/lib/python{short}/site-packages"
    paths = prefix.ask("sysconfig.get_paths()")
    assert paths == {
        "stdlib": f"{root}/lib/python{short}",
        "platstdlib": f"{root}/lib/python{short}",
        "purelib": site_packages,
        "platlib": site_packages,
        "include": f"{root}/include/python{short}",
        "platinclude": f"{root}/include/python{short}",
        "scripts": f"{root}/bin",
        "data": root,
    }
    assert prefix.ask("[sys.prefix, sys.base_prefix, sys.exec_prefix]") == [root] * 3
    outside = prefix.ask(f"[p for p in sys.path if not p.startswith({root!r})]")
    assert outside == []
    assert prefix.ask("sys.path[-1]") == site_packages
    first = prefix.ask("__import__('os').path.realpath(site.getsitepackages()[0])")
    assert first == site_packages
    variables = ["LIBDIR", "INCLUDEPY", "BINDIR", "LIBDEST", "prefix"]
    told = prefix.ask(f"sysconfig.get_config_vars(*{variables})")
    assert told == [
        f"{root}/lib",
        f"{root}/include/python{short}",
        f"{root}/bin",
        f"{root}/lib/python{short}",
        root,
    ]


def test_it_behaves_like_the_python_of_conda(prefix: Prefix) -> None:
    _require_conda_layout(prefix)
    assert prefix.ask("sysconfig.get_default_scheme()") == "posix_prefix"
    assert "posix_local" not in prefix.ask("list(sysconfig.get_scheme_names())")
    assert not list(prefix.path.rglob("EXTERNALLY-MANAGED"))
    assert not list(prefix.path.rglob("*dist-packages*"))


def test_it_imports_its_standard_library(prefix: Prefix) -> None:
    from_elsewhere = prefix.ask(
        f"[m for m in {STDLIB} if not (getattr(importlib.import_module(m), '__file__', None)"
        " or sys.prefix).startswith(sys.prefix)]"
    )
    assert from_elsewhere == []
    assert prefix.ask("importlib.import_module('ssl').create_default_context() is not None")


def test_every_extension_module_of_it_can_be_imported(prefix: Prefix) -> None:
    names = sorted(path.name.split(".")[0] for path in prefix.path.glob("lib/*/lib-dynload/*.so"))
    code = f"""
import importlib, warnings, json
warnings.simplefilter("ignore")
failed = {{}}
for name in {names}:
    try:
        importlib.import_module(name)
    except ImportError as error:
        failed[name] = str(error)
print(json.dumps(failed))
"""
    failed = json.loads(prefix.run("python", "-I", "-c", code))
    assert names
    # What the box itself does not have (say, Tk) cannot be there either.
    assert {name for name in failed if "cannot open shared object" not in failed[name]} == set()


def test_pip_works_in_it(prefix: Prefix) -> None:
    listed = json.loads(prefix.run("python", "-m", "pip", "list", "--format=json"))
    assert "pip" in {item["name"] for item in listed}
    assert str(prefix.path) in prefix.run("pip", "--version")
    assert "No broken requirements" in prefix.run("python", "-m", "pip", "check")


def test_virtual_environments_can_be_made_of_it(prefix: Prefix, tmp_path: Path) -> None:
    prefix.run("python", "-m", "venv", "--without-pip", str(tmp_path / "venv"))
    venv = Prefix(tmp_path / "venv")
    assert venv.ask("[sys.prefix, sys.base_prefix]") == [str(venv.path), str(prefix.path)]
    assert str(venv.ask("sysconfig.get_path('purelib')")).startswith(str(venv.path))


@pytest.mark.slow
def test_virtual_environments_of_it_get_their_pip(prefix: Prefix, tmp_path: Path) -> None:
    wheels = list(prefix.path.glob("lib/python3*/ensurepip/_bundled/pip-*.whl"))
    if not wheels:
        pytest.skip("the distribution of the original has no wheels for ensurepip")
    prefix.run("python", "-m", "venv", str(tmp_path / "venv"))
    assert str(tmp_path / "venv") in Prefix(tmp_path / "venv").run("pip", "--version")


def test_a_wheel_installs_into_it_by_pip(prefix: Prefix, tmp_path: Path) -> None:
    wheel = make_wheel(
        tmp_path, "bypip", "1.0", files={"bypip.py": "def main(): print('by pip')\n"},
        entry_points="[console_scripts]\nbypip = bypip:main\n",
    )  # fmt: skip
    prefix.run("pip", "install", "--no-index", "--no-deps", str(wheel))
    try:
        assert prefix.run("bypip") == "by pip\n"
        assert prefix.ask("importlib.import_module('bypip').__file__").startswith(  # type: ignore[attr-defined]
            f"{prefix.path}/lib/"
        )
    finally:
        prefix.run("pip", "uninstall", "--yes", "bypip")


def test_it_needs_no_file_of_the_original(own_prefix: Prefix, own_channel: ChannelReport) -> None:
    base = Path(sys.base_prefix)
    maps = own_prefix.run(
        "python", "-I", "-c", "import ssl, ctypes; print(open('/proc/self/maps').read())"
    )
    assert str(base) not in maps
    named = [
        path
        for path in own_prefix.path.rglob("*.py")
        if str(base).encode() in path.read_bytes() and "site-packages" not in path.parts
    ]
    # Two paths of the WebAssembly build are relative to the source folder: not for this prefix.
    lines = [
        line
        for path in named
        for line in path.read_text().splitlines()
        if str(base) in line and f"./{str(base).lstrip('/')}" not in line
    ]
    assert lines == []


def test_an_extension_can_be_compiled_with_it(own_prefix: Prefix, tmp_path: Path) -> None:
    include = Path(str(own_prefix.ask("sysconfig.get_path('include')")))
    if not (include / "Python.h").exists():
        pytest.skip("the original has no headers")
    source = tmp_path / "tiny.c"
    source.write_text(
        "#include <Python.h>\n"
        'static struct PyModuleDef tiny = {PyModuleDef_HEAD_INIT, "tiny", 0, -1, 0};\n'
        "PyMODINIT_FUNC PyInit_tiny(void) { return PyModule_Create(&tiny); }\n"
    )
    suffix = own_prefix.ask("sysconfig.get_config_var('EXT_SUFFIX')")
    command = [
        "cc",
        "-shared",
        "-fPIC",
        f"-I{include}",
        str(source),
        "-o",
        f"{tmp_path}/tiny{suffix}",
    ]
    try:
        subprocess.run(command, check=True, capture_output=True, timeout=60)
    except FileNotFoundError:
        pytest.skip("no C compiler")
    code = f"import sys; sys.path.append({str(tmp_path)!r}); import tiny; print(tiny.__name__)"
    assert own_prefix.run("python", "-I", "-c", code) == "tiny\n"


@pytest.mark.parametrize("kind", ["own", pytest.param("debian", marks=pytest.mark.slow)])
def test_packaging_the_packaged_python_gives_the_same_package(
    kind: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    first: ChannelReport = request.getfixturevalue(f"{kind}_channel")
    prefix: Prefix = request.getfixturevalue(f"{kind}_prefix")
    again = make_channel(
        tmp_path / "again", python=True, distributions=["pip"], wheels=[],
        interpreter=prefix.path / "bin" / "python",
    )  # fmt: skip
    names = {package.name: package.path for package in first.packages}
    for package in again.packages:
        assert package.path.name == names[package.name].name
        assert package.path.read_bytes() == names[package.name].read_bytes()


def test_a_virtual_environment_stands_for_its_base(tmp_path: Path) -> None:
    if not DEBIAN_PYTHON.exists():
        pytest.skip("no Python of the system here")
    for name, maker in (("one", DEBIAN_PYTHON), ("two", tmp_path / "one/bin/python")):
        command = [str(maker), "-m", "venv", "--without-pip", str(tmp_path / name)]
        subprocess.run(command, check=True, timeout=60)
        found = ask_interpreter(tmp_path / name / "bin" / "python")
        base = ask_interpreter(DEBIAN_PYTHON)
        assert found.prefix == tmp_path / name
        assert any(folder.is_relative_to(found.prefix) for folder in found.path)
        assert found.base_prefix == base.base_prefix
        assert found.stdlib == base.stdlib
        assert found.build_variables == base.build_variables


@pytest.mark.slow
@pytest.mark.parametrize("version", ["3.10", "3.12", "3.13", "3.14"])
def test_other_versions_work_too(version: str, tmp_path: Path) -> None:
    neighbours = Path(sys.base_prefix).parent.glob(f"{version}.*/bin/python{version}")
    other = next(iter(sorted(neighbours)), None)
    if other is None:
        pytest.skip(f"no Python {version} beside the one that runs the tests")
    report = make_channel(
        tmp_path / "channel", python=True, distributions=["pip"], wheels=[], interpreter=other
    )
    prefix = install(report.directory, tmp_path / "prefix", "python", "pip")
    _require_conda_layout(prefix)
    assert version in prefix.run("pip", "--version")


@pytest.mark.parametrize(
    ("script", "why"),
    [
        ("#!/bin/sh\nexit 3\n", "exit code 3"),
        ("#!/bin/sh\necho nonsense\n", "malformed"),
        ("#!/bin/sh\necho oh no >&2\nexit 1\n", "oh no"),
    ],
)
def test_something_that_is_no_python_is_refused(script: str, why: str, tmp_path: Path) -> None:
    fake = tmp_path / "python"
    fake.write_text(script)
    fake.chmod(0o755)
    with pytest.raises(UsageError) as caught:
        ask_interpreter(fake)
    assert str(fake) in str(caught.value)
    assert why in str(caught.value)


def test_a_missing_interpreter_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be packaged"):
        ask_interpreter(tmp_path / "python")


def test_an_old_python_is_refused() -> None:
    old = next(iter(sorted(Path(sys.base_prefix).parent.glob("3.[89].*/bin/python3"))), None)
    if old is None:
        pytest.skip("no old Python here")
    with pytest.raises(UsageError, match=r"older than Python 3\.10"):
        ask_interpreter(old)
