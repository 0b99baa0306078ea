"""Opening a wheel: checked against its own record, against the interpreter and against malice."""

import base64
import csv
import hashlib
import stat
import zipfile
from collections.abc import Iterator
from email import message_from_bytes
from email.message import Message
from pathlib import Path, PurePosixPath
from typing import NoReturn

from packaging.tags import Tag, compatible_tags, cpython_tags
from packaging.utils import InvalidWheelFilename, canonicalize_name, parse_wheel_filename

from envbench.engine.local_channel.distribution import (
    Area,
    Distribution,
    PlacedFile,
    is_for_any_python,
    is_reserved_command,
    read_entry_points,
    read_identity,
    read_license,
    read_summary,
)
from envbench.engine.local_channel.interpreter import InterpreterFacts
from envbench.engine.local_channel.wheel_tags import find_glibc_floor
from envbench.model.cleaning import clean
from envbench.model.errors import UsageError

MADE_BY_INSTALLERS = frozenset({"RECORD", "INSTALLER", "REQUESTED", "direct_url.json"})
"""Files of a `.dist-info` folder that the installer of a distribution writes."""

_CHUNK_BYTES = 1 << 20
_LIMIT_FILES = 200_000
_LIMIT_BYTES = 32 << 30
_LIMIT_INFO_BYTES = 64 << 20
"""Of one member of `.dist-info`: these are read as a whole."""
_SIGNATURES = ("RECORD.jws", "RECORD.p7s")
_AREAS = {
    "purelib": Area.SITE,
    "platlib": Area.SITE,
    "scripts": Area.SCRIPTS,
    "headers": Area.HEADERS,
    "data": Area.DATA,
}


def open_wheel(wheel: Path, facts: InterpreterFacts, folder: Path) -> Distribution:
    """Unpack a wheel into an empty folder, and say what it holds.

    Args:
        wheel: The file; its name has to be a wheel's name.
        facts: The interpreter that it must fit.
        folder: Where the files go. They have to stay until the package is written.

    Raises:
        UsageError: It is damaged, no wheel, made for another Python or platform, or it holds paths
            or links that leave its folder, or files that differ from its record.

    Source:
        https://packaging.python.org/en/latest/specifications/binary-distribution-format/
    """
    tags = _require_fitting(wheel, facts)
    try:
        with zipfile.ZipFile(wheel) as archive:
            members = _list_members(archive, wheel)
            dist_info = _find_dist_info(members, wheel)
            record = _read_record(archive, dist_info, wheel)
            for name, member in members.items():
                _unpack(archive, member, folder / name, record.get(name), wheel)
            metadata = message_from_bytes(archive.read(f"{dist_info}/METADATA"))
    except (OSError, EOFError, KeyError, ValueError, NotImplementedError, RuntimeError,
            zipfile.BadZipFile) as error:  # fmt: skip
        _refuse(wheel, str(error) or type(error).__name__)
    return _describe(wheel, folder, dist_info, tuple(members), metadata, tags)


def _describe(
    wheel: Path,
    folder: Path,
    dist_info: str,
    names: tuple[str, ...],
    metadata: Message,
    tags: frozenset[Tag],
) -> Distribution:
    name, version = read_identity(metadata, str(wheel))
    _require_same_name(wheel, name, version)
    files = tuple(_place(names, folder, dist_info, wheel))
    text = folder / dist_info / "entry_points.txt"
    summary, home = read_summary(metadata)
    return Distribution(
        name=name,
        version=version,
        origin=str(wheel),
        dist_info=dist_info,
        files=files,
        requires=tuple(map(str, metadata.get_all("Requires-Dist") or ())),
        requires_python=str(metadata.get("Requires-Python") or ""),
        entry_points=read_entry_points(text.read_text("utf-8"), str(wheel))
        if text.is_file()
        else (),
        is_pure=is_for_any_python(tags, files),
        license=read_license(metadata),
        summary=summary,
        home=home,
        glibc=find_glibc_floor(tags),
    )


def _require_fitting(wheel: Path, facts: InterpreterFacts) -> frozenset[Tag]:
    try:
        _, _, _, tags = parse_wheel_filename(wheel.name)
    except InvalidWheelFilename as error:
        _refuse(wheel, str(error))
    fitting = {*cpython_tags(facts.version_info[:2]), *compatible_tags(facts.version_info[:2])}
    if not tags & fitting:
        named = ", ".join(sorted(map(str, tags)))
        _refuse(wheel, f"it is made for {named}, not for CPython {facts.version} on this box")
    return tags


def _require_same_name(wheel: Path, name: str, version: str) -> None:
    told_name, told_version, _, _ = parse_wheel_filename(wheel.name)
    if (canonicalize_name(told_name), str(told_version)) != (name, version):
        _refuse(wheel, f"its metadata says {name} {version}")


def _list_members(archive: zipfile.ZipFile, wheel: Path) -> dict[str, zipfile.ZipInfo]:
    members: dict[str, zipfile.ZipInfo] = {}
    for member in archive.infolist():
        _require_harmless(member, wheel)
        if member.filename in members:
            _refuse(wheel, f"it holds {member.filename!r} twice")
        if not member.is_dir():
            members[member.filename] = member
    for name, member in members.items():
        if ".dist-info/" in name and member.file_size > _LIMIT_INFO_BYTES:
            _refuse(wheel, f"{name!r} in it has {member.file_size} bytes")
    total = sum(member.file_size for member in members.values())
    if len(members) > _LIMIT_FILES or total > _LIMIT_BYTES:
        _refuse(wheel, f"it holds {len(members)} files of {total} bytes together")
    return members


def _require_harmless(member: zipfile.ZipInfo, wheel: Path) -> None:
    name = member.orig_filename
    parts = name.rstrip("/").split("/")
    if name.startswith("/") or "\\" in name or any(part in {"", ".", ".."} for part in parts):
        _refuse(wheel, f"the path {name!r} in it leaves its folder")
    if any(ord(char) < 32 or ord(char) == 127 for char in name):
        _refuse(wheel, f"the path {name!r} in it holds control characters")
    kind = stat.S_IFMT(member.external_attr >> 16)
    if kind not in {0, stat.S_IFREG, stat.S_IFDIR}:
        _refuse(wheel, f"{name!r} in it is a link or a device, not a file")


def _find_dist_info(members: dict[str, zipfile.ZipInfo], wheel: Path) -> str:
    folders = {name.partition("/")[0] for name in members}
    found = [folder for folder in folders if folder.endswith(".dist-info")]
    if len(found) != 1:
        _refuse(wheel, f"it holds {len(found)} .dist-info folders")
    return found[0]


def _read_record(archive: zipfile.ZipFile, dist_info: str, wheel: Path) -> dict[str, str]:
    text = archive.read(f"{dist_info}/RECORD").decode("utf-8")
    rows = [row for row in csv.reader(text.splitlines()) if len(row) >= 2]
    signed = {f"{dist_info}/{name}" for name in ("RECORD", *_SIGNATURES)}
    record = {path: digest for path, digest, *_ in rows if path not in signed}
    record |= dict.fromkeys(signed, "")
    if any(not digest for path, digest in record.items() if path not in signed):
        _refuse(wheel, "its RECORD gives no digest for some files")
    return record


def _unpack(
    archive: zipfile.ZipFile,
    member: zipfile.ZipInfo,
    target: Path,
    wanted: str | None,
    wheel: Path,
) -> None:
    """Write one member, hashing it on the way; never more bytes than it declares."""
    if wanted is None:
        _refuse(wheel, f"{member.filename!r} in it is not listed in its RECORD")
    algorithm = wanted.partition("=")[0] or "sha256"
    if algorithm not in {"sha256", "sha384", "sha512"}:
        _refuse(wheel, f"its RECORD uses the digest {algorithm!r}")
    digest = hashlib.new(algorithm)
    target.parent.mkdir(parents=True, exist_ok=True)
    with archive.open(member) as source, target.open("xb") as stream:
        while chunk := source.read(_CHUNK_BYTES):
            digest.update(chunk)
            stream.write(chunk)
    found = base64.urlsafe_b64encode(digest.digest()).decode().rstrip("=")
    if wanted and wanted.partition("=")[2].rstrip("=") != found:
        _refuse(wheel, f"{member.filename!r} in it differs from its RECORD")
    if member.external_attr >> 16 & 0o111:
        target.chmod(0o755)


def _place(
    names: tuple[str, ...], folder: Path, dist_info: str, wheel: Path
) -> Iterator[PlacedFile]:
    data_folder = dist_info.removesuffix(".dist-info") + ".data"
    for name in names:
        top, _, rest = name.partition("/")
        if name.endswith((".pyc", ".pyo")):
            continue
        if top == dist_info and (rest in MADE_BY_INSTALLERS or rest in _SIGNATURES):
            continue
        source = folder / name
        executable = bool(source.stat().st_mode & 0o100)
        area, path = Area.SITE, name
        if top == data_folder:
            kind, _, path = rest.partition("/")
            if kind not in _AREAS or not path:
                _refuse(wheel, f"{name!r} in it belongs to no install scheme")
            area = _AREAS[kind]
            _require_place(area, path, name, wheel)
        yield PlacedFile(area, PurePosixPath(path).as_posix(), source, executable)


def _require_place(area: Area, path: str, name: str, wheel: Path) -> None:
    """Refuse files that would pose as a part of the environment itself."""
    if area is Area.DATA and path.startswith("conda-meta/"):
        _refuse(wheel, f"{name!r} in it would pose as a record of the environment")
    command = path if area is Area.SCRIPTS else path.removeprefix("bin/")
    if is_reserved_command(command) and (area is Area.SCRIPTS or path.startswith("bin/")):
        _refuse(wheel, f"{name!r} in it would stand in for the interpreter")


def _refuse(wheel: Path, why: str) -> NoReturn:
    raise UsageError("this wheel cannot be packaged", where=str(wheel), why=clean(why)) from None
