"""A pinned environment.yml: exact to every reader, and read back."""

import json
import os
import subprocess
import sys
from dataclasses import replace

import pytest
import yaml

from envbench.formats.environment_yml import check_text
from envbench.formats.lock_formats import export_lock
from envbench.formats.lock_reading import detect_lock_format, read_lock_text
from envbench.formats.locks.environment_lock_reading import read_environment_lock
from envbench.formats.locks.environment_pins import pin_package
from envbench.model.checks import CheckContext
from envbench.model.errors import UsageError
from envbench.model.lock import Lock, PipPackage
from envbench.model.locked_set import LockAspect
from envbench.model.problem import Severity
from envbench.model.spec import SpecText
from tests.formats.lock_values import CU118, EVERYTHING, WHOLE, digest, record


def test_the_file_as_one_would_write_it_by_hand():
    assert export_lock(WHOLE[0], "environment-yml").text == (
        "# created-by: envbench\nname: all\nchannels:\n  - pytorch\n  - conda-forge\ndependencies:\n"
        "  - conda-forge::numpy==1.26.4\n  - conda-forge::old==1.0\n"
        "  - conda-forge::python==3.11.7\n  - pytorch::pytorch==2.3.1\n"
        "  - conda-forge::tzdata==2024a\n  - pip:\n"
        "      - --extra-index-url https://packages.example/simple\n"
        f"      - --extra-index-url {CU118}\n"
        f"      - fromgit @ git+https://github.com/x/fromgit@{'0a' * 20}  # fromgit==0.1\n"
        "      - -e file:///home/me/mine  # mine==0.2\n"
        "      - tabulate==0.10.0\n      - torchaudio==2.3.1+cu118\n"
        f"      - zipped @ https://files.example/zipped-1.0.zip#sha256={digest('zipped', 64)}"
        "  # zipped==1.0\n"
        "variables:\n  MODE: 'yes'\n  OMP_NUM_THREADS: '4'\n"
    )


def test_builds_are_pinned_when_asked_for():
    text = export_lock(EVERYTHING, "environment-yml-builds").text
    assert "  - pytorch::pytorch==2.3.1=py3.11_cuda12.1_cudnn8.9.2_0\n" in text
    assert "  - conda-forge::numpy==1.26.4=py311h64a7726_0\n" in text


MIRROR = "https://mirror.example:8443/conda/conda-forge"
FOLDER = "file:///srv/channels/lab"


def test_a_channel_without_a_name_stands_in_a_comment_that_is_read_back():
    packages = (
        record("a", channel=MIRROR), record("b", channel=FOLDER),
        record("c", channel="https://conda.anaconda.org/nvidia/label/cuda-12.4.0"),
        record("d", channel="/srv/my channel"), record("e", channel="pkgs/main"),
    )  # fmt: skip
    lock = replace(EVERYTHING, channels=(MIRROR, FOLDER), packages=packages, pip=(), variables=())
    exported = export_lock(lock, "environment-yml")
    lines = [line for line in exported.text.splitlines() if "==" in line]
    assert lines == [
        f"  - a==1.0  # from {MIRROR}",
        f"  - b==1.0  # from {FOLDER}",
        "  - nvidia/label/cuda-12.4.0::c==1.0",
        "  - d==1.0  # from /srv/my channel",
        "  - pkgs/main::e==1.0",
    ]
    assert yaml.safe_load(exported.text)["dependencies"][0] == "a==1.0"
    reading = read_environment_lock(exported.text)
    assert reading.is_sound
    assert [p.channel for p in reading.locked.packages] == [
        MIRROR, FOLDER, "nvidia/label/cuda-12.4.0", "/srv/my channel", "pkgs/main",
    ]  # fmt: skip
    # Of the first channel every consumer takes its packages anyway.
    assert {x.what: x.packages for x in exported.lost}["channel per package"] == ("b", "d")


@pytest.mark.parametrize("channel", ["file:///srv/x\n  - evil==1.0", "file:///srv/\u2028x"])
def test_a_channel_that_would_end_its_line_is_not_written(channel):
    lock = replace(EVERYTHING, packages=(record("a", channel=channel),))
    text = export_lock(lock, "environment-yml").text
    assert "  - a==1.0\n" in text
    assert "evil" not in text.partition("dependencies:")[2]


def test_a_comment_of_somebody_else_is_no_channel():
    reading = read_environment_lock(
        "name: x\ndependencies:\n- a==1  # from upstream\n- b==1  # from my own notes\n"
    )
    assert [package.channel for package in reading.locked.packages] == [None, None]


def test_what_consumers_do_beyond_the_file_is_told():
    pip = (PipPackage(name="lib", version="1"),)
    bare = replace(EVERYTHING, packages=(record("python"),), pip=pip, variables=())
    whole = replace(bare, packages=(record("python"), record("pip")), variables=(("A", "1"),))
    for name in (
        "environment-yml", "environment-yml-builds", "environment-lock", "environment-lock-builds",
    ):  # fmt: skip
        lost = {loss.what for loss in export_lock(bare, name).lost}
        assert "pip itself" in lost
        assert "variables in micromamba" not in lost
        lost = {loss.what for loss in export_lock(whole, name).lost}
        assert "pip itself" not in lost
        assert "variables in micromamba" in lost
        assert ("exact versions" in lost) == name.startswith("environment-lock")
    lost = {loss.what for loss in export_lock(bare, "conda-lock-no-pip").lost}
    assert "pip itself" not in lost


def test_the_order_of_channels_is_kept():
    turned = replace(EVERYTHING, channels=EVERYTHING.channels[::-1])
    for lock in (EVERYTHING, turned):
        document = yaml.safe_load(export_lock(lock, "environment-yml").text)
        assert tuple(document["channels"]) == lock.channels


def test_the_index_of_local_versions_is_named_without_secrets():
    torch = PipPackage(
        name="torch", version="2.1.0+cu118",
        index_url="https://user:planted-pw@download.pytorch.org/whl/cu118/",
    )  # fmt: skip
    lock = Lock(name="x", platform="linux-64", channels=(), packages=(), pip=(torch,))
    exported = export_lock(lock, "environment-yml")
    assert f"- --extra-index-url {CU118}\n" in exported.text
    assert "index of local versions" not in {loss.what for loss in exported.lost}
    bare = replace(lock, pip=(replace(torch, index_url=None),))
    assert "index of local versions" in {x.what for x in export_lock(bare, "environment-yml").lost}


def test_an_index_instead_of_pypi_stays_the_first():
    lock = replace(EVERYTHING, indexes=("https://mirror.example/simple/", "https://b.example"))
    text = export_lock(lock, "environment-yml").text
    assert "- --index-url https://mirror.example/simple\n" in text
    found = read_environment_lock(text).locked.indexes
    assert found[:2] == ("https://mirror.example/simple", "https://b.example")


@pytest.mark.parametrize("name", ["environment-yml", "environment-yml-builds"])
def test_it_is_a_spec_that_asks_for_nothing_but_consent_and_indexes(name):
    parsed = check_text(SpecText(export_lock(WHOLE[0], name).text), CheckContext())
    assert {p.code for p in parsed.problems if p.severity is Severity.ERROR} == {"EB304", "EB305"}
    plain = export_lock(replace(WHOLE[0], pip=EVERYTHING.pip[:1], indexes=()), name).text
    parsed = check_text(SpecText(plain), CheckContext())
    assert [p.message for p in parsed.problems if p.severity is Severity.ERROR] == []


_MATCH = """
import json, os, sys
from rattler import BuildString, MatchSpec, PackageRecord
def record(version, build):
    return PackageRecord(name="numpy", version=version, build=BuildString(build), build_number=0,
        subdir="linux-64", arch=None, platform=None)
found = {}
for text in json.loads(sys.argv[1]):
    spec = MatchSpec(text, strict=False)
    found[text] = [f"{v} {b}" for v in ("1.26.4", "1.26.4.1", "1.26") for b in ("py_0", "py_1")
        if spec.matches(record(v, b))]
print(json.dumps(found)); sys.stdout.flush(); os._exit(0)
"""


def test_a_single_equals_sign_would_be_fuzzy():
    """rattler's own match decides: `==` takes this version only, with a build and without."""
    pytest.importorskip("rattler")
    package = record("numpy", "1.26.4", "py_0")
    pins = [pin_package(package), pin_package(package, builds=True), "numpy=1.26.4"]
    done = subprocess.run(
        [sys.executable, "-c", _MATCH, json.dumps(pins)],
        capture_output=True, text=True, check=True, timeout=120, env={**os.environ},
    )  # fmt: skip
    found = json.loads(done.stdout)
    assert found[pins[0]] == ["1.26.4 py_0", "1.26.4 py_1"]
    assert found[pins[1]] == ["1.26.4 py_0"]
    assert "1.26.4.1 py_0" in found["numpy=1.26.4"]


@pytest.mark.parametrize("url", ["", "file:///home/me/a b", "file:///home/${USER}/a"])
def test_what_pip_would_misread_is_refused_by_name(url):
    mine = PipPackage(name="mine", version="1", direct_url=url or None, editable=True)
    with pytest.raises(UsageError, match="mine"):
        export_lock(replace(EVERYTHING, pip=(mine,)), "environment-yml")


def test_the_two_kinds_of_environment_files_are_told_apart():
    pinned = export_lock(EVERYTHING, "environment-yml").text
    exported = export_lock(EVERYTHING, "environment-lock").text
    assert detect_lock_format(pinned, "environment.yml") == "environment-yml"
    assert detect_lock_format(exported, "environment.yml") == "environment-lock"
    assert LockAspect.CHANNEL in read_lock_text(pinned, "e.yml")[1].locked.kept
    assert LockAspect.CHANNEL not in read_lock_text(exported, "e.yml")[1].locked.kept


@pytest.mark.parametrize(
    ("item", "message"),
    [
        ("lib @ git+https://h.example/lib@main", "names no commit"),
        ("lib @ git+https://h.example/lib", "names no commit"),
        ("-e file:///home/me/lib", "no exact pip package"),
        ("-r more.txt", "no exact pip package"),
        ("lib @ nowhere", "no exact pip package"),
    ],
)
def test_hostile_row_21_inexact_references_are_problems_with_their_line(item, message):
    reading = read_environment_lock(f"name: x\ndependencies:\n- python==3.11\n- pip:\n  - {item}\n")
    assert [(p.line, message in p.message) for p in reading.problems] == [(5, True)]
    assert not reading.is_sound


def test_a_secret_in_an_address_is_a_warning_and_never_shown():
    text = (
        "name: x\ndependencies:\n- https://h.example/t/planted-1/c::python==3.11\n- pip:\n"
        "  - --extra-index-url https://u:planted-2@h.example/s\n"
        f"  - lib @ git+https://planted-3@h.example/lib@{'0a' * 20}\n"
    )
    reading = read_environment_lock(text)
    assert reading.is_sound
    assert "planted" not in repr(reading)
    assert len(reading.problems) == 2
