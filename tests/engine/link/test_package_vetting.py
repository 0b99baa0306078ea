"""The rules of vetting, by example and against what the file system itself does."""

import os
import posixpath
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from envbench.engine.package_vetting import (
    ArchiveMember,
    MemberKind,
    find_escaping_links,
    find_files_under_links,
    is_link_script,
    place_noarch_path,
    refuse_entry_point,
    refuse_linked_path,
    refuse_member,
    refuse_path,
    refuse_soft_link,
)


@pytest.mark.parametrize("path", ["lib/a.so", "a", "lib/..a/b..", "share/ä b/c", "./a", ".hidden"])
def test_plain_paths_pass(path: str) -> None:
    assert refuse_path(path) == refuse_linked_path(path) == ""


@pytest.mark.parametrize("path", ["", "/a", "../a", "a/../../b", "a/..", "a\0b", "//a"])
def test_paths_that_leave_are_refused(path: str) -> None:
    assert refuse_path(path)


@pytest.mark.parametrize(
    "path",
    ["conda-meta/x.json", "conda-meta/history", "./conda-meta/x.json", ".envbench-generation.json"],
)
def test_records_of_installers_are_refused(path: str) -> None:
    assert refuse_linked_path(path)


@pytest.mark.parametrize("path", ["conda-meta/pinned", "share/conda-meta/x.json", "etc/.envbench"])
def test_other_files_near_the_records_pass(path: str) -> None:
    assert not refuse_linked_path(path)


@pytest.mark.parametrize(
    ("path", "target", "fine"),
    [
        ("lib/a", "b", True),
        ("lib/a", "../bin/b", True),
        ("a", "./b", True),
        ("lib/a", "..", True),
        ("lib/x/../a", "../..", False),
        ("lib/a", "../../b", False),
        ("a", "..", False),
        ("a", "b/../../c", False),
        ("a", "/etc/passwd", False),
        ("a", "", False),
    ],
)
def test_soft_links(path: str, target: str, fine: bool) -> None:
    if ".." in path:
        path = posixpath.normpath(path)
    assert (refuse_soft_link(path, target) == "") is fine


@pytest.mark.parametrize(
    ("member", "fine"),
    [
        (ArchiveMember("a", MemberKind.FILE, 0o755), True),
        (ArchiveMember("a", MemberKind.FILE, 0o4755), False),
        (ArchiveMember("a", MemberKind.FILE, 0o2755), False),
        (ArchiveMember("a", MemberKind.DIRECTORY, 0o2775), True),
        (ArchiveMember("./", MemberKind.DIRECTORY), True),
        (ArchiveMember("a", MemberKind.OTHER), False),
        (ArchiveMember("a", MemberKind.HARD_LINK, target="b/c"), True),
        (ArchiveMember("a", MemberKind.HARD_LINK, target="../c"), False),
        (ArchiveMember("a", MemberKind.HARD_LINK, target="/etc/passwd"), False),
    ],
)
def test_members(member: ArchiveMember, fine: bool) -> None:
    assert (refuse_member(member) == "") is fine


@pytest.mark.parametrize(
    ("text", "fine"),
    [
        ("pip = pip._internal.cli.main:main", True),
        ("f2py = numpy.f2py.f2py2e:main", True),
        ("a-b.c = m:C.run", True),
        ("x = m:f [extra]", True),
        ("../x = m:f", False),
        ("a/b = m:f", False),
        (".. = m:f", False),
        ("x = os:system('id')#", False),
        ("x = m", False),
        ("x", False),
        ("= m:f", False),
    ],
)
def test_entry_points(text: str, fine: bool) -> None:
    assert (refuse_entry_point(text) == "") is fine


def test_link_scripts_are_known_by_their_names() -> None:
    assert is_link_script("bin/.foo-post-link.sh")
    assert is_link_script("bin/.foo-pre-unlink.sh")
    assert not is_link_script("share/.foo-post-link.sh")
    assert not is_link_script("bin/foo-post-link.sh")


def test_noarch_paths_are_placed_where_python_looks() -> None:
    assert place_noarch_path("site-packages/a/b.py", "lib/python3.11/site-packages") == (
        "lib/python3.11/site-packages/a/b.py"
    )
    assert place_noarch_path("python-scripts/x", "lib/y") == "bin/x"
    assert place_noarch_path("share/x", "lib/y") == "share/x"


def test_two_harmless_links_can_leave_together() -> None:
    links = {"a/b/up": "../..", "a/b/out": "up/../escaped"}
    assert [path for path, _ in find_escaping_links(links)] == ["a/b/out"]


def test_a_link_below_another_link_may_land_anywhere() -> None:
    contested = {"a": "a", "b/b": "a/a/..", "b": "a", "b/a/a": "../.."}
    assert {path for path, _ in find_escaping_links(contested)} >= {"b/b", "b/a/a"}
    through = {"a": "b", "b/b": "a/a/..", "a/a/a": "../.."}
    assert "a/a/a" in {path for path, _ in find_escaping_links(through)}


def test_files_below_a_link_of_the_same_package() -> None:
    assert list(find_files_under_links(["a/b/c", "a/d"], {"a/b": "x"})) == ["a/b/c"]
    assert list(find_files_under_links(["a/b", "a/d"], {"a/b": "x"})) == []


NAMES = st.sampled_from(["a", "b", "c", "d"])
PLACES = st.lists(NAMES, min_size=1, max_size=4).map("/".join)
TARGETS = st.lists(st.one_of(NAMES, st.just("..")), min_size=1, max_size=5).map("/".join)


@settings(max_examples=400, deadline=None)
@given(st.dictionaries(PLACES, TARGETS, max_size=6))
def test_links_that_pass_never_lead_out_of_a_real_prefix(links: dict[str, str]) -> None:
    """Built on disk with the links as they are, nothing resolves to a place outside."""
    if list(find_escaping_links(links)):
        return
    with tempfile.TemporaryDirectory() as scratch:
        prefix = Path(scratch).resolve() / "inner" / "prefix"
        prefix.mkdir(parents=True)
        made = []
        for path, target in links.items():
            place = prefix / path
            try:
                place.parent.mkdir(parents=True, exist_ok=True)
                place.symlink_to(target)
            except OSError:
                continue  # Another link is in the way.
            made.append(place)
        for place in made:
            reached = os.path.realpath(place)
            assert reached == str(prefix) or reached.startswith(f"{prefix}/"), (place, reached)
