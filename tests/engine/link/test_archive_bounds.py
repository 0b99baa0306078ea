"""Archives that would fill the memory or never stop, and bytes that come too late."""

import io
import tarfile
import threading
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
import zstandard

from envbench.engine.backends.rattler import unpacking
from envbench.engine.backends.rattler.download import _Part
from envbench.engine.backends.rattler.errors import BrokenPackageError, HostilePackageError
from envbench.engine.backends.rattler.inspection import inspect_package
from envbench.engine.backends.rattler.tally import Tally
from envbench.engine.local_channel.archive_reading import read_index_json
from envbench.model.errors import UsageError
from tests.engine.link.packages import Member, Package, make_archive


def make_header(kind: bytes, size: int) -> bytes:
    info = tarfile.TarInfo("././@Header")
    info.type, info.size = kind, size
    return info.tobuf(tarfile.GNU_FORMAT)


def write_conda(path: Path, tar: bytes, *, zeros: int = 0) -> Path:
    """Write a `.conda` file whose package part is `tar`, followed by many zero bytes."""
    compressor = zstandard.ZstdCompressor(level=1).compressobj()
    parts = [compressor.compress(tar)]
    parts += [compressor.compress(b"\0" * (1 << 20)) for _ in range(zeros >> 20)]
    parts.append(compressor.flush())
    with zipfile.ZipFile(path, "w") as container:
        container.writestr(f"pkg-{path.stem}.tar.zst", b"".join(parts))
        empty = zstandard.ZstdCompressor().compress(b"\0" * 10240)
        container.writestr(f"info-{path.stem}.tar.zst", empty)
    return path


def archive_with_info(folder: Path, tar: bytes) -> Path:
    path = folder / "index-1-0.conda"
    with zipfile.ZipFile(path, "w") as container:
        container.writestr(f"info-{path.stem}.tar.zst", zstandard.ZstdCompressor().compress(tar))
    return path


@pytest.mark.parametrize(
    "kind", [tarfile.XHDTYPE, tarfile.XGLTYPE, tarfile.GNUTYPE_LONGNAME, tarfile.GNUTYPE_LONGLINK]
)
def test_header_that_would_fill_the_memory_is_refused(kind: bytes, tmp_path: Path) -> None:
    archive = write_conda(tmp_path / "bomb-1-0.conda", make_header(kind, 64 << 20), zeros=64 << 20)
    tree = tmp_path / "tree"
    tree.mkdir()
    with pytest.raises(HostilePackageError, match="header of 67108864 bytes"):
        unpacking.unpack_archive(archive, tree)
    assert not any(tree.iterdir())
    with pytest.raises(UsageError, match="cannot be read") as caught:
        read_index_json(archive_with_info(tmp_path, make_header(kind, 64 << 20)))
    assert "header of 67108864 bytes" in caught.value.why


def test_headers_without_end_are_an_archive_that_cannot_be_read(tmp_path: Path) -> None:
    record = b"16 path=share/a\n"
    header = make_header(tarfile.XHDTYPE, len(record)) + record.ljust(512, b"\0")
    archive = write_conda(tmp_path / "endless-1-0.conda", header * 20_000)
    tree = tmp_path / "tree"
    tree.mkdir()
    with pytest.raises(BrokenPackageError):
        unpacking.unpack_archive(archive, tree)


def test_long_names_are_no_harm(tmp_path: Path) -> None:
    name = "/".join(["share", *("d" * 60 for _ in range(6)), "ü.txt"])
    record = make_archive(Package("deep", [Member(name, b"x")]), tmp_path)
    tree = tmp_path / "tree"
    tree.mkdir()
    unpacking.unpack_archive(tmp_path / "linux-64" / record.file_name, tree)
    assert (tree / name).read_bytes() == b"x"


def test_unpacking_stops_in_the_middle_of_a_file(tmp_path: Path) -> None:
    big = Package("big", [Member("share/big", b"\1" * (8 << 20))])
    record = make_archive(big, tmp_path)
    tree = tmp_path / "tree"
    tree.mkdir()
    asked = iter([False] * 4)
    with pytest.raises(BrokenPackageError, match="stopped"):
        unpacking.unpack_archive(
            tmp_path / "linux-64" / record.file_name, tree, is_stopped=lambda: next(asked, True)
        )
    assert 0 < (tree / "share/big").stat().st_size < 8 << 20


def test_list_of_files_that_is_no_text_is_named(tmp_path: Path) -> None:
    record = make_archive(Package("old", [Member("share/a", b"x")]), tmp_path)
    tree = tmp_path / "tree"
    tree.mkdir()
    unpacked = unpacking.unpack_archive(tmp_path / "linux-64" / record.file_name, tree)
    del unpacked.files["info/paths.json"]
    (tree / "info/files").write_bytes(b"share/\xff\n")
    with pytest.raises(BrokenPackageError, match="info/files cannot be read"):
        inspect_package(tree, unpacked, record)


def make_part(tmp_path: Path, sink: Callable[[object], None] = lambda _: None) -> _Part:
    record = make_archive(Package("tiny", [Member("share/a", b"x")]), tmp_path)
    return _Part(record, tmp_path / "part", Tally(sink, "fetch", {"packages": 1, "bytes": None}))


def test_bytes_after_the_close_are_neither_written_nor_counted(tmp_path: Path) -> None:
    part = make_part(tmp_path)
    part.write(b"abc")
    part.close()
    part.close()
    with pytest.raises(ValueError, match="nothing more"):
        part.write(b"def")
    assert part.received == 3
    assert (tmp_path / "part").read_bytes() == b"abc"


def test_close_waits_for_the_write_that_is_under_way(tmp_path: Path) -> None:
    part = make_part(tmp_path)
    writing, go_on, closed = threading.Event(), threading.Event(), threading.Event()
    file = part._file

    class SlowFile(io.RawIOBase):
        def write(self, chunk: object) -> int:
            writing.set()
            assert go_on.wait(30)
            assert not file.closed
            return file.write(chunk)

        @property
        def closed(self) -> bool:
            return file.closed

        def close(self) -> None:
            file.close()
            closed.set()

    part._file = SlowFile()
    writer = threading.Thread(target=part.write, args=(b"abc",))
    writer.start()
    assert writing.wait(30)
    closer = threading.Thread(target=part.close)
    closer.start()
    assert not closed.wait(0.05)
    go_on.set()
    writer.join(30)
    closer.join(30)
    assert (tmp_path / "part").read_bytes() == b"abc"
