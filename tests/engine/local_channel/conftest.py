"""A channel made once for all tests, other interpreters of this box, and real installs."""

import io
import json
import shutil
import subprocess
import sys
import tarfile
import textwrap
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
import zstandard

from envbench.engine.local_channel import ChannelReport, make_channel
from envbench.engine.local_channel.interpreter import InterpreterFacts, ask_interpreter

DEBIAN_PYTHON = Path("/usr/bin/python3")

_INSTALL = """
import asyncio, os, sys, traceback
from pathlib import Path
from rattler import Channel, Gateway, MatchSpec, VirtualPackage, install, solve

async def main(channel, prefix, scratch, *specs):
    records = await solve(
        [Channel(Path(channel).as_uri())], [MatchSpec(spec) for spec in specs],
        gateway=Gateway(cache_dir=Path(scratch) / "repodata"), platforms=["linux-64", "noarch"],
        virtual_packages=[found.into_generic() for found in VirtualPackage.detect()],
        channel_relations="disabled",
    )
    await install(records, prefix, cache_dir=str(Path(scratch) / "pkgs"), show_progress=False)
    print(*(record.file_name for record in records))

code = 0
try:
    asyncio.run(main(*sys.argv[1:]))
except BaseException:
    traceback.print_exc()
    code = 1
sys.stdout.flush()
sys.stderr.flush()
os._exit(code)
"""


@dataclass(frozen=True)
class Prefix:
    """An installed environment."""

    path: Path

    def run(self, *argv: str, **options: object) -> str:
        """Run a program of its `bin` with nothing of ours in the environment."""
        environment = {"PATH": "/usr/bin:/bin", "HOME": str(self.path), "LC_ALL": "C.UTF-8"}
        done = subprocess.run(
            [str(self.path / "bin" / argv[0]), *argv[1:]],
            capture_output=True, text=True, timeout=120, env=environment, cwd=self.path,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def ask(self, expression: str) -> object:
        """Evaluate an expression in its Python, with the usual modules at hand."""
        code = f"""
            import importlib, importlib.metadata, json, site, sys, sysconfig
            print(json.dumps({expression}))
        """
        return json.loads(self.run("python", "-I", "-c", textwrap.dedent(code)))


def install(channel: Path, prefix: Path, *specs: str) -> Prefix:
    """Solve and install with rattler, in a process that ends before its threads do harm."""
    scratch = channel.parent / f"scratch-{channel.name}"
    done = subprocess.run(
        [sys.executable, "-c", _INSTALL, str(channel), str(prefix), str(scratch), *specs],
        capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return Prefix(prefix)


@pytest.fixture(scope="session")
def facts() -> InterpreterFacts:
    return ask_interpreter(Path(sys.executable))


@pytest.fixture(scope="session")
def big_folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A place for channels and prefixes that is emptied at the end: they are large."""
    folder = tmp_path_factory.mktemp("big")
    yield folder
    shutil.rmtree(folder)


@pytest.fixture(scope="session")
def own_channel(big_folder: Path) -> ChannelReport:
    """The Python that runs the tests, a few of its distributions, and what they depend on."""
    return make_channel(
        big_folder / "own-channel",
        python=True,
        distributions=["pip", "PyYAML", "rich", "psutil"],
        wheels=[],
    )


@pytest.fixture(scope="session")
def own_prefix(own_channel: ChannelReport, big_folder: Path) -> Prefix:
    prefix = big_folder / "own environment with a longer path"
    return install(own_channel.directory, prefix, "python", "pip", "pyyaml", "rich", "psutil")


@pytest.fixture(scope="session")
def debian_channel(big_folder: Path) -> ChannelReport:
    """The patched Python of Debian or Ubuntu, which has none of our own dependencies."""
    if not DEBIAN_PYTHON.exists() or not Path("/etc/debian_version").exists():
        pytest.skip("no Debian here")
    return make_channel(
        big_folder / "debian-channel",
        python=True, distributions=["pip"], wheels=[], interpreter=DEBIAN_PYTHON,
    )  # fmt: skip


@pytest.fixture(scope="session")
def debian_prefix(debian_channel: ChannelReport, big_folder: Path) -> Prefix:
    return install(debian_channel.directory, big_folder / "debian", "python", "pip")


@pytest.fixture(scope="session")
def site_facts(facts: InterpreterFacts) -> Callable[[Path], InterpreterFacts]:
    """Facts of an interpreter whose distributions lie in a folder that the test fills."""

    def replace_path(prefix: Path) -> InterpreterFacts:
        site = prefix / facts.site_packages
        site.mkdir(parents=True, exist_ok=True)
        return replace(facts, prefix=prefix, path=(site,))

    return replace_path


def list_tree(folder: Path) -> dict[str, bytes]:
    """All files of a folder, the lock aside."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.name.endswith(".lock")
    }


def read_package(archive: Path) -> tuple[dict[str, Any], dict[str, dict[str, Any]]]:
    """Return `index.json`, and the entries of `paths.json` by path."""
    with zipfile.ZipFile(archive) as members:
        name = next(name for name in members.namelist() if name.startswith("info-"))
        packed = members.read(name)
    stream = zstandard.ZstdDecompressor().stream_reader(packed, read_across_frames=True)
    with tarfile.open(fileobj=io.BytesIO(stream.read())) as tar:
        read = {member.name: tar.extractfile(member).read() for member in tar}  # type: ignore[union-attr]
    paths = json.loads(read["info/paths.json"])["paths"]
    return json.loads(read["info/index.json"]), {entry["_path"]: entry for entry in paths}
