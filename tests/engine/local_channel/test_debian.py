"""The rules that undo what distributions change, without their interpreters."""

import ast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envbench.engine.local_channel.build_variables import relocate_variables, write_module
from envbench.engine.local_channel.debian import is_patched, undo_frozen_site, undo_patches
from envbench.engine.local_channel.prefix import PLACEHOLDER

SITE = """
import os
import sys
PREFIXES = ["/one", "/two", "/one", None]
def getsitepackages(prefixes=None):
    return ["/usr/lib/python3/dist-packages"]
seen = []
if not sys.flags.no_site:
    seen = getsitepackages()
"""
SYSCONFIG = """
_INSTALL_SCHEMES = {"posix_prefix": {}, "posix_local": {}, "deb_system": {}}
def _get_preferred_schemes():
    return {"prefix": "posix_local"}
def get_preferred_scheme(key):
    return _get_preferred_schemes()[key]
def get_paths(scheme=get_preferred_scheme("prefix")):
    return _INSTALL_SCHEMES[scheme]
"""


def _execute(text: str) -> dict[str, object]:
    names: dict[str, object] = {"__name__": "patched"}
    exec(compile(ast.parse(text), "patched", "exec"), names)
    return names


def test_site_takes_the_folders_of_upstream_from_its_first_moment() -> None:
    assert is_patched(SITE)
    text = undo_patches("site.py", SITE)
    seen = _execute(text)["seen"]
    assert isinstance(seen, list)
    assert [path.rpartition("/lib/")[0] for path in seen] == ["/one", "/two"]
    assert all(path.endswith("/site-packages") for path in seen)
    assert not is_patched(text)


@pytest.mark.parametrize("path", ["sysconfig.py", "sysconfig/__init__.py"])
def test_sysconfig_has_the_schemes_of_upstream(path: str) -> None:
    names = _execute(undo_patches(path, SYSCONFIG))
    assert names["_INSTALL_SCHEMES"] == {"posix_prefix": {}}
    assert names["get_paths"]() == {}  # type: ignore[operator]


@pytest.mark.parametrize("path", ["site.py", "sysconfig.py"])
def test_an_unknown_layout_is_said_and_not_guessed(path: str) -> None:
    with pytest.raises(ValueError, match=r"unknown way"):
        undo_patches(path, "dist-packages = 1\n")


def test_other_modules_stay_as_they_are() -> None:
    assert undo_patches("os.py", SITE) == SITE


@pytest.mark.parametrize("around", [(b"\0\0", b"\0\0"), (b"z\x09", b"z\x0dx")])
def test_the_frozen_copy_keeps_its_length(around: tuple[bytes, bytes]) -> None:
    head, tail = around
    content = b"usr/local/lib/py\0" + head + b"local/lib" + tail + b"\0dist-packages\0"
    found = undo_frozen_site(content)
    assert len(found) == len(content)
    assert b"./././lib" in found
    assert b"usr/local/lib/py" in found
    assert b"\0site-packages\0" in found


@given(st.binary())
def test_executables_without_a_frozen_copy_stay_as_they_are(content: bytes) -> None:
    if b"dist-packages" not in content:
        assert undo_frozen_site(content) == content


VARIABLES = {
    "prefix": "/usr",
    "LIBDIR": "/usr/lib/x86_64-linux-gnu",
    "BINLIBDEST": "/usr/lib/x86_64-linux-gnu/python3.11",
    "INSTALL": "/usr/bin/install -c",
    "TZPATH": "/usr/share/zoneinfo",
    "WHEEL_PKG_DIR": "/usr/share/python-wheels/",
    "MULTIARCH": "x86_64-linux-gnu",
    "Py_DEBUG": 0,
}


@pytest.mark.parametrize("base", ["/usr", "/usr/local"])
def test_variables_of_a_system_python_keep_the_tools_of_the_system(base: str) -> None:
    found = relocate_variables(VARIABLES, base, "3.11", has_wheels=False)
    assert found["INSTALL"] == "/usr/bin/install -c"
    assert found["TZPATH"] == "/usr/share/zoneinfo"
    assert found["LIBDIR"] == f"{PLACEHOLDER}/lib"
    assert found["BINLIBDEST"] == f"{PLACEHOLDER}/lib/python3.11"
    assert found["prefix"] == PLACEHOLDER
    assert found["WHEEL_PKG_DIR"] == ""
    assert found["Py_DEBUG"] == 0
    assert set(found) == set(VARIABLES)


def test_variables_of_other_pythons_name_the_placeholder_everywhere() -> None:
    variables = {"LDFLAGS": "-L/opt/py/lib -Wl,-rpath,/opt/py/lib", "OTHER": "/opt/python/x"}
    found = relocate_variables(variables, "/opt/py", "3.11", has_wheels=False)
    assert found["LDFLAGS"] == f"-L{PLACEHOLDER}/lib -Wl,-rpath,{PLACEHOLDER}/lib"
    assert found["OTHER"] == "/opt/python/x"


@given(st.dictionaries(st.text(), st.one_of(st.text(), st.integers())))
def test_the_module_says_the_variables(variables: dict[str, object]) -> None:
    assert _execute(write_module(variables))["build_time_vars"] == variables
