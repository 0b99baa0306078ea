"""Many variants of one pip section, each asked once."""

import time

import pytest

from envbench.engine.pip_section.errors import PipItemError, PipNetworkError, PipTimeUpError
from envbench.model.build import PipSettings
from envbench.model.errors import CancelledWorkError


@pytest.fixture
def numpys(bench):
    for version in ("1.26.4", "2.0.0", "2.1.0"):
        bench.wheel("numpy", version)
    bench.wheel("needs2", "1.0", requires=["numpy>=2"])
    bench.wheel("needs-conda-only", "1.0", requires=["condaonly>=8"])
    return bench


def test_a_trial_tells_versions_and_leaves_conda_out(numpys):
    with numpys.trials("needs2", owned={"numpy": "2.0.0"}) as trials:
        trial = trials.try_items()
    assert trial.versions == {"needs2": "1.0"}
    assert not trial.is_refused


def test_a_refusal_comes_in_uvs_words(numpys):
    with numpys.trials("needs2", owned={"numpy": "1.26.4"}) as trials:
        trial = trials.try_items()
    assert trial.is_refused
    assert not trial.versions
    assert "numpy>=2" in trial.refusal


def test_variants_of_pins_items_and_python_share_one_workspace(numpys):
    numpys.wheel("new", "1.0", python=">=3.12")
    with numpys.trials("needs2", owned={"numpy": "1.26.4"}) as trials:
        assert not trials.resolves()
        assert trials.resolves(owned={"numpy": "2.1.0"})
        assert trials.try_items(owned={}).versions == {"needs2": "1.0", "numpy": "2.1.0"}
        assert trials.try_items(["numpy<2.1"], owned={}).versions == {"numpy": "2.0.0"}
        assert trials.try_items(["numpy>1.26.4"], owned={}, lowest=True).versions == {
            "numpy": "2.0.0"
        }
        assert not trials.resolves(["new"])
        assert trials.resolves(["new"], python_version="3.12")
        # The first pins again: the phantom prefix holds them anew.
        assert not trials.resolves(["needs2", "needs2"])
        assert trials.calls == 8
        assert trials.seconds > 0
    assert list(numpys.task().work_dir.iterdir()) == []


def test_each_variant_is_asked_once(numpys):
    with numpys.trials("needs2", owned={"numpy": "1.26.4"}) as trials:
        first = trials.try_items()
        assert trials.try_items(["needs2"], {"numpy": "1.26.4"}) is first
        assert not trials.resolves(python_version="3.11")
        assert trials.calls == 1


def test_another_plan_of_conda_is_looked_at_in_the_same_workspace(numpys):
    with numpys.trials("needs2", owned={"numpy": "1.26.4"}) as trials:
        assert not trials.resolves()
        trials.aim(numpys.task("needs2", owned={"numpy": "2.0.0"}), "3.12")
        assert trials.resolves()
        trials.aim(numpys.task("needs2", owned={"numpy": "1.26.4"}), "3.11")
        assert not trials.resolves()
        assert trials.calls == 2


@pytest.mark.parametrize("released", [("numpy",), ("numpy", "condaonly", "unknown")])
def test_a_released_distribution_pleases_everybody(numpys, released):
    owned = {"numpy": "1.26.4", "condaonly": "7.0"}
    with numpys.trials("needs2", "needs-conda-only", owned=owned) as trials:
        assert not trials.resolves()
        assert trials.resolves(released=released) == ("condaonly" in released)
        assert trials.resolves(["needs2", "numpy>=2"], released=released)


def test_what_cannot_be_asked_is_no_refusal(numpys):
    with numpys.trials() as trials, pytest.raises(PipItemError):
        trials.try_items(["--index-url http://evil.example"])
    settings = PipSettings(index_url="http://127.0.0.1:9/simple")
    environ = {**numpys.task().environ, "UV_HTTP_RETRIES": "0", "UV_HTTP_TIMEOUT": "3"}
    with (
        numpys.trials("lib", settings=settings, environ=environ) as trials,
        pytest.raises(PipNetworkError),
    ):
        trials.resolves()


def test_the_deadline_is_kept(numpys):
    with numpys.trials("needs2", deadline=time.monotonic()) as trials:
        with pytest.raises(PipTimeUpError):
            trials.try_items()
        assert trials.calls == 0


def test_a_running_uv_is_ended_when_the_caller_wants_it(bench):
    asked = []

    def stop() -> bool:
        asked.append(None)
        return True

    # An address that never answers: only the wish of the caller can end it.
    settings = PipSettings(index_url="http://192.0.2.1/simple")
    with (
        bench.trials("lib", settings=settings, should_stop=stop) as trials,
        pytest.raises(CancelledWorkError),
    ):
        trials.try_items()
    assert asked


def test_what_conda_owns_under_an_odd_version_is_guarded(numpys):
    with numpys.trials("needs2", owned={"numpy": "not a version"}) as trials:
        trial = trials.try_items()
    assert trial.is_refused
    assert "numpy" in trial.refusal
