"""A solver process, small channels, and the real metadata where it is there."""

import importlib.util
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from envbench.engine.engine_settings import EngineSettings
from envbench.engine.solver.client import SolverProcess
from tests.engine.solver.asking import write_channel

SHARED = Path(__file__).resolve().parents[3].parent / "shared" / "data"


@pytest.fixture
def settings(tmp_path: Path) -> EngineSettings:
    return EngineSettings(
        pkgs_dir=str(tmp_path / "pkgs"),
        repodata_dir=str(tmp_path / "repodata"),
        max_retries=1,
        read_timeout_s=20.0,
    )


@pytest.fixture
def solver(settings: EngineSettings) -> Iterator[SolverProcess]:
    with SolverProcess(settings) as process:
        yield process


@pytest.fixture(scope="session")
def shared_solver(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SolverProcess]:
    """One process for the tests that only solve."""
    root = tmp_path_factory.mktemp("solver")
    settings = EngineSettings(pkgs_dir=str(root / "pkgs"), repodata_dir=str(root / "repodata"))
    with SolverProcess(settings) as process:
        yield process


@pytest.fixture(scope="session")
def real_channels(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The real metadata, unpacked; skips where it is not there."""
    script = SHARED / "unpack.py"
    if not script.is_file():
        pytest.skip("the shared channel metadata is not there")
    target = tmp_path_factory.mktemp("metadata")
    loader = importlib.util.spec_from_file_location("unpack", script)
    assert loader and loader.loader
    module = importlib.util.module_from_spec(loader)
    loader.loader.exec_module(module)
    module.main(target)
    return target / "channels"


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., str]:
    """Write a channel below the test's directory: `write(name, packages)`."""
    return lambda name, packages, **info: write_channel(tmp_path / name, packages, **info)
