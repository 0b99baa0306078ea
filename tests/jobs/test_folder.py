"""Writing into a job's directory: whole or not at all, the first wins, no links followed."""

import os
import stat
import threading
from pathlib import Path

import pytest

from envbench.jobs.folder import Folder
from envbench.model.errors import PreventedError


@pytest.fixture
def folder(tmp_path: Path):
    tmp_path.chmod(0o700)
    with Folder(str(tmp_path)) as folder:
        yield folder


def test_replace_and_read(folder: Folder, tmp_path: Path) -> None:
    assert folder.read("x") is None
    folder.replace("x", b"one")
    folder.replace("x", b"two")
    assert folder.read("x") == b"two"
    assert stat.S_IMODE((tmp_path / "x").stat().st_mode) == 0o600
    assert folder.names() == ["x"]


def test_the_first_writer_wins_among_many(folder: Folder) -> None:
    won: list[int] = []
    start = threading.Barrier(8)

    def write(number: int) -> None:
        start.wait()
        if folder.write_first("x", f"{number}".encode()):
            won.append(number)

    threads = [threading.Thread(target=write, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(won) == 1
    assert folder.read("x") == str(won[0]).encode()
    assert folder.names() == ["x"]


def test_the_reserve_becomes_the_result_once(folder: Folder, tmp_path: Path) -> None:
    folder.create("reserve", b" " * 100)
    inode = (tmp_path / "reserve").stat().st_ino
    assert folder.fill_reserve("reserve", "result", b"first")
    assert folder.read("result") == b"first".ljust(100)
    assert (tmp_path / "result").stat().st_ino == inode
    folder.create("reserve", b" " * 100)
    assert not folder.fill_reserve("reserve", "result", b"second")
    assert folder.read("result").strip() == b"first"
    assert folder.names() == ["result"]
    with pytest.raises(FileNotFoundError):
        folder.fill_reserve("reserve", "other", b"x")
    folder.create("reserve", b" " * 3)
    with pytest.raises(ValueError, match="too small"):
        folder.fill_reserve("reserve", "other", b"long")


def test_create_refuses_what_is_there(folder: Folder) -> None:
    folder.create("x", b"one")
    with pytest.raises(FileExistsError):
        folder.create("x", b"two")
    assert folder.read("x") == b"one"


def test_links_and_pipes_are_refused_without_waiting(folder: Folder, tmp_path: Path) -> None:
    (tmp_path / "target").write_text("secret")
    (tmp_path / "link").symlink_to("target")
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "directory").mkdir()
    for name in ("link", "pipe", "directory"):
        with pytest.raises(PreventedError):
            folder.read(name)
    folder.replace("link", b"new")
    assert (tmp_path / "target").read_text() == "secret"
    assert not (tmp_path / "link").is_symlink()


def test_the_directory_is_held_not_its_name(tmp_path: Path) -> None:
    place = tmp_path / "job"
    place.mkdir(mode=0o700)
    with Folder(str(place)) as folder:
        place.rename(tmp_path / "moved")
        (tmp_path / "job").symlink_to("/etc")
        folder.replace("x", b"1")
    assert (tmp_path / "moved" / "x").read_bytes() == b"1"


def test_descriptors_are_closed(tmp_path: Path) -> None:
    tmp_path.chmod(0o700)
    before = len(list(Path("/proc/self/fd").iterdir()))
    with Folder(str(tmp_path)) as folder:
        folder.replace("x", b"1")
        folder.read("x")
        folder.write_first("x", b"2")
    tmp_path.chmod(0o770)
    with pytest.raises(PreventedError):
        Folder(str(tmp_path))
    assert len(list(Path("/proc/self/fd").iterdir())) == before
