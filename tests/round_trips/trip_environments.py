"""Environments of every kind, really built: what is locked in one place and built in another."""

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from envbench.model.build import PipSettings
from envbench.model.job import JobState
from tests.channels import index_channel, make_package
from tests.workbench.conftest import Box
from tests.workbench.failing import GatedServer, settle
from tests.workbench.wheels import make_index, make_wheel

_BACKEND = """
import os, zipfile

def _write(directory, name, files):
    info = f"{name}-1.0.dist-info"
    files = files | {
        f"{info}/METADATA": f"Metadata-Version: 2.1\\nName: {name}\\nVersion: 1.0\\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n",
    }
    record = "".join(f"{path},,\\n" for path in files) + f"{info}/RECORD,,\\n"
    wheel = f"{name}-1.0-py3-none-any.whl"
    with zipfile.ZipFile(os.path.join(directory, wheel), "w") as archive:
        for path, text in (files | {f"{info}/RECORD": record}).items():
            archive.writestr(path, text)
    return wheel

def build_wheel(directory, config_settings=None, metadata_directory=None):
    return _write(directory, NAME, {f"{NAME}/__init__.py": "version = 1\\n"})

def build_editable(directory, config_settings=None, metadata_directory=None):
    return _write(directory, NAME, {f"{NAME}.pth": os.getcwd() + "\\n"})
"""
_LINK = """
import asyncio, os, sys, rattler
from rattler.package_cache import PackageCache

async def main():
    channel, prefix, cache = sys.argv[1:]
    found = await rattler.solve(
        [rattler.Channel(channel)], [rattler.MatchSpec(s) for s in ("python", "pip")],
        platforms=["linux-64", "noarch"], channel_relations="disabled",
        virtual_packages=rattler.VirtualPackage.detect(),
    )
    await rattler.install(found, prefix, cache_dir=cache, show_progress=False)

asyncio.run(main())
sys.stdout.flush()
os._exit(0)
"""


@dataclass
class World:
    """One box with channels, a package index and sources, and what was made of them."""

    box: Box
    python_channel: Path
    server: GatedServer
    """Serves `box.root`: `/index/` is a package index, `/files/` holds archives."""

    @property
    def pip(self) -> PipSettings:
        return PipSettings(index_url=f"{self.server.url}/index/")

    def build(self, name: str, text: str, **order: object) -> str:
        """Build a spec; the name becomes that of the environment."""
        spec = self.box.root / f"{name}.yml"
        spec.write_text(f"name: {name}\n{text}")
        result, _ = self.box.build(spec, self.pip, **order)
        assert result.state is JobState.DONE, result
        settle(self.box)
        return name

    def python_spec(self, *items: str) -> str:
        lines = ["channels:", f"  - {self.python_channel.as_uri()}", "dependencies:"]
        lines += ["  - python", "  - pip"]
        if items:
            lines += ["  - pip:", *(f"      - {item}" for item in items)]
        return "\n".join(lines) + "\n"


def make_world(box: Box, python_channel: Path, server: GatedServer) -> World:
    """Publish all that the environments need."""
    root = box.root
    for channel in ("alpha", "beta"):
        make_package(
            root / "mirror" / channel, "shared", "1.0", channel, files={"share/s": channel}
        )
    make_package(root / "mirror" / "alpha", "base", "2.0", noarch="generic", files={"share/b": "b"})
    make_package(root / "mirror" / "beta", "extra", "010", depends=["base"], files={"share/e": "e"})
    for channel in ("alpha", "beta"):
        index_channel(root / "mirror" / channel)
    made = root / "made"
    wheels = (make_wheel(made, "leaf", "2.0"), make_wheel(made, "tree", requires=["leaf>=1"]))
    make_index(root / "index", *wheels)
    make_wheel(root / "files", "archived")
    for name in ("gitted", "edited"):
        make_source(root / "sources" / name, name)
    world = World(box, python_channel, server)
    settings = box.settings
    box.settings = replace(settings, pip=replace(settings.pip, settings=world.pip))
    return world


def make_source(folder: Path, name: str) -> str:
    """Write a project that needs nothing to be built, as a repository; returns its commit."""
    folder.mkdir(parents=True)
    (folder / "backend.py").write_text(f"NAME = {name!r}\n{_BACKEND}")
    (folder / name).mkdir()
    (folder / name / "__init__.py").write_text("version = 1\n")
    build = 'requires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n'
    project = f'name = "{name}"\nversion = "1.0"\n'
    (folder / "pyproject.toml").write_text(f"[build-system]\n{build}[project]\n{project}")
    run_git(folder, "init", "-q")
    run_git(folder, "add", ".")
    run_git(folder, "-c", "user.name=A", "-c", "user.email=a@b.c", "commit", "-qm", "begin")
    return read_commit(folder)


def read_commit(folder: Path) -> str:
    return run_git(folder, "rev-parse", "HEAD").strip()


def run_git(folder: Path, *arguments: str) -> str:
    command = ["git", "-C", str(folder), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def conda_only(world: World) -> str:
    channel = world.box.channel.as_uri()
    return world.build(
        "conda-only",
        f"channels:\n  - {channel}\ndependencies:\n  - app\nvariables:\n  COLOUR: 'off'\n",
    )


def several_channels(world: World) -> str:
    """`shared` is in both channels; that of the second one is taken because the spec says so."""
    text = "channels:\n  - alpha\n  - beta\ndependencies:\n  - beta::shared\n  - extra\n"
    return world.build("several-channels", text)


def wheels(world: World) -> str:
    return world.build("wheels", world.python_spec("tree"))


def sources(world: World) -> str:
    """A commit of a repository, an archive by its address, and a folder that is being worked on."""
    root = world.box.root
    repository = root / "sources" / "gitted"
    git = f"gitted @ git+{repository.as_uri()}@{read_commit(repository)}"
    name = world.build(
        "sources",
        world.python_spec(git, f"archived @ {hashed_address(world)}", "leaf"),
        allow_builds=True,
    )
    install_as_users_do(world.box.path(name), "-e", str(root / "sources" / "edited"))
    return name


def hashed_address(world: World) -> str:
    import hashlib

    [file] = (world.box.root / "files").glob("*.whl")
    digest = hashlib.sha256(file.read_bytes()).hexdigest()
    return f"{world.server.url}/files/{file.name}#sha256={digest}"


def foreign_prefix(world: World) -> str:
    """A prefix without any mark of envbench: linked by the library, filled by pip itself."""
    prefix = world.box.root / "foreign" / "theirs"
    cache = world.box.root / "foreign-cache"
    command = [sys.executable, "-c", _LINK, world.python_channel.as_uri(), str(prefix), str(cache)]
    run_quietly(command)
    install_by_pip(prefix, world, "tree")
    return str(prefix)


def venv(world: World) -> str:
    """A virtual environment, whose Python no conda package brings; only its pip part is locked."""
    prefix = world.box.root / "foreign" / "venv"
    python = world.box.path(wheels_once(world)) / "bin" / "python"
    subprocess.run([python, "-m", "venv", "--without-pip", prefix], check=True, timeout=120)
    install_as_users_do(prefix, "--index-url", world.pip.index_url or "", "tree")
    return str(prefix)


def wheels_once(world: World) -> str:
    return "wheels" if world.box.path("wheels").exists() else wheels(world)


def install_by_pip(prefix: Path, world: World, *arguments: str) -> None:
    """Install with the pip of an environment."""
    command = [prefix / "bin" / "python", "-m", "pip", "install", "--no-cache-dir", "-q"]
    run_quietly([*command, "--index-url", world.pip.index_url or "", *arguments])


def install_as_users_do(prefix: Path, *arguments: str) -> None:
    """Install with uv, by hand."""
    import uv

    command = [uv.find_uv_bin(), "--no-config", "pip", "install", "-q"]
    run_quietly([*command, "--python", prefix / "bin" / "python", "--no-deps", *arguments])
    if "tree" in arguments:
        run_quietly([*command, "--python", prefix / "bin" / "python", *arguments])


def run_quietly(command: list[object]) -> None:
    done = subprocess.run(
        list(map(str, command)),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        env={**os.environ, "PIP_DISABLE_PIP_VERSION_CHECK": "1"},
    )
    assert done.returncode == 0, done.stderr


ENVIRONMENTS: dict[str, Callable[[World], str]] = {
    "conda-only": conda_only,
    "several-channels": several_channels,
    "wheels": wheels_once,
    "sources": sources,
    "foreign-prefix": foreign_prefix,
    "venv": venv,
}
