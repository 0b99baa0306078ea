"""Files are read without surprises and replaced as a whole."""

import errno
import os
import socket
import stat

import pytest

from envbench import files
from envbench.files import (
    make_private_directory,
    read_bytes,
    read_text_file,
    write_atomically,
)
from envbench.model.errors import PreventedError, UsageError
from envbench.model.spec import SpecText

needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="changing owners needs root")


def refusal(path, **options):
    with pytest.raises(UsageError) as caught:
        read_text_file(path, **options)
    assert str(path)[:40] in caught.value.where
    return f"{caught.value.where} {caught.value}"


def test_text_comes_with_its_bytes(tmp_path):
    path = tmp_path / "spec.yml"
    raw = b"\xef\xbb\xbfname: gr\xc3\xb6\xc3\x9fe\r\nx: 1\n"
    path.write_bytes(raw)
    found = read_text_file(path)
    assert found.text == "name: größe\r\nx: 1\n"
    assert (found.has_bom, found.raw) == (True, raw)
    assert SpecText(found.text, has_bom=found.has_bom).to_bytes() == raw


def test_links_to_files_are_followed(tmp_path):
    (tmp_path / "real").write_text("x")
    (tmp_path / "link").symlink_to("real")
    assert read_text_file(tmp_path / "link").text == "x"


@pytest.mark.timeout(20)
def test_hostile_row_11_pipes_devices_directories_sockets(tmp_path, monkeypatch):
    os.mkfifo(tmp_path / "pipe")
    assert "a named pipe" in refusal(tmp_path / "pipe")
    assert "a directory" in refusal(tmp_path)
    with pytest.raises(UsageError, match="a character device"):
        read_text_file(type(tmp_path)("/dev/zero"))
    with socket.socket(socket.AF_UNIX) as listener:
        monkeypatch.chdir(tmp_path)  # the path of a socket must be short
        listener.bind("sock")
        assert "socket" in refusal(tmp_path / "sock")


def test_hostile_row_11_links_and_missing(tmp_path):
    (tmp_path / "a").symlink_to("b")
    (tmp_path / "b").symlink_to("a")
    assert "form a loop" in refusal(tmp_path / "a")
    assert "no such file" in refusal(tmp_path / "missing")
    assert "name is too long" in refusal(tmp_path / ("x" * 300))
    assert "NUL byte" in refusal(tmp_path / "a\0b")
    (tmp_path / "plain").write_text("")
    assert "not a directory" in refusal(tmp_path / "plain" / "x")


def test_hostile_row_11_unreadable(tmp_path, monkeypatch):
    def denied(*_):
        raise PermissionError(errno.EACCES, "denied")

    (tmp_path / "x").write_text("x")
    monkeypatch.setattr(files.os, "open", denied)
    assert "permission denied" in refusal(tmp_path / "x")


def test_hostile_row_11_encodings(tmp_path):
    path = tmp_path / "spec.yml"
    path.write_bytes("name: x\n".encode("utf-16"))
    assert "UTF-16" in refusal(path)
    path.write_bytes(b"name: x\nb: \xff\n")
    text = refusal(path)
    assert "0xff in line 2" in text
    assert f"{path}:2" in text
    path.write_bytes(b"a\n\nb\0c")
    assert "NUL byte in line 3" in refusal(path)


def test_hostile_row_11_too_large_is_not_read(tmp_path):
    path = tmp_path / "big"
    with path.open("wb") as stream:
        stream.truncate(1 << 40)
    assert "larger than 1 MiB" in refusal(path, what="spec")
    path.write_bytes(b"12345")
    assert read_bytes(path, limit_bytes=5) == b"12345"
    assert "larger than 4 bytes" in refusal(path, limit_bytes=4)


def test_hostile_row_01_names_are_cleaned_in_messages(tmp_path):
    assert "\x1b" not in refusal(tmp_path / "\x1b]0;x\x07y")


def test_new_files_are_private_and_old_modes_stay(tmp_path):
    path = tmp_path / "file"
    old = os.umask(0o077)
    try:
        write_atomically(path, b"1")
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        path.chmod(0o664)
        write_atomically(path, b"2", durable=False)
    finally:
        os.umask(old)
    assert stat.S_IMODE(path.stat().st_mode) == 0o664
    assert path.read_bytes() == b"2"
    assert [p.name for p in tmp_path.iterdir()] == ["file"]


def test_a_link_keeps_pointing_to_the_file_behind_it(tmp_path):
    (tmp_path / "real").write_bytes(b"1")
    (tmp_path / "link").symlink_to("real")
    write_atomically(tmp_path / "link", b"2")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real").read_bytes() == b"2"


def test_a_failed_write_leaves_the_old_content(tmp_path, monkeypatch):
    path = tmp_path / "file"
    path.write_bytes(b"old")

    def full(_):
        raise OSError(errno.ENOSPC, "full")

    monkeypatch.setattr(files.os, "fsync", full)
    with pytest.raises(PreventedError, match="the disk is full"):
        write_atomically(path, b"new")
    assert path.read_bytes() == b"old"
    assert [p.name for p in tmp_path.iterdir()] == ["file"]


def test_hostile_row_11_what_is_no_file_is_not_replaced(tmp_path, monkeypatch):
    """Whoever may write to a folder may replace what lies in it, as root may in `/dev`."""
    monkeypatch.chdir(tmp_path)
    pipe, link = tmp_path / "pipe", tmp_path / "link"
    os.mkfifo(pipe)
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind("socket")
        link.symlink_to("socket")
        for path, kind in ((pipe, "a named pipe"), (link, "a socket")):
            with pytest.raises(PreventedError) as refused:
                write_atomically(path, b"new")
            assert kind in refused.value.why
    assert stat.S_ISFIFO(pipe.stat().st_mode)
    assert stat.S_ISSOCK(link.stat().st_mode)
    assert sorted(each.name for each in tmp_path.iterdir()) == ["link", "pipe", "socket"]


def test_writing_into_nowhere_is_told(tmp_path):
    with pytest.raises(PreventedError, match="no such file"):
        write_atomically(tmp_path / "no" / "file", b"")


def test_private_directories(tmp_path):
    made = make_private_directory(tmp_path / "a" / "b")
    assert stat.S_IMODE(made.stat().st_mode) == 0o700
    made.chmod(0o755)
    assert stat.S_IMODE(make_private_directory(made).stat().st_mode) == 0o700


def test_hostile_row_24_links_files_and_open_directories(tmp_path):
    (tmp_path / "real").mkdir(mode=0o700)
    (tmp_path / "link").symlink_to("real")
    with pytest.raises(PreventedError, match="a symbolic link"):
        make_private_directory(tmp_path / "link")
    (tmp_path / "file").write_text("")
    with pytest.raises(PreventedError, match="a regular file"):
        make_private_directory(tmp_path / "file")
    (tmp_path / "real").chmod(0o770)
    with pytest.raises(PreventedError, match="others may write"):
        make_private_directory(tmp_path / "real")


@needs_root
def test_hostile_row_24_foreign_owner_is_named(tmp_path):
    path = tmp_path / "foreign"
    path.mkdir(mode=0o700)
    os.chown(path, 1, -1)
    with pytest.raises(PreventedError, match=r"uid 1\b"):
        make_private_directory(path)


def test_hostile_row_24_full_disk_and_read_only(tmp_path, monkeypatch):
    def refuse(*_, **__):
        raise OSError(errno.EROFS, "ro")

    monkeypatch.setattr(files.os, "open", refuse)
    with pytest.raises(PreventedError, match="read-only"):
        write_atomically(tmp_path / "x", b"")
