"""Wheels into packages: what goes where, and what is refused."""

import json
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from envbench.engine.local_channel import ChannelReport, make_channel
from envbench.engine.local_channel.interpreter import InterpreterFacts
from envbench.engine.local_channel.wheel import open_wheel
from envbench.model.errors import UsageError
from tests.engine.local_channel.conftest import install, read_package
from tests.engine.local_channel.wheels import make_wheel

MAIN = {"toy.py": "def main(): print('toy')\n"}
COMMAND = "[console_scripts]\ntoy = toy:main\n"


def _make(tmp_path: Path, *wheels: Path, **options: object) -> ChannelReport:
    return make_channel(
        tmp_path / "channel", python=False, distributions=[], wheels=wheels, **options
    )  # type: ignore[arg-type]


HOSTILE: dict[str, Callable[[Path], Path]] = {
    "dotdot": lambda d: make_wheel(d, "toy", files={**MAIN, "../evil.py": "x"}),
    "dotdot inside": lambda d: make_wheel(d, "toy", files={**MAIN, "a/../../evil.py": "x"}),
    "absolute": lambda d: make_wheel(d, "toy", files={**MAIN, "/tmp/evil.py": "x"}),
    "backslash": lambda d: make_wheel(d, "toy", files={**MAIN, "..\\evil.py": "x"}),
    "control character": lambda d: make_wheel(d, "toy", files={**MAIN, "a\x1b[2Jb.py": "x"}),
    "link": lambda d: make_wheel(d, "toy", files=MAIN, links={"passwd": "/etc/passwd"}),
    "unlisted": lambda d: make_wheel(d, "toy", files=MAIN, raw_members={"extra.py": b"x"}),
    "wrong digest": lambda d: make_wheel(
        d, "toy", files=MAIN, record_override={"toy.py": "sha256=AAAA"}
    ),
    "no digest": lambda d: make_wheel(d, "toy", files=MAIN, record_override={"toy.py": ""}),
    "weak digest": lambda d: make_wheel(d, "toy", files=MAIN, record_override={"toy.py": "md5=AA"}),
    "unknown scheme": lambda d: make_wheel(d, "toy", files={"{data}/system/x": "x"}),
    "dotdot in data": lambda d: make_wheel(d, "toy", files={"{data}/data/../../../x": "x"}),
    "environment record": lambda d: make_wheel(
        d, "toy", files={"{data}/data/conda-meta/history": "x"}
    ),
    "command with slash": lambda d: make_wheel(
        d, "toy", files=MAIN, entry_points="[console_scripts]\n../../toy = toy:main\n"
    ),
    "command runs code": lambda d: make_wheel(
        d, "toy", files=MAIN, entry_points="[console_scripts]\ntoy = toy:main()#\n"
    ),
    "command python": lambda d: make_wheel(
        d, "toy", files=MAIN, entry_points="[console_scripts]\npython3 = toy:main\n"
    ),
    "script python": lambda d: make_wheel(d, "toy", files={"{data}/scripts/python3.11": "x"}),
    "data python": lambda d: make_wheel(d, "toy", files={"{data}/data/bin/python": "x"}),
    "bad entry points": lambda d: make_wheel(d, "toy", files=MAIN, entry_points="no section\n"),
    "other name": lambda d: make_wheel(d, "toy", files=MAIN, file_name="ploy-1.0-py3-none-any.whl"),
    "other version": lambda d: make_wheel(d, "toy", files=MAIN, file_name="toy-2-py3-none-any.whl"),
    "no wheel name": lambda d: make_wheel(d, "toy", files=MAIN, file_name="toy.whl"),
    "other python": lambda d: make_wheel(d, "toy", files=MAIN, tag="cp36-cp36m-linux_x86_64"),
    "other platform": lambda d: make_wheel(d, "toy", files=MAIN, tag="py3-none-win_amd64"),
    "two records": lambda d: make_wheel(d, "toy", files={**MAIN, "x-1.dist-info/METADATA": "x"}),
}


@pytest.mark.parametrize("kind", sorted(HOSTILE))
def test_hostile_row_19_unfit_wheels_are_refused_by_name(kind: str, tmp_path: Path) -> None:
    wheel = HOSTILE[kind](tmp_path / "wheels")
    with pytest.raises(UsageError) as caught:
        _make(tmp_path, wheel)
    assert str(wheel) in str(caught.value)
    assert "\x1b" not in str(caught.value)
    assert caught.value.why
    assert not list(tmp_path.rglob("*evil*"))
    assert not list(tmp_path.rglob("*.conda"))


def test_hostile_row_22_texts_that_are_read_whole_are_limited(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(f"{open_wheel.__module__}._LIMIT_INFO_BYTES", 100_000)
    wheel = make_wheel(tmp_path, "toy", files=MAIN, metadata="Summary: " + "x" * 100_000)
    with pytest.raises(UsageError, match="METADATA' in it has 100"):
        _make(tmp_path, wheel)


def test_two_members_of_one_name_are_refused(tmp_path: Path) -> None:
    wheel = make_wheel(tmp_path, "toy", files=MAIN)
    with zipfile.ZipFile(wheel, "a") as archive, pytest.warns(UserWarning, match="Duplicate"):
        archive.writestr("toy.py", "def main(): print('evil')\n")
    with pytest.raises(UsageError, match="twice"):
        _make(tmp_path, wheel)


@pytest.mark.parametrize("keep", [0, 10, 200, -30])
def test_damaged_wheels_are_refused(keep: int, tmp_path: Path) -> None:
    wheel = make_wheel(tmp_path, "toy", files=MAIN)
    wheel.write_bytes(wheel.read_bytes()[:keep])
    with pytest.raises(UsageError, match="cannot be packaged"):
        _make(tmp_path, wheel)


def test_a_missing_wheel_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"toy-1\.0"):
        _make(tmp_path, tmp_path / "toy-1.0-py3-none-any.whl")


def test_every_area_of_a_wheel_finds_its_place(facts: InterpreterFacts, tmp_path: Path) -> None:
    files = {
        **MAIN,
        "__pycache__/toy.cpython-311.pyc": "x",
        "{data}/scripts/toy-script": "#!python\nprint('script')\n",
        "{data}/data/share/toy/data.txt": "data\n",
        "{data}/data/etc/toy.conf": "conf\n",
        "{data}/purelib/toy_pure.py": "",
        "{data}/platlib/toy_plat.py": "",
    }
    wheel = make_wheel(tmp_path, "toy", files=files, entry_points=COMMAND)
    (package,) = _make(tmp_path, wheel).packages
    index, paths = read_package(package.path)
    assert package.path.parent.name == "noarch"
    assert index["noarch"] == "python"
    assert {path for path in paths if "dist-info" not in path} == {
        "site-packages/toy.py",
        "site-packages/toy_pure.py",
        "site-packages/toy_plat.py",
        "python-scripts/toy-script",
        "share/toy/data.txt",
        "etc/toy.conf",
    }
    assert paths["python-scripts/toy-script"]["file_mode"] == "text"


def test_headers_bind_a_wheel_to_the_python(facts: InterpreterFacts, tmp_path: Path) -> None:
    wheel = make_wheel(tmp_path, "toy", files={**MAIN, "{data}/headers/toy.h": "//\n"})
    (package,) = _make(tmp_path, wheel).packages
    index, paths = read_package(package.path)
    assert f"include/python{facts.short_version}/toy/toy.h" in paths
    assert f"{facts.site_packages}/toy.py" in paths
    assert facts.pin in index["depends"]


def test_a_native_wheel_says_what_it_needs(facts: InterpreterFacts, tmp_path: Path) -> None:
    nodot = facts.short_version.replace(".", "")
    tag = f"cp{nodot}-cp{nodot}-manylinux_2_17_x86_64.manylinux2014_x86_64"
    wheel = make_wheel(tmp_path, "toy", tag=tag, files={"toy.so": b"\x7fELF"}, entry_points=COMMAND)
    (package,) = _make(tmp_path, wheel).packages
    index, paths = read_package(package.path)
    assert index["depends"] == ["__glibc >=2.17,<3.0.a0", facts.pin]
    assert package.path.parent.name == facts.subdir
    assert paths["bin/toy"]["file_mode"] == "text"
    assert package.build.startswith(f"py{nodot}h")


def test_a_marker_about_python_binds_a_pure_wheel(facts: InterpreterFacts, tmp_path: Path) -> None:
    metadata = "Requires-Dist: tomli; python_version < '3'"
    wheel = make_wheel(tmp_path, "toy", files=MAIN, metadata=metadata)
    (package,) = _make(tmp_path, wheel).packages
    assert read_package(package.path)[0]["depends"] == [facts.pin]


def test_wheels_depend_on_each_other_and_extras_are_followed(tmp_path: Path) -> None:
    app = make_wheel(
        tmp_path, "app", files={"app.py": ""},
        metadata="Requires-Dist: lib-x[fast]>=1\nRequires-Python: >=3.8",
    )  # fmt: skip
    lib = make_wheel(
        tmp_path, "lib_x", "1.5", files={"lib_x.py": ""},
        metadata="Requires-Dist: speedup>=2; extra == 'fast'\nProvides-Extra: fast",
    )  # fmt: skip
    report = _make(tmp_path, app, lib)
    depends = {
        package.name: read_package(package.path)[0]["depends"] for package in report.packages
    }
    assert depends == {"app": ["lib-x >=1", "speedup >=2", "python >=3.8"], "lib-x": ["python"]}
    assert [(item.name, item.reason) for item in report.skipped] == [
        ("speedup", "not installed here; app depends on it")
    ]


def test_installed_wheels_work(own_channel: ChannelReport, big_folder: Path) -> None:
    files = {
        **MAIN,
        "toy_data.py": "import sys, pathlib\n",
        "{data}/scripts/toy-script": "#!python -I\nimport toy\ntoy.main()\n",
        "{data}/scripts/toy-shell": "#!/bin/sh\necho shell\n",
        "{data}/data/share/toy/data.txt": "data\n",
    }
    wheels = [
        make_wheel(big_folder, "toy", files=files, entry_points=COMMAND),
        make_wheel(
            big_folder, "plat_toy", tag="py3-none-linux_x86_64", files={"plat_toy.py": "import toy\n"},
            entry_points="[console_scripts]\nplat-toy = plat_toy:toy.main\n",
            metadata="Requires-Dist: toy",
        ),
    ]  # fmt: skip
    make_channel(own_channel.directory, python=False, distributions=[], wheels=wheels)
    prefix = install(own_channel.directory, big_folder / "toys", "plat-toy", "pip")
    assert prefix.run("toy") == prefix.run("plat-toy") == prefix.run("toy-script") == "toy\n"
    assert prefix.run("toy-shell") == "shell\n"
    assert (prefix.path / "share/toy/data.txt").read_text() == "data\n"
    listed = {item["name"] for item in json.loads(prefix.run("pip", "list", "--format=json"))}
    assert {"toy", "plat_toy"} <= {name.replace("-", "_") for name in listed}
    files_shown = prefix.run("pip", "show", "--files", "toy")
    assert "../../../bin/toy-script" in files_shown
    assert "../../../bin/toy\n" in files_shown
    assert prefix.ask("importlib.metadata.distribution('toy').read_text('INSTALLER')") == "conda\n"
    assert "No broken requirements" in prefix.run("pip", "check")
    prefix.run("pip", "uninstall", "--yes", "toy")
    assert not (prefix.path / "bin/toy").exists()
    assert not (prefix.path / "bin/toy-script").exists()


def test_metadata_is_cleaned(tmp_path: Path) -> None:
    metadata = "License: \x1b[2JMIT\nSummary: \x1b]52;c;aGk=\x07a toy"
    wheel = make_wheel(tmp_path, "toy", files=MAIN, metadata=metadata)
    (package,) = _make(tmp_path, wheel).packages
    assert read_package(package.path)[0]["license"] == "MIT"


def test_an_unpacked_wheel_is_what_its_record_says(facts: InterpreterFacts, tmp_path: Path) -> None:
    wheel = make_wheel(tmp_path, "toy", files=MAIN)
    (tmp_path / "out").mkdir()
    distribution = open_wheel(wheel, facts, tmp_path / "out")
    assert (distribution.name, distribution.version, distribution.is_pure) == ("toy", "1.0", True)
    assert {file.path for file in distribution.files} == {
        "toy.py", "toy-1.0.dist-info/METADATA", "toy-1.0.dist-info/WHEEL",
    }  # fmt: skip
