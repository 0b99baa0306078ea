"""Pip sections that go wrong inside real builds, beside a real Python from a channel."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from envbench.envs.installed import read_environment
from envbench.model.build import PipSettings
from envbench.model.job import JobState
from envbench.workbench.building import BuildOrder, submit_build
from tests.channels import index_channel, make_package
from tests.workbench.conftest import Box, snapshot
from tests.workbench.failing import build_well, fail_build, list_litter, serving, settle
from tests.workbench.wheels import make_index, make_sdist, make_wheel


@dataclass
class PipBox:
    """A box with a Python environment in use, and a folder of wheels."""

    box: Box
    python_channel: Path
    wheels: Path
    pip: PipSettings

    def write_spec(self, *items: str, conda: tuple[str, ...] = ()) -> Path:
        packages = ("python", "pip", "pyyaml", *conda)
        spec = self.box.write_spec(*packages, pip=items)
        channels = f"channels:\n  - {self.python_channel.as_uri()}\n"
        spec.write_text(spec.read_text().replace("channels:\n", channels))
        return spec


@pytest.fixture
def piped(box: Box, python_channel: Path, monkeypatch: pytest.MonkeyPatch) -> PipBox:
    monkeypatch.setenv("UV_HTTP_RETRIES", "0")
    monkeypatch.setenv("UV_HTTP_TIMEOUT", "3")
    wheels = box.root / "wheels"
    make_wheel(wheels, "good")
    pip = PipSettings(find_links=(str(wheels),), no_index=True, offline=True)
    piped = PipBox(box, python_channel, wheels, pip)
    result, built = box.build(piped.write_spec("good"), pip)
    assert result.state is JobState.DONE, result
    assert built.pip_packages == 1
    settle(box)
    return piped


def conda_version(piped: PipBox, name: str) -> str:
    lock = read_environment(piped.box.path().resolve())
    return next(package.version for package in lock.packages if package.name == name)


def line_of(spec: Path, text: str) -> int:
    return next(n for n, line in enumerate(spec.read_text().splitlines(), 1) if text in line)


def test_pip_parts_that_do_not_go_with_the_conda_part(piped: PipBox):
    box, wheels = piped.box, piped.wheels
    yaml = conda_version(piped, "pyyaml")

    # A requirement of a requirement excludes what conda installs: the pin and the line are named.
    make_wheel(wheels, "choosy", requires=["pyyaml<1"])
    spec = piped.write_spec("good", "choosy")
    result = fail_build(box, spec, pip=piped.pip)
    assert result.code == 1
    assert f"pyyaml {yaml}, which conda installs" in result.reason
    assert f"{spec}:{line_of(spec, '- choosy')}" in result.reason
    assert "Change the version of pyyaml in the conda dependencies" in result.hint

    # No constraint sees this one: the wheel brings a file that belongs to a conda package.
    make_wheel(wheels, "clash", files={"yaml/__init__.py": "raise SystemExit('clash')\n"})
    result = fail_build(box, piped.write_spec("clash"), pip=piped.pip)
    assert result.code in {1, 3}
    assert "yaml/__init__.py" in result.reason
    assert "pyyaml" in result.reason
    assert "conda" in result.hint

    # Only source: its code does not run unless asked for.
    marker = box.root / "setup-ran"
    make_sdist(wheels, "sourceonly", marker)
    spec = piped.write_spec("sourceonly")
    result = fail_build(box, spec, pip=piped.pip)
    assert result.code == 1
    assert "installing sourceonly would run code of sourceonly" in result.reason
    assert f"{spec}:{line_of(spec, '- sourceonly')}" in result.reason
    assert "wheel" in result.hint
    assert not marker.exists()

    spec = piped.write_spec("good==7")
    result = fail_build(box, spec, pip=piped.pip)
    assert result.code == 1
    assert f"{spec}:{line_of(spec, '- good==7')}" in result.reason
    assert "good" in result.reason
    build_well(box, piped.write_spec("good"), pip=piped.pip)


def test_a_wheel_that_would_take_the_place_of_a_conda_package_is_stopped(piped: PipBox):
    box = piped.box
    yaml = conda_version(piped, "pyyaml")
    make_wheel(piped.wheels, "pyyaml", "99", files={"yaml/__init__.py": "version = 99\n"})
    make_wheel(piped.wheels, "puller", requires=["pyyaml==99"])
    spec = piped.write_spec("puller")
    result = fail_build(box, spec, pip=piped.pip)
    assert result.code == 1
    assert f"the pip section does not go with pyyaml {yaml}, which conda installs" in result.reason
    assert f"{spec}:{line_of(spec, '- puller')}" in result.reason

    # Its version is none that could be pinned: then nothing is installed beside it at all.
    files = {
        "site-packages/odd-today.dist-info/METADATA": (
            "Metadata-Version: 2.1\nName: odd\nVersion: today\n"
        ),
        "site-packages/odd-today.dist-info/RECORD": "",
    }
    make_package(box.channel, "odd", "1.0", noarch="python", depends=["python"], files=files)
    index_channel(box.channel)
    make_wheel(piped.wheels, "odd", "3000")
    make_wheel(piped.wheels, "other", requires=["odd"])
    result = fail_build(box, piped.write_spec("other", conda=("odd",)), pip=piped.pip)
    assert result.code == 3
    assert "uv cannot read what is installed of odd-today" in result.reason
    assert "conda" in result.hint


@pytest.fixture
def index(piped: PipBox) -> Iterator[tuple[object, Path]]:
    folder = piped.box.root / "index"
    folder.mkdir()
    with serving(folder) as server:
        yield server, folder


def test_package_indexes_that_fail(piped: PipBox, index):
    box, (server, folder) = piped.box, index
    pip = PipSettings(index_url=server.url)
    make_index(folder, make_wheel(box.root / "made", "liar"), sha256="0" * 64)
    spec = piped.write_spec("liar")
    result = fail_build(box, spec, pip=pip)
    assert result.code == 3
    assert "the downloaded liar is not the one that was expected" in result.reason
    assert f"{spec}:{line_of(spec, '- liar')}" in result.reason
    assert "Do not use this file" in result.hint

    heavy = {f"heavy/f{number}.py": f"x = {number}\n" * 400 for number in range(40)}
    make_index(folder, make_wheel(box.root / "made", "heavy", files=heavy))
    server.spoilt = "heavy-1.0"
    spec = piped.write_spec("heavy")
    result = fail_build(box, spec, pip=pip)
    assert result.code == 3
    assert "the archive of heavy is damaged, or the download of it broke off" in result.reason
    assert f"{spec}:{line_of(spec, '- heavy')}" in result.reason
    assert "Check the network" in result.hint
    assert list_litter(box) == []

    server.spoilt = ""
    build_well(box, piped.write_spec("heavy"), pip=pip)

    make_index(folder, make_wheel(box.root / "made", "later"))
    server.shutdown()
    server.socket.close()
    result = fail_build(box, piped.write_spec("later"), pip=pip)
    assert result.code == 3
    assert "index" in result.reason
    assert server.url.removeprefix("http://") in result.reason
    assert "network" in result.hint


def test_detached_pip_builds_take_their_index_from_variables(
    piped: PipBox, index, monkeypatch: pytest.MonkeyPatch
):
    """Nothing of the box is asked but what the variables name, credentials included."""
    from envbench.settings.load import load_settings

    box, (server, folder) = piped.box, index
    server.credentials = "someone:pa55-word/with@all"
    make_index(folder, make_wheel(box.root / "made", "private"))
    user, host = "someone:pa55-word%2Fwith%40all", server.url.removeprefix("http://")
    monkeypatch.setenv("PIP_INDEX_URL", f"http://{user}@{host}/")
    job = submit_build(BuildOrder(spec=piped.write_spec("private")), load_settings()).job
    monkeypatch.delenv("PIP_INDEX_URL")
    result = job.wait(60)
    assert result.state is JobState.DONE, result
    assert "private/private-1.0-py3-none-any.whl" in " ".join(server.served)
    assert "pa55" not in str(snapshot_text(job.directory))


def snapshot_text(directory: Path) -> dict[str, str]:
    assert snapshot(directory)
    return {str(p): p.read_text(errors="replace") for p in directory.rglob("*") if p.is_file()}
