"""A box of one's own: private home, state, cache and environments, and a channel of tiny packages."""

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path

import pytest

from envbench.engine.local_channel import make_channel
from envbench.jobs.job import Job
from envbench.model.build import BuildResult, PipSettings
from envbench.model.job import JobResult
from envbench.settings.load import Settings, load_settings
from envbench.workbench.building import BuildOrder, read_build_result, submit_build
from tests.channels import index_channel, make_package
from tests.made_once import make_once

LIMIT_S = 120.0


@dataclass
class Box:
    """What a test needs of one user's box."""

    root: Path
    settings: Settings
    channel: Path

    def write_spec(
        self, *dependencies: str, name: str = "env", pip: tuple[str, ...] = (), channel: str = ""
    ) -> Path:
        lines = [
            f"name: {name}",
            "channels:",
            f"  - {channel or self.channel.as_uri()}",
            "dependencies:",
        ]
        lines += [f"  - {dependency}" for dependency in dependencies]
        if pip:
            lines += ["  - pip:", *(f"      - {item}" for item in pip)]
        path = self.root / f"{name}.yml"
        path.write_text("\n".join(lines) + "\n")
        return path

    def publish(self, name: str, version: str = "1.0", **options: object) -> Path:
        archive = make_package(self.channel, name, version, **options)
        index_channel(self.channel)
        return archive

    def submit(self, spec: Path, pip: PipSettings | None = None, **order: object) -> Job:
        return submit_build(BuildOrder(spec=spec, pip=pip, **order), self.settings).job

    def build(
        self, spec: Path, pip: PipSettings | None = None, **order: object
    ) -> tuple[JobResult, BuildResult | None]:
        job = self.submit(spec, pip, **order)
        result = job.wait(LIMIT_S)
        assert result is not None, f"{job.id} is {job.state()}"
        return result, read_build_result(result)

    def path(self, name: str = "env") -> Path:
        return self.settings.paths.envs_dir / name

    def leftovers(self) -> list[str]:
        """Name everything in the directory of generations that is no complete one."""
        generations = self.settings.paths.envs_dir / ".generations"
        found = generations.iterdir() if generations.is_dir() else ()
        return sorted(p.name for p in found if not (p / ".envbench-generation.json").exists())


def snapshot(prefix: Path) -> dict[str, str]:
    """Digest every file below a prefix, and where links point to."""
    seen = {}
    for path in sorted(prefix.rglob("*")):
        name = str(path.relative_to(prefix))
        if path.is_symlink():
            seen[name] = f"-> {path.readlink()}"
        elif path.is_file():
            seen[name] = hashlib.sha256(path.read_bytes()).hexdigest()
    return seen


def make_box(root: Path, monkeypatch: pytest.MonkeyPatch) -> Box:
    """Make a box below a directory, and move this process into it."""
    for name in list(os.environ):
        if name.startswith(("ENVBENCH_", "CONDA_", "PIP_", "UV_", "XDG_")) or name == "CONDARC":
            monkeypatch.delenv(name)
    home = root / "home"
    home.mkdir()
    # The environments of the working directory are listed too, such as a checkout's own `.venv`.
    monkeypatch.chdir(root)
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("ENVBENCH_BUILD_PRIORITY", "normal")
    for variable in ("STATE_DIR", "CACHE_DIR", "ENVS_DIR"):
        monkeypatch.setenv(f"ENVBENCH_{variable}", str(root / variable.lower()))
    channel = root / "channel"
    make_package(channel, "zlib", "1.3", files={"lib/zlib.txt": "the library\n"})
    make_package(
        channel, "app", "1.0", depends=["zlib >=1"], files={"bin/app": "#!/bin/sh\necho app 1.0\n"}
    )
    make_package(
        channel, "app", "2.0", depends=["zlib >=1"], files={"bin/app": "#!/bin/sh\necho app 2.0\n"}
    )
    index_channel(channel)
    return Box(root, load_settings(), channel)


@pytest.fixture
def box(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Box:
    return make_box(tmp_path, monkeypatch)


@pytest.fixture(scope="session")
def python_channel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Package the Python that runs the tests, once."""

    def make(folder: Path) -> None:
        make_channel(folder, python=True, distributions=("pip", "pyyaml", "rich"), wheels=())

    return make_once(tmp_path_factory, "python-channel", make)
