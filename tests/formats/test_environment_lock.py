"""`environment.lock.yml`: the bytes, and what other tools write."""

from pathlib import Path

import pytest

from envbench.formats.locks.environment_lock import write_environment_lock
from envbench.formats.locks.environment_lock_reading import read_environment_lock
from envbench.model.lock import Lock, PipPackage
from envbench.model.locked_set import LockAspect
from tests.formats.lock_values import EVERYTHING, record

SPECS = Path(__file__).resolve().parents[2].parent / "shared" / "data" / "specs"


def test_the_bytes_are_those_of_conda():
    lock = Lock(
        name="t1",
        platform="linux-64",
        channels=("conda-forge",),
        packages=(record("python", "3.11.7"), record("numpy", "1.26.4")),
        pip=(PipPackage(name="tabulate", version="0.10.0"),),
    )
    assert write_environment_lock(lock) == (
        "name: t1\nchannels:\n  - conda-forge\ndependencies:\n  - numpy=1.26.4\n"
        "  - python=3.11.7\n  - pip:\n      - tabulate==0.10.0\n"
    )


def test_variables_come_last_and_channels_keep_their_order():
    text = write_environment_lock(EVERYTHING)
    assert text.startswith("name: all\nchannels:\n  - pytorch\n  - conda-forge\ndependencies:\n")
    assert text.endswith("variables:\n  MODE: yes\n  OMP_NUM_THREADS: '4'\n")
    assert "prefix" not in text


def test_builds_can_be_written():
    text = write_environment_lock(EVERYTHING, builds=True)
    assert "  - numpy=1.26.4=py311h64a7726_0\n" in text
    reading = read_environment_lock(text)
    assert LockAspect.BUILD in reading.locked.kept
    assert {p.name: p.build for p in reading.locked.packages}["numpy"] == "py311h64a7726_0"


def test_what_micromamba_exports_is_read():
    reading = read_environment_lock(
        "name:\nchannels:\n- alt\n- conda-forge\ndependencies:\n- numpy=1.26.4=py311h64a7726_0\n"
        '- python=3.11.7=hab00c5b_0\n- pip:\n    - tabulate==0.10.0\n\nprefix: "/a b/env"\n'
    )
    assert reading.problems == ()
    assert reading.locked.name is None
    assert reading.locked.channels == ("alt", "conda-forge")
    assert [p.describe() for p in reading.locked.pip] == ["tabulate==0.10.0"]
    assert [p.line for p in reading.locked.packages] == [6, 7]


def test_what_conda_exports_with_a_prefix_is_read():
    text = write_environment_lock(EVERYTHING) + "prefix: /home/me/envs/all\n"
    reading = read_environment_lock(text)
    assert reading.problems == ()
    assert len(reading.locked.packages) == 5
    assert dict(reading.locked.variables) == {"MODE": "yes", "OMP_NUM_THREADS": "4"}


@pytest.mark.parametrize(
    ("item", "message"),
    [
        ("numpy", "no exact conda package"),
        ("numpy>=1.2", "no exact conda package"),
        ("numpy=1.*", "no exact conda package"),
        ("numpy=1.26=py*", "no exact conda package"),
        ("python=3.11", "python is locked twice"),
        ("pip: [rich]", "no exact pip package"),
        ("pip: [rich>=1]", "no exact pip package"),
        ("pip: ['git+https://example.com/x']", "no exact pip package"),
        ("npm: [left-pad]", "only `pip:`"),
        ("[a]", "a list in a list"),
    ],
)
def test_hostile_row_21_inexact_items_are_problems_with_their_line(item, message):
    text = f"name: x\ndependencies:\n- python=3.11\n- {item}\n"
    reading = read_environment_lock(text)
    assert [(p.line, message in p.message) for p in reading.problems] == [(4, True)]
    assert not reading.is_sound


@pytest.mark.parametrize(
    "text", ["", "- a\n", "just text", "a: &x [1]\nb: *x\n", "dependencies: x\n", "\t"]
)
def test_hostile_row_21_no_environment_file_is_a_problem(text):
    assert not read_environment_lock(text).is_sound


def test_real_specs_are_read_without_a_crash():
    if not SPECS.is_dir():
        pytest.skip("no specs on this box")
    for path in sorted(SPECS.glob("*.y*ml")):
        text = path.read_bytes().decode("utf-8", "replace")
        read_environment_lock(text)
