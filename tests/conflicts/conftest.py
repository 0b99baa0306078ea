"""The real metadata, the oracle and one solver process for all cases."""

import importlib.util
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from envbench.engine.engine_settings import EngineSettings
from envbench.engine.solver.client import SolverProcess
from tests.conflicts.oracle import Oracle

SHARED = Path(__file__).resolve().parents[2].parent / "shared" / "data"


def unpack_metadata(target: Path) -> None:
    """Unpack the trees `channels` and `channels-exact` into a folder.

    Raises:
        FileNotFoundError: The shared metadata is not there.
    """
    loader = importlib.util.spec_from_file_location("unpack", SHARED / "unpack.py")
    assert loader and loader.loader
    module = importlib.util.module_from_spec(loader)
    loader.loader.exec_module(module)
    module.main(target)


@pytest.fixture(scope="session")
def shared_channels() -> Iterator[Path]:
    """The folder that holds both trees; skips where the metadata is not there."""
    if not (SHARED / "unpack.py").is_file():
        pytest.skip("the shared channel metadata is not there")
    # Not below pytest's own folder: the name stands in addresses, and short ones read better.
    with tempfile.TemporaryDirectory(prefix="channels-") as folder:
        unpack_metadata(Path(folder))
        yield Path(folder)


@pytest.fixture(scope="session")
def oracle(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Oracle]:
    with Oracle(tmp_path_factory.mktemp("oracle")) as asked:
        yield asked


@pytest.fixture(scope="module")
def solver(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SolverProcess]:
    root = tmp_path_factory.mktemp("solver")
    settings = EngineSettings(pkgs_dir=str(root / "pkgs"), repodata_dir=str(root / "repodata"))
    with SolverProcess(settings) as process:
        yield process
