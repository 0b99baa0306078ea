"""What holds a package back, over small channels and a real solver."""

from itertools import combinations

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from envbench.engine.solver.client import SolverProcess
from envbench.engine.why.counterfactual import BudgetSpentError
from envbench.model.plan import Plan
from envbench.model.version import compare_versions
from tests.engine.solver.asking import HOST, STRICT, make_request, write_channel
from tests.engine.why.asking import ask, blamed, look

PACKAGES = [
    ("numpy", "1.0"),
    ("numpy", "2.0"),
    ("numpy", "3.0"),
    ("frame", "1.0", ["numpy <3"]),
    ("model", "1.0", ["layer"]),
    ("layer", "1.0", ["numpy >=1,<2"]),
    ("plot", "1.0", ["numpy"]),
]


@pytest.fixture
def channels(write):
    return {"channel": write("channel", PACKAGES)}


def test_the_newest_is_not_held_back(shared_solver, channels):
    found = ask(shared_solver, ["numpy", "plot"], channels, "numpy")
    assert found.newest == "3.0" and found.held_back is None


def test_the_line_that_asks_for_it(shared_solver, channels):
    held = ask(shared_solver, ["plot", "numpy=1"], channels, "numpy").held_back
    assert blamed(held) == ["numpy=1"]
    assert (held.chosen, held.newest, held.jumps_to) == ("1.0", "3.0", "3.0")
    assert held.line is not None and held.line.line == 11
    assert held.reason == "line 11 `numpy=1` asks for it"
    assert not held.alternatives


def test_a_line_that_needs_an_older_one(shared_solver, channels):
    held = ask(shared_solver, ["plot", "frame", "numpy"], channels, "numpy").held_back
    assert blamed(held) == ["frame"] and held.jumps_to == "3.0"
    assert "line 11 `frame`" in held.reason


def test_a_line_that_needs_it_through_another_package(shared_solver, channels):
    held = ask(shared_solver, ["numpy", "model", "plot"], channels, "numpy").held_back
    assert blamed(held) == ["model"] and (held.chosen, held.jumps_to) == ("1.0", "3.0")
    assert held.reason == "line 11 `model` holds it: layer 1.0 needs numpy >=1,<2"
    chain = held.culprits[0].chain
    assert [(link.package, link.needs) for link in chain.links] == [
        ("model 1.0", "layer"),
        ("layer 1.0", "numpy >=1,<2"),
    ]


def test_a_package_that_no_line_names(shared_solver, channels):
    held = ask(shared_solver, ["model"], channels, "numpy").held_back
    assert blamed(held) == ["model"] and held.line is None and held.jumps_to == "3.0"


def test_two_lines_of_which_each_is_enough_to_hold_it(shared_solver, channels):
    held = ask(shared_solver, ["numpy=1", "model", "plot"], channels, "numpy").held_back
    assert blamed(held) == ["numpy=1", "model"] and held.jumps_to == "3.0"
    assert held.reason == "line 10 `numpy=1` and line 11 `model` each hold it"


def test_two_lines_that_hold_it_only_together(shared_solver, write):
    channel = write(
        "together",
        [
            ("lib", "1.0"), ("lib", "2.0"),
            ("app", "1.0", ["lib <2"]), ("app", "2.0", ["lib", "core >=2"]),
            ("core", "1.0"), ("core", "2.0"),
        ],
    )  # fmt: skip
    held = ask(shared_solver, ["app", "core=1", "lib"], {"c": channel}, "lib").held_back
    assert blamed(held) == ["app"] and held.jumps_to == "2.0"
    (other,) = held.alternatives
    assert [line.text for line in other.lines] == ["core=1"] and other.jumps_to == "2.0"


def test_python_is_blamed_last_of_equals(shared_solver, write):
    channel = write(
        "python",
        [
            ("python", "3.9"), ("python", "3.10"),
            ("lib", "1.0", ["python"]), ("lib", "2.0", ["python >=3.10", "base <2"]),
            ("base", "1.0"), ("base", "2.0"), ("tool", "1.0", ["python <3.10"]),
        ],
    )  # fmt: skip
    held = ask(shared_solver, ["python=3.9", "lib"], {"c": channel}, "lib").held_back
    assert blamed(held) == ["python=3.9"] and held.jumps_to == "2.0"
    assert "lib 2.0 needs python" in held.reason
    both = ask(shared_solver, ["python=3.9", "tool", "lib"], {"c": channel}, "lib").held_back
    assert blamed(both) == ["python=3.9", "tool"]


def test_a_box_that_lacks_what_newer_ones_need(shared_solver, write):
    channel = write("box", [("lib", "1.0"), ("lib", "2.0", ["__cuda >=13"])])
    held = ask(shared_solver, ["lib"], {"c": channel}, "lib", host=HOST).held_back
    assert held.culprits == () and held.jumps_to == "" and held.newest == "2.0"
    assert "cannot be installed here" in held.reason and "__cuda" in held.reason


def test_a_newer_one_that_the_solver_did_not_prefer(shared_solver, write):
    channel = write("free", [("a", "1.0"), ("a", "2.0", ["b <2"]), ("b", "1.0"), ("b", "2.0")])
    request = make_request(["a", "b"], {"c": channel})
    plan = shared_solver.solve(request)
    chosen = {record.name: record.version for record in plan.packages}
    name = next(name for name, version in chosen.items() if version == "1.0")
    held = look(shared_solver, request, name).held_back
    assert held.culprits == () and held.jumps_to == "2.0"
    assert "no line of the file does" in held.reason


def test_strict_priority_hides_what_is_newer(shared_solver, write):
    first, second = write("first", [("lib", "1.0")]), write("second", [("lib", "2.0")])
    channels = {"first": first, "second": second}
    held = ask(shared_solver, ["lib"], channels, "lib", channel_priority=STRICT).held_back
    assert held.newest == "2.0" and held.culprits == () and held.jumps_to == "2.0"
    assert "strict channel priority hides what is newer" in held.reason


def test_strict_priority_is_not_blamed_for_what_a_line_does(shared_solver, channels):
    specs = ["plot", "numpy=1"]
    held = ask(shared_solver, specs, channels, "numpy", channel_priority=STRICT).held_back
    assert blamed(held) == ["numpy=1"] and held.jumps_to == "3.0"


def test_a_channel_that_a_line_insists_on(shared_solver, write):
    first, second = write("first", [("lib", "1.0")]), write("second", [("lib", "2.0")])
    channels = {"first": first, "second": second}
    held = ask(shared_solver, ["first::lib"], channels, "lib").held_back
    assert blamed(held) == ["first::lib"] and held.jumps_to == "2.0"


def test_no_time_is_no_answer(shared_solver, channels):
    with pytest.raises(BudgetSpentError):
        look(shared_solver, make_request(["numpy=1"], channels), "numpy", budget_s=0)


def test_the_same_question_has_the_same_answer(shared_solver, channels):
    specs = ["model", "frame", "numpy", "plot"]
    assert len({repr(ask(shared_solver, specs, channels, "numpy")) for _ in range(3)}) == 1


NAMES = "abcd"
VERSIONS = ("1.0", "2.0", "3.0")
bounds = st.sampled_from(("", " <2", " <3", " >=2", " ==1.0", " >=1,<3"))


@st.composite
def small_channels(draw: st.DrawFn) -> tuple[list[tuple], list[str]]:
    """Packages that depend on later ones only, and a spec of some of them."""
    packages = []
    for place, name in enumerate(NAMES):
        later = NAMES[place + 1 :]
        for version in VERSIONS:
            needed = (
                draw(st.lists(st.sampled_from(later), max_size=2, unique=True)) if later else []
            )
            packages.append((name, version, [f"{each}{draw(bounds)}" for each in needed]))
    asked = draw(st.lists(st.sampled_from(NAMES), min_size=2, max_size=4, unique=True))
    return packages, [f"{name}{draw(bounds)}" for name in asked]


@given(drawn=small_channels(), subject=st.sampled_from(NAMES))
@settings(max_examples=70, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_without_the_culprits_it_jumps_and_with_any_one_of_them_it_does_not(
    shared_solver, tmp_path_factory, drawn, subject
):
    packages, specs = drawn
    channels = {"c": write_channel(tmp_path_factory.mktemp("drawn"), packages)}
    request = make_request(specs, channels)
    plan = shared_solver.solve(request, explain=False)
    assume(isinstance(plan, Plan))
    chosen = {record.name: record.version for record in plan.packages}
    assume(subject in chosen)
    held = look(shared_solver, request, subject).held_back
    if chosen[subject] == VERSIONS[-1]:
        assert held is None
        return
    assert held is not None
    able = [v for v in VERSIONS if fits(shared_solver, [f"{subject} =={v}"], channels)]
    if able[-1] == chosen[subject]:
        assert not held.culprits and "cannot be installed here" in held.reason
        return
    assert held.newest == able[-1]
    assert (able[-1] != VERSIONS[-1]) == ("exists, but cannot be installed" in held.reason)
    demand = f"{subject} >{chosen[subject]}"
    culprits = set(blamed(held))
    if not culprits:
        assert held.jumps_to and fits(shared_solver, [*specs, demand], channels)
        return
    assert compare_versions(chosen[subject], held.jumps_to) == 1
    rest = [spec for spec in specs if spec not in culprits]
    assert fits(shared_solver, [*rest, demand], channels)
    for kept in culprits:
        assert not fits(shared_solver, [*rest, kept, demand], channels)
    for other in held.alternatives:
        left = [spec for spec in specs if spec not in {line.text for line in other.lines}]
        assert len(other.lines) == len(culprits)
        assert fits(shared_solver, [*left, demand], channels)
    # No smaller set of lines would do.
    for dropped in combinations(specs, len(culprits) - 1):
        left = [spec for spec in specs if spec not in dropped]
        assert not fits(shared_solver, [*left, demand], channels)


def fits(solver: SolverProcess, specs: list[str], channels: dict[str, str]) -> bool:
    return isinstance(solver.solve(make_request(specs, channels), explain=False), Plan)
