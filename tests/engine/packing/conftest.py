"""A small pack made without a job: archives of a synthetic channel, laid out and written."""

import hashlib
import json
import shutil
import tarfile
from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import pytest

from envbench.engine.local_channel.archive import measure_archive
from envbench.engine.local_channel.archive_reading import read_index_json
from envbench.engine.packing.items import select_items
from envbench.engine.packing.layout import lay_out
from envbench.engine.packing.tar_writing import write_tar
from envbench.model.lock import Lock, PipPackage
from envbench.model.plan import PackageRecord
from tests.channels import index_channel, make_package
from tests.workbench.wheels import make_wheel

TOP = "env-linux-64"
Members = list[tuple[tarfile.TarInfo, bytes]]


@dataclass
class Packer:
    """Makes packs of one lock."""

    root: Path
    lock: Lock

    def pack(self, name: str = "pack.tar", lock: Lock | None = None) -> Path:
        lock = lock or self.lock
        folder = self.root / f"{name}.work"
        shutil.rmtree(folder, ignore_errors=True)
        items = select_items(lock)
        for item in items:
            target = folder / item.path
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(item.url.removeprefix("file://"), target)
        facts = {item.path: measure_archive(folder / item.path) for item in items}
        laid = lay_out(folder, lock, "env", items, facts)
        output = self.root / name
        write_tar(output, laid.members, mode=0o644, on_bytes=lambda _count, _path: None)
        return output

    def spoil(self, change: Callable[[Members], Members], name: str = "spoilt.tar") -> Path:
        """Write the pack anew with members changed by a function."""
        with tarfile.open(self.pack()) as tar:
            members = [(info, _read(tar, info)) for info in tar]
        output = self.root / name
        with tarfile.open(output, "w", format=tarfile.PAX_FORMAT) as tar:
            for info, data in change(members):
                tar.addfile(info, BytesIO(data) if info.isreg() else None)
        return output


def _read(tar: tarfile.TarFile, info: tarfile.TarInfo) -> bytes:
    content = tar.extractfile(info)
    assert content is not None
    return content.read()


def record_of(archive: Path, **fields: object) -> PackageRecord:
    """State a package as a lock with full records does."""
    index = read_index_json(archive)
    data = archive.read_bytes()
    values = {
        "name": index["name"], "version": index["version"], "build": index["build"],
        "build_number": index["build_number"], "subdir": archive.parent.name,
        "file_name": archive.name, "url": archive.as_uri(), "channel": "test",
        "channel_url": archive.parents[1].as_uri(), "depends": tuple(index["depends"]),
        "noarch": index.get("noarch"), "license": index.get("license"),
        "sha256": hashlib.sha256(data).hexdigest(),
        "md5": hashlib.md5(data, usedforsecurity=False).hexdigest(), "size_bytes": len(data),
    }  # fmt: skip
    return PackageRecord(**(values | fields))  # type: ignore[arg-type]


@pytest.fixture
def packer(tmp_path: Path) -> Packer:
    channel = tmp_path / "channel"
    archives = [
        make_package(channel, "zlib", "1.3", files={"lib/zlib.txt": "the library\n"}),
        make_package(channel, "app", "2.0", depends=["zlib >=1"], files={"bin/app": "app\n"}),
        make_package(channel, "words", noarch="generic", files={"share/words": "words\n"}),
    ]
    index_channel(channel)
    wheel = make_wheel(tmp_path / "wheels", "good")
    good = PipPackage(
        name="good", version="1.0", url=wheel.as_uri(),
        sha256=hashlib.sha256(wheel.read_bytes()).hexdigest(),
    )  # fmt: skip
    lock = Lock(
        name="env", platform="linux-64", channels=("test",),
        packages=tuple(map(record_of, archives)), pip=(good,), variables=(("MODE", "fast"),),
    )  # fmt: skip
    return Packer(tmp_path, lock)


def manifest_of(members: Members) -> dict[str, object]:
    return json.loads(members[0][1])


def with_manifest(members: Members, document: object) -> Members:
    data = json.dumps(document).encode()
    info = members[0][0]
    info.size = len(data)
    return [(info, data), *members[1:]]
