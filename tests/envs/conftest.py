"""Prefixes made by hand: conda-meta records, files, pip distributions."""

import base64
import hashlib
import json
from pathlib import Path

import pytest

SITE = "lib/python3.11/site-packages"


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


class PrefixMaker:
    """Fills a directory the way conda's and pip's installers leave it."""

    def __init__(self, prefix: Path) -> None:
        self.prefix = prefix
        (prefix / "conda-meta").mkdir(parents=True, exist_ok=True)
        history = prefix / "conda-meta" / "history"
        if not history.exists():
            history.touch()

    def write(self, path: str, data: bytes) -> Path:
        target = self.prefix / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)
        return target

    def conda(self, name: str, version: str = "1.0", build: str = "0", **more) -> Path:
        """Install a conda package; `files` maps paths to bytes, `links` paths to targets."""
        files = more.pop("files", {})
        links = more.pop("links", {})
        subdir = more.pop("subdir", "linux-64")
        channel = more.pop("channel_url", "https://conda.anaconda.org/conda-forge")
        entries = []
        for path, data in files.items():
            self.write(path, data)
            entries.append(
                {
                    "_path": path,
                    "path_type": "hardlink",
                    "sha256": sha256(data),
                    "sha256_in_prefix": sha256(data),
                    "size_in_bytes": len(data),
                }
            )
        for path, target in links.items():
            link = self.prefix / path
            link.parent.mkdir(parents=True, exist_ok=True)
            link.symlink_to(target)
            followed = link.read_bytes() if link.is_file() else b""
            entries.append(
                {
                    "_path": path,
                    "path_type": "softlink",
                    "sha256": sha256(followed),
                    "size_in_bytes": len(followed),
                }
            )
        file_name = f"{name}-{version}-{build}.conda"
        record = {
            "name": name,
            "version": version,
            "build": build,
            "build_number": 0,
            "subdir": subdir,
            "fn": file_name,
            "url": f"{channel}/{subdir}/{file_name}",
            "channel": channel,
            "md5": "0" * 32,
            "sha256": "1" * 64,
            "size": 1000,
            "depends": [],
            "constrains": [],
            "files": [*files, *links],
            "paths_data": {"paths_version": 1, "paths": entries},
            "requested_specs": [],
        } | more
        target = self.prefix / "conda-meta" / f"{name}-{version}-{build}.json"
        target.write_text(json.dumps(record))
        return target

    def distribution_files(self, name: str, version: str, installer: str = "conda", **more):
        """Give the files of one Python distribution, RECORD included, without writing them."""
        info = f"{SITE}/{name}-{version}.dist-info"
        files = {
            f"{SITE}/{name}/__init__.py": f"__version__ = {version!r}\n".encode(),
            f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n".encode(),
            f"{info}/INSTALLER": f"{installer}\n".encode(),
        }
        for path, data in more.get("extra", {}).items():
            files[path.format(info=info)] = data
        lines = [record_line(path, data) for path, data in files.items()]
        files[f"{info}/RECORD"] = "\n".join(
            [*lines, f"{info[len(SITE) + 1 :]}/RECORD,,", ""]
        ).encode()
        return files

    def pip(self, name: str, version: str = "1.0", installer: str = "uv", **more) -> Path:
        """Install a distribution as pip or uv does."""
        for path, data in self.distribution_files(name, version, installer, **more).items():
            self.write(path, data)
        return self.prefix / SITE / f"{name}-{version}.dist-info"


def record_line(path: str, data: bytes) -> str:
    digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
    inside = path[len(SITE) + 1 :] if path.startswith(SITE) else f"../../../{path}"
    return f"{inside},sha256={digest},{len(data)}"


@pytest.fixture
def maker(tmp_path) -> PrefixMaker:
    return PrefixMaker(tmp_path / "prefix")


@pytest.fixture
def make_prefix():
    return PrefixMaker
