"""The wheel that a Python on another platform takes, compared with pip's own order of tags."""

import sys

import pytest
from packaging.tags import sys_tags

from envbench.engine.pip_section.target_wheels import list_target_tags
from envbench.formats.pylock_part import PylockFile, PylockPackage
from envbench.machine.host import detect_glibc, detect_platform

LINUX, MAC, WINDOWS = (
    ("linux-64", "2.28", None),
    ("osx-arm64", None, "14.5"),
    ("win-64", None, None),
)


def choose(target: tuple, *tags: str, kept: str | None = None, python: str = "3.11.7") -> str:
    wheels = tuple(
        PylockFile(f"https://x/{tag}", f"pkg-1.0-{tag}.whl", f"sha-{tag}", ()) for tag in tags
    )
    platform, glibc, osx = target
    found = list_target_tags(python, platform, glibc=glibc, osx=osx).choose(
        PylockPackage("pkg", "1.0", wheels), kept
    )
    return found.name.removeprefix("pkg-1.0-").removesuffix(".whl") if found else ""


@pytest.mark.parametrize(
    ("target", "tags", "expected"),
    [
        (LINUX, ("py3-none-any", "cp311-cp311-manylinux2014_x86_64"), 1),
        (LINUX, ("cp311-cp311-manylinux_2_17_x86_64", "cp311-cp311-manylinux_2_28_x86_64"), 1),
        (LINUX, ("cp311-cp311-manylinux_2_17_x86_64", "cp311-cp311-manylinux_2_31_x86_64"), 0),
        (LINUX, ("cp311-cp311-manylinux_2_17_x86_64.manylinux2014_x86_64", "py3-none-any"), 0),
        (LINUX, ("cp310-abi3-manylinux2014_x86_64", "cp312-abi3-manylinux2014_x86_64"), 0),
        (LINUX, ("cp310-abi3-manylinux1_x86_64", "cp311-cp311-manylinux1_x86_64"), 1),
        (LINUX, ("1-cp311-cp311-linux_x86_64", "2-cp311-cp311-linux_x86_64"), 1),
        (LINUX, ("cp311-cp311-musllinux_1_2_x86_64", "cp311-cp311-manylinux2014_aarch64"), None),
        (MAC, ("cp311-cp311-macosx_11_0_arm64", "cp311-cp311-macosx_15_0_arm64"), 0),
        (MAC, ("cp311-cp311-macosx_10_9_universal2", "cp311-cp311-macosx_11_0_x86_64"), 0),
        (WINDOWS, ("cp311-cp311-win32", "cp311-cp311-win_amd64"), 1),
        (("linux-aarch64", None, None), ("cp311-cp311-manylinux_2_17_aarch64",), 0),
        (("osx-64", None, None), ("cp311-cp311-macosx_10_9_x86_64", "py3-none-any"), 0),
    ],
)
def test_the_best_wheel_that_fits(target, tags, expected):
    wanted = "" if expected is None else tags[expected]
    assert choose(target, *tags) == choose(target, *reversed(tags)) == wanted


def test_what_was_locked_stays_as_long_as_it_fits():
    tags = (
        "cp311-cp311-manylinux_2_17_x86_64",
        "cp311-cp311-manylinux_2_28_x86_64",
        "cp311-cp311-win_amd64",
    )
    assert choose(LINUX, *tags, kept=f"sha-{tags[0]}") == tags[0]
    assert choose(LINUX, *tags, kept=f"sha-{tags[2]}") == tags[1]


@pytest.mark.skipif(
    sys.implementation.name != "cpython" or detect_platform() not in ("linux-64", "linux-aarch64"),
    reason="compares with the tags of a Linux box",
)
def test_the_order_is_that_of_an_installer_on_such_a_box():
    version = ".".join(map(str, sys.version_info[:2]))
    ours = list_target_tags(version, detect_platform(), glibc=detect_glibc())
    theirs = [tag for tag in sys_tags() if "musllinux" not in tag.platform]
    ranked = sorted(theirs, key=lambda tag: ours.ranks[tag])
    assert ranked == theirs
