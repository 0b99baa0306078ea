"""Packs that lie: each is refused in words, and nothing of it is used."""

import os
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest

from envbench.engine.packing.folder_reading import check_folder
from envbench.engine.packing.tar_reading import unpack_tar
from envbench.model.errors import EnvbenchError, NotFineError, UsageError
from tests.engine.packing.conftest import TOP, Members, Packer, manifest_of, with_manifest

ARCHIVE = f"{TOP}/channel/linux-64/app-2.0-0.conda"


def ignore(_done: int, _total: int) -> None:
    pass


def edit(path: str, change: Callable[[tarfile.TarInfo, bytes], tuple[tarfile.TarInfo, bytes]]):
    def spoil(members: Members) -> Members:
        return [change(*each) if each[0].name == path else each for each in members]

    return spoil


def other_content(info: tarfile.TarInfo, data: bytes) -> tuple[tarfile.TarInfo, bytes]:
    return info, bytes([data[0] ^ 1]) + data[1:]


def longer(info: tarfile.TarInfo, data: bytes) -> tuple[tarfile.TarInfo, bytes]:
    info.size += 1
    return info, data + b"x"


def as_kind(kind: bytes, link: str = ""):
    def change(info: tarfile.TarInfo, data: bytes) -> tuple[tarfile.TarInfo, bytes]:
        info.type, info.linkname, info.size = kind, link, 0
        return info, b""

    return change


def add(name: str, data: bytes = b"extra\n"):
    def spoil(members: Members) -> Members:
        info = tarfile.TarInfo(name)
        info.size = len(data)
        return [*members, (info, data)]

    return spoil


def in_manifest(change: Callable[[dict], None]):
    def spoil(members: Members) -> Members:
        document = manifest_of(members)
        change(document)
        return with_manifest(members, document)

    return spoil


def rename_file(path: str):
    def change(document: dict) -> None:
        document["files"][0]["path"] = path

    return in_manifest(change)


HOSTILE = {
    "wrong hash": (edit(ARCHIVE, other_content), "app-2.0-0.conda has another sha256"),
    "another size": (edit(ARCHIVE, longer), "app-2.0-0.conda has"),
    "extra file": (add(f"{TOP}/extra.txt"), "a file that it does not name"),
    "file of another folder": (add("elsewhere/README.txt"), "a file that it does not name"),
    "twice": (lambda members: [*members, members[-1]], "or holds it twice"),
    "missing": (lambda members: [m for m in members if m[0].name != ARCHIVE], "1 of its files are"),
    "upwards": (add(f"{TOP}/../../evil"), "no path that a file of a pack may have"),
    "absolute": (add("/tmp/envbench-evil"), "no path that a file of a pack may have"),
    "odd name": (add(f"{TOP}/\x1b[31mred"), "no path that a file of a pack may have"),
    "soft link": (edit(ARCHIVE, as_kind(tarfile.SYMTYPE, "/etc/passwd")), "is a soft link"),
    "hard link": (edit(ARCHIVE, as_kind(tarfile.LNKTYPE, f"{TOP}/README.txt")), "is a hard link"),
    "device": (edit(ARCHIVE, as_kind(tarfile.CHRTYPE)), "is a device"),
    "pipe": (edit(ARCHIVE, as_kind(tarfile.FIFOTYPE)), "is a named pipe"),
    "upwards in the manifest": (rename_file("../evil"), "names a file that no pack may hold"),
    "absolute in the manifest": (rename_file("/evil"), "names a file that no pack may hold"),
    "manifest in the manifest": (rename_file("envbench-pack.json"), "that no pack may hold"),
    "twice in the manifest": (
        in_manifest(lambda d: d["files"].append({**d["files"][0], "path": "readme.TXT"})),
        "names a file twice",
    ),
    "no archive for a package": (
        in_manifest(lambda d: d["lock"]["packages"][0].update(url="https://example.org/a.conda")),
        "it has no archive for",
    ),
    "no package for an archive": (
        in_manifest(lambda d: d["lock"]["packages"].pop()),
        "an archive that its lock does not name",
    ),
    "name that leads upwards": (in_manifest(lambda d: d.update(name="../x")), "its name cannot"),
    "another platform": (in_manifest(lambda d: d.update(platform="osx-64")), "for which platform"),
    "later version": (in_manifest(lambda d: d.update(schema="envbench.pack/9")), "envbench.pack/9"),
    "no JSON": (edit(f"{TOP}/envbench-pack.json", other_content), "cannot be read"),
    "no manifest": (lambda members: members[1:], "first file is not envbench-pack.json"),
    "huge": (
        in_manifest(lambda d: d["files"][0].update(size_bytes=1 << 60)),
        "MiB are free",
    ),
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_hostile_packs_are_refused(packer: Packer, tmp_path: Path, kind: str):
    spoil, words = HOSTILE[kind]
    target = tmp_path / "out"
    target.mkdir()
    outside = sorted(tmp_path.parent.iterdir())
    with pytest.raises(EnvbenchError) as caught:
        unpack_tar(packer.spoil(spoil), target, ignore)
    assert words in str(caught.value)
    assert "\x1b" not in str(caught.value)
    assert caught.value.hint
    assert sorted(tmp_path.parent.iterdir()) == outside
    assert not Path("/tmp/envbench-evil").exists()


@pytest.mark.parametrize("keep", [0, 1, 300, 512, 3000, 0.3, 0.6, 0.99])
def test_packs_that_end_early_are_refused(packer: Packer, tmp_path: Path, keep: float):
    whole = packer.pack().read_bytes()
    content = len(whole.rstrip(b"\0"))
    cut = tmp_path / "cut.tar"
    cut.write_bytes(whole[: int(content * keep) if isinstance(keep, float) else keep])
    target = tmp_path / "out"
    target.mkdir()
    with pytest.raises((NotFineError, UsageError)):
        unpack_tar(cut, target, ignore)


@pytest.mark.parametrize("size", [-1, 1 << 62])
def test_sizes_that_no_file_has_are_refused(packer: Packer, tmp_path: Path, size: int):
    def lie(info: tarfile.TarInfo, data: bytes) -> tuple[tarfile.TarInfo, bytes]:
        return info, data

    spoilt = packer.spoil(edit(ARCHIVE, lie))
    data = bytearray(spoilt.read_bytes())
    with tarfile.open(spoilt) as tar:
        info = tar.getmember(ARCHIVE)
    header = tarfile.TarInfo(ARCHIVE)
    header.size = abs(size)
    block = bytearray(header.tobuf(tarfile.GNU_FORMAT))
    if size < 0:
        block[124:136] = b"\xff" * 12
        block[148:156] = b" " * 8
        block[148:156] = b"%06o\0 " % sum(block)
    data[info.offset : info.offset + 512] = block
    spoilt.write_bytes(data)
    target = tmp_path / "out"
    target.mkdir()
    with pytest.raises(NotFineError):
        unpack_tar(spoilt, target, ignore)


def test_what_is_no_file_is_no_pack(tmp_path: Path):
    os.mkfifo(tmp_path / "pipe.tar")
    for path in (tmp_path / "pipe.tar", tmp_path / "missing.tar"):
        with pytest.raises(UsageError, match="cannot be read"):
            unpack_tar(path, tmp_path, ignore)


def unpacked(packer: Packer, tmp_path: Path) -> Path:
    target = tmp_path / "out"
    target.mkdir()
    unpack_tar(packer.pack(), target, ignore)
    return target


def test_unpacked_packs_are_checked_where_they_lie(packer: Packer, tmp_path: Path):
    folder = unpacked(packer, tmp_path)
    archive = folder / "channel/linux-64/app-2.0-0.conda"
    data = archive.read_bytes()
    (folder / "notes.txt").write_text("a file of the user's\n")
    check_folder(folder, ignore)

    archive.write_bytes(bytes([data[0] ^ 1]) + data[1:])
    with pytest.raises(NotFineError, match="cannot be relied on") as caught:
        check_folder(folder, ignore)
    assert "app-2.0-0.conda has another sha256" in caught.value.why
    archive.write_bytes(data[:-1])
    with pytest.raises(NotFineError) as caught:
        check_folder(folder, ignore)
    assert "should have" in caught.value.why
    archive.unlink()
    with pytest.raises(NotFineError) as caught:
        check_folder(folder, ignore)
    assert "app-2.0-0.conda cannot be used" in caught.value.why
    elsewhere = tmp_path / "elsewhere.conda"
    elsewhere.write_bytes(data)
    archive.symlink_to(elsewhere)
    with pytest.raises(NotFineError) as caught:
        check_folder(folder, ignore)
    assert "app-2.0-0.conda cannot be used" in caught.value.why
    archive.unlink()
    os.mkfifo(archive)
    with pytest.raises(NotFineError) as caught:
        check_folder(folder, ignore)
    assert "app-2.0-0.conda is no plain file" in caught.value.why
