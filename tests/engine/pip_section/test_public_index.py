"""Against the public package index: wheels of many platforms, hashes, a plan for a GPU box."""

import os
import time

import pytest

from envbench.engine.pip_section import (
    CondaPart,
    PipPlanRequest,
    explain_held_back,
    find_pip_cores,
    install_pip_section,
    plan_pip_section,
    suggest_pip_series,
)
from envbench.model.build import PipSettings
from envbench.model.conflict import CoreKind, SpecLine

pytestmark = pytest.mark.network


def test_every_wheel_is_known_by_address_and_hash(bench):
    task = bench.task(
        "psutil>=6", "rich[jupyter]", "pyyaml", settings=PipSettings(), environ=dict(os.environ)
    )
    result = install_pip_section(bench.request(task, bench.prefix()))
    assert len(result.packages) > 15
    assert [p.name for p in result.packages if not (p.sha256 and p.url)] == []


def test_a_plan_for_another_box(bench):
    task = bench.task(
        "torch==2.3.1", settings=PipSettings(), environ=dict(os.environ),
        conda_packages=("cuda-cudart",), owned={"numpy": "1.26.4"},
    )  # fmt: skip
    plan = PipPlanRequest(task=task, python_version="3.11", platform="linux-64", glibc="2.31")
    result = plan_pip_section(plan)
    assert "nvidia-cublas-cu12" in {package.name for package in result.packages}
    assert any("CUDA libraries of its own" in warning for warning in result.warnings)


ARTICLE = ("transformers", "langchain", "openai", "tensorflow==2.13.0")
PYTHON = SpecLine(text="python=3.9", name="python", line=6)


@pytest.fixture
def article(bench):
    """Trials of the article's pip part, as on its box; figures are printed at the end."""
    started = time.monotonic()

    def make(*items):
        return bench.trials(
            *items, python_version="3.9", settings=PipSettings(), environ=dict(os.environ),
            owned={}, cache_dir=bench.directory / "uv-cache",
        )  # fmt: skip

    yield make
    print(f"in {time.monotonic() - started:.1f} s")


@pytest.mark.timeout(600)
def test_what_holds_openai_back_in_the_article(article):
    with article(*ARTICLE) as trials:
        found = explain_held_back(trials, "openai")
        print(found, f"{trials.calls} calls of uv, {trials.seconds:.1f} s", sep="\n")
    assert found is not None
    assert [each.line.text for each in found.culprits] == ["tensorflow==2.13.0"]
    chain = found.culprits[0].chain
    assert chain is not None
    assert chain.demand.startswith("typing-extensions ")
    assert "<4.6" in chain.demand
    assert found.chosen.split(".")[0] == "1"
    assert found.jumps_to == found.newest
    assert "typing-extensions" in found.reason


@pytest.mark.timeout(600)
def test_the_article_with_a_new_openai_and_its_way_out(article):
    items = ("transformers", "langchain", "openai>=2", "tensorflow==2.13.0")
    with article(*items) as trials:
        began = time.monotonic()
        assert trials.try_items().is_refused
        print(f"one refusal: {time.monotonic() - began:.1f} s")
        [core] = find_pip_cores(trials, CondaPart(lines=(PYTHON,)))
        print(core, f"{trials.calls} calls, {time.monotonic() - began:.1f} s", sep="\n")
        assert core.kind is CoreKind.PIP
        assert core.is_minimal
        assert [line.text for line in core.lines] == ["openai>=2", "tensorflow==2.13.0"]
        assert core.meeting == "typing-extensions"
        assert "<4.6" in core.chains[1].demand
        series = suggest_pip_series(trials, "tensorflow==2.13.0")
        print(series, f"{trials.calls} calls, {time.monotonic() - began:.1f} s", sep="\n")
        nearest = next(each for each in series if each.side == 1)
        assert nearest.series == "2.14"
        began = time.monotonic()
        proved = trials.try_items([*items[:3], "tensorflow==2.14.*"])
        print(f"the way out proved in {time.monotonic() - began:.1f} s")
    assert proved.versions["tensorflow"].startswith("2.14.")
    assert int(proved.versions["openai"].split(".")[0]) >= 2


@pytest.mark.timeout(600)
def test_a_python_that_is_too_old_for_an_item(article):
    with article("numpy>=2.3", "six") as trials:
        [core] = find_pip_cores(trials, CondaPart(lines=(PYTHON,)))
    assert [line.text for line in core.lines] == ["python=3.9", "numpy>=2.3"]
    assert core.available[0] == "python 3.11"
