"""Other versions for a pip item, and versions that pip needs of conda."""

from random import Random

import pytest

from envbench.engine.pip_section.hold_ranges import hold_ranges, to_conda_range
from envbench.engine.pip_section.series import suggest_pip_series


def shown(found):
    return [(each.series, each.version, each.side) for each in found]


def test_the_nearest_series_that_fit_come_first(bench):
    for version in ("1.9", "2.0", "2.3", "2.4.1", "2.13.0", "2.13.2"):
        bench.wheel("frame", version, requires=["lib<2"])
    for version in ("2.14.0", "2.14.1", "2.20", "4.7"):
        bench.wheel("frame", version, requires=["lib>=2"])
    bench.wheel("frame", "3.0rc1", requires=["lib"])
    bench.wheel("frame", "2.5", requires=["lib>=2"])
    for version in ("1.0", "2.0"):
        bench.wheel("lib", version)
    with bench.trials("frame==2.13.0", "lib>=2") as trials:
        found = suggest_pip_series(trials, "frame==2.13.0", most=3)
        assert shown(found) == [
            ("2.14", "2.14.1", 1), ("2.5", "2.5", -1), ("2.20", "2.20", 1), ("4.7", "4.7", 1),
        ]  # fmt: skip
        alone = suggest_pip_series(trials, "frame==2.13.0", rest=[], most=1)
    assert shown(alone) == [("2.13", "2.13.2", 0), ("2.14", "2.14.1", 1), ("2.5", "2.5", -1)]


def test_what_conda_owns_counts(bench):
    for version in ("1.0", "1.1", "1.2"):
        bench.wheel("app", version, requires=[f"numpy<{version}"])
    with bench.trials("app==1.1.*", owned={"numpy": "1.1"}) as trials:
        assert shown(suggest_pip_series(trials, "app==1.1.*")) == [("1.2", "1.2", 1)]


def test_markers_and_extras_of_an_item_stay(bench):
    bench.wheel("app", "1.0")
    bench.wheel("app", "1.1")
    with bench.trials("App[more]==1.0 ; python_version > '3'") as trials:
        found = suggest_pip_series(trials, trials.task.items[0])
        assert shown(found) == [("1.1", "1.1", 1)]


def test_an_item_without_versions_has_nowhere_to_go(bench):
    bench.wheel("app", "1.0")
    with bench.trials("app") as trials:
        assert suggest_pip_series(trials, "app") == ()


@pytest.mark.parametrize(
    "seed", [0, 1, *(pytest.param(s, marks=pytest.mark.slow) for s in range(2, 20))]
)
def test_no_nearer_series_is_passed_over(bench, seed):
    random = Random(seed)
    series = sorted({(random.randint(1, 40), random.randint(0, 20)) for _ in range(12)})
    asked, others = series[len(series) // 2], series
    for major, minor in others:
        good = random.random() < 0.6
        bench.wheel(
            "app", f"{major}.{minor}.{random.randint(0, 3)}", requires=[] if good else ["no"]
        )
    item = f"app=={asked[0]}.{asked[1]}.*"
    with bench.trials(item) as trials:
        fits = [s for s in series if trials.resolves([f"app=={s[0]}.{s[1]}.*"])]
        above = [f"{a}.{b}" for a, b in fits if (a, b) > asked][:2]
        below = [f"{a}.{b}" for a, b in reversed(fits) if (a, b) < asked][:2]
        found = suggest_pip_series(trials, item, most=2)
    assert [each.series for each in found if each.side == 1] == above
    assert [each.series for each in found if each.side == -1] == below


@pytest.fixture
def held(bench):
    for version in ("1.0", "1.5", "2.0", "2.5"):
        bench.wheel("numpy", version)
    bench.wheel("app", "1.0", requires=["numpy>=1.5,<2.5"])
    bench.wheel("deep", "1.0", requires=["app"])
    bench.wheel("calm", "1.0", requires=["numpy"])
    return bench


def test_the_range_that_pip_needs_of_conda(held):
    with held.trials("deep", "calm", owned={"numpy": "1.0", "other": "1"}) as trials:
        found = hold_ranges(trials, "numpy")
        assert (found.distribution, found.package) == ("numpy", "numpy")
        assert (found.ranges, found.chosen) == ((">=1.5,<2.5",), "2.0")
        calm = hold_ranges(trials, "numpy", ["calm"])
        assert (calm.ranges, calm.chosen) == ((), "2.5")


def test_a_range_for_what_no_index_has(bench):
    bench.wheel("app", "1.0", requires=["condaonly>=8"])
    with bench.trials("app", owned={"condaonly": "7.0"}) as trials:
        found = hold_ranges(trials, "condaonly")
    assert (found.ranges, found.chosen) == ((">=8",), "")


def test_an_item_that_names_the_package_itself(held):
    with held.trials("numpy==2.*", owned={"numpy": "1.0"}) as trials:
        assert hold_ranges(trials, "numpy").ranges == ("2.*",)


def test_conda_knows_the_name_of_the_package(held):
    with held.trials("calm", owned={"torch": "2.0"}) as trials:
        assert hold_ranges(trials, "torch").package == "pytorch"


@pytest.mark.parametrize(
    ("pip", "conda"), [("==1.2.*", "1.2.*"), (">=1,<2", ">=1,<2"), ("==1.2", "==1.2"), ("", "")]
)
def test_ranges_in_condas_words(pip, conda):
    assert to_conda_range(pip) == conda
