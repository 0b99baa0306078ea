"""Locked packages against match specs: rattler's own answers wherever it has one."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rattler import BuildString, MatchSpec, PackageRecord

from envbench.model.lock_verdicts.channel_match import is_same_channel
from envbench.model.lock_verdicts.line_match import judge_match
from envbench.model.locked_set import LockedPackage
from envbench.model.matchspec import parse_match_spec
from tests.formats.lock_values import digest, record

FORGE = "https://conda.anaconda.org/conda-forge"
LINES = (
    *("x", "x=1.13.1", "x==1.13.1", "x 1.13.*", "x=1.*", "x>=1.2,<2", "x =1.13", "x 1.13|2.0"),
    *("x=1.13.1=py311_0", "x 1.13.1 py311_0", "x * py3*", "x * *_0", "x[build=py31*]", "X=1.13"),
    *("x[build_number=3]", "x[build_number='>=1']"),
    *("x!=1.13.1", "x~=1.13", "x 1.13.1.*", "x[version='>=1,<1.14']", "x=1.13.1=*cuda*"),
    f"x[md5={digest('x1.13.1', 32)}]",
    f"x[md5={digest('other', 32)}]",
    f"x[sha256={digest('x1.13.1', 64)}]",
)
PACKAGES = [
    (version, build, number, subdir)
    for version in ("1.13.1", "1.13", "1.1", "2.0", "1.13.1.post1")
    for build, number in (("py311_0", 0), ("py39_cuda11_3", 3), ("h1234_1", 1))
    for subdir in ("linux-64", "noarch")
]


def lock(name: str, version: str, build: str, number: int = 0, **more: object) -> LockedPackage:
    made = record(name, version, build, build_number=number, **more)
    return LockedPackage(
        name=name, version=version, build=build, url=made.url, md5=made.md5, sha256=made.sha256,
        record=made,
    )  # fmt: skip


def theirs(text: str, package: LockedPackage) -> bool:
    assert package.record is not None
    made = package.record
    return MatchSpec(text).matches(
        PackageRecord(
            made.name, made.version, BuildString(made.build), made.build_number, made.subdir,
            md5=bytes.fromhex(made.md5 or ""), sha256=bytes.fromhex(made.sha256 or ""),
        )
    )  # fmt: skip


@pytest.mark.parametrize("line", LINES)
def test_the_answer_is_rattlers(line: str):
    for version, build, number, subdir in PACKAGES:
        package = lock("x", version, build, number, subdir=subdir)
        verdict = judge_match(parse_match_spec(line), package, {})
        assert verdict.fits is theirs(line, package), (package.describe(), verdict)
        assert not verdict.unknown


_versions = st.from_regex(r"[0-3](\.[0-4]){0,3}((a|rc|post)[0-2])?", fullmatch=True)
_builds = st.from_regex(r"(py3[0-9]{1,2}|h[0-9a-f]{3}|cpu|cuda)_[0-3]", fullmatch=True)
_operators = st.sampled_from(("=", "==", ">=", "<=", ">", "<", "!=", "~="))


@st.composite
def _lines(draw: st.DrawFn) -> str:
    terms = [
        draw(_operators) + draw(_versions)
        for _ in range(draw(st.integers(min_value=1, max_value=3)))
    ]
    joint = draw(st.sampled_from((",", "|")))
    build = draw(st.sampled_from(("", "", " *_0", " py3*", " cuda_1")))
    return f"x {joint.join(terms)}{build}"


@given(line=_lines(), version=_versions, build=_builds)
def test_any_line_is_judged_as_rattler_does(line: str, version: str, build: str):
    package = lock("x", version, build, int(build[-1]))
    verdict = judge_match(parse_match_spec(line), package, {})
    assert (verdict.fits, verdict.unknown) == (theirs(line, package), ())


def judge(line: str, package: LockedPackage) -> tuple[bool, tuple[str, ...]]:
    verdict = judge_match(parse_match_spec(line), package, {})
    return verdict.fits, verdict.unknown


def test_channels_addresses_and_file_names():
    package = lock("x", "1.0", "0")
    assert judge("conda-forge::x", package) == (True, ())
    assert judge(f"{FORGE}::x", package) == (True, ())
    assert judge("pytorch::x", package) == (False, ())
    assert judge("conda-forge/linux-64::x", package) == (True, ())
    assert judge("conda-forge/noarch::x", package) == (False, ())
    assert judge(f"{FORGE}/linux-64/x-1.0-0.conda", package) == (True, ())
    assert judge(f"{FORGE}/linux-64/x-1.0-0.conda#{package.md5}", package) == (True, ())
    assert judge(f"{FORGE}/linux-64/x-1.0-0.conda#{'0' * 32}", package) == (False, ())
    assert judge(f"{FORGE}/linux-64/x-1.1-0.conda", package) == (False, ())
    # rattler looks at neither channel nor subdir when it matches a record.
    assert judge("x[subdir=linux-64]", package) == (True, ())
    assert judge("x[subdir=noarch]", package) == (False, ())
    assert judge("x[fn=x-1.0-0.conda]", package) == (True, ())
    assert judge("x[fn=x-1.0-0.tar.bz2]", package) == (False, ())


def test_what_the_lock_does_not_say_is_unknown():
    bare = LockedPackage(name="x", version="1.0")
    assert judge("x=1.0", bare) == (True, ())
    assert judge("x=1.0=py_0", bare) == (True, ("build",))
    assert judge("conda-forge::x", bare) == (True, ("channel",))
    assert judge("x[subdir=noarch]", bare) == (True, ("subdir",))
    assert judge(f"x[md5={'0' * 32}]", bare) == (True, ("md5",))
    assert judge("x[build_number=1]", bare) == (True, ("build_number",))
    assert judge("x[license=MIT]", replace(bare, build="0")) == (True, ("license",))
    assert judge("pytorch::x=2", replace(bare, channel="pytorch")) == (False, ())


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("conda-forge", FORGE, True),
        ("conda-forge", f"{FORGE}/", True),
        ("conda-forge", "https://prefix.dev/conda-forge", True),
        ("conda-forge", "https://mirror.example/cf", True),
        ("conda-forge", "https://mirror.example/other", False),
        ("defaults", "https://repo.anaconda.com/pkgs/main", True),
        ("defaults", "pkgs/r", True),
        ("defaults", FORGE, False),
        ("nvidia/label/cuda-12.4.0", "https://conda.anaconda.org/nvidia/label/cuda-12.4.0", True),
        ("nvidia", "https://conda.anaconda.org/nvidia/label/cuda-12.4.0", False),
        (FORGE, "https://mirror.example/conda-forge", False),
        ("file:///srv/channel", "/srv/channel", True),
        ("pytorch", "conda-forge", False),
        ("forge", FORGE, False),
    ],
)
def test_texts_of_channels(one: str, other: str, same: bool):
    known = {"conda-forge": ("https://mirror.example/cf",)}
    assert is_same_channel(one, other, known) is same
    assert is_same_channel(other, one, known) is same
