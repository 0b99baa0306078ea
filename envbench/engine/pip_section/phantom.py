"""A stand-in for a prefix that does not exist yet.

An empty virtual environment in which every distribution that conda will install has its name and
version, and nothing else. uv then asks no index for them.
"""

import shutil
import sys
from collections.abc import Mapping
from pathlib import Path

from envbench.engine.pip_section.errors import UvError
from envbench.engine.pip_section.uv_process import UvRunner
from envbench.engine.pip_section.workspace import pinnable


class PhantomPrefix:
    """A prefix whose distributions can be changed at no cost."""

    def __init__(self, runner: UvRunner, prefix: Path) -> None:
        """Make it, empty.

        Raises:
            UvError: No virtual environment can be made.
        """
        outcome = runner.call_plain(
            ("venv",),
            ("--no-project", "--quiet", "--python", sys.executable, str(prefix)),
            quiet=True,
        )
        if outcome.status != 0:
            raise UvError("no trial environment can be made for the pip section", why=outcome.talk)
        self.python = prefix / "bin" / "python"
        self._site_packages = next(prefix.glob("lib/python3*/site-packages"))
        self._held: dict[str, Path] = {}

    def hold(self, owned: Mapping[str, str]) -> None:
        """Let it hold these distributions, by name and version, and no others."""
        wanted = {_info_name(name, version): (name, version) for name, version in _sound(owned)}
        for folder in self._held.keys() - wanted.keys():
            shutil.rmtree(self._held.pop(folder))
        for folder in wanted.keys() - self._held.keys():
            self._held[folder] = self._write(folder, *wanted[folder])

    def _write(self, folder: str, name: str, version: str) -> Path:
        info = self._site_packages / folder
        info.mkdir()
        metadata = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
        (info / "METADATA").write_text(metadata, encoding="utf-8")
        (info / "INSTALLER").write_text("conda\n", encoding="utf-8")
        return info


def _sound(owned: Mapping[str, str]) -> list[tuple[str, str]]:
    return sorted(pinnable(owned).items())


def _info_name(name: str, version: str) -> str:
    return f"{name.replace('-', '_')}-{version}.dist-info"
