"""Distributions installed by the real uv and pip: read back and verified."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from envbench.envs.discovery import discover_environments
from envbench.envs.installed import read_environment
from envbench.envs.verification import verify_prefix

uv = pytest.importorskip("uv")


def make_wheel(folder: Path, name: str, version: str) -> Path:
    path = folder / f"{name}-{version}-py3-none-any.whl"
    info = f"{name}-{version}.dist-info"
    files = {
        f"{name}/__init__.py": "def main(): print('hello')\n",
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: t\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        f"{info}/entry_points.txt": f"[console_scripts]\n{name} = {name}:main\n",
    }
    record = "".join(f"{file},,\n" for file in [*files, f"{info}/RECORD"])
    with zipfile.ZipFile(path, "w") as archive:
        for file, text in (files | {f"{info}/RECORD": record}).items():
            archive.writestr(file, text)
    return path


@pytest.fixture(scope="module")
def venv(tmp_path_factory) -> Path:
    root = tmp_path_factory.mktemp("venv")
    environ = {
        "PATH": os.environ["PATH"],
        "HOME": str(root),
        "UV_CACHE_DIR": str(root / "cache"),
        "UV_NO_CONFIG": "1",
    }
    prefix = root / "project" / ".venv"

    def run(*arguments: object) -> None:
        argv = [uv.find_uv_bin(), *map(str, arguments)]
        subprocess.run(argv, check=True, env=environ, timeout=120, capture_output=True)

    wheels = [make_wheel(root, "my_tool", "1.0"), make_wheel(root, "plain", "2.0+cpu")]
    run("venv", "--python", sys.executable, prefix)
    python = ("--python", prefix / "bin" / "python")
    run("pip", "install", *python, "--no-index", "--find-links", root, "my-tool")
    run("pip", "install", *python, "--no-index", wheels[1])
    return prefix


def test_what_uv_installed_is_read_back(venv):
    lock = read_environment(venv)
    found = {p.name: p for p in lock.pip}
    assert {name: p.version for name, p in found.items()} == {"my-tool": "1.0", "plain": "2.0+cpu"}
    assert {p.installer for p in lock.pip} == {"uv"}
    assert (found["plain"].direct_url or "").endswith("plain-2.0+cpu-py3-none-any.whl") or (
        "plain-2.0%2Bcpu" in (found["plain"].direct_url or "")
    )
    assert found["my-tool"].direct_url is None
    assert lock.platform.startswith(("linux-", "osx-"))


def test_what_uv_installed_verifies_until_it_is_touched(venv):
    report = verify_prefix(venv)
    assert report.is_fine, (report.changed, report.missing, report.damaged_records)
    assert report.pip_packages == 2
    assert report.outside == ()
    script = venv / "bin" / "my_tool"
    before = script.read_bytes()
    script.unlink()
    assert [f.path for f in verify_prefix(venv).missing] == ["bin/my_tool"]
    script.write_bytes(before.replace(b"my_tool", b"my_evil"))
    assert [f.path for f in verify_prefix(venv).changed] == ["bin/my_tool"]
    script.write_bytes(before)
    script.chmod(0o755)
    assert verify_prefix(venv).is_fine


def test_it_is_discovered_as_a_venv(venv):
    found = discover_environments(
        venv.parent / "envs", folders=[venv.parents[1]], environ={"HOME": str(venv.parents[1])}
    )
    (mine,) = [e for e in found if e.path == venv]
    assert mine.kind == "venv"
    assert mine.fault == ""
    assert mine.python == ".".join(map(str, sys.version_info[:3]))
