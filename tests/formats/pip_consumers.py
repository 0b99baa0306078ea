"""pip and uv as judges: a throw-away virtual environment, and sources they can install offline."""

import os
import subprocess
import sys
from pathlib import Path

from envbench.engine.pip_section.uv_binary import find_uv

_BACKEND = """
import base64, hashlib, os, zipfile

NAME, VERSION = "{name}", "{version}"
INFO = f"{{NAME}}-{{VERSION}}.dist-info"


def _build(folder, files):
    files = dict(files)
    files[f"{{INFO}}/METADATA"] = f"Metadata-Version: 2.1\\nName: {name}\\nVersion: {{VERSION}}\\n"
    files[f"{{INFO}}/WHEEL"] = "Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n"
    record = "".join(f"{{path}},,\\n" for path in files) + f"{{INFO}}/RECORD,,\\n"
    file = f"{{NAME}}-{{VERSION}}-py3-none-any.whl"
    with zipfile.ZipFile(os.path.join(folder, file), "w") as archive:
        for path, text in (*files.items(), (f"{{INFO}}/RECORD", record)):
            archive.writestr(path, text)
    return file


def build_wheel(folder, config_settings=None, metadata_directory=None):
    return _build(folder, {{f"{{NAME}}.py": f"version = {{VERSION!r}}\\n"}})


def build_editable(folder, config_settings=None, metadata_directory=None):
    return _build(folder, {{f"{{NAME}}.pth": os.getcwd() + "\\n"}})
"""


def make_project(folder: Path, name: str, version: str = "0.1") -> Path:
    """Write a source tree that builds itself, without anything from a package index."""
    folder.mkdir(parents=True)
    (folder / "backend.py").write_text(_BACKEND.format(name=name, version=version))
    (folder / "pyproject.toml").write_text(
        f'[project]\nname = "{name}"\nversion = "{version}"\n'
        '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n'
    )
    (folder / f"{name}.py").write_text(f"version = {version!r}\n")
    return folder


def make_repository(folder: Path, name: str, version: str = "0.1") -> str:
    """Write a git repository, and return its direct reference."""
    make_project(folder, name, version)
    git = ["git", "-C", str(folder), "-c", "user.name=t", "-c", "user.email=t@example.com"]
    for arguments in (["init", "-q"], ["add", "."], ["commit", "-q", "-m", "first"]):
        subprocess.run([*git, *arguments], check=True, capture_output=True, env=_environ(folder))
    head = subprocess.run([*git, "rev-parse", "HEAD"], check=True, capture_output=True, text=True)
    return f"git+{folder.as_uri()}@{head.stdout.strip()}"


class Consumer:
    """A virtual environment that pip and uv install into."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.prefix = root / "venv"
        self.python = self.prefix / "bin" / "python"
        root.mkdir(parents=True, exist_ok=True)
        self._run([str(find_uv()), "venv", "-q", "--python", sys.executable, str(self.prefix)])

    def uv(self, *arguments: str, index: bool = False) -> "subprocess.CompletedProcess[str]":
        """Run `uv pip` for the environment; without any index, unless the files name one."""
        verb, *rest = arguments
        command = [str(find_uv()), "pip", verb, "--python", str(self.python), *rest]
        return self._run([*command, *(() if index else ("--no-index",))])

    def pip(self, *arguments: str, index: bool = False) -> "subprocess.CompletedProcess[str]":
        """Run pip for the environment; without any index, unless the files name one."""
        command = [sys.executable, "-m", "pip", "--python", str(self.python), *arguments]
        return self._run([*command, "--no-cache-dir", *(() if index else ("--no-index",))])

    def installed(self) -> dict[str, str]:
        """Map what is installed to its version."""
        lines = self.uv_freeze().splitlines()
        return dict(line.split("==") for line in lines if "==" in line)

    def uv_freeze(self) -> str:
        """List what is installed, direct references included."""
        return self._run([str(find_uv()), "pip", "freeze", "--python", str(self.python)]).stdout

    def _run(self, command: list[str]) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            command, capture_output=True, text=True, check=False, env=_environ(self.root),
            cwd=self.root, timeout=120,
        )  # fmt: skip


def _environ(root: Path) -> dict[str, str]:
    return {
        "PATH": os.environ["PATH"], "HOME": str(root), "PIP_CONFIG_FILE": os.devnull,
        "UV_NO_CONFIG": "1", "UV_CACHE_DIR": str(root / "uv-cache"),
        "PIP_DISABLE_PIP_VERSION_CHECK": "1", "GIT_CONFIG_NOSYSTEM": "1",
    }  # fmt: skip
