"""The pip section in a real conda prefix: python and a library out of a channel of our own."""

import json
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from envbench.engine.engine_settings import EngineSettings
from envbench.engine.local_channel import make_channel
from envbench.engine.pip_section import install_pip_section
from envbench.engine.pip_section.errors import PipGuardError, PipNoSolutionError
from envbench.engine.rattler_values import from_record_json
from envbench.envs.distributions import map_owned
from envbench.envs.prefix_records import read_prefix_records
from envbench.envs.verification import verify_prefix
from tests.engine.link import order as linking
from tests.engine.pip_section.conftest import Bench


class CondaBench(Bench):
    """A staged prefix made by the linker, copied for each test by hard links."""

    def __init__(self, directory: Path, staged: Path) -> None:
        super().__init__(directory)
        self.staged = staged

    def conda_request(self, *items: str, **more: object):
        records = read_prefix_records(self.staged)
        owned = {name: found.version for name, found in map_owned(records).items()}
        task = self.task(*items, owned=owned)
        return self.request(task, self.staged, **more)


def read_records(channel: Path) -> list:
    records = []
    for index in sorted(channel.glob("*/repodata.json")):
        for name, fields in json.loads(index.read_bytes())["packages.conda"].items():
            place = {
                "url": f"{index.parent.as_uri()}/{name}",
                "channel": channel.as_uri(),
                "fn": name,
            }
            records.append(from_record_json({**fields, **place}, lambda given: given))
    return sorted(records, key=lambda record: record.name != "python")


@pytest.fixture(scope="module")
def conda_archives(tmp_path_factory: pytest.TempPathFactory) -> tuple[list, Path]:
    folder = tmp_path_factory.mktemp("conda")
    make_channel(folder / "channel", python=True, distributions=["packaging"], wheels=[])
    return read_records(folder / "channel"), folder / "cache"


@pytest.fixture
def conda(conda_archives: tuple[list, Path], tmp_path: Path) -> Iterator[CondaBench]:
    records, cache = conda_archives
    staged = tmp_path / ".generations" / "env-1"
    outcome = linking.run(
        linking.Order(
            settings=EngineSettings(
                pkgs_dir=str(cache / "pkgs"), repodata_dir=str(cache / "repodata")
            ),
            packages=records,
            prefix_path=str(staged),
            target_path=str(tmp_path / "env"),
        )
    )
    assert not outcome.error, outcome.message
    yield CondaBench(tmp_path, staged)


def find_damage(prefix: Path):
    def find() -> tuple[str, ...]:
        verification = verify_prefix(prefix)
        return tuple(found.path for found in (*verification.missing, *verification.changed))

    return find


def test_pip_packages_join_a_conda_prefix_and_leave_it_whole(conda):
    conda.wheel(
        "app", "1.0", requires=["packaging>=20"], script="app=app:main",
        files={"app/__init__.py": "import packaging\ndef main():\n    print(packaging.__name__)\n"},
    )  # fmt: skip
    result = install_pip_section(
        conda.conda_request("app", "packaging", find_damage=find_damage(conda.staged))
    )
    assert [package.name for package in result.packages] == ["app"]
    verification = verify_prefix(conda.staged)
    assert (verification.missing, verification.changed, verification.outside) == ((), (), ())
    assert verification.pip_packages == 1
    stable = conda.directory / "env"
    stable.symlink_to(conda.staged)
    run = subprocess.run([stable / "bin" / "app"], capture_output=True, text=True)
    assert (run.stdout, run.stderr) == ("packaging\n", "")
    assert not (conda.staged / ".lock").exists()


def test_a_wheel_that_replaces_a_conda_distribution_is_stopped_by_the_guard(conda, tree):
    request = conda.conda_request()
    version = request.task.owned["packaging"]
    wheel = conda.wheel("packaging", version)
    before = tree(conda.staged)
    item = f"packaging @ file://{wheel}"
    request = replace(request, task=replace(request.task, items=(item,), lines=(7,)))
    with pytest.raises(PipGuardError) as caught:
        install_pip_section(request)
    assert f"packaging {version} would be uninstalled" in caught.value.why
    assert caught.value.where == "environment.yml:7"
    assert tree(conda.staged) == before


def test_a_wheel_that_overwrites_a_file_of_conda_is_caught(conda):
    conda.wheel("clash", "1.0", files={"packaging/version.py": "evil\n"})
    with pytest.raises(PipGuardError) as caught:
        install_pip_section(conda.conda_request("clash", find_damage=find_damage(conda.staged)))
    assert "packaging/version.py" in caught.value.why


def test_a_wheel_that_adds_to_a_conda_package_is_allowed(conda):
    conda.wheel("beside", "1.0", files={"packaging/beside.py": "x = 1\n"})
    install_pip_section(conda.conda_request("beside", find_damage=find_damage(conda.staged)))


def test_condas_version_is_the_limit(conda):
    conda.wheel("needs", "1.0", requires=["packaging<2"])
    with pytest.raises(PipNoSolutionError) as caught:
        install_pip_section(conda.conda_request("needs"))
    assert "packaging" in caught.value.what
    assert caught.value.where == "environment.yml:10"
