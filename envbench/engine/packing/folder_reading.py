"""Reading a pack that was unpacked by other means, without trust in anything that lies there."""

import hashlib
import os
import stat
from io import BufferedReader
from pathlib import Path

from envbench.engine.packing.manifests import MANIFEST_LIMIT_BYTES, read_manifest
from envbench.engine.packing.pack_source import OnBytes, PackSource
from envbench.model.cleaning import clean
from envbench.model.pack import MANIFEST_NAME, PackedFile, PackManifest


def check_folder(folder: Path, on_bytes: OnBytes) -> PackManifest:
    """Check a pack that was unpacked by other means; files beside those of the pack are left alone.

    Raises:
        UsageError: It is no pack, or none that this version can use.
        NotFineError: A file is missing, is another one, or is a link.
    """
    pack = PackSource(folder, on_bytes)
    manifest = _read_manifest(pack)
    total, done = sum(file.size_bytes for file in manifest.files), 0
    for file in manifest.files:
        _check_in_folder(pack, file)
        done += file.size_bytes
        on_bytes(done, total)
    return manifest


def read_folder_manifest(folder: Path) -> PackManifest:
    """Read what an unpacked pack says of itself; its files are not looked at.

    Raises:
        UsageError: It is no pack, or none that this version can use.
        NotFineError: The manifest is a link, or larger than any.
    """
    return _read_manifest(PackSource(folder, lambda _done, _total: None))


def _read_manifest(pack: PackSource) -> PackManifest:
    data = _read_in_folder(pack, MANIFEST_NAME, MANIFEST_LIMIT_BYTES)
    return read_manifest(data, clean(str(pack.path)))


def _check_in_folder(pack: PackSource, file: PackedFile) -> None:
    with _open_in_folder(pack, file.path) as reader:
        size = os.fstat(reader.fileno()).st_size
        if size != file.size_bytes:
            why = f"{file.path} has {size} bytes, and should have {file.size_bytes}"
            raise pack.refuse(why)
        if hashlib.file_digest(reader, "sha256").hexdigest() != file.sha256:
            raise pack.refuse(f"{file.path} has another sha256 than it should have")


def _read_in_folder(pack: PackSource, path: str, limit_bytes: int) -> bytes:
    with _open_in_folder(pack, path) as reader:
        data = reader.read(limit_bytes + 1)
    if len(data) > limit_bytes:
        raise pack.refuse(f"its {path} has more than {limit_bytes} bytes")
    return data


def _open_in_folder(pack: PackSource, path: str) -> BufferedReader:
    """Open a file below a folder, through no link of any part of its path."""
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC
    descriptor = os.open(pack.path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    *folders, name = path.split("/")
    try:
        for folder in folders:
            inner = os.open(folder, flags | os.O_DIRECTORY, dir_fd=descriptor)
            os.close(descriptor)
            descriptor = inner
        opened = os.open(name, flags | os.O_NONBLOCK, dir_fd=descriptor)
    except OSError as error:
        raise pack.refuse(f"{path} cannot be used: {error.strerror}") from error
    finally:
        os.close(descriptor)
    reader = os.fdopen(opened, "rb")
    if not stat.S_ISREG(os.fstat(opened).st_mode):
        reader.close()
        raise pack.refuse(f"{path} is no plain file")
    return reader
