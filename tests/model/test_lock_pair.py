"""Two locks of any formats: the same environment never differs, another one does."""

import itertools
from dataclasses import replace

import pytest
from hypothesis import given

from envbench.formats.lock_formats import LOCK_FORMATS, export_lock
from envbench.formats.lock_reading import read_lock_text
from envbench.model.lock import Lock, PipPackage
from envbench.model.lock_comparison import DriftKind, LockComparison
from envbench.model.lock_verdicts.drift_findings import judge_comparison
from envbench.model.lock_verdicts.pair import compare_sides
from envbench.model.lock_verdicts.side import LockSide
from envbench.model.locked_set import LockAspect, lock_to_set
from tests.formats.lock_values import EVERYTHING, digest, locks, record

FORMS = [form.name for form in LOCK_FORMATS if form.is_lock]
FULL = replace(EVERYTHING, pip=EVERYTHING.pip[:1])
"""What every format can hold."""


def write(lock: Lock, form: str, path: str = "") -> LockSide:
    exported = export_lock(lock, form)
    reading = read_lock_text(exported.text, exported.file_name)[1]
    assert reading.is_sound, reading.problems
    return LockSide(locked=reading.locked, path=path or form)


def compare(one: Lock | LockSide, other: Lock | LockSide) -> LockComparison:
    sides = [
        each if isinstance(each, LockSide) else LockSide(locked=lock_to_set(each))
        for each in (one, other)
    ]
    return compare_sides(*sides, {})


def kinds(comparison: LockComparison) -> list[tuple[DriftKind, str, str]]:
    return [(each.kind, each.manager, each.name) for each in comparison.drifts]


@pytest.mark.parametrize("form", FORMS)
def test_one_environment_in_two_formats_is_the_same(form: str):
    here = write(FULL, form)
    for other in FORMS:
        there = write(FULL, other)
        found = compare(here, there)
        assert found.drifts == (), other
        if here.says(LockAspect.PIP) is not there.says(LockAspect.PIP):
            assert any("pip packages (tabulate)" in what for what in found.unchecked), other


@given(lock=locks())
def test_a_lock_is_the_same_as_itself(lock: Lock):
    assert compare(lock, lock).drifts == ()


def swap(name: str, **values: object) -> Lock:
    packages = tuple(
        replace(p, **values) if p.name == name else p  # type: ignore[arg-type]
        for p in FULL.packages
    )
    return replace(FULL, packages=packages)


WITH_ADDRESS = ("explicit", "conda-lock", "pixi-v6", "pixi-v7", "explicit-sha256")


@pytest.mark.parametrize(("one", "other"), itertools.permutations(WITH_ADDRESS, 2))
def test_another_version_build_or_package_is_found_between_any_two(one: str, other: str):
    changed = record("numpy", "1.26.3", "py311h64a7726_0")
    newer = replace(
        FULL, packages=tuple(changed if p.name == "numpy" else p for p in FULL.packages)
    )
    assert kinds(compare(write(FULL, one), write(newer, other))) == [
        (DriftKind.VERSION, "conda", "numpy")
    ]
    rebuilt = record("numpy", "1.26.4", "py311h64a7726_1")
    again = replace(
        FULL, packages=tuple(rebuilt if p.name == "numpy" else p for p in FULL.packages)
    )
    assert kinds(compare(write(FULL, one), write(again, other))) == [
        (DriftKind.BUILD, "conda", "numpy")
    ]
    less = replace(FULL, packages=FULL.packages[:-1])
    assert kinds(compare(write(FULL, one), write(less, other))) == [
        (DriftKind.MISSING, "conda", "pytorch")
    ]
    assert kinds(compare(write(less, one), write(FULL, other))) == [
        (DriftKind.EXTRA, "conda", "pytorch")
    ]


def test_the_same_name_from_elsewhere_is_told_by_hash_or_else_by_channel():
    assert kinds(compare(FULL, swap("numpy", sha256="0" * 64))) == [
        (DriftKind.HASH, "conda", "numpy")
    ]
    far = "https://conda.anaconda.org/other/linux-64/numpy-1.26.4-py311h64a7726_0.conda"
    # The same bytes on a mirror are the same package.
    assert kinds(compare(FULL, swap("numpy", url=far, channel="other"))) == []
    unhashed = swap("numpy", url=far, channel="other", md5=None, sha256=None)
    assert kinds(compare(FULL, unhashed)) == [(DriftKind.CHANNEL, "conda", "numpy")]
    assert any("hashes of numpy" in what for what in compare(FULL, unhashed).unchecked)


def test_channels_indexes_variables_and_platform():
    other = replace(
        FULL, channels=tuple(reversed(FULL.channels)), variables=(("MODE", "no"), ("NEW", "1")),
        platform="osx-64",
    )  # fmt: skip
    assert kinds(compare(FULL, other)) == [
        (DriftKind.PLATFORM, "", "platform"),
        (DriftKind.CHANNELS, "", "channels"),
        (DriftKind.VARIABLE, "", "MODE"),
        (DriftKind.VARIABLE, "", "NEW"),
        (DriftKind.VARIABLE, "", "OMP_NUM_THREADS"),
    ]
    one, two = (
        replace(FULL, indexes=(f"https://{host}/simple",)) for host in ("a.example", "b.example")
    )
    assert kinds(compare(one, two)) == [(DriftKind.INDEXES, "", "indexes")]
    assert kinds(compare(FULL, two)) == []


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        ({"version": "0.11.0"}, DriftKind.VERSION),
        ({"version": "0.10"}, None),
        ({"sha256": digest("x", 64)}, DriftKind.HASH),
        ({"sha256": None}, None),
        ({"direct_url": "file:///x"}, DriftKind.SOURCE),
        ({"editable": True}, DriftKind.SOURCE),
    ],
)
def test_the_pip_part(values: dict[str, object], kind: DriftKind | None):
    changed = replace(FULL.pip[0], **values)  # type: ignore[arg-type]
    found = compare(FULL, replace(FULL, pip=(changed,)))
    assert [drift.kind for drift in found.drifts] == ([kind] if kind else [])
    more = replace(FULL, pip=(*FULL.pip, PipPackage(name="new", version="1")))
    assert kinds(compare(FULL, more)) == [(DriftKind.EXTRA, "pip", "new")]


def test_of_several_accepted_files_any_is_the_same_in_either_order():
    side = LockSide(locked=lock_to_set(FULL))
    [package] = side.locked.pip
    assert package.sha256

    def several(*digests: str) -> LockSide:
        other = replace(package, sha256=None, accepted=digests)
        return replace(side, locked=replace(side.locked, pip=(other,)))

    right, wrong = several("0" * 64, package.sha256.upper()), several("0" * 64, "1" * 64)
    for pair in ((side, right), (right, side), (right, right)):
        found = compare_sides(*pair, {})
        assert found.drifts == ()
        assert not any("hashes of the pip packages" in words for words in found.unchecked)
    for one, other in ((side, wrong), (wrong, side)):
        [drift] = compare_sides(one, other, {}).drifts
        assert drift.kind is DriftKind.HASH
        assert "1" * 64 in f"{drift.locked} {drift.installed}"


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("git+https://h.example/x@0a", "git+https://h.example/x.git@0a", True),
        ("git+https://h.example/x@0a", "git+https://h.example/x@0b", False),
        ("git+https://h.example/x@0a#subdirectory=p", "git+https://h.example/x@0a", False),
        ("file:///srv/a%2Bb", "file:///srv/a+b/", True),
        ("file:///srv/a", "file:///srv/b", False),
        ("https://h.example/a.whl", "https://me:word@h.example/a.whl", True),
        (None, "file:///srv/a", False),
    ],
)
def test_direct_references_in_different_spellings(one: str | None, other: str, same: bool):
    sides = [
        replace(FULL, pip=(PipPackage(name="x", version="1", direct_url=url),))
        for url in (one, other)
    ]
    assert kinds(compare(*sides)) == ([] if same else [(DriftKind.SOURCE, "pip", "x")])


def test_indexes_of_single_packages_are_compared_with_them():
    near, far = "https://a.example/simple", "https://b.example/simple/"
    base = FULL.pip[0]
    one = replace(FULL, pip=(replace(base, index_url=near, sha256=None),), indexes=(near, far))
    assert kinds(compare(one, replace(one, indexes=(far[:-1], "https://pypi.org/simple")))) == []
    moved = replace(one, pip=(replace(base, index_url=far, sha256=None),))
    assert kinds(compare(one, moved)) == [(DriftKind.SOURCE, "pip", "tabulate")]
    hashed = [replace(FULL, pip=(replace(base, index_url=url),)) for url in (near, far)]
    assert kinds(compare(*hashed)) == []


def test_what_only_one_side_says_is_told_and_no_difference():
    found = compare(
        write(FULL, "explicit", "explicit.txt"), write(FULL, "environment-lock", "e.yml")
    )
    assert found.drifts == ()
    words = "\n".join(found.unchecked)
    for part in (
        "pip packages (tabulate): only e.yml says them",
        "variables (MODE",
        "channels and",
    ):
        assert part in words
    bare = LockSide(locked=replace(lock_to_set(FULL), kept=frozenset({LockAspect.PIP})))
    assert any("conda packages (" in what for what in compare(bare, FULL).unchecked)


def test_findings_have_marks_and_the_lines_of_both_files():
    here, there = write(FULL, "environment-lock", "a.yml"), write(FULL, "explicit", "b.txt")
    newer = record("numpy", "1.26.5", "py311h64a7726_0")
    lock = replace(FULL, packages=tuple(newer if p.name == "numpy" else p for p in FULL.packages))
    there = write(replace(lock, packages=lock.packages[:-1]), "explicit", "b.txt")
    found = judge_comparison(compare(here, there), here, there).findings
    assert [(f.mark.value, f.name) for f in found] == [("~", "numpy"), ("-", "pytorch")]
    assert found[0].message == "1.26.4 -> 1.26.5 py311h64a7726_0"
    assert [place.file for place in found[0].places] == ["a.yml", "b.txt"]
    text = export_lock(FULL, "environment-lock").text.splitlines()
    assert text[found[0].places[0].line - 1] == "  - numpy=1.26.4"
