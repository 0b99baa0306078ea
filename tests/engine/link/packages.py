"""Makes small conda packages, honest and hostile, out of nothing but the format's description.

Source: CEP for the `.conda` format (a stored ZIP of two zstd-compressed tars) and conda-build's
`info/` files.
"""

import hashlib
import io
import json
import tarfile
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import zstandard

from envbench.model.plan import PackageRecord

PLACEHOLDER = "/placeholder_prefix" + "_x" * 40


@dataclass
class Member:
    """One member of an archive, exactly as told, however nonsensical."""

    name: str
    data: bytes = b""
    mode: int = 0o644
    kind: bytes = tarfile.REGTYPE
    link: str = ""
    listed: bool = True
    """Whether `info/paths.json` mentions it."""
    listed_as: str | None = None
    placeholder: bool = False
    sha256: str | None = None
    """Overrides the digest that `info/paths.json` gives."""

    def tar_info(self) -> tarfile.TarInfo:
        info = tarfile.TarInfo(self.name)
        info.mode, info.type, info.linkname = self.mode, self.kind, self.link
        info.size = len(self.data) if self.kind == tarfile.REGTYPE else 0
        info.mtime = 1_700_000_000
        return info

    def entry(self) -> dict:
        entry = {
            "_path": self.listed_as or self.name,
            "path_type": "softlink" if self.kind == tarfile.SYMTYPE else "hardlink",
            "sha256": self.sha256 or hashlib.sha256(self.data).hexdigest(),
            "size_in_bytes": len(self.data),
        }
        if self.placeholder:
            entry |= {"prefix_placeholder": PLACEHOLDER, "file_mode": "text"}
        return entry


@dataclass
class Package:
    """What to make an archive of."""

    name: str
    members: Sequence[Member] = ()
    version: str = "1.0"
    build: str = "0"
    noarch: str | None = None
    depends: Sequence[str] = ()
    entry_points: Sequence[str] = ()
    extra_info: Sequence[Member] = ()
    extra_paths: Sequence[dict] = field(default_factory=list)
    paths_json: bytes | None = None
    """Replaces `info/paths.json` as a whole."""

    @property
    def subdir(self) -> str:
        return "noarch" if self.noarch else "linux-64"

    def info_members(self) -> list[Member]:
        index = {
            "name": self.name, "version": self.version, "build": self.build, "build_number": 0,
            "depends": list(self.depends), "subdir": self.subdir, "arch": None, "platform": None,
        }  # fmt: skip
        if self.noarch:
            index["noarch"] = self.noarch
        entries = [member.entry() for member in self.members if member.listed]
        paths = {"paths": entries + list(self.extra_paths), "paths_version": 1}
        texts = {
            "info/index.json": json.dumps(index).encode(),
            "info/paths.json": self.paths_json or json.dumps(paths).encode(),
            "info/about.json": b"{}",
            "info/files": "".join(entry["_path"] + "\n" for entry in entries).encode(),
        }
        if self.noarch == "python":
            link = {"noarch": {"type": "python"}, "package_metadata_version": 1}
            link["noarch"]["entry_points"] = list(self.entry_points)
            texts["info/link.json"] = json.dumps(link).encode()
        return [Member(name, data) for name, data in texts.items()] + list(self.extra_info)


def make_tar(members: Sequence[Member]) -> bytes:
    """Write a tar with exactly these members."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as tar:
        for member in members:
            tar.addfile(member.tar_info(), io.BytesIO(member.data))
    return out.getvalue()


def make_archive(package: Package, directory: Path, suffix: str = ".conda") -> PackageRecord:
    """Write the archive into `directory/SUBDIR` and return its record with a file:// address."""
    folder = directory / package.subdir
    folder.mkdir(parents=True, exist_ok=True)
    dist = f"{package.name}-{package.version}-{package.build}"
    path = folder / (dist.replace("/", "_") + suffix)
    if suffix == ".conda":
        compressor = zstandard.ZstdCompressor(level=1)
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("metadata.json", '{"conda_pkg_format_version": 2}')
            for part, members in (("pkg", package.members), ("info", package.info_members())):
                archive.writestr(
                    f"{part}-{path.stem}.tar.zst", compressor.compress(make_tar(members))
                )
    else:
        import bz2

        path.write_bytes(bz2.compress(make_tar([*package.info_members(), *package.members]), 1))
    return record_of(package, path, directory)


def record_of(package: Package, path: Path, channel: Path) -> PackageRecord:
    """Describe an archive on disk as repodata would."""
    data = path.read_bytes()
    return PackageRecord(
        name=package.name, version=package.version, build=package.build, build_number=0,
        subdir=package.subdir, file_name=path.name, url=path.as_uri(), channel=channel.as_uri(),
        md5=hashlib.md5(data).hexdigest(), sha256=hashlib.sha256(data).hexdigest(),
        size_bytes=len(data), noarch=package.noarch, depends=tuple(package.depends),
    )  # fmt: skip
