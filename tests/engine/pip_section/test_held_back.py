"""Why a pip package is not newer, proved by leaving the culprits away."""

import pytest

from envbench.engine.pip_section.conda_part import CondaPart
from envbench.engine.pip_section.held_back import explain_held_back
from envbench.model.conflict import SpecLine


@pytest.fixture
def stand(bench):
    for version in ("4.5", "4.6", "4.11"):
        bench.wheel("typing", version)
    bench.wheel("frame", "2.13", requires=["typing<4.6"])
    bench.wheel("frame", "2.14", requires=["typing<5"])
    bench.wheel("client", "1.5", requires=["typing"])
    bench.wheel("client", "1.6", requires=["base>=2"])
    bench.wheel("client", "2.0", requires=["base>=2"])
    bench.wheel("base", "1.0")
    bench.wheel("base", "2.0", requires=["typing>=4.7"])
    bench.wheel("calm", "1.0")
    bench.wheel("future", "1.0")
    bench.wheel("future", "2.0", python=">=3.13")
    return bench


def held_back(stand, name, *items, owned=None, conda=None):
    with stand.trials(*items, owned=owned) as trials:
        return explain_held_back(trials, name, conda)


def test_the_line_that_holds_and_the_range_by_which_it_does(stand):
    found = held_back(stand, "client", "calm", "client", "frame==2.13")
    assert (found.chosen, found.newest, found.jumps_to) == ("1.5", "2.0", "2.0")
    assert found.is_pip
    assert found.line is not None
    assert found.line.text == "client"
    [culprit] = found.culprits
    assert (culprit.line.text, culprit.line.line) == ("frame==2.13", 12)
    assert culprit.chain is not None
    assert culprit.chain.demand == "typing <4.6"
    assert found.reason.startswith("frame==2.13 (line 12) holds it: ")
    assert "base" in found.reason


def test_a_package_that_no_line_names(stand):
    found = held_back(stand, "typing", "client", "frame==2.13")
    assert (found.chosen, found.newest, found.jumps_to) == ("4.5", "4.11", "4.11")
    assert [each.line.text for each in found.culprits] == ["frame==2.13"]
    assert found.line is None


def test_its_own_line_may_be_it(stand):
    found = held_back(stand, "client", "client<2", "calm")
    assert [each.line.text for each in found.culprits] == ["client<2"]
    assert (found.chosen, found.jumps_to) == ("1.6", "2.0")


def test_lines_of_which_each_holds_it_are_all_told(stand):
    stand.wheel("either", "1.0", requires=["typing<4.7"])
    found = held_back(stand, "client", "client", "frame==2.13", "either", "calm")
    assert [each.line.text for each in found.culprits] == ["frame==2.13", "either"]
    assert found.jumps_to == "2.0"
    assert found.reason.startswith("frame==2.13 (line 11) and either (line 12) hold it: ")


@pytest.mark.parametrize("by_line", [True, False])
def test_what_conda_installs_holds_it(stand, by_line):
    lines = (SpecLine(text="typing=4.6" if by_line else "typing", name="typing", line=7),)
    found = held_back(
        stand, "client", "client", owned={"typing": "4.6"}, conda=CondaPart(lines=lines)
    )
    assert found.jumps_to == "2.0"
    [culprit] = found.culprits
    assert culprit.line == (lines[0] if by_line else SpecLine(text="typing 4.6", name="typing"))
    assert ("which conda chose" in found.reason) != by_line


@pytest.mark.parametrize("name", ["calm", "absent", "future"])
def test_what_is_the_newest_for_this_python_is_not_held(stand, name):
    assert held_back(stand, name, "calm", "client", "future") is None


def test_what_the_resolver_could_have_taken_newer_is_no_lines_fault(bench):
    bench.wheel("a", "1")
    bench.wheel("a", "2", requires=["b<2"])
    bench.wheel("b", "1")
    bench.wheel("b", "2", requires=["a<2"])
    with bench.trials("a", "b") as trials:
        older = next(name for name in ("a", "b") if trials.try_items().versions[name] == "1")
        found = explain_held_back(trials, older)
    assert found is not None
    assert found.culprits == ()
    assert "No line holds it" in found.reason
    assert "instead of 2" in found.reason


def test_what_only_conda_has_does_not_hide_a_newer_version(bench):
    bench.wheel("app", "1.0", requires=["condaonly"])
    bench.wheel("app", "2.0", requires=["condaonly>=2"])
    with bench.trials("app", owned={"condaonly": "1.0"}) as trials:
        found = explain_held_back(trials, "app")
    assert (found.chosen, found.newest, found.jumps_to) == ("1.0", "2.0", "2.0")
    assert [each.line.text for each in found.culprits] == ["condaonly 1.0"]
    assert "condaonly >=2" in found.reason


def test_a_jump_that_must_be_asked_for_is_proved_as_well(bench):
    # Left to itself the resolver takes the newer `rival` first, and then an old `app`.
    bench.wheel("app", "1")
    bench.wheel("app", "2", requires=["rival<2", "lib>=2"])
    bench.wheel("rival", "1")
    bench.wheel("rival", "2")
    bench.wheel("lib", "1")
    bench.wheel("lib", "2")
    with bench.trials("rival", "app", "lib<2") as trials:
        found = explain_held_back(trials, "app")
    assert (found.chosen, found.jumps_to) == ("1", "2")
    assert [each.line.text for each in found.culprits] == ["lib<2"]


def test_an_item_that_names_an_archive_holds_it(bench):
    wheel = bench.wheel("app", "1.0")
    bench.wheel("app", "2.0")
    item = f"app @ file://{wheel}"
    with bench.trials(item, "app") as trials:
        found = explain_held_back(trials, "app")
    assert (found.chosen, found.newest, found.jumps_to) == ("1.0", "2.0", "2.0")
    assert [each.line.text for each in found.culprits] == [item]


def test_a_local_version_can_be_held_back(bench):
    bench.wheel("app", "1.0+cpu")
    bench.wheel("app", "2.0", requires=["lib>=2"])
    bench.wheel("lib", "1")
    bench.wheel("lib", "2")
    with bench.trials("app", "lib<2") as trials:
        found = explain_held_back(trials, "app")
    assert (found.chosen, found.jumps_to) == ("1.0+cpu", "2.0")
    assert [each.line.text for each in found.culprits] == ["lib<2"]
