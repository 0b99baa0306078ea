"""Channels made, made again, made at once, and made while being killed."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from envbench.engine.local_channel import ChannelReport, ChannelStep, make_channel
from envbench.engine.local_channel.index import index_channel
from envbench.engine.local_channel.lock import LOCK_NAME
from envbench.model.errors import PreventedError, UsageError
from tests.engine.local_channel.conftest import list_tree
from tests.engine.local_channel.wheels import make_wheel

DEADLINE_S = 60
MAKE = """
import sys
from pathlib import Path
from envbench.engine.local_channel import make_channel
wheels = [Path(name) for name in sys.argv[3:]]
def tell(step):
    print(step.text, flush=True)
make_channel(Path(sys.argv[1]), python=sys.argv[2] == "python", distributions=[], wheels=wheels,
             progress=tell)
"""


def _names(channel: Path, subdir: str = "noarch") -> set[str]:
    document = json.loads((channel / subdir / "repodata.json").read_bytes())
    return {record["name"] for record in document["packages.conda"].values()}


def _start(channel: Path, *argv: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-c", MAKE, str(channel), *argv],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        cwd=Path(__file__).parents[3],
    )  # fmt: skip


def _make(channel: Path, *wheels: Path) -> ChannelReport:
    return make_channel(channel, python=False, distributions=[], wheels=wheels)


def test_the_same_inputs_give_the_same_bytes(tmp_path: Path) -> None:
    wheels = [make_wheel(tmp_path, name, files={f"{name}.py": name}) for name in ("a", "b")]
    for channel, order in (("one", wheels), ("two", wheels[::-1])):
        make_channel(
            tmp_path / channel, python=False, distributions=["PyYAML", "rich"], wheels=order
        )
    one, two = list_tree(tmp_path / "one"), list_tree(tmp_path / "two")
    assert len(one) >= 8
    assert one == two


def test_a_channel_is_extended_and_kept_up_to_date(tmp_path: Path) -> None:
    channel = tmp_path / "channel"
    first = _make(channel, make_wheel(tmp_path, "a", files={"a.py": ""}))
    before = list_tree(channel)
    again = _make(channel, make_wheel(tmp_path, "a", files={"a.py": ""}))
    assert [package.is_new for package in (*first.packages, *again.packages)] == [True, False]
    assert list_tree(channel) == before
    _make(channel, make_wheel(tmp_path, "b", files={"b.py": ""}))
    assert _names(channel) == {"a", "b"}
    first.packages[0].path.unlink()
    _make(channel)
    assert _names(channel) == {"b"}


def test_other_content_of_a_version_gets_a_higher_build_number(tmp_path: Path) -> None:
    made = [
        _make(tmp_path / "c", make_wheel(tmp_path / text, "a", files={"a.py": text})).packages[0]
        for text in ("one", "two", "one")
    ]
    assert [package.build.rpartition("_")[2] for package in made] == ["0", "1", "0"]
    assert made[0].path != made[1].path
    assert made[2].path == made[0].path


def test_an_archive_replaced_under_its_name_gets_its_new_record(tmp_path: Path) -> None:
    channel = tmp_path / "c"
    a = _make(channel, make_wheel(tmp_path, "a", files={"a.py": ""})).packages[0].path
    b = _make(channel, make_wheel(tmp_path, "b", files={"b.py": ""})).packages[0].path
    b.replace(a)
    index_channel(channel)
    assert _names(channel) == {"b"}


def test_a_damaged_archive_is_named(tmp_path: Path) -> None:
    (tmp_path / "noarch").mkdir()
    (tmp_path / "noarch/a-1-0.conda").write_bytes(b"PK")
    with pytest.raises(UsageError, match=r"a-1-0\.conda"):
        _make(tmp_path)


def test_a_damaged_package_of_ours_is_written_again(tmp_path: Path) -> None:
    wheel = make_wheel(tmp_path, "a", files={"a.py": ""})
    path = _make(tmp_path / "c", wheel).packages[0].path
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    assert _make(tmp_path / "c", wheel).packages[0].is_new
    assert path.read_bytes() == whole


def test_a_damaged_index_is_written_anew(tmp_path: Path) -> None:
    _make(tmp_path / "c", make_wheel(tmp_path, "a", files={"a.py": ""}))
    (tmp_path / "c/noarch/repodata.json").write_text('{"packages.conda": [1')
    _make(tmp_path / "c")
    assert _names(tmp_path / "c") == {"a"}


def test_other_folders_in_the_channel_are_left_alone(tmp_path: Path) -> None:
    (tmp_path / "my-notes").mkdir()
    (tmp_path / "notes.txt").write_text("mine")
    _make(tmp_path)
    assert not list((tmp_path / "my-notes").iterdir())
    assert (tmp_path / "notes.txt").read_text() == "mine"


def test_steps_are_told_before_they_start(tmp_path: Path) -> None:
    steps: list[ChannelStep] = []
    wheels = [make_wheel(tmp_path, name, files={f"{name}.py": ""}) for name in ("a", "b")]
    make_channel(
        tmp_path / "c", python=False, distributions=[], wheels=wheels, progress=steps.append
    )
    assert [(step.text, step.done, step.total) for step in steps] == [
        ("reading distributions", 0, 0),
        ("packaging a 1.0", 0, 2),
        ("packaging b 1.0", 1, 2),
        ("writing the index", 2, 2),
    ]


def test_runs_at_once_end_with_all_packages(tmp_path: Path) -> None:
    names = [f"p{number}" for number in range(4)]
    wheels = [make_wheel(tmp_path, name, files={f"{name}.py": name}) for name in names]
    running = [_start(tmp_path / "c", "-", str(wheel)) for wheel in wheels]
    for process in running:
        _, errors = process.communicate(timeout=DEADLINE_S)
        assert process.returncode == 0, errors
    assert _names(tmp_path / "c") == set(names)


def test_a_second_run_says_that_it_waits(tmp_path: Path) -> None:
    first = _start(tmp_path / "c", "python")
    assert first.stdout is not None
    assert first.stdout.readline() == "reading distributions\n"
    os.kill(first.pid, signal.SIGSTOP)
    second = _start(tmp_path / "c", "-")
    assert second.stdout is not None
    try:
        assert second.stdout.readline() == "waiting for another run in this channel\n"
    finally:
        first.kill()
        first.communicate(timeout=DEADLINE_S)
    assert second.wait(DEADLINE_S) == 0
    second.communicate()


def test_a_killed_run_leaves_nothing_that_the_next_one_does_not_mend(tmp_path: Path) -> None:
    channel = tmp_path / "c"
    expected = list_tree(
        _make(tmp_path / "calm", make_wheel(tmp_path, "a", files={"a.py": ""})).directory
    )
    killed = _start(channel, "python")
    deadline = time.monotonic() + DEADLINE_S
    while not list(channel.glob(".making-proof-*")):
        assert time.monotonic() < deadline
        assert killed.poll() is None
        time.sleep(0.01)
    killed.kill()
    killed.communicate(timeout=DEADLINE_S)
    assert list(channel.glob(".making-*"))
    _make(channel, make_wheel(tmp_path, "a", files={"a.py": ""}))
    assert list_tree(channel) == expected
    assert not list(channel.glob(".making-*"))


def test_a_file_in_place_of_the_channel_is_said(tmp_path: Path) -> None:
    (tmp_path / "c").write_text("")
    with pytest.raises(PreventedError, match="cannot be written"):
        _make(tmp_path / "c")


def test_a_link_in_place_of_the_lock_is_refused(tmp_path: Path) -> None:
    (tmp_path / "c").mkdir()
    (tmp_path / "c" / LOCK_NAME).symlink_to(tmp_path / "target")
    with pytest.raises(PreventedError):
        _make(tmp_path / "c")
    assert not (tmp_path / "target").exists()


def test_importing_the_room_starts_nothing_heavy() -> None:
    code = "import sys, envbench.engine.local_channel; print(sorted({'rattler', 'pynvml', 'psutil'} & set(sys.modules)))"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=DEADLINE_S,
        cwd=Path(__file__).parents[3],
    )  # fmt: skip
    assert done.stdout == "[]\n"


def test_the_index_says_what_the_indexer_of_rattler_says(
    own_channel: ChannelReport, tmp_path: Path
) -> None:
    copy = tmp_path / "copy"
    small = [package for package in own_channel.packages if package.size_bytes < 3_000_000]
    for package in small:
        folder = copy / package.path.parent.name
        folder.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(package.path, folder / package.path.name)
    code = f"""
import asyncio, os
from rattler.index import index_fs
asyncio.run(index_fs({str(copy)!r}, write_zst=False, write_shards=False, force=True))
os._exit(0)
"""
    subprocess.run([sys.executable, "-c", code], check=True, timeout=DEADLINE_S)
    for package in small:
        said = [
            json.loads((root / package.path.parent.name / "repodata.json").read_bytes())
            for root in (own_channel.directory, copy)
        ]
        ours, theirs = (document["packages.conda"][package.path.name] for document in said)
        theirs.pop("indexed_timestamp", None)  # the time of indexing: ours are reproducible
        assert {key: value for key, value in ours.items() if value is not None} == {
            key: value for key, value in theirs.items() if value is not None
        }
