"""The pip part of an environment of another tool, completed through the user's own indexes."""

import hashlib
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from envbench.engine.pip_section.uv_binary import find_uv
from envbench.settings.load import load_settings
from envbench.workbench.environments import read_whole_lock
from envbench.workbench.pip_provenance import find_pip_sources
from tests.wheel_index import PASSWORD, Index, serve
from tests.workbench.conftest import Box
from tests.workbench.wheels import make_wheel


@pytest.fixture
def index(box: Box) -> Iterator[Index]:
    wheels = box.root / "wheels"
    wheels.mkdir()
    yield from serve(wheels)


@pytest.fixture
def venv(box: Box, index: Index) -> Path:
    """Three distributions: of the index, of the index but rebuilt since, and by an address."""
    wheels = [make_wheel(index.wheels, name) for name in ("known", "rebuilt")]
    direct = make_wheel(box.root / "direct", "direct")
    prefix = box.root / "project" / ".venv"
    environ = {
        "PATH": os.environ["PATH"], "HOME": str(box.root), "UV_NO_CONFIG": "1",
        "UV_CACHE_DIR": str(box.root / "installer-cache"),
    }  # fmt: skip

    def run(*arguments: object) -> None:
        argv = [str(find_uv()), *map(str, arguments)]
        subprocess.run(argv, check=True, env=environ, timeout=120)

    run("venv", "-q", "--python", sys.executable, prefix)
    install = ("pip", "install", "-q", "--python", prefix / "bin" / "python", "--no-index")
    run(*install, "--find-links", index.wheels, "known", "rebuilt")
    run(*install, direct)
    make_wheel(index.wheels, "rebuilt", files={"rebuilt/__init__.py": "version = 'other'\n"})
    assert all(wheel.exists() for wheel in wheels)
    return prefix


def test_what_is_proven_is_filled_in_and_the_rest_stays_unknown(
    box: Box, index: Index, venv: Path, monkeypatch: pytest.MonkeyPatch
):
    index.needs_password = True
    address = index.url.replace("http://", f"http://user:{PASSWORD}@")
    monkeypatch.setenv("PIP_INDEX_URL", address)
    settings = load_settings()
    lock = read_whole_lock(str(venv), settings)
    assert {p.name: p.sha256 for p in lock.pip} == dict.fromkeys(
        ("direct", "known", "rebuilt"), None
    )
    report = find_pip_sources(lock, venv, settings)
    found = {p.name: p for p in report.lock.pip}
    wheel = index.wheels / "known-1.0-py3-none-any.whl"
    assert report.found == ("direct", "known")
    assert found["known"].sha256 == hashlib.sha256(wheel.read_bytes()).hexdigest()
    assert found["known"].index_url == index.url
    assert report.lock.indexes == (index.url,)
    ((name, why),) = report.unknown
    assert name == "rebuilt"
    assert "is another one" in why
    assert found["rebuilt"].sha256 is None
    assert PASSWORD not in repr(report)
    direct = box.root / "direct" / "direct-1.0-py3-none-any.whl"
    assert found["direct"].url == direct.as_uri()
    assert found["direct"].sha256 == hashlib.sha256(direct.read_bytes()).hexdigest()


def test_offline_everything_stays_unknown_with_the_reason(
    box: Box, index: Index, venv: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("PIP_INDEX_URL", index.url)
    settings = load_settings()
    lock = read_whole_lock(str(venv), settings)
    report = find_pip_sources(lock, venv, settings, offline=True)
    assert report.found == ("direct",)
    assert [name for name, _ in report.unknown] == ["known", "rebuilt"]
    assert all("network is switched off" in why for _, why in report.unknown)
    assert index.sent == {}
