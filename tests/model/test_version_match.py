"""Versions against constraints: the answers of rattler, asked for all pairs."""

import itertools

import pytest
from rattler import Version, VersionSpec

from envbench.model.matchspec import parse_match_spec
from envbench.model.version_match import satisfies_match, satisfies_version
from envbench.model.version_spec import read_version_spec

VERSIONS = (
    *("1", "1.0", "1.2", "1.2.3", "1.10", "1.2.0a1", "2.0", "2", "1.2.post1", "2024.1"),
    *("3.11.7", "1.1.1w", "9e", "2.13.0+cpu", "1.2a", "1.2dev", "1!0.5"),
)
CONSTRAINTS = (
    *("1.2.*", "==1.2", ">=1.2,<2", "1.2.*|2.*", "!=1.2.*", ">1.1,!=1.2.3", "~=1.2", "~=1.2.0"),
    *("*", ">=3.11,<3.12.0a0", "(>=1,<1.5)|2.*", "1.0.*", "9.*", "9e", "1.1.1*", "1.*", "<=1.2"),
    *(">=1.1.1a,<1.1.2a", "2.13.0", "!=2", "1.2a.*", ">1.2", "1,2|3", "1.2", "=1.2"),
)


@pytest.mark.parametrize("constraint", CONSTRAINTS)
def test_the_answer_is_rattlers(constraint):
    ours, _ = read_version_spec(constraint)
    theirs = VersionSpec(constraint)
    answers = {v: satisfies_version(v, ours) for v in VERSIONS}
    assert answers == {v: theirs.matches(Version(v)) for v in VERSIONS}


def test_no_version_is_no_answer():
    assert satisfies_version("not a version", ">=1") is None
    assert satisfies_version("1", ">=") is None
    assert satisfies_version("1", "(" * 5000 + "1" + ")" * 5000) is None


@pytest.mark.parametrize(
    ("spec", "version", "build", "answer"),
    [
        ("libblas * *openblas", "3.9.0", "22_linux64_openblas", True),
        ("libblas * *openblas", "3.9.0", "22_linux64_mkl", False),
        ("python_abi 3.11.* *_cp311", "3.11", "4_cp311", True),
        ("pytorch 2.1.* cpu*", "2.2.0", "cpu_py311", False),
        ("numpy", "1", "0", True),
        ("x 1 ^py3.*$", "1", "py311", True),
        ("x[build_number=3]", "1", "0", None),
    ],
)
def test_builds_are_globs_or_patterns(spec, version, build, answer):
    assert satisfies_match(version, build, parse_match_spec(spec)) is answer


def test_pairs_disagree_with_each_other_somewhere():
    read = {c: read_version_spec(c)[0] for c in CONSTRAINTS}
    pairs = itertools.product(VERSIONS, CONSTRAINTS)
    assert {satisfies_version(v, read[c]) for v, c in pairs} == {True, False}
