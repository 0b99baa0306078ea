"""Environments with one thing wrong each: made by hand, their compiled modules by a real compiler."""

import json
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from envbench.envs.doctor.examination import examine_prefix
from envbench.envs.doctor.reading import read_view
from envbench.envs.doctor.view import DriverState
from envbench.model.diagnosis import Diagnosis
from tests.envs.conftest import SITE, PrefixMaker

FAST = ("gcc", "-shared", "-fPIC", "-O0")


class Patient(PrefixMaker):
    """An environment to be examined; conda's unless it is turned into a virtual one."""

    def __init__(self, prefix: Path, home: Path) -> None:
        super().__init__(prefix)
        self.home = home
        self.environ: dict[str, str] = {}
        self.driver = DriverState(reason="none in this test")
        (prefix / SITE).mkdir(parents=True)

    def become_venv(self, *, version: str = "3.11.7", system: bool = False) -> None:
        config = f"home = /usr/bin\nversion = {version}\n"
        config += f"include-system-site-packages = {str(system).lower()}\n"
        (self.prefix / "pyvenv.cfg").write_text(config)

    def python(self, version: str = "3.11.7") -> None:
        self.conda("python", version, files={"bin/python3.11": b"#!/bin/sh\n"})

    def dist(
        self,
        name: str,
        version: str = "1.0",
        *,
        requires: Sequence[str] = (),
        python: str = "",
        files: Mapping[str, bytes] | None = None,
        paths: Sequence[str] = (),
        owner: str = "",
        site: Path | None = None,
    ) -> Path:
        """Install a distribution; `paths` are files that exist already, `owner` a conda package."""
        info = f"{name}-{version}.dist-info"
        root = site or self.prefix / SITE
        head = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
        head += f"Requires-Python: {python}\n" if python else ""
        head += "".join(f"Requires-Dist: {each}\n" for each in requires)
        inside = {f"{name}/__init__.py": b""} if files is None else dict(files)
        content = {**inside, f"{info}/METADATA": (head + "\nA text.\n").encode()}
        content[f"{info}/INSTALLER"] = b"conda\n" if owner else b"pip\n"
        rows = [*content, *paths, f"{info}/RECORD"]
        content[f"{info}/RECORD"] = "".join(f"{row},,\n" for row in rows).encode()
        for path, data in content.items():
            target = root / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(data)
        if owner:
            self.record(owner, version, [f"{SITE}/{path}" for path in content])
        return root / info

    def record(self, name: str, version: str, paths: Sequence[str], **more) -> None:
        """Let a conda record claim files that exist."""
        target = self.conda(name, version, **more)
        document = json.loads(target.read_text())
        document["files"] = list(paths)
        document["paths_data"]["paths"] = [
            {"_path": path, "path_type": "hardlink"} for path in paths
        ]
        target.write_text(json.dumps(document))

    def compile(
        self, path: str, source: str = "int nothing(void) { return 0; }\n", *options: str
    ) -> Path:
        """Compile a library to a path below the prefix."""
        target = self.prefix / path
        target.parent.mkdir(parents=True, exist_ok=True)
        subprocess.run(
            [*FAST, "-x", "c", "-", "-x", "none", "-o", str(target), *options],
            input=source, text=True, check=True, timeout=60,
        )  # fmt: skip
        return target

    def examine(self, **options) -> tuple[Diagnosis, ...]:
        view = read_view(
            self.prefix, environ=self.environ, home=self.home, driver=self.driver, **options
        )
        return examine_prefix(view)

    def find(self, code: str, **options) -> list[Diagnosis]:
        return [found for found in self.examine(**options) if found.code == code]


@pytest.fixture
def patient(tmp_path: Path) -> Patient:
    home = tmp_path / "home"
    home.mkdir()
    return Patient(tmp_path / "prefix", home)


@pytest.fixture(scope="session")
def compiler() -> None:
    if shutil.which("gcc") is None:
        pytest.skip("no gcc: compiled modules cannot be made here")
