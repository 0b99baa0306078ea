"""The pip part of a plan, before any prefix exists."""

import pytest

from envbench.engine.pip_section import PipPlanRequest, plan_pip_section
from envbench.engine.pip_section.errors import PipNoSolutionError


def plan(task, python_version="3.11", platform="linux-64", glibc="2.31"):
    return plan_pip_section(
        PipPlanRequest(task=task, python_version=python_version, platform=platform, glibc=glibc)
    )


def test_an_empty_section_needs_no_uv(bench):
    assert plan(bench.task()).packages == ()


def test_a_plan_names_packages_and_leaves_conda_out(bench):
    bench.wheel("app", "1.0", requires=["condaonly", "lib"])
    bench.wheel("lib", "0.5")
    result = plan(bench.task("app", owned={"condaonly": "7.0"}))
    assert [(p.name, p.version) for p in result.packages] == [("app", "1.0"), ("lib", "0.5")]
    assert result.pylock_text.count("[[packages]]") == 2


def test_a_plan_is_made_for_the_python_of_the_environment(bench):
    bench.wheel("lib", "0.5")
    task = bench.task("lib; python_version < '3.10'")
    assert plan(task, python_version="3.9.18").packages
    assert not plan(task, python_version="3.12").packages


def test_a_plan_can_be_made_for_another_platform(bench):
    bench.wheel("lib", "0.5")
    task = bench.task("lib; sys_platform == 'darwin'")
    assert plan(task, platform="osx-arm64", glibc=None).packages
    assert not plan(task).packages


def test_a_conflict_is_known_before_the_build(bench):
    bench.wheel("needs2", "1.0", requires=["numpy>=2"])
    with pytest.raises(PipNoSolutionError) as caught:
        plan(bench.task("needs2", owned={"numpy": "1.26.4"}))
    assert "numpy 1.26.4" in caught.value.what
    assert caught.value.where == "environment.yml:10"


def test_hostile_row_16_names_and_versions_of_conda_packages_get_nowhere(bench):
    bench.wheel("lib", "0.5")
    owned = {
        "../../../outside": "1.0",
        "numpy": "1.26.4\n--index-url http://evil.example",
        "/abs": "1.0",
        "odd": "../../../x",
        "local": "2.13.0_cpu",
        "": "1",
        "torch": "not a version",
    }
    result = plan(bench.task("lib", owned=owned))
    assert [package.name for package in result.packages] == ["lib"]
    assert not [p for p in bench.directory.rglob("*") if "outside" in p.name]
    with pytest.raises(PipNoSolutionError):
        plan(bench.task("torch>=2", owned=owned))
