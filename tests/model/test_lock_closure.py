"""What locked packages want of each other."""

from dataclasses import replace

import pytest

from envbench.model.lock import PipPackage
from envbench.model.lock_verdicts.closure import check_closure, find_unneeded
from tests.formats.lock_values import record
from tests.model.lock_sides import side_of, told

PYTHON = record("python", "3.11.7", "hab00c5b_0_cpython", depends=("__glibc >=2.28,<3.0.a0",))
LIBBLAS = record("libblas", "3.9.0", "22_linux64_openblas")
NUMPY = record(
    "numpy", "1.26.4", "py311_0", depends=("python >=3.11,<3.12.0a0", "libblas >=3.9,<4")
)
MKL = record("mkl", "2024.1", "h0_0", constrains=("libblas * *mkl", "absent <1"))


def findings(*records: object, pip: tuple[PipPackage, ...] = ()) -> list[str]:
    return [f"{f.name}: {f.message}" for f in check_closure(side_of(records, pip), {}).findings]


def test_what_is_needed_and_not_locked_is_found():
    assert findings(PYTHON, LIBBLAS, NUMPY) == []
    assert findings(PYTHON, NUMPY) == ["numpy: needs libblas >=3.9,<4, which is not locked"]


def test_what_is_locked_must_be_what_is_needed():
    other = record("python", "3.12.1", "hab00c5b_0_cpython")
    assert findings(other, LIBBLAS, NUMPY) == [
        "numpy: needs python >=3.11,<3.12.0a0, and python 3.12.1 hab00c5b_0_cpython is locked"
    ]
    side = side_of((other, LIBBLAS, NUMPY))
    assert told(check_closure(side, {})) == ["~ numpy lock.yml:3 lock.yml:1"]


def test_builds_and_constraints_count():
    assert findings(LIBBLAS, MKL) == [
        "mkl: allows only libblas * *mkl, and libblas 3.9.0 22_linux64_openblas is locked"
    ]
    assert findings(replace(LIBBLAS, build="22_linux64_mkl"), MKL) == []


def test_virtual_packages_are_what_the_box_must_have():
    cuda = record("torch", depends=("__cuda >=12", "__glibc >=2.17", "__glibc >=2.28,<3.0.a0"))
    assert check_closure(side_of((PYTHON, cuda)), {}).needs == (
        "__cuda >=12", "__glibc >=2.17", "__glibc >=2.28,<3.0.a0",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("requires", "fault"),
    [
        ("numpy>=1.20", ""),
        ("numpy>=2", "needs numpy>=2, and conda's numpy 1.26.4 py311_0 is locked"),
        ("Rich>=13", ""),
        ("rich>=14", "needs rich>=14, and rich==13.7 is locked"),
        ("attrs", "needs attrs, which is not locked"),
        ('attrs; python_version < "3"', ""),
        ('attrs; extra == "test"', ""),
        ('attrs; sys_platform == "linux"', 'needs attrs; sys_platform == "linux", which is not'),
    ],
)
def test_distributions_need_each_other_or_conda_packages(requires: str, fault: str):
    rich = PipPackage(name="rich", version="13.7", requires_dist=())
    mine = PipPackage(name="mine", version="1", requires_dist=(requires,))
    found = findings(PYTHON, LIBBLAS, NUMPY, pip=(mine, rich))
    assert len(found) == (1 if fault else 0)
    assert all(line.startswith(f"mine: {fault}") for line in found)


def test_a_distribution_needs_its_python():
    old = PipPackage(name="old", version="1", requires_python=">=3.12", requires_dist=())
    assert findings(PYTHON, pip=(old,)) == ["old: needs Python >=3.12, and 3.11.7 is locked"]


def test_names_of_conda_and_pypi_differ():
    pypi = record("pytorch", "2.3.1", extra={})
    named = record("zstd-bindings", "0.2", extra={"purls": ["pkg:pypi/zstandard@0.2"]})
    needs = PipPackage(name="mine", version="1", requires_dist=("torch>=2", "zstandard"))
    assert findings(PYTHON, pypi, named, pip=(needs,)) == []


def test_silence_and_conditions_are_not_compared():
    silent = side_of((PYTHON, NUMPY), (PipPackage(name="rich", version="1"),))
    assert check_closure(silent, {}).not_compared == (
        "dependencies of rich: the lock does not say them",
    )
    conditional = record("x", depends=('tomli[when="python <3.11"]',))
    said = check_closure(side_of((conditional,)), {})
    assert said.findings == ()
    assert "cannot be judged" in said.not_compared[0]


def test_what_nothing_leads_to():
    lone = record("lone")
    rich = PipPackage(name="rich", version="1", requires_dist=("pygments",))
    pygments = PipPackage(name="pygments", version="2", requires_dist=())
    side = side_of((PYTHON, LIBBLAS, NUMPY, lone), (rich, pygments))
    assert find_unneeded(side, ["numpy"], ["rich"]) == ("lone 1.0",)
    assert find_unneeded(side, ["lone"], ["rich"]) == ("libblas 3.9.0", "numpy 1.26.4")
    assert find_unneeded(side, ["numpy", "lone"], []) == ("rich==1", "pygments==2")
    # A cycle of two that only lead to each other.
    a, b = record("a", depends=("b",)), record("b", depends=("a",))
    assert find_unneeded(side_of((a, b)), [], []) == ("a 1.0", "b 1.0")
    assert find_unneeded(side_of((a,), (PipPackage(name="rich", version="1"),)), ["a"], []) is None
