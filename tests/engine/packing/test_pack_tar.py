"""What a pack holds, and that the same lock always gives the same bytes."""

import fcntl
import hashlib
import json
import subprocess
import tarfile
import tomllib
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import pytest

from envbench.engine.packing.folder_reading import check_folder
from envbench.engine.packing.items import select_items
from envbench.engine.packing.tar_reading import unpack_tar
from envbench.engine.packing.tar_writing import TarMember, write_tar
from envbench.model.errors import NotFineError, PreventedError, UsageError
from envbench.model.lock import PipPackage
from tests.engine.packing.conftest import TOP, Packer, record_of


def ignore(done: int, total: int) -> None:
    assert done <= total


def test_equal_locks_give_equal_bytes(packer: Packer):
    first, second = packer.pack("first.tar"), packer.pack("second.tar")
    assert first.read_bytes() == second.read_bytes()
    with tarfile.open(first) as tar:
        infos = tar.getmembers()
    assert infos[0].name == f"{TOP}/envbench-pack.json"
    names = [info.name for info in infos[1:]]
    assert names == sorted(names)
    for info in infos:
        facts = (info.mtime, info.uid, info.gid, info.uname, info.gname, info.isreg())
        assert facts == (0, 0, 0, "", "", True), info.name
    assert {info.mode for info in infos if info.name.endswith("install.sh")} == {0o755}
    assert {info.mode for info in infos if not info.name.endswith("install.sh")} == {0o644}


def test_a_pack_read_back_is_the_lock_that_was_packed(packer: Packer, tmp_path: Path):
    target = tmp_path / "out"
    target.mkdir()
    manifest = unpack_tar(packer.pack(), target, ignore)
    sizes = {package.url: package for package in manifest.lock.pip}
    assert manifest.lock.packages == packer.lock.packages
    assert [p.sha256 for p in manifest.lock.pip] == [p.sha256 for p in packer.lock.pip]
    assert all(package.size_bytes for package in sizes.values())
    assert manifest.lock.variables == packer.lock.variables
    assert check_folder(target, ignore) == manifest
    for file in manifest.files:
        data = (target / file.path).read_bytes()
        assert (hashlib.sha256(data).hexdigest(), len(data)) == (file.sha256, file.size_bytes)
    done = subprocess.run(["sha256sum", "-c", "--quiet", "SHA256SUMS"], cwd=target, check=False)
    assert done.returncode == 0
    # What the locks of the pip part name as their other half lies beside them.
    bond = tomllib.loads((target / "pylock.toml").read_text())["tool"]["envbench"]["conda-lock"]
    assert bond["sha256"] == hashlib.sha256((target / bond["file"]).read_bytes()).hexdigest()
    listed = {line.split("  ")[1] for line in (target / "SHA256SUMS").read_text().splitlines()}
    here = {str(path.relative_to(target)) for path in target.rglob("*") if path.is_file()}
    assert here - listed == {"SHA256SUMS", "envbench-pack.json"}


def test_the_channel_of_a_pack_says_what_was_solved_with(packer: Packer, tmp_path: Path):
    # The channel mended what the archive of `app` says of itself, as conda-forge does.
    zlib, app, words = packer.lock.packages
    mended = replace(app, depends=("zlib >=1,<2",))
    lock = replace(packer.lock, packages=(zlib, mended, words))
    target = tmp_path / "out"
    target.mkdir()
    unpack_tar(packer.pack(lock=lock), target, ignore)
    index = json.loads((target / "channel/linux-64/repodata.json").read_bytes())
    entry = index["packages.conda"]["app-2.0-0.conda"]
    assert entry["depends"] == ["zlib >=1,<2"]
    assert (entry["sha256"], entry["md5"], entry["size"]) == (app.sha256, app.md5, app.size_bytes)
    noarch = json.loads((target / "channel/noarch/repodata.json").read_bytes())
    assert list(noarch["packages.conda"]) == ["words-1.0-0.conda"]


def test_what_a_lock_does_not_know_comes_from_the_archives(packer: Packer, tmp_path: Path):
    bare = [
        replace(p, depends=(), sha256=None, md5=None, size_bytes=None, noarch=None)
        for p in packer.lock.packages
    ]
    pip = tuple(replace(p, sha256=None) for p in packer.lock.pip)
    target = tmp_path / "out"
    target.mkdir()
    manifest = unpack_tar(
        packer.pack(lock=replace(packer.lock, packages=tuple(bare), pip=pip)), target, ignore
    )
    assert manifest.lock.packages == packer.lock.packages
    assert manifest.lock.pip[0].sha256 == packer.lock.pip[0].sha256


PIP = PipPackage(name="tool", version="1.0", url="https://example.org/tool-1.0-py3-none-any.whl")


@pytest.mark.parametrize(
    ("package", "reason"),
    [
        (replace(PIP, url=None), "nobody noted where it came from"),
        (replace(PIP, editable=True), "it is editable"),
        (replace(PIP, direct_url="git+https://example.org/tool@" + "a" * 40), "a repository"),
        (replace(PIP, direct_url="file:///home/someone/tool"), "no address of a wheel"),
        (replace(PIP, url="https://example.org/..%2Fevil.whl"), None),
        (replace(PIP, url="https://example.org/-r.whl"), "no address of a wheel"),
    ],
)
def test_pip_packages_without_an_archive_are_refused_by_name(packer: Packer, package, reason):
    lock = replace(packer.lock, pip=(*packer.lock.pip, package))
    if reason is None:
        # The last part of the path is taken, and nothing of what is before it.
        assert "pip/evil.whl" in {item.path for item in select_items(lock)}
        return
    with pytest.raises(NotFineError, match="not everything") as caught:
        select_items(lock)
    assert f"tool==1.0: {'it comes from ' if reason == 'a repository' else ''}" in caught.value.why
    assert reason in caught.value.why
    assert "good" not in caught.value.why


def test_conda_packages_without_an_address_or_of_other_platforms_are_refused(packer: Packer):
    zlib, app, words = packer.lock.packages
    arm = zlib.url.replace("linux-64", "linux-aarch64")
    odd = (replace(zlib, url=""), replace(app, url="https://example.org/app.zip"))
    lock = replace(packer.lock, packages=(*odd, replace(words, url=arm)))
    with pytest.raises(NotFineError) as caught:
        select_items(lock)
    first, second, third = caught.value.why.splitlines()
    assert first == "zlib 1.3 0: the lock says no address for it"
    assert "app 2.0 0: this is no address of a conda package" in second
    assert third == "words 1.0 0: it is for linux-aarch64, the lock for linux-64"
    with pytest.raises(UsageError, match="two packages have archives of one name"):
        select_items(replace(packer.lock, packages=(zlib, replace(app, url=zlib.url))))
    with pytest.raises(UsageError, match="nothing to pack"):
        select_items(replace(packer.lock, packages=(), pip=()))
    with pytest.raises(UsageError, match="for no platform"):
        select_items(replace(packer.lock, platform=""))


def test_an_archive_of_another_package_is_refused(packer: Packer):
    zlib, app, words = packer.lock.packages
    lying = record_of(Path(zlib.url.removeprefix("file://")), name="other")
    with pytest.raises(NotFineError, match=r"other 1\.3 0: its archive holds zlib 1\.3"):
        packer.pack(lock=replace(packer.lock, packages=(lying, app, words)))


def test_archives_of_the_older_kind_are_packed_too(packer: Packer, tmp_path: Path):
    folder = tmp_path / "older" / "noarch"
    folder.mkdir(parents=True)
    archive = folder / "older-1.0-0.tar.bz2"
    index = {"name": "older", "version": "1.0", "build": "0", "build_number": 0, "depends": []}
    data = json.dumps({**index, "subdir": "noarch", "noarch": "generic"}).encode()
    with tarfile.open(archive, "w:bz2") as tar:
        info = tarfile.TarInfo("info/index.json")
        info.size = len(data)
        tar.addfile(info, BytesIO(data))
    lock = replace(packer.lock, packages=(*packer.lock.packages, record_of(archive)))
    target = tmp_path / "out"
    target.mkdir()
    manifest = unpack_tar(packer.pack(lock=lock), target, ignore)
    assert manifest.lock.packages == lock.packages
    repodata = json.loads((target / "channel/noarch/repodata.json").read_bytes())
    assert list(repodata["packages"]) == ["older-1.0-0.tar.bz2"]


def test_what_killed_writers_left_is_removed_by_the_next_one(packer: Packer, tmp_path: Path):
    dead, alive = (tmp_path / f".pack.tar.{digit * 16}.part" for digit in "ab")
    others = tmp_path / ".pack.tar.notes.part"
    for path in (dead, alive, others):
        path.write_bytes(b"half a pack")
    with alive.open("rb") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        packer.pack("pack.tar")
    assert sorted(tmp_path.glob(".pack.tar.*")) == sorted([alive, others])


def test_a_tar_that_cannot_be_written_leaves_the_older_one(packer: Packer, tmp_path: Path):
    output = packer.pack()
    before = output.read_bytes()
    missing = [TarMember("top/a", tmp_path / "a"), TarMember("top/b", tmp_path / "missing")]
    (tmp_path / "a").write_text("a")
    with pytest.raises(PreventedError, match="could not be written"):
        write_tar(output, missing, mode=0o644, on_bytes=lambda _count, _path: None)
    assert output.read_bytes() == before
    assert not list(tmp_path.glob(".pack.tar.*"))
