"""The rules that need no process: guard, blame, scripts, the version floor."""

import json
import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envbench.engine.pip_section.blame import BlameFinder
from envbench.engine.pip_section.errors import PipGuardError, UvError
from envbench.engine.pip_section.guard import PipChange, guard_changes, read_dry_run
from envbench.engine.pip_section.planning import name_uv_platform
from envbench.engine.pip_section.shebangs import repoint_script
from envbench.engine.pip_section.uv_binary import OLDEST_UV, check_uv, find_uv
from envbench.engine.pip_section.workspace import open_workspace


def answer(*changes: dict[str, str], schema: str = "preview", dry_run: bool = True) -> str:
    return json.dumps({"schema": {"version": schema}, "changes": list(changes), "dry_run": dry_run})


def test_the_guard_lets_additions_through_sorted():
    changes = read_dry_run(answer(
        {"name": "Zope.X", "version": "1", "action": "installed"},
        {"name": "app", "version": "2", "action": "installed"},
    ))  # fmt: skip
    assert guard_changes(changes, {"numpy"}) == (
        PipChange("app", "2", "installed"),
        PipChange("zope-x", "1", "installed"),
    )


@pytest.mark.parametrize("action", ["installed", "uninstalled"])
def test_the_guard_trips_on_what_conda_owns(action):
    changes = read_dry_run(answer({"name": "NumPy", "version": "2.4.6", "action": action}))
    with pytest.raises(PipGuardError) as caught:
        guard_changes(changes, {"numpy"}, locate=lambda name: f"environment.yml: {name}")
    assert f"numpy 2.4.6 would be {action}" in caught.value.why
    assert caught.value.where == "environment.yml: numpy"


def test_the_guard_trips_on_any_removal():
    with pytest.raises(PipGuardError):
        guard_changes([PipChange("other", "1", "uninstalled")], {"numpy"})


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "no json",
        answer(schema="2"),
        answer(dry_run=False),
        answer({"name": "a", "version": "1", "action": "replaced"}),
        answer({"name": "a", "version": "1"}),
        json.dumps({"schema": {"version": "preview"}, "dry_run": True}),
    ],
)
def test_an_unknown_answer_stops_everything(text):
    with pytest.raises(UvError):
        read_dry_run(text)


@given(st.data())
def test_blame_finds_a_smallest_failing_part(data):
    size = data.draw(st.integers(1, 40))
    cores = data.draw(
        st.lists(st.sets(st.integers(0, size - 1), min_size=1, max_size=4), min_size=1, max_size=3)
    )

    def fails(part):
        return any(core <= set(part) for core in cores)

    finder = BlameFinder[int](fails, questions=10_000, budget_s=60)
    found = finder.smallest_failing(list(range(size)))
    assert found == sorted(found)
    assert fails(found)
    assert not any(fails([x for x in found if x != one]) for one in found)
    assert not finder.exhausted


def test_blame_finds_one_of_thousands_with_few_questions():
    asked = 0

    def fails(part):
        nonlocal asked
        asked += 1
        return 1234 in part

    assert BlameFinder[int](fails).smallest_failing(list(range(3000))) == [1234]
    assert asked <= 30


@given(st.integers(0, 12), st.sets(st.integers(0, 19), min_size=1, max_size=5))
def test_blame_without_budget_still_answers_with_what_fails(questions, core):
    finder = BlameFinder[int](lambda part: core <= set(part), questions=questions)
    assert core <= set(finder.smallest_failing(list(range(20))))


@pytest.mark.parametrize("rest", [b"", b"import sys\n", b"\xff\xfe"])
def test_scripts_are_pointed_elsewhere(rest):
    plain = b"#!/stage/env-2/bin/python3.11\n" + rest
    assert (
        repoint_script(plain, "/stage/env-2", "/live/env") == b"#!/live/env/bin/python3.11\n" + rest
    )
    foreign = b"#!/stage/env-22/bin/python\n" + rest
    assert repoint_script(foreign, "/stage/env-2", "/live/env") == foreign
    spaced = repoint_script(plain, "/stage/env-2", "/live/my env")
    assert spaced.startswith(
        b"#!/bin/sh\n'''exec' '/live/my env/bin/python3.11' \"$0\" \"$@\"\n' '''\n"
    )
    assert repoint_script(spaced, "/live/my env", "/stage/env-2") == plain


@pytest.mark.parametrize(
    ("platform", "glibc", "name"),
    [
        ("linux-64", "2.31", "x86_64-manylinux_2_31"),
        ("linux-64", "2.30", "x86_64-manylinux_2_28"),
        ("linux-64", "2.5", "x86_64-manylinux_2_17"),
        ("linux-64", None, "x86_64-manylinux_2_17"),
        ("linux-aarch64", "2.99", "aarch64-manylinux_2_40"),
        ("osx-arm64", None, "aarch64-apple-darwin"),
    ],
)
def test_platforms_in_uvs_words(platform, glibc, name):
    assert name_uv_platform(platform, glibc) == name


def test_a_platform_without_a_name():
    with pytest.raises(UvError):
        name_uv_platform("linux-s390x", None)


def test_our_uv_is_new_enough():
    assert check_uv(find_uv())


@pytest.mark.parametrize("said", ["uv 0.11.27", "uv 0.8.5 (abc)", "something else", ""])
def test_an_old_uv_is_refused(tmp_path: Path, said):
    fake = tmp_path / "uv"
    fake.write_text(f"#!/bin/sh\necho '{said}'\n")
    fake.chmod(fake.stat().st_mode | stat.S_IXUSR)
    with pytest.raises(UvError) as caught:
        check_uv(fake)
    assert OLDEST_UV in caught.value.why


def test_a_workspace_sweeps_what_the_dead_left_and_spares_the_living(tmp_path: Path):
    with open_workspace(tmp_path) as living:
        dead = tmp_path / "pip-dead"
        (dead / "run").mkdir(parents=True)
        (dead / "held").touch()
        foreign = tmp_path / "other"
        foreign.mkdir()
        with open_workspace(tmp_path) as another:
            assert not dead.exists()
            assert living.is_dir()
            assert foreign.is_dir()
            assert list(another.iterdir()) == []
    assert list(tmp_path.iterdir()) == [foreign]


def test_a_race_between_making_and_sweeping_loses_nothing(tmp_path: Path):
    being_made = tmp_path / "pip-new"
    being_made.mkdir()
    with open_workspace(tmp_path):
        assert being_made.is_dir()
