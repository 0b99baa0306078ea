"""Installed distributions into packages."""

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from envbench.engine.local_channel import ChannelReport, make_channel
from envbench.engine.local_channel.collection import Collector
from envbench.engine.local_channel.distribution import Area
from envbench.engine.local_channel.installed import find_installed, read_installed
from envbench.engine.local_channel.interpreter import InterpreterFacts
from envbench.model.errors import UsageError
from tests.engine.local_channel.conftest import Prefix, read_package

SiteFacts = Callable[[Path], InterpreterFacts]


def _plant(facts: InterpreterFacts, name: str, record: str | None, **files: str) -> Path:
    """Write an installed distribution by hand; keyword names use `__` for `/` in `.dist-info`."""
    site = facts.path[0]
    info = site / f"{name}-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    for file, text in files.items():
        (info / file.replace("_json", ".json").replace("_txt", ".txt")).write_text(text)
    if record is not None:
        (info / "RECORD").write_text(f"{record}{info.name}/METADATA,,\n{info.name}/RECORD,,\n")
    return site


def test_it_gathers_what_belongs_to_the_environment(site_facts: SiteFacts, tmp_path: Path) -> None:
    facts = site_facts(tmp_path / "env")
    bin_folder, share = tmp_path / "env/bin", tmp_path / "env/share/toy"
    bin_folder.mkdir()
    share.mkdir(parents=True)
    (tmp_path / "outside.txt").write_text("private")
    (bin_folder / "toy").write_text("made by an installer")
    (bin_folder / "toy.sh").write_text(f"#!{tmp_path}/env/bin/python\n")
    (share / "conf").write_text(f"home={tmp_path}/env/share/toy\n")
    site = _plant(
        facts, "toy",
        "toy.py,,\n__pycache__/toy.pyc,,\n../../../bin/toy,,\n../../../bin/toy.sh,,\n"
        "../../../share/toy/conf,,\n../../../../outside.txt,,\ntoy-1.0.dist-info/INSTALLER,,\n"
        "toy-1.0.dist-info/direct_url.json,,\n",
        entry_points_txt="[console_scripts]\ntoy = toy:main\n", INSTALLER="pip\n",
        direct_url_json='{"url": "file:///somewhere/private"}',
    )  # fmt: skip
    (site / "toy.py").write_text("def main(): pass\n")
    found = read_installed(find_installed(facts)["toy"], facts)
    assert {(file.area, file.path) for file in found.files} == {
        (Area.SITE, "toy.py"),
        (Area.SITE, "toy-1.0.dist-info/METADATA"),
        (Area.SCRIPTS, "toy.sh"),
        (Area.DATA, "share/toy/conf"),
    }
    assert found.entry_points == ("toy = toy:main",)


@pytest.mark.parametrize(
    ("record", "files", "why"),
    [
        (None, {}, "no list of its files"),
        ("gone.py,,\n", {}, "missing"),
        (
            "",
            {"direct_url_json": '{"url": "file:///x", "dir_info": {"editable": true}}'},
            "editable",
        ),
        ("", {"entry_points_txt": "[console_scripts]\n../x = a:b\n"}, "entry_points"),
    ],
)
def test_what_cannot_be_gathered_is_refused_with_the_reason(
    record: str | None, files: dict[str, str], why: str, site_facts: SiteFacts, tmp_path: Path
) -> None:
    facts = site_facts(tmp_path / "env")
    _plant(facts, "toy", record, **files)
    with pytest.raises(UsageError) as caught:
        read_installed(find_installed(facts)["toy"], facts)
    assert why in str(caught.value)
    assert "toy 1.0" in str(caught.value)


def test_a_dependency_that_cannot_be_gathered_is_skipped_with_the_reason(
    site_facts: SiteFacts, tmp_path: Path
) -> None:
    facts = site_facts(tmp_path / "env")
    _plant(facts, "broken", None)
    _plant(facts, "app", "")
    metadata = facts.path[0] / "app-1.0.dist-info/METADATA"
    metadata.write_text(metadata.read_text() + "Requires-Dist: broken\nRequires-Dist: absent\n")
    collector = Collector(facts, tmp_path)
    collector.add_installed("App")
    collector.follow_requirements()
    collection = collector.finish()
    assert [member.name for member, _ in collection.members] == ["app"]
    assert {item.name: item.reason for item in collection.skipped} == {
        "absent": "not installed here; app depends on it",
        "broken": "its installer left no list of its files; app depends on it",
    }


def test_an_unknown_name_is_refused_with_a_guess(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as caught:
        make_channel(tmp_path / "c", python=False, distributions=["PyYAMLL"], wheels=[])
    assert "pyyaml" in caught.value.hint
    assert str(sys.prefix) in str(caught.value)


def test_packages_carry_the_metadata_of_their_distributions(own_channel: ChannelReport) -> None:
    found = {package.name: read_package(package.path)[0] for package in own_channel.packages}
    assert found["rich"]["noarch"] == "python"
    assert {spec.split()[0] for spec in found["rich"]["depends"]} == {
        "markdown-it-py", "pygments", "python",
    }  # fmt: skip
    assert found["pyyaml"]["subdir"].startswith("linux-")
    assert own_channel.skipped == ()


def test_no_trace_of_the_box_is_packaged(own_channel: ChannelReport) -> None:
    for package in own_channel.packages:
        _, paths = read_package(package.path)
        names = {Path(path).name for path in paths}
        assert not names & {"direct_url.json", "REQUESTED"}
        assert not any(path.endswith(".pyc") or "__pycache__" in path for path in paths)


def test_commands_and_extensions_work(own_prefix: Prefix) -> None:
    assert "Pygments version" in own_prefix.run("pygmentize", "-V")
    code = "import yaml; print(yaml.load('[1, 2]', Loader=yaml.CSafeLoader))"
    assert own_prefix.run("python", "-c", code) == "[1, 2]\n"
    assert own_prefix.ask("importlib.import_module('psutil').cpu_count()")
    folder = own_prefix.ask("importlib.import_module('rich').__path__[0]")
    assert own_prefix.run("python", "-m", "compileall", "-q", str(folder)) == ""
    assert list(Path(str(folder)).glob("__pycache__/*.pyc"))


@pytest.mark.parametrize("command", ["pip", "pygmentize"])
def test_commands_stand_in_the_record_of_their_distribution(
    command: str, own_prefix: Prefix
) -> None:
    records = own_prefix.path.glob("lib/python3*/site-packages/*.dist-info/RECORD")
    assert any(f"../../../bin/{command},," in path.read_text() for path in records)
