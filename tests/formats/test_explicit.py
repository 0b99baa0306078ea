"""`@EXPLICIT` files: the lines, and all that must be refused in them."""

import subprocess
import sys
from dataclasses import replace

import pytest

from envbench.formats.locks.explicit import read_explicit, write_explicit
from envbench.model.errors import UsageError
from envbench.model.lock import Lock
from tests.formats.lock_values import EVERYTHING, record

URL = "https://conda.anaconda.org/conda-forge/linux-64/numpy-1.26.4-py311h64a7726_0.conda"
OTHER = "https://conda.anaconda.org/conda-forge/noarch/tzdata-2024a-h0c530f3_0.conda"
MD5 = "e53de6f2eb9e9cb2acd3908db46d697d"
SHA256 = "ab" * 32


def lock(*packages):
    return Lock(name="x", platform="linux-64", channels=(), packages=packages)


def read(*lines: str, head: str = "# platform: linux-64\n@EXPLICIT\n"):
    return read_explicit(head + "".join(f"{line}\n" for line in lines))


def test_the_shape_of_the_file():
    package = record("numpy", "1.26.4", "py311h64a7726_0", md5=MD5)
    assert write_explicit(lock(package), created_by="envbench 0.1") == (
        "# This file may be used to create an environment using:\n"
        "# $ conda create --name <env> --file <this file>\n"
        "# platform: linux-64\n# created-by: envbench 0.1\n@EXPLICIT\n"
        f"{URL}#{MD5}\n"
    )


def test_sha256_and_what_is_there_otherwise():
    both = record("numpy", "1.26.4", "py311h64a7726_0", md5=MD5, sha256=SHA256)
    assert f"{URL}#sha256:{SHA256}\n" in write_explicit(lock(both), sha256=True)
    assert f"{URL}#{MD5}\n" in write_explicit(lock(replace(both, sha256=None)), sha256=True)
    assert f"{URL}#sha256:{SHA256}\n" in write_explicit(lock(replace(both, md5=None)))
    assert f"{URL}\n" in write_explicit(lock(replace(both, md5=None, sha256=None)))


def test_dependencies_stay_before_what_needs_them():
    names = [
        line.rpartition("/")[2].split("-")[0] for line in write_explicit(EVERYTHING).splitlines()
    ]
    assert names[5:] == ["python", "tzdata", "old", "numpy", "pytorch"]


@pytest.mark.parametrize(
    "change",
    [
        {"url": ""},
        {"url": "https://h.example/linux-64/other-1.0-0.conda"},
        {"url": "https://h.example/linux-64/numpy-1.0-0.zip"},
        {"url": "https://h.example/$TOKEN/linux-64/numpy-1.0-0.conda"},
        {"url": "/disk/linux-64/numpy-1.0-0.conda"},
    ],
)
def test_packages_without_a_usable_address_are_refused_by_name(change):
    with pytest.raises(UsageError, match="numpy"):
        write_explicit(lock(replace(record("numpy"), **change)))


@pytest.mark.parametrize("fragment", [f"#{MD5}", f"#{SHA256}", f"#sha256:{SHA256}"])
def test_every_form_of_hash_is_read(fragment):
    reading = read(URL + fragment)
    assert reading.problems == ()
    (package,) = reading.locked.packages
    assert package.describe() == "numpy 1.26.4 py311h64a7726_0"
    assert (package.md5 or package.sha256) in fragment
    assert reading.locked.platform == "linux-64"
    assert package.line == 3


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (f"{URL}#{MD5}#{SHA256}", "more than one hash"),
        (f"{URL}#{MD5.upper()}", "neither md5 nor sha256"),
        (f"{URL}#abc", "neither md5 nor sha256"),
        (f"{URL}#sha256:{MD5}", "neither md5 nor sha256"),
        (f"{URL}#md5:{MD5}", "neither md5 nor sha256"),
        (f"{URL}#{SHA256}0", "neither md5 nor sha256"),
        ("https://h.example/$TOKEN/linux-64/a-1-0.conda", "not expanded"),
        ("https://h.example/linux-64/${X}-1-0.conda", "not expanded"),
        ("~/pkgs/linux-64/a-1-0.conda", "not expanded"),
        ("./a-1-0.conda", "a path"),
        ("pkgs/a-1-0.tar.bz2", "a path"),
        ("/abs/linux-64/a-1-0.conda", "a path"),
        ("numpy=1.26.4", "match spec"),
        ("conda-forge::numpy", "match spec"),
        ("numpy", "match spec"),
        ("https://h.example/linux-64/a-1-0.zip", "no address"),
        ("https://h.example/a-1-0.conda", "no address"),
        ("javascript://h.example/linux-64/a-1-0.conda", "no address"),
        ("https://h.example/linux-64/a.conda", "no file name"),
        ("https://h.example/osx-64/a-1-0.conda#" + MD5, "this is for osx-64"),
    ],
)  # fmt: skip
def test_hostile_row_21_bad_lines_are_problems_with_their_number(line, message):
    reading = read(OTHER + f"#{SHA256}", line)
    assert not reading.is_sound
    assert [(p.line, message in p.message) for p in reading.problems] == [(4, True)]


def test_hostile_row_21_a_missing_hash_is_a_warning():
    reading = read(URL)
    assert reading.is_sound
    assert [(p.line, p.severity) for p in reading.problems] == [(3, "warning")]


def test_hostile_row_21_duplicates():
    twice = read(f"{URL}#{MD5}", f"{URL}#{SHA256}")
    assert [(p.line, "twice" in p.message) for p in twice.problems] == [(4, True)]
    same_hash = read(f"{URL}#{MD5}", f"{OTHER}#{MD5}")
    assert [(p.line, "line 3, too" in p.message) for p in same_hash.problems] == [(4, True)]


def test_hostile_row_21_two_platforms_without_a_comment():
    lines = (f"{URL}#{MD5}", f"https://h.example/osx-64/a-1-0.conda#{SHA256}")
    reading = read(*lines, head="@EXPLICIT\n")
    assert reading.locked.platform is None
    assert [p.line for p in reading.problems] == [3]


@pytest.mark.parametrize("text", ["", "numpy=1\n", f"{URL}\n", "# platform: linux-64\n"])
def test_a_file_without_its_mark_is_no_explicit_file(text):
    assert not read_explicit(text).is_sound


def test_a_secret_in_an_address_is_warned_of_and_taken_out():
    url = "https://user:planted-secret@h.example/t/tk-planted-token/linux-64/a-1-0.conda"
    reading = read(f"{url}#{MD5}")
    assert reading.is_sound
    assert [p.severity for p in reading.problems] == ["warning"]
    assert "planted" not in repr(reading)


def test_the_solver_library_reads_what_is_written():
    code = (
        "import sys, os\nfrom rattler.explicit_environment.environment import ExplicitEnvironmentSpec\n"
        "spec = ExplicitEnvironmentSpec.from_str(sys.stdin.read())\n"
        "print(spec.platform, *[p.url for p in spec.packages], sep='\\n', flush=True)\nos._exit(0)\n"
    )
    for sha256 in (False, True):
        text = write_explicit(EVERYTHING, sha256=sha256)
        run = subprocess.run(
            [sys.executable, "-c", code], input=text, capture_output=True, text=True
        )
        assert run.returncode == 0, run.stderr
        assert run.stdout.splitlines()[1:] == text.splitlines()[5:]
