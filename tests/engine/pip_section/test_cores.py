"""The smallest conflicts of a pip section, by example and against trying every subset."""

from itertools import chain, combinations
from random import Random

import pytest

from envbench.engine.pip_section.conda_part import CondaPart
from envbench.engine.pip_section.cores import find_pip_cores
from envbench.engine.pip_section.errors import PipNetworkError, PipTimeUpError
from envbench.engine.pip_section.guilty import find_guilty, list_items
from envbench.model.build import PipSettings
from envbench.model.conflict import CoreKind, SpecLine
from tests.workbench.wheels import make_sdist

PYTHON = SpecLine(text="python=3.11", name="python", line=5)


@pytest.fixture
def shop(bench):
    """A folder of wheels in which `lib` is what most disagree about."""
    for version in ("1.0", "1.5", "2.0", "2.1", "3.0"):
        bench.wheel("lib", version)
    bench.wheel("wants-old", "1.0", requires=["lib<2"])
    bench.wheel("wants-new", "1.0", requires=["lib>=2"])
    bench.wheel("wants-new", "1.1", requires=["lib>=2.1"])
    bench.wheel("deep", "1.0", requires=["middle"])
    bench.wheel("middle", "1.0", requires=["lower"])
    bench.wheel("lower", "1.0", requires=["lib>=3"])
    bench.wheel("torn", "1.0", requires=["wants-old", "wants-new"])
    bench.wheel("orphan", "1.0", requires=["nowhere"])
    bench.wheel("newpy", "1.0")
    bench.wheel("newpy", "2.0", python=">=3.12")
    bench.wheel("tensorflow", "2.14.0")
    bench.wheel("torch", "2.4.0")
    bench.wheel("calm", "1.0")
    make_sdist(bench.wheels, "torchlike", bench.directory / "marker")
    make_sdist(bench.wheels, "pytorch", bench.directory / "marker")
    return bench


def cores_of(shop, *items, owned=None, conda=None, **more):
    with shop.trials(*items, owned=owned, **more) as trials:
        return find_pip_cores(trials, conda)


def only(cores):
    assert len(cores) == 1
    assert cores[0].is_minimal
    assert 1 <= len(cores[0].explanation) <= 4
    return cores[0]


def texts(core):
    return [line.text for line in core.lines]


def links(chain_):
    return [(link.package, link.needs) for link in chain_.links]


def test_no_conflict_no_core(shop):
    assert cores_of(shop, "wants-new", "deep", "calm") == ()


def test_two_items_and_the_package_in_which_they_meet(shop):
    core = only(cores_of(shop, "calm", "wants-old", "deep"))
    assert core.kind is CoreKind.PIP
    assert texts(core) == ["wants-old", "deep"]
    assert [line.line for line in core.lines] == [11, 12]
    assert core.meeting == "lib"
    assert [links(each) for each in core.chains] == [
        [("wants-old", "lib <2")],
        [("deep", "middle"), ("middle", "lower"), ("lower", "lib >=3")],
    ]
    assert [each.demand for each in core.chains] == ["lib <2", "lib >=3"]
    assert core.explanation[0] == "wants-old (line 11) and deep (line 12) cannot be combined."
    assert core.solver_text


def test_a_line_that_asks_for_the_meeting_itself(shop):
    core = only(cores_of(shop, "lib==2.0.*", "wants-new>=1.1"))
    assert core.meeting == "lib"
    assert [links(each) for each in core.chains] == [[], [("wants-new >=1.1", "lib >=2.1")]]
    assert core.chains[0].demand == "lib==2.0.*"
    assert only(cores_of(shop, "lib<2", "lib>2")).meeting == "lib"


def test_an_item_that_is_torn_in_itself(shop):
    core = only(cores_of(shop, "torn", "calm"))
    assert core.kind is CoreKind.PIP
    assert texts(core) == ["torn"]
    assert "even alone" in core.explanation[0]


@pytest.mark.parametrize(
    ("item", "near"),
    [
        ("lib==2.7", ("2.1", "3.0")),
        ("lib>=9", ("3.0",)),
        ("lib<1", ("1.0",)),
        ("lib>2.0,<2.1", ("2.0", "2.1")),
        ("lib==1.7.*", ("1.5", "2.0")),
    ],
)
def test_a_version_that_does_not_exist(shop, item, near):
    core = only(cores_of(shop, "calm", item))
    assert core.kind is CoreKind.MISSING_VERSION
    assert texts(core) == [item]
    assert core.available == near


def test_a_name_that_does_not_exist(shop):
    core = only(cores_of(shop, "tensorflwo", "calm"))
    assert core.kind is CoreKind.MISSING_PACKAGE
    assert core.available == ("tensorflow",)
    assert "Did you mean tensorflow?" in core.explanation[0]


def test_guesses_that_no_index_has_are_not_offered(shop):
    assert only(cores_of(shop, "matplotlb")).available == ()


def test_a_dependency_that_does_not_exist(shop):
    core = only(cores_of(shop, "orphan"))
    assert core.kind is CoreKind.PIP
    assert any("no package index has nowhere" in text for text in core.explanation)


def test_only_source_is_not_built(shop):
    core = only(cores_of(shop, "torchlike"))
    assert core.kind is CoreKind.PIP
    assert "only source" in core.explanation[0]
    assert not (shop.directory / "marker").exists()


def test_condas_name_of_a_package_that_pip_knows_by_another(shop):
    core = only(cores_of(shop, "pytorch"))
    assert core.kind is CoreKind.MISSING_PACKAGE
    assert core.available == ("torch",)


def test_another_python_would_do(shop):
    core = only(cores_of(shop, "newpy>=2", "calm", conda=CondaPart(lines=(PYTHON,))))
    assert core.kind is CoreKind.PIP_AGAINST_CONDA
    assert texts(core) == ["python=3.11", "newpy>=2"]
    assert core.meeting == "python"
    assert core.available[0] == "python 3.12"
    assert core.chains[1].demand == "python >=3.12"


def test_a_python_that_conda_chose_by_itself(shop):
    lines = (SpecLine(text="python >=3.9", name="python", line=5),)
    core = only(cores_of(shop, "newpy>=2", conda=CondaPart(lines=lines)))
    assert texts(core) == ["newpy>=2"]
    assert "python 3.11, which conda chose by itself" in core.explanation[0]


def test_a_line_that_forces_the_python_in_the_words_of_the_solver(shop):
    app = SpecLine(text="app", name="app", line=6)
    conda = CondaPart(lines=(PYTHON, app), lines_against=lambda _: (app,))
    core = only(cores_of(shop, "newpy>=2", conda=conda))
    assert texts(core) == ["app", "newpy>=2"]


def test_a_pin_that_a_line_forces(shop):
    line = SpecLine(text="lib=1.5", name="lib", line=7)
    owned = {"lib": "1.5", "other": "1"}
    core = only(cores_of(shop, "deep", owned=owned, conda=CondaPart(lines=(PYTHON, line))))
    assert core.kind is CoreKind.PIP_AGAINST_CONDA
    assert texts(core) == ["lib=1.5", "deep"]
    assert core.meeting == "lib"
    assert core.chains[-1].demand == "lib >=3"


def test_a_pin_that_conda_chose_by_itself(shop):
    lines = (PYTHON, SpecLine(text="lib", name="lib", line=7))
    core = only(cores_of(shop, "deep", owned={"lib": "1.5"}, conda=CondaPart(lines=lines)))
    assert texts(core) == ["deep"]
    assert "No line asks for that version" in core.explanation[-1]
    assert "lib >=3 among the dependencies may bring one that fits" in core.explanation[-1]


def test_the_conda_solver_has_the_last_word_about_lines(shop):
    asked = []
    blocking = SpecLine(text="app=1", name="app", line=8)

    def lines_against(spec):
        asked.append(spec)
        return (blocking,) if spec == "lib >=3" else ()

    for item, expected in (("deep", [blocking.text, "deep"]), ("wants-new", ["wants-new"])):
        conda = CondaPart(lines=(PYTHON, blocking), lines_against=lines_against)
        core = only(cores_of(shop, item, owned={"lib": "1.5"}, conda=conda))
        assert texts(core) == expected
    assert asked == ["lib >=3", "lib >=2"]
    assert "brings one that fits" in core.explanation[-1]


def test_all_cores_are_told(shop):
    cores = cores_of(shop, "lib==2.7", "calm", "wants-old", "wants-new", "tensorflwo")
    assert sorted(map(texts, cores)) == [["lib==2.7"], ["tensorflwo"], ["wants-old", "wants-new"]]
    assert all(core.is_independent for core in cores)


def test_a_conflict_behind_a_pin_is_told_as_well(shop):
    cores = cores_of(shop, "wants-old", "wants-new", owned={"lib": "2.0"})
    assert [(core.kind, texts(core)) for core in cores] == [
        (CoreKind.PIP_AGAINST_CONDA, ["wants-old"]),
        (CoreKind.PIP, ["wants-old", "wants-new"]),
    ]
    assert [core.is_independent for core in cores] == [True, False]


def test_a_pin_is_no_culprit_where_the_items_disagree_anyway(shop):
    core = only(cores_of(shop, "torn", owned={"lib": "2.0"}))
    assert core.kind is CoreKind.PIP


def test_what_only_conda_has_is_blamed_as_well(shop):
    shop.wheel("app", "1.0", requires=["condaonly>=8"])
    core = only(cores_of(shop, "app", "calm", owned={"condaonly": "7.0"}))
    assert core.kind is CoreKind.PIP_AGAINST_CONDA
    assert core.chains[-1].demand == "condaonly >=8"


def test_an_index_that_does_not_answer_is_no_conflict(shop):
    settings = PipSettings(index_url="http://127.0.0.1:9/simple")
    environ = {**shop.task().environ, "UV_HTTP_RETRIES": "0", "UV_HTTP_TIMEOUT": "3"}
    with pytest.raises(PipNetworkError):
        cores_of(shop, "calm", settings=settings, environ=environ)


def test_without_time_no_core_is_claimed(shop):
    with pytest.raises(PipTimeUpError):
        cores_of(shop, "lib==2.7", deadline=0.0)


def test_a_secret_in_an_item_is_not_told(shop):
    [core] = cores_of(shop, "lib==2.7 # https://user:geheim@example.org", "calm")
    assert "geheim" not in repr(core)


def _stock(bench, random):
    """Make a folder of wheels by chance; give the names of those that can be asked for."""
    names = [f"p{number}" for number in range(5)]
    for place, name in enumerate(names):
        for version in ("1", "2"):
            below = random.sample(names[place + 1 :], min(2, len(names) - place - 1))
            needs = [f"{other}{random.choice(['<2', '>=2', ''])}" for other in below]
            bench.wheel(name, version, requires=needs)
    return names


def _subsets(things):
    return chain.from_iterable(combinations(things, size) for size in range(len(things) + 1))


@pytest.mark.parametrize(
    "seed", [*range(3), *(pytest.param(s, marks=pytest.mark.slow) for s in range(3, 40))]
)
def test_guilty_sets_are_smallest_against_all_subsets(bench, seed):
    random = Random(seed)
    names = _stock(bench, random)
    items = [f"{n}{random.choice(['<2', '>=2', '==1', '==2'])}" for n in random.sample(names, 3)]
    owned = {name: random.choice("12") for name in random.sample(names, 2)}
    with bench.trials(*items, owned=owned) as trials:
        listed = list_items(trials)
        guilty = find_guilty(trials, listed)

        def fails(part, pins):
            released = owned.keys() - set(pins)
            return trials.try_items(list(part), released=released).is_refused

        if guilty is None:
            assert not fails(items, owned)
            return
        assert guilty.is_minimal
        # Nothing smaller fails; where pins are to blame they are, and else the items alone are.
        for part in _subsets(guilty.texts):
            if len(part) < len(guilty.texts):
                assert not fails(part, guilty.pins)
        if guilty.pins:
            assert fails(guilty.texts, guilty.pins)
            for pins in combinations(guilty.pins, len(guilty.pins) - 1):
                assert not fails(guilty.texts, pins)
        else:
            assert trials.try_items(guilty.texts, owned={}).is_refused
    with bench.trials(*items, owned=owned) as trials:
        assert find_guilty(trials, list_items(trials)) == guilty
