"""Packs made by jobs: from environments, locks and specs, over the network and without it."""

import hashlib
import os
import subprocess
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from envbench.jobs.job import Job
from envbench.model.errors import NotFineError, UsageError
from envbench.model.job import JobResult, JobState
from envbench.model.lock import Lock, PipPackage
from envbench.model.pack import PackResult
from envbench.settings.load import load_settings
from envbench.workbench.environments import read_whole_lock
from envbench.workbench.locks.export import export_lock
from envbench.workbench.packs.making import PackOrder, read_pack_result, submit_pack
from tests.channels import index_channel, make_package
from tests.workbench.conftest import LIMIT_S, Box
from tests.workbench.failing import GatedServer, find_job_processes, serving, wait_until
from tests.workbench.wheels import make_index, make_sdist, make_wheel

TOKEN = "pl4nted-pack-4Wd"


@dataclass
class Packing:
    """A box and the lock of an environment, both parts from servers that want credentials."""

    box: Box
    lock: Lock
    channel: GatedServer
    index: GatedServer

    def submit(self, **order: object) -> Job:
        values = {"subject": "env", "lock": self.lock} | order
        return submit_pack(PackOrder(**values), self.box.settings).job

    def pack(self, **order: object) -> tuple[JobResult, PackResult | None]:
        job = self.submit(**order)
        result = job.wait(LIMIT_S)
        assert result is not None, job.state()
        return result, read_pack_result(result)

    def litter(self) -> list[str]:
        """Name everything that is no longer needed when a pack is done or has failed."""
        cache = self.box.settings.paths.cache_dir
        work = (cache / "pkgs/.envbench/work").glob("*")
        return sorted(map(str, [*work, *self.box.root.rglob("*.part")]))


@pytest.fixture
def packing(box: Box, monkeypatch: pytest.MonkeyPatch) -> Iterator[Packing]:
    heavy = {f"share/heavy/{number}": f"{number}\n" * 99 for number in range(30)}
    make_package(box.channel, "heavy", files=heavy)
    index_channel(box.channel)
    folder = box.root / "index"
    wheel = make_wheel(box.root / "made", "good")
    make_index(folder, wheel)
    with serving(box.channel) as channel, serving(folder) as index:
        channel.credentials = index.credentials = f"ada:{TOKEN}"
        address = channel.url.replace("//", f"//ada:{TOKEN}@")
        monkeypatch.setenv("PIP_INDEX_URL", index.url.replace("//", f"//ada:{TOKEN}@"))
        monkeypatch.setenv("CONDA_REMOTE_MAX_RETRIES", "0")
        box.settings = load_settings()
        result, _ = box.build(box.write_spec("app=2", "heavy", channel=address))
        assert result.state is JobState.DONE, result
        url = f"{index.url}/good/{wheel.name}"
        good = PipPackage(name="good", version="1.0", url=url, sha256=sha256_of(wheel))
        lock = replace(read_whole_lock("env", box.settings), pip=(good,))
        yield Packing(box, lock, channel, index)


def sha256_of(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_packs_of_servers_with_credentials_hold_everything_but_secrets(packing: Packing):
    box = packing.box
    result, packed = packing.pack(output=box.root)
    assert result.state is JobState.DONE, result
    assert packed is not None
    tar = box.root / "env-linux-64.tar"
    assert packed.path == str(tar)
    assert (packed.sha256, packed.size_bytes) == (sha256_of(tar), tar.stat().st_size)
    assert (packed.conda_packages, packed.pip_packages) == (3, 1)
    assert tar.stat().st_mode & 0o777 == 0o666 & ~current_umask()
    with tarfile.open(tar) as opened:
        names = {info.name.partition("/")[2] for info in opened}
    assert {
        "channel/linux-64/app-2.0-0.conda", "channel/linux-64/heavy-1.0-0.conda",
        "channel/linux-64/zlib-1.3-0.conda", "pip/good-1.0-py3-none-any.whl",
        "pip/requirements.txt", "explicit.txt", "conda-lock.yml", "pixi.lock", "pylock.toml",
        "environment.yml", "install.sh", "README.txt", "SHA256SUMS", "envbench-pack.json",
    } <= names  # fmt: skip
    assert TOKEN.encode() not in tar.read_bytes()
    assert packing.litter() == []

    # The same environment gives the same bytes, over what was there before.
    before = tar.read_bytes()
    tar.write_bytes(b"an older pack")
    assert packing.pack(output=tar)[0].state is JobState.DONE
    assert tar.read_bytes() == before


def current_umask() -> int:
    umask = os.umask(0o022)
    os.umask(umask)
    return umask


def test_packs_that_fail_say_what_and_leave_nothing(packing: Packing):
    output = packing.box.root / "failing.tar"

    # What the index serves now is not what was installed.
    wheel = next(packing.index.folder.rglob("*.whl"))
    data = wheel.read_bytes()
    wheel.write_bytes(data + b"\0")
    result, _ = packing.pack(output=output)
    assert (result.state, result.code) == (JobState.FAILED, 1)
    assert "good==1.0 is no longer what the lock names" in result.reason
    assert sha256_of(wheel) in result.reason
    wheel.unlink()
    result, _ = packing.pack(output=output)
    assert result.code == 3
    assert "good==1.0 could not be fetched: the archive is not there" in result.reason
    wheel.write_bytes(data)

    packing.channel.spoilt = "heavy-1.0"
    result, _ = packing.pack(output=output)
    assert result.code == 3
    assert "heavy 1.0 0 could not be fetched: the download broke off" in result.reason
    packing.channel.spoilt = ""

    result, _ = packing.pack(output=output, offline=True)
    assert result.code == 3
    assert "the network is not to be used" in result.reason
    assert not output.exists()
    assert packing.litter() == []


def test_a_cancelled_pack_leaves_nothing_and_the_older_one_as_it_was(packing: Packing):
    box = packing.box
    output = box.root / "out.tar"
    output.write_bytes(b"an older pack")
    packing.channel.held = "heavy-1.0"
    job = packing.submit(output=output)
    wait_until(packing.channel.reached.is_set, "the download")
    job.cancel()
    result = job.wait(LIMIT_S)
    packing.channel.held = ""
    assert result is not None
    assert result.state is JobState.CANCELLED
    wait_until(lambda: not find_job_processes(job), "the end of the processes")
    assert output.read_bytes() == b"an older pack"
    assert packing.litter() == []


def test_locks_and_generations_are_packed_as_environments_are(box: Box):
    result, _ = box.build(box.write_spec("app=2"))
    assert result.state is JobState.DONE, result

    def pack(subject: str, name: str) -> PackResult:
        order = PackOrder(subject=subject, output=box.root / name)
        packed = read_pack_result(submit_pack(order, box.settings).job.wait(LIMIT_S))
        assert packed is not None
        return packed

    first = pack("env", "first.tar")
    assert pack("env@1", "second.tar").sha256 == first.sha256
    export_lock("env", "pixi-v6", box.root / "pixi.lock", box.settings)
    packed = pack(str(box.root / "pixi.lock"), "third.tar")
    assert (packed.name, packed.conda_packages, packed.platform) == ("pixi", 2, "linux-64")
    # What one pack holds is a channel like any other.
    subprocess.run(["tar", "-xf", "first.tar"], cwd=box.root, check=True)
    channel = (box.root / "env-linux-64" / "channel").as_uri()
    result, built = box.build(box.write_spec("app", name="again", channel=channel))
    assert result.state is JobState.DONE, result
    assert built is not None
    assert built.conda_packages == 2
    packed = pack(str(box.root / "env.yml"), "fourth.tar")
    assert (packed.name, packed.conda_packages, packed.platform) == ("env", 2, "linux-64")
    with pytest.raises(UsageError, match="linux-64"):
        submit_pack(PackOrder(subject="env", platform="osx-arm64"), box.settings)
    with pytest.raises(UsageError, match="no folder"):
        submit_pack(PackOrder(subject="env", output=box.root / "no/out.tar"), box.settings)
    with pytest.raises(UsageError, match="no environment named"):
        submit_pack(PackOrder(subject="nothing"), box.settings)
    pins = box.root / "environment.lock.yml"
    pins.write_text("name: env\nchannels:\n  - x\ndependencies:\n  - app=2.0\n")
    with pytest.raises(NotFineError) as caught:
        submit_pack(PackOrder(subject=str(pins), platform="linux-64"), box.settings)
    assert "app 2.0: the lock says no address for it" in str(caught.value)


def test_source_archives_and_unknown_hashes_are_warned_of(box: Box):
    wheel = make_wheel(box.root / "made", "good")
    sdist = make_sdist(box.root / "made", "sourceonly", box.root / "setup-ran")
    pip = (
        PipPackage(name="good", version="1.0", url=wheel.as_uri()),
        PipPackage(
            name="sourceonly", version="1.0", url=sdist.as_uri(), sha256=sha256_of(sdist)
        ),
    )  # fmt: skip
    lock = Lock(name="env", platform="linux-64", channels=(), packages=(), pip=pip)
    job = submit_pack(PackOrder(subject="env", lock=lock), box.settings).job
    packed = read_pack_result(job.wait(LIMIT_S))
    assert packed is not None
    first, second, third = packed.warnings
    assert first.startswith("good==1.0: its hash was not known")
    assert second.startswith("sourceonly==1.0 is packed as source: installing it runs its code")
    assert third.startswith("there is no pip in the environment")
    assert not (box.root / "setup-ran").exists()
    with tarfile.open(box.root / "env-linux-64.tar") as tar:
        lines = tar.extractfile("env-linux-64/pip/requirements.txt").read().decode().splitlines()
    assert lines == [
        f"good==1.0 --hash=sha256:{sha256_of(wheel)}",
        f"sourceonly==1.0 --hash=sha256:{sha256_of(sdist)}",
    ]
