"""Real environments: nothing worse than worth knowing in healthy ones, all of it in sick ones."""

import subprocess
import sys
from pathlib import Path

import pytest

from envbench.envs.doctor.examination import examine_prefix
from envbench.envs.doctor.reading import read_view
from envbench.model.diagnosis import Diagnosis
from envbench.model.problem import Severity

HEALTHY = ("numpy", "scipy", "pandas", "scikit-learn", "matplotlib", "numba", "pyarrow", "h5py")
OLD = (
    "numpy==2.2.6", "pandas==2.1.1", "scipy==1.11.4", "scikit-learn==1.3.2", "numexpr==2.8.7",
    "h5py==3.9.0", "numba==0.58.1", "pyarrow==14.0.2", "shapely==2.0.1",
)  # fmt: skip
APART = (
    "jax==0.4.35", "jaxlib==0.4.30", "numpy==1.23.5", "pandas==2.2.2", "pydantic==2.9.0",
    "pydantic-core==2.20.0", "protobuf==3.20.3", "grpcio-status==1.66.0", "tokenizers==0.15.2",
    "transformers==4.45.0", "opencv-python==4.10.0.84", "opencv-python-headless==4.10.0.84",
)  # fmt: skip


def examine(prefix: Path) -> tuple[Diagnosis, ...]:
    return examine_prefix(read_view(prefix, environ={}, home=prefix / "nobody"))


def is_worse(finding: Diagnosis) -> bool:
    return finding.severity is not Severity.INFO


def test_the_environment_that_runs_the_tests_is_healthy():
    assert [finding for finding in examine(Path(sys.prefix)) if is_worse(finding)] == []


@pytest.fixture
def build(tmp_path: Path):
    def make(*requirements: str, deps: bool = True) -> Path:
        prefix = tmp_path / "env"
        uv = [sys.executable, "-m", "uv"]
        subprocess.run([*uv, "venv", "--quiet", "--python", sys.executable, prefix], check=True)
        flags = [] if deps else ["--no-deps"]
        subprocess.run(
            [*uv, "pip", "install", "--quiet", "--python", prefix, *flags, *requirements],
            check=True,
        )
        return prefix

    return make


@pytest.mark.network
@pytest.mark.timeout(900)
def test_a_healthy_one_has_no_findings(build):
    assert [finding for finding in examine(build(*HEALTHY)) if is_worse(finding)] == []


@pytest.mark.network
@pytest.mark.timeout(900)
def test_what_was_built_for_numpy_1_is_found_and_really_fails(build):
    prefix = build(
        *OLD, "python-dateutil", "pytz", "tzdata", "six", "joblib", "threadpoolctl", deps=False
    )
    found = {f.packages[0] for f in examine(prefix) if f.code == "abi.numpy.compiled_for_1x"}
    modules = {"pandas": "pandas", "scipy": "scipy.linalg", "scikit-learn": "sklearn",
               "numexpr": "numexpr", "h5py": "h5py", "numba": "numba", "pyarrow": "pyarrow",
               "shapely": "shapely"}  # fmt: skip
    assert found == set(modules)
    for module in modules.values():
        done = subprocess.run(
            [prefix / "bin/python", "-c", f"import {module}"], capture_output=True
        )
        assert done.returncode != 0, module


@pytest.mark.network
@pytest.mark.timeout(900)
def test_pairs_that_do_not_fit_are_all_found(build):
    codes = {finding.code for finding in examine(build(*APART, deps=False)) if is_worse(finding)}
    assert codes >= {
        "pin.jaxlib", "abi.numpy.too_old", "pin.pydantic", "pb.runtime_too_old",
        "pin.runtime_check", "duplicate.module", "missing.dist",
    }  # fmt: skip
