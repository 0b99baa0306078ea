"""Wheels made in memory, harmless and hostile."""

import base64
import hashlib
import stat
import zipfile
from collections.abc import Mapping
from pathlib import Path


def make_wheel(
    folder: Path,
    name: str,
    version: str = "1.0",
    *,
    tag: str = "py3-none-any",
    files: Mapping[str, str | bytes] | None = None,
    entry_points: str = "",
    metadata: str = "",
    raw_members: Mapping[str, bytes] | None = None,
    links: Mapping[str, str] | None = None,
    record_override: Mapping[str, str] | None = None,
    file_name: str | None = None,
) -> Path:
    """Write a wheel.

    Args:
        files: Listed in RECORD with their digests; `{data}/...` stands for the `.data` folder.
        metadata: Further lines of METADATA.
        raw_members: Put into the archive without a line in RECORD.
        links: Soft links by path.
        record_override: Digest columns that replace the true ones.
    """
    dist_info, data = f"{name}-{version}.dist-info", f"{name}-{version}.data"
    contents = {
        path.replace("{data}", data): text.encode() if isinstance(text, str) else text
        for path, text in (files or {}).items()
    }
    head = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n{metadata}\n"
    contents[f"{dist_info}/METADATA"] = head.encode()
    pure = str(tag.endswith("none-any")).lower()
    contents[f"{dist_info}/WHEEL"] = (
        f"Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: {pure}\nTag: {tag}\n".encode()
    )
    if entry_points:
        contents[f"{dist_info}/entry_points.txt"] = entry_points.encode()
    digests = {path: _digest(body) for path, body in contents.items()} | dict(record_override or {})
    record = "".join(f"{path},{digest},\n" for path, digest in digests.items())
    folder.mkdir(parents=True, exist_ok=True)
    wheel = folder / (file_name or f"{name}-{version}-{tag}.whl")
    with zipfile.ZipFile(wheel, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, body in {**contents, **(raw_members or {})}.items():
            archive.writestr(path, body)
        for path, target in (links or {}).items():
            member = zipfile.ZipInfo(path)
            member.create_system = 3
            member.external_attr = (stat.S_IFLNK | 0o777) << 16
            archive.writestr(member, target)
            record += f"{path},{_digest(target.encode())},\n"
        archive.writestr(f"{dist_info}/RECORD", f"{record}{dist_info}/RECORD,,\n")
    return wheel


def _digest(body: bytes) -> str:
    digest = hashlib.sha256(body).digest()
    return "sha256=" + base64.urlsafe_b64encode(digest).decode().rstrip("=")
