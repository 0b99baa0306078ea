"""Against the public package index: wheels of many platforms, hashes, a plan for a GPU box."""

import os

import pytest

from envbench.engine.pip_section import PipPlanRequest, install_pip_section, plan_pip_section
from envbench.model.build import PipSettings

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
