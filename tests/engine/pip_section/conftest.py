"""Wheels made in the test, and prefixes in which some distributions belong to conda."""

import base64
import hashlib
import os
import subprocess
import sys
import zipfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pytest

from envbench.engine.pip_section import PipSectionRequest, PipTask, PipTrials
from envbench.engine.pip_section.uv_binary import find_uv
from envbench.model.build import PipSettings


def make_wheel(
    directory: Path,
    name: str,
    version: str,
    *,
    files: Mapping[str, str] | None = None,
    requires: Sequence[str] = (),
    script: str = "",
    python: str = "",
) -> Path:
    """Write a small pure wheel whose RECORD is right."""
    module = name.replace("-", "_")
    content = dict(files or {f"{module}/__init__.py": f"__version__ = {version!r}\n"})
    info = f"{module}-{version}.dist-info"
    lines = [f"Requires-Dist: {requirement}\n" for requirement in requires]
    lines += [f"Requires-Python: {python}\n"] if python else []
    content[f"{info}/METADATA"] = (
        f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n{''.join(lines)}"
    )
    content[f"{info}/WHEEL"] = (
        "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
    )
    if script:
        content[f"{info}/entry_points.txt"] = f"[console_scripts]\n{script}\n"
    record = "".join(
        f"{path},{_digest(text)},{len(text.encode())}\n" for path, text in content.items()
    )
    content[f"{info}/RECORD"] = f"{record}{info}/RECORD,,\n"
    directory.mkdir(parents=True, exist_ok=True)
    wheel = directory / f"{module}-{version}-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        for path, text in content.items():
            archive.writestr(path, text)
    return wheel


def _digest(text: str) -> str:
    digest = hashlib.sha256(text.encode()).digest()
    return "sha256=" + base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


class Bench:
    """A folder of wheels, and tasks whose prefix is a virtual environment with conda's numpy."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.wheels = directory / "wheels"
        self.wheels.mkdir(parents=True)

    def wheel(self, name: str, version: str, **content: object) -> Path:
        return make_wheel(self.wheels, name, version, **content)  # type: ignore[arg-type]

    def prefix(self, name: str = "env-1", owned: Mapping[str, str] | None = None) -> Path:
        prefix = self.directory / name
        subprocess.run(
            [str(find_uv()), "venv", "-q", "--no-project", "--python", sys.executable, str(prefix)],
            check=True, env={**os.environ, "UV_NO_CONFIG": "1"},
        )  # fmt: skip
        for dist, version in (owned or {}).items():
            self.adopt(prefix, dist, version)
        return prefix

    def adopt(self, prefix: Path, name: str, version: str) -> None:
        """Put a distribution into the prefix as conda does."""
        wheel = make_wheel(self.directory / "conda", name, version, files={
            f"{name}/__init__.py": f"__version__ = {version!r}\n",
            f"{name}/version.py": f"version = {version!r}\n",
        })  # fmt: skip
        site_packages = next(prefix.glob("lib/python3*/site-packages"))
        with zipfile.ZipFile(wheel) as archive:
            archive.extractall(site_packages)
        (site_packages / f"{name}-{version}.dist-info" / "INSTALLER").write_text("conda\n")

    def task(self, *items: str, owned: Mapping[str, str] | None = None, **more: object) -> PipTask:
        values: dict[str, object] = {
            "items": items,
            "lines": tuple(range(10, 10 + len(items))),
            "spec_path": "environment.yml",
            "owned": owned or {},
            "settings": PipSettings(no_index=True, find_links=(str(self.wheels),)),
            "cache_dir": self.directory / "uv-cache",
            "work_dir": self.directory / "work",
            "environ": {"PATH": os.environ["PATH"], "HOME": str(self.directory)},
        }
        return PipTask(**(values | more))  # type: ignore[arg-type]

    def trials(
        self,
        *items: str,
        owned: Mapping[str, str] | None = None,
        python_version: str = "3.11",
        deadline: float | None = None,
        should_stop: Callable[[], bool] | None = None,
        **more: object,
    ) -> PipTrials:
        return PipTrials(
            self.task(*items, owned=owned, **more), python_version=python_version,
            platform="linux-64", glibc="2.31", deadline=deadline, should_stop=should_stop,
        )  # fmt: skip

    def request(self, task: PipTask, prefix: Path, **more: object) -> PipSectionRequest:
        values: dict[str, object] = {
            "task": task, "prefix": prefix, "target_prefix": self.directory / "env",
        }  # fmt: skip
        return PipSectionRequest(**(values | more))  # type: ignore[arg-type]


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


@pytest.fixture
def tree() -> Callable[[Path], dict[str, bytes]]:
    def read_tree(root: Path) -> dict[str, bytes]:
        return {
            str(path.relative_to(root)): path.read_bytes()
            for path in sorted(root.rglob("*"))
            if path.is_file() and not path.is_symlink()
        }

    return read_tree
