"""What went wrong with files of others, each held by name: the traps of lock and export formats."""

import logging
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from envbench.formats.lock_formats import LOCK_FORMATS, export_lock
from envbench.formats.lock_reading import read_lock_text
from envbench.model.lock import Lock
from envbench.model.locked_set import LockAspect, lock_to_set
from tests.consumers.samples import CONDA_ONLY, GPU_BOX, LAPTOP, PLAIN_PIP, record

WITH_CHANNELS = [
    form.name
    for form in LOCK_FORMATS
    if form.is_lock and {LockAspect.CHANNEL_ORDER, LockAspect.CONDA} <= form.kept
]
RUNNING = ".".join(map(str, sys.version_info[:3]))


def write(lock: Lock, form: str) -> dict[str, str]:
    return {file.path: file.text for file in export_lock(lock, form).files}


@pytest.mark.parametrize("form", WITH_CHANNELS)
@pytest.mark.parametrize("channels", [("pytorch", "conda-forge"), ("conda-forge", "pytorch")])
def test_channel_order_is_that_of_the_spec_and_no_other(form: str, channels: tuple[str, ...]):
    export = export_lock(replace(CONDA_ONLY, channels=channels), form)
    read = read_lock_text(export.text, export.file_name)[1].locked
    assert [channel.rstrip("/").rpartition("/")[2] for channel in read.channels] == [*channels]


def test_mlflow_does_not_fall_back_to_the_python_it_runs_on(tmp_path: Path, caplog):
    """A test of the very Python that runs it would not notice: another one is locked."""
    environment = pytest.importorskip("mlflow.utils.environment")
    locked = "3.8.19"
    assert locked != RUNNING
    others = tuple(p for p in GPU_BOX.packages if p.name != "python")
    lock = replace(GPU_BOX, packages=(record("python", locked, "h0_1_cpython"), *others))
    for path, text in write(lock, "mlflow").items():
        (tmp_path / path).write_text(text)
    with caplog.at_level(logging.WARNING, logger="mlflow"):
        read = environment._PythonEnv.get_dependencies_from_conda_yaml(tmp_path / "conda.yaml")
        own = environment._PythonEnv.from_yaml(str(tmp_path / "python_env.yaml"))
    assert (read["python"], own.python) == (locked, locked)
    assert not [message for message in caplog.messages if "python" in message.lower()]


def test_the_grep_for_prefix_would_take_lines_that_are_none():
    """The article drops the prefix with `grep -v "prefix:"`; a variable of that name goes, too."""
    variables = (("install_prefix", "/opt"), ("TITLE", "my prefix: x"))
    lock = replace(CONDA_ONLY, variables=variables)
    text = export_lock(lock, "environment-lock").text
    document = yaml.safe_load(text)
    assert "prefix" not in document
    assert document["variables"] == dict(variables)
    grepped = subprocess.run(
        ["grep", "-v", "prefix:"], input=text, capture_output=True, text=True, check=True
    ).stdout
    assert "install_prefix" not in grepped
    assert "my prefix" not in grepped


def test_version_6_of_pixi_is_for_conda_and_7_for_pixi_and_both_have_the_default():
    for version in (6, 7):
        document = yaml.safe_load(export_lock((CONDA_ONLY, LAPTOP), f"pixi-v{version}").text)
        assert document["version"] == version
        assert [*document["environments"]] == ["default"]


def test_conda_lock_has_md5_and_all_that_some_consumer_demands():
    document = yaml.safe_load(export_lock((CONDA_ONLY, LAPTOP), "conda-lock").text)
    metadata = document["metadata"]
    assert document["version"] == 1
    assert set(metadata["content_hash"]) == {"linux-64", "osx-arm64"}
    assert all(metadata["sources"]) and metadata["sources"]
    assert all(channel["used_env_vars"] == [] for channel in metadata["channels"])
    for package in document["package"]:
        assert re.fullmatch("[0-9a-f]{32}", package["hash"]["md5"])
        assert re.fullmatch("[0-9a-f]{64}", package["hash"]["sha256"])
        assert package["optional"] is False


def test_a_lock_without_md5_says_that_conda_lock_refuses_it():
    first, *rest = CONDA_ONLY.packages
    bare = replace(CONDA_ONLY, packages=(replace(first, md5=None), *rest))
    for form in ("conda-lock", "conda-lock-no-pip"):
        lost = {loss.what: loss.packages for loss in export_lock(bare, form).lost}
        assert lost["packages without md5"] == (first.name,)


def test_noarch_packages_stand_once_for_each_platform_of_conda_lock():
    document = yaml.safe_load(export_lock((CONDA_ONLY, LAPTOP), "conda-lock").text)
    found = [package["platform"] for package in document["package"] if package["name"] == "tzdata"]
    assert sorted(found) == ["linux-64", "osx-arm64"]


def test_pip_packages_are_of_the_manager_that_readers_know():
    document = yaml.safe_load(export_lock(PLAIN_PIP, "conda-lock").text)
    assert {package["manager"] for package in document["package"]} == {"conda", "pip"}
    document = yaml.safe_load(export_lock(PLAIN_PIP, "conda-lock-no-pip").text)
    assert {package["manager"] for package in document["package"]} == {"conda"}


SECRET = "pa55-w0rd-of-a-test"
PLANTED = f"https://someone:{SECRET}@h.example"
PLACES = {
    "channel": lambda lock: replace(lock, channels=(f"{PLANTED}/lab", *lock.channels)),
    "package url": lambda lock: _change_conda(
        lock, url=f"{PLANTED}/lab/linux-64/libgcc-14.2.0-h767d61c_2.conda"
    ),
    "package channel": lambda lock: _change_conda(
        lock, channel=f"{PLANTED}/lab", channel_url=f"{PLANTED}/lab"
    ),
    "pip url": lambda lock: _change_pip(lock, url=f"{PLANTED}/tabulate-0.9.0-py3-none-any.whl"),
    "index of a package": lambda lock: _change_pip(lock, index_url=f"{PLANTED}/simple"),
    "index": lambda lock: replace(lock, indexes=(f"{PLANTED}/simple",)),
    "direct url": lambda lock: _change_pip(lock, direct_url=f"{PLANTED}/tabulate-0.9.0.zip"),
    "repository": lambda lock: _change_pip(
        lock, direct_url=f"git+{PLANTED}/x@{'0a' * 20}", url=None, sha256=None
    ),
    "requirement": lambda lock: _change_pip(lock, requires_dist=(f"x @ {PLANTED}/x.whl",)),
}


def _change_conda(lock: Lock, **values: object) -> Lock:
    packages = (replace(p, **values) if p.name == "libgcc" else p for p in lock.packages)
    return replace(lock, packages=tuple(packages))


def _change_pip(lock: Lock, **values: object) -> Lock:
    first, *rest = lock.pip
    return replace(lock, pip=(replace(first, **values), *rest))


@pytest.mark.parametrize("form", [form.name for form in LOCK_FORMATS])
def test_tokens_in_urls_leave_no_trace(form: str):
    """No name, no password, in no file and no word of the report, wherever they stood."""
    for place, plant in PLACES.items():
        export = export_lock(plant(PLAIN_PIP), form)
        said = [file.text for file in export.files] + [str(loss) for loss in export.lost]
        assert not [text for text in said if SECRET in text or "someone" in text], place


@pytest.mark.parametrize("form", [form for form in WITH_CHANNELS if "explicit" not in form])
def test_versions_and_digests_that_yaml_takes_for_something_else_stay_texts(form: str):
    """`3.10`, `010`, `1:30`, `1e3`, `no`, a date, a digest of digits only."""
    odd = ("3.10", "010", "1e3", "2024.01", "20240101", "0x10", "1_000")
    packages = tuple(
        replace(record(f"p{number}", version, "0"), md5="1" * 32, sha256=f"{number}" * 64)
        for number, version in enumerate(odd)
    )
    lock = replace(CONDA_ONLY, packages=packages)
    export = export_lock(lock, form)
    reading = read_lock_text(export.text, export.file_name)[1]
    assert [package.version for package in reading.locked.packages] == [*odd]
    assert {type(value) for value in _leaves(yaml.safe_load(export.text))} <= {str, int, bool}
    said = {package.version for package in lock_to_set(lock).packages}
    assert not {value for value in map(str, _numbers(yaml.safe_load(export.text))) if value in said}


def _leaves(value: object) -> list[object]:
    if isinstance(value, dict):
        return [leaf for each in value.values() for leaf in _leaves(each)]
    if isinstance(value, list):
        return [leaf for each in value for leaf in _leaves(each)]
    return [value]


def _numbers(value: object) -> list[object]:
    return [leaf for leaf in _leaves(value) if not isinstance(leaf, str | bool)]


def test_both_names_of_the_manager_of_pip_packages_are_read():
    """conda-lockfiles says `pypi`, at which conda-lock's own model fails."""
    export = export_lock(PLAIN_PIP, "conda-lock")
    other = export.text.replace("manager: pip\n", "manager: pypi\n")
    assert other != export.text
    one, two = (read_lock_text(text, export.file_name)[1] for text in (export.text, other))
    assert one.is_sound and one.locked.pip
    assert two.locked.pip == one.locked.pip
