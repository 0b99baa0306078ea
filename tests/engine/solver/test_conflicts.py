"""A conflict names the lines that cause it, each with certainty, and what there is instead."""

import itertools
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, event, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from envbench.engine.conflict_text import read_conflict, trim_text
from envbench.engine.solver.client import SolverProcess
from envbench.model.conflict import Conflict, CoreKind
from envbench.model.plan import Plan
from tests.engine.solver.asking import HOST, STRICT, make_request, write_channel

WORLD = [
    ("python", "3.9"),
    ("python", "3.12"),
    ("numpy", "1.23", ["python <3.12"]),
    ("numpy", "2.1", ["python >=3.10"]),
    ("scipy", "1.9", ["numpy <2"]),
    ("torch-gpu", "2.0", ["python", "__cuda >=12"]),
    ("torch-gpu", "1.0", ["python", "__cuda >=11"]),
    ("deep", "1.0", ["torch-gpu"]),
    ("orphan", "1.0", ["nowhere >=2"]),
    ("plain", "1.0"),
]


@pytest.fixture
def conflict(shared_solver, tmp_path):
    """Solve for specs in the small world, which must fail."""

    def ask(*specs: str, **fields: object) -> Conflict:
        channels = {"main": write_channel(tmp_path / "main", WORLD)}
        channels |= fields.pop("more", {})
        outcome = shared_solver.solve(make_request(specs, channels, **fields))
        assert isinstance(outcome, Conflict)
        return outcome

    return ask


def told(conflict: Conflict) -> list[tuple[CoreKind, int | None]]:
    return [(cause.kind, cause.line) for cause in conflict.causes]


def test_a_missing_package(conflict):
    found = conflict("python", "numpi")
    assert told(found) == [(CoreKind.MISSING_PACKAGE, 11)]
    assert found.causes[0].available == ("numpy",)
    assert (
        "Did you mean numpy" in found.causes[0].explanation
        and "main" in found.causes[0].explanation
    )


def test_a_missing_version(conflict):
    found = conflict("python=3.10", "numpy=1.24")
    assert told(found) == [(CoreKind.MISSING_VERSION, 10), (CoreKind.MISSING_VERSION, 11)]
    assert found.causes[0].available == ("3.9", "3.12")
    assert found.causes[1].available[0] == "1.23" and "main has" in found.causes[1].explanation


def test_a_missing_build(conflict):
    found = conflict("python=3.9=*cpython")
    assert told(found) == [(CoreKind.MISSING_BUILD, 10)]
    assert found.causes[0].available == ("0",)


def test_an_unlisted_channel_and_one_that_lacks_the_package(conflict, tmp_path):
    more = {"side": write_channel(tmp_path / "side", [("plain", "2.0")])}
    found = conflict("other::plain", "side::python", "side::plain=1.0", more=more)
    assert told(found) == [
        (CoreKind.WRONG_CHANNEL, 10),
        (CoreKind.WRONG_CHANNEL, 11),
        (CoreKind.WRONG_CHANNEL, 12),
    ]
    assert "'other', which is not among the channels (main, side)" in found.causes[0].explanation
    assert found.causes[1].available == ("main::python",)
    assert "main has plain 1.0" in found.causes[2].explanation


def test_a_virtual_package_of_the_line_itself(conflict):
    found = conflict("plain", "torch-gpu", host=replace(HOST, cuda=None))
    assert told(found) == [(CoreKind.MISSING_VIRTUAL, 11)]
    assert "this host has no __cuda" in found.causes[0].explanation
    assert set(found.causes[0].available) == {"__cuda >=12", "__cuda >=11"}
    found = conflict("torch-gpu", host=replace(HOST, cuda="10.2"))
    assert "this host has __cuda 10.2" in found.causes[0].explanation


def test_a_virtual_package_on_the_way(conflict):
    found = conflict("plain", "deep", host=replace(HOST, cuda=None))
    assert told(found) == [(CoreKind.MISSING_VIRTUAL, 11)]
    assert "needs __cuda >=11 through torch-gpu 1.0, 2.0. This host has no __cuda" in (
        found.causes[0].explanation
    )


def test_a_virtual_package_asked_for(conflict):
    found = conflict("__cuda >=13", "plain")
    assert told(found) == [(CoreKind.MISSING_VIRTUAL, 10)]
    assert "this host has __cuda 12.4" in found.causes[0].explanation


def test_a_line_that_is_broken_by_itself(conflict):
    found = conflict("plain", "orphan")
    assert told(found) == [(CoreKind.INCOMPATIBLE, 11)]
    assert "nowhere >=2" in found.causes[0].explanation


def test_lines_that_exclude_each_other(conflict):
    found = conflict("plain", "python=3.12", "scipy")
    assert told(found) == [(CoreKind.INCOMPATIBLE, 11), (CoreKind.INCOMPATIBLE, 12)]
    assert "line 11" in found.summary and "line 12" in found.summary
    assert "numpy" in found.solver_text


def test_what_a_line_needs_of_the_other_is_told(conflict):
    found = conflict("numpy=1.23", "python=3.12")
    assert (
        "needs python <3.12, which python=3.12 (line 11) rules out" in found.causes[0].explanation
    )


def test_strict_priority_is_told_apart(conflict, tmp_path):
    more = {
        "side": write_channel(tmp_path / "side", [("plain", "2.0"), ("top", "1", ["plain >=2"])])
    }
    found = conflict("python", "top", more=more, channel_priority=STRICT)
    assert told(found) == [(CoreKind.CHANNEL_PRIORITY, 11)]
    assert found.cores[0].explanation == (
        "top (line 11) needs plain >=2.",
        "side has plain 2.0, but under strict channel priority only main counts, which comes"
        " first and has plain 1.0.",
        "With flexible channel priority these lines have a solution.",
    )
    assert found.causes[0].available == ("side::plain",)


def test_flexible_priority_gives_no_such_conflict(shared_solver, tmp_path):
    channels = {
        "main": write_channel(tmp_path / "main", WORLD),
        "side": write_channel(tmp_path / "side", [("plain", "2.0"), ("top", "1", ["plain >=2"])]),
    }
    plan = shared_solver.solve(make_request(["top"], channels))
    assert [(p.dist_name, p.channel) for p in plan.packages] == [
        ("plain-2.0-0", "side"),
        ("top-1-0", "side"),
    ]


def test_a_multi_channel_is_one_tier(shared_solver, tmp_path):
    main = write_channel(tmp_path / "main", [("r-base", "4.0")])
    r = write_channel(tmp_path / "r", [("r-base", "4.3"), ("r-x", "1", ["r-base >=4.3"])])
    channels = {"defaults": [main, r]}
    plan = shared_solver.solve(make_request(["r-x"], channels, channel_priority=STRICT))
    assert {p.dist_name: p.channel for p in plan.packages} == {
        "r-base-4.3-0": "defaults",
        "r-x-1-0": "defaults",
    }
    assert {p.channel_url for p in plan.packages} == {r}
    for spec, version in (("defaults::r-base", "4.3"), (f"{main}::r-base", "4.0")):
        plan = shared_solver.solve(make_request([spec], channels, channel_priority=STRICT))
        assert plan.packages[0].version == version


def test_a_short_member_name_means_the_member(shared_solver, tmp_path):
    main = write_channel(tmp_path / "pkgs" / "main", [("x", "1")])
    r = write_channel(tmp_path / "pkgs" / "r", [("x", "2")])
    plan = shared_solver.solve(make_request(["pkgs/main::x"], {"defaults": [main, r]}))
    assert (plan.packages[0].version, plan.packages[0].channel_url) == ("1", main)


def test_channel_relations_are_not_followed(shared_solver, tmp_path):
    other = write_channel(tmp_path / "other", [("plain", "9.0")])
    url = write_channel(
        tmp_path / "main", [("plain", "1.0")], channel_relations={"overrides": other, "base": other}
    )
    plan = shared_solver.solve(make_request(["plain"], {"main": url}))
    assert [p.version for p in plan.packages] == ["1.0"]


def test_installed_packages_are_kept_where_they_fit(shared_solver, tmp_path):
    channels = {"main": write_channel(tmp_path / "main", WORLD)}
    old = shared_solver.solve(make_request(["python=3.9"], channels))
    kept = shared_solver.solve(make_request(["python"], channels, installed=old.packages))
    moved = shared_solver.solve(make_request(["python>3.9"], channels, installed=old.packages))
    assert kept.packages == old.packages
    assert moved.packages[0].version == "3.12"


def test_younger_packages_do_not_exist(shared_solver, tmp_path):
    ages = [
        ("a", "1", [], {"timestamp": 1_600_000_000_000}),
        ("a", "2", [], {"timestamp": 1_700_000_000_000}),
    ]
    channels = {"main": write_channel(tmp_path / "main", ages)}
    # 00:30 in a zone one hour east of UTC is still the day before.
    for instant in ("2021-01-01T00:00:00Z", "2020-09-13T13:30:00+01:00"):
        plan = shared_solver.solve(make_request(["a"], channels, exclude_newer=instant))
        assert plan.packages[0].version == "1"
    gone = shared_solver.solve(
        make_request(["a=2"], channels, exclude_newer="2021-01-01T00:00:00Z")
    )
    assert told(gone) == [(CoreKind.MISSING_VERSION, 10)]
    assert "a 2 was published after 2021-01-01" in gone.causes[0].explanation
    assert gone.causes[0].available == ("1",)


def test_hostile_row_01_words_of_the_solver_are_cleaned(shared_solver, tmp_path):
    world = [("foo", "1", ["b\x1b]52;c;x\x07 >1"])]
    channels = {"main": write_channel(tmp_path / "main", world)}
    found = shared_solver.solve(make_request(["foo"], channels))
    assert isinstance(found, Conflict) and "\x1b" not in repr(found)


def worlds(*, circles: bool) -> st.SearchStrategy[list[tuple]]:
    """Fifteen packages; without circles, each depends on letters behind its own only."""

    def packages(name: str) -> st.SearchStrategy[list[tuple]]:
        others = "abcdef" if circles else "abcdef".partition(name)[2]
        ranges = st.sampled_from([">=2", "<2", "1.*", ">=3", ">3"])
        depends = st.lists(st.builds("{} {}".format, st.sampled_from(others), ranges), max_size=2)
        return st.tuples(
            *(st.tuples(st.just(name), st.just(version), depends) for version in "123")
        )

    full = st.tuples(*map(packages, "abcde")).map(lambda parts: [*itertools.chain(*parts)])
    return full | full.map(lambda world: world[::2])


def age(world: list[tuple], step: int) -> list[tuple]:
    """Every so many packages are too young for the instant below."""
    young = {"timestamp": 1_700_000_000_000}
    return [(*p, young) if number % step == 0 else p for number, p in enumerate(world)]


wishes = st.lists(
    st.builds(
        "{}{}".format,
        st.sampled_from("abcdeabcdeabcdef"),
        st.sampled_from(["", "", "=1", "=2", "=3", ">=2", "<3"]),
    ),
    min_size=2,
    max_size=5,
    unique_by=lambda text: text[0],
)


law = hypothesis_settings(
    deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@hypothesis_settings(law, max_examples=60)
@given(worlds(circles=False), wishes, st.booleans(), st.sampled_from([None, 3, 5]))
def test_no_wrong_line_is_ever_named(shared_solver, world, wish, strict, step):
    """Whatever the channels: the cores are exactly the smallest parts without a solution."""
    assert_no_wrong_line(shared_solver, world, wish, strict, step)


@pytest.mark.slow
@pytest.mark.timeout(3600)
@hypothesis_settings(law, max_examples=400)
@given(worlds(circles=True), wishes, st.booleans())
def test_no_wrong_line_is_ever_named_among_circles(shared_solver, world, wish, strict):
    assert_no_wrong_line(shared_solver, world, wish, strict)


def test_an_explanation_without_end_is_given_up(shared_solver, tmp_path):
    """The library writes for ever where `c` needs `d` and `d` needs `c`; see runaway.py."""
    world = [
        ("c", "1", ["a 1.*", "e >=2"]),
        ("c", "2", ["a <2", "e 1.*"]),
        ("d", "1", ["d >3"]),
        ("d", "2", ["a <2"]),
        ("d", "3", ["a 1.*", "e >=2"]),
        ("e", "1", ["d >=2", "c 1.*"]),
        ("e", "2", ["a >=3", "c 1.*"]),
        ("e", "3"),
        *[("a", version) for version in "123"],
        ("f", "1"),
    ]
    channels = {"main": write_channel(tmp_path / "main", world)}
    began = time.monotonic()
    found = shared_solver.solve(make_request(["f", "e<3"], channels))
    assert isinstance(found, Conflict) and time.monotonic() - began < 60
    assert told(found) == [(CoreKind.INCOMPATIBLE, 11)]
    assert "circle" in found.solver_text
    assert isinstance(shared_solver.solve(make_request(["f", "e"], channels)), Plan)


def assert_no_wrong_line(
    solver: SolverProcess,
    world: list[tuple],
    wish: list[str],
    strict: bool,
    step: int | None = None,
) -> None:
    with TemporaryDirectory() as folder:
        world = age(world, step) if step else world
        half = len(world) // 2
        channels = {
            "one": write_channel(Path(folder) / "one", world[:half]),
            "two": write_channel(Path(folder) / "two", world[half:]),
        }
        fields = {"channel_priority": STRICT} if strict else {}
        fields |= {"exclude_newer": "2021-01-01T00:00:00Z"} if step else {}

        def solvable(specs: list[str]) -> bool:
            return isinstance(solver.solve(make_request(specs, channels, **fields)), Plan)

        outcome = solver.solve(make_request(wish, channels, **fields))
        if isinstance(outcome, Plan):
            return
        event(f"{outcome.cores[0].kind} x {len(outcome.cores)}")
        assert not outcome.note and outcome.is_proven
        found = [tuple(line.text for line in core.lines) for core in outcome.cores]
        assert len(set(found)) == len(found)
        if not strict:
            assert set(found) == list_smallest(wish, solvable)
        # Under strict priority a line can bring in a channel that another one needs, so that
        # fewer lines may fail where more do not: only what holds in any case is asked.
        for core in found:
            assert not solvable(list(core))
            for fewer in itertools.combinations(core, len(core) - 1):
                assert not fewer or solvable(list(fewer))
        assert [c.spec for c in outcome.causes] == [*itertools.chain(*found)]


def list_smallest(wish: list[str], solvable: Callable[[list[str]], bool]) -> set[tuple[str, ...]]:
    """All smallest parts without a solution, by trying every part."""
    found: set[tuple[str, ...]] = set()
    for size in range(1, len(wish) + 1):
        for part in itertools.combinations(wish, size):
            if not any(set(core) <= set(part) for core in found) and not solvable(list(part)):
                found.add(part)
    return found


@given(st.text(max_size=300))
def test_any_text_can_be_read(text):
    read = read_conflict(text)
    assert read.text == read_conflict(read.text).text
    trim_text(read.text, lines=2)


def test_the_solvers_words_are_understood():
    text = (
        "Cannot solve the request because of: The following packages are incompatible\n"
        "├─ a * cannot be installed because there are no viable options:\n"
        "│  └─ a 1 would require\n"
        "│     └─ __cuda >=12, for which no candidates were found.\n"
        "└─ b 2 is excluded because due to strict channel priority not using this option from: 'file:///x/'\n"
    )
    read = read_conflict(text)
    assert read.without_candidates == read.missing_virtual == ("__cuda >=12",)
    assert read.hidden_by_priority == (("b 2", "file:///x/"),)
    assert {"a", "b", "__cuda"} <= read.names
    one = read_conflict(
        "Cannot solve the request because of: No candidates were found for x 2.0.*.\n"
    )
    assert one.without_candidates == ("x 2.0.*",)


def test_a_long_explanation_is_trimmed():
    assert trim_text("\n".join("abcdef"), lines=2) == "a\nb\n... (4 more lines)"
