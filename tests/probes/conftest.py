import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def _bare_environment(tmp_path_factory: pytest.TempPathFactory) -> Path:
    prefix = tmp_path_factory.mktemp("bare") / "env"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(prefix)], check=True)
    return prefix


@pytest.fixture
def fake_numpy(_bare_environment: Path) -> Callable[[str], Path]:
    """Install a stand-in for NumPy whose import does what the given source says."""
    [site] = _bare_environment.glob("lib/python*/site-packages")
    package, info = site / "numpy", site / "numpy-9.9.dist-info"
    package.mkdir(exist_ok=True)
    info.mkdir(exist_ok=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: numpy\nVersion: 9.9\n")
    (info / "INSTALLER").write_text("uv\n")

    def install(source: str) -> Path:
        (package / "__init__.py").write_text(source)
        return _bare_environment

    yield install
    for folder in (package, info):
        assert not (folder / "__pycache__").exists()
        for path in folder.iterdir():
            path.unlink()
        folder.rmdir()


@pytest.fixture
def bare_environment(_bare_environment: Path) -> Path:
    return _bare_environment
