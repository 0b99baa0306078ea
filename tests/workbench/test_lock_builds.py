"""Builds from locks: exactly what is locked, or nothing, and told where the lock says it."""

import hashlib
import json
import shutil
import signal
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from envbench.formats.lock_formats import export_lock
from envbench.jobs.processes import Identity, send_signal
from envbench.model.build import BuildResult, PipSettings
from envbench.model.errors import NotFineError, UsageError
from envbench.model.job import JobResult, JobState
from envbench.settings.load import load_settings
from envbench.workbench.building import SubmittedBuild, read_build_result
from envbench.workbench.environments import find_prefix, read_lock
from envbench.workbench.locked_builds.submitting import LockedOrder, submit_locked_build
from envbench.workbench.verification.verify import verify_environment
from tests.channels import index_channel, make_package
from tests.workbench.conftest import LIMIT_S, Box, make_box
from tests.workbench.failing import (
    GatedServer,
    list_litter,
    read_identity,
    serving,
    settle,
    unchanged,
    wait_for_phase,
    wait_until,
)
from tests.workbench.wheels import make_sdist, make_wheel


def submit(box: Box, *locks: Path, name: str = "copy", **order: object) -> SubmittedBuild:
    return submit_locked_build(LockedOrder(locks=locks, name=name, **order), box.settings)


def build(box: Box, *locks: Path, **order: object) -> tuple[JobResult, BuildResult | None]:
    result = submit(box, *locks, **order).job.wait(LIMIT_S)
    return result, read_build_result(result)


def build_well(box: Box, *locks: Path, **order: object) -> BuildResult:
    result, built = build(box, *locks, **order)
    assert result.state is JobState.DONE, result
    settle(box)
    return built


def fail(box: Box, *locks: Path, **order: object) -> JobResult:
    """Build what cannot be built over an environment in use, which must stay as it is."""
    with unchanged(box):
        result, _ = build(box, *locks, name="env", **order)
    assert result.state is JobState.FAILED, result
    assert result.hint
    assert "unexpected error" not in result.reason
    assert list_litter(box) == []
    return result


def write(box: Box, form: str, environment: str = "env", place: Path | None = None) -> Path:
    export = export_lock(read_lock(environment, box.settings), form)
    folder = place or box.root
    for file in export.files:
        (folder / file.path).write_text(file.text)
    return folder / export.file_name


@pytest.fixture
def live(box: Box) -> Box:
    """A box with an environment in use: `app` and what it needs."""
    result, _ = box.build(box.write_spec("app"))
    assert result.state is JobState.DONE
    return box


def test_it_is_the_same_again_and_says_where_it_came_from(live: Box):
    lock = write(live, "explicit")
    built = build_well(live, lock)
    assert (built.conda_packages, built.files_verified) == (2, 2)
    assert verify_environment("copy", lock, live.settings).is_fine
    old, new = read_lock("env", live.settings), read_lock("copy", live.settings)
    # The lock knew no sha256, no dependencies and no licence: the archives did.
    assert new.packages == old.packages
    assert new.channels == old.channels
    record = json.loads(
        (find_prefix("copy", live.settings) / ".envbench-generation.json").read_text()
    )
    assert str(lock) in json.dumps(record)
    assert "build --from" in json.dumps(record)


def test_a_lock_that_knows_only_md5_takes_what_is_cached(live: Box):
    """The cache was filled by a channel that announced sha256; nothing is fetched again."""
    lock = write(live, "explicit")
    for archive in live.channel.rglob("*.conda"):
        archive.unlink()
    assert "#sha256:" not in lock.read_text()
    build_well(live, lock, offline=True)
    build_well(live, write(live, "explicit-sha256"), offline=True)
    build_well(live, write(live, "pixi-v7"), offline=True)


def test_what_is_not_there_is_named_with_its_line(live: Box):
    lock = write(live, "explicit")
    lines = lock.read_text().splitlines()
    number = next(n for n, line in enumerate(lines, 1) if "/zlib-" in line)
    lock.write_text(lock.read_text().replace("/zlib-1.3-0", "/zlib-1.4-0"))
    result = fail(live, lock)
    assert result.code == 3
    assert f"{lock}:{number}: package zlib-1.4-0 could not be fetched" in result.reason
    assert "make the lock again" in result.hint


def test_archives_that_are_not_what_is_locked_are_refused(live: Box):
    """conda and rattler take `file://` archives unseen; here their hashes count all the same."""
    lock = write(live, "explicit-sha256")
    text = lock.read_text()
    digest = next(line.rpartition(":")[2] for line in text.splitlines() if "/app-" in line)
    lock.write_text(text.replace(digest, "0" * 64))
    result = fail(live, lock)
    assert "package app-2.0-0 is not what the lock says" in result.reason
    assert "the lock says 0000" in result.reason

    # The hash is right, and yet it is another package.
    archive = live.channel / "linux-64" / "app-1.0-0.conda"
    other = live.channel / "linux-64" / "app-2.0-0.conda"
    other.write_bytes(archive.read_bytes())
    lock.write_text(text.replace(digest, hashlib.sha256(archive.read_bytes()).hexdigest()))
    result = fail(live, lock)
    assert "the archive is of another package, app-1.0-0" in result.reason

    # One hash is right, and the other one of the same package is not.
    pixi = write(live, "pixi-v7")
    md5 = next(p.md5 for p in read_lock("env", live.settings).packages if p.name == "zlib")
    pixi.write_text(pixi.read_text().replace(md5, "0" * 32))
    result = fail(live, pixi)
    assert "package zlib-1.3-0 is not what the lock says: its md5 is" in result.reason


def test_a_lock_without_hashes_is_built_and_warned_of(live: Box):
    lock = write(live, "explicit")
    bare = "\n".join(line.partition("#")[0] or line for line in lock.read_text().splitlines())
    lock.write_text(bare + "\n")
    submitted = submit(live, lock)
    assert submitted.job.wait(LIMIT_S).state is JobState.DONE
    assert any("there is no hash" in warning for warning in submitted.warnings)


def test_locks_that_cannot_be_relied_on_are_refused_before_any_job(live: Box):
    lock = write(live, "explicit")
    broken = live.root / "broken.txt"
    broken.write_text(lock.read_text() + "numpy=1.2\n")
    with pytest.raises(NotFineError) as refused:
        submit(live, broken)
    assert f"{broken}:{len(broken.read_text().splitlines())}: " in refused.value.why

    other = live.root / "other.txt"
    other.write_text(lock.read_text().replace("linux-64", "osx-arm64"))
    with pytest.raises(NotFineError) as refused:
        submit(live, other)
    assert "nothing for linux-64" in refused.value.what
    assert "It locks osx-arm64." in refused.value.why

    with pytest.raises(UsageError, match="no name"):
        submit(live, lock, name=None)
    with pytest.raises(UsageError, match="more than one of these locks conda"):
        submit(live, lock, write(live, "pixi-v7"))
    assert not live.path("copy").exists()


def test_what_the_box_does_not_have_is_asked_for_before_it_is_built(live: Box):
    make_package(live.channel, "fast", depends=["__cuda >=12"], files={"share/f": "f"})
    make_package(live.channel, "newer", constrains=["__cuda >=13"], files={"share/n": "n"})
    index_channel(live.channel)
    result, _ = live.build(live.write_spec("fast", "newer"), virtual=("__cuda=13.0",))
    assert result.state is JobState.DONE, result
    lock = write(live, "pixi-v7")
    result = fail(live, lock, virtual=("__cuda=none",))
    assert result.code == 1
    assert "fast-1.0-0 needs __cuda >=12, this box has none" in result.reason
    assert "newer" not in result.reason
    assert "--virtual __cuda=12" in result.hint
    result = fail(live, lock, virtual=("__cuda=12.4",))
    assert "newer-1.0-0 needs __cuda >=13, this box has 12.4" in result.reason
    build_well(live, lock, virtual=("__cuda=13.1",))


def test_a_lock_that_lacks_a_dependency_is_built_and_warned_of(live: Box):
    lock = write(live, "explicit")
    kept = [line for line in lock.read_text().splitlines() if "/zlib-" not in line]
    lock.write_text("\n".join(kept) + "\n")
    submitted = submit(live, lock)
    assert submitted.job.wait(LIMIT_S).state is JobState.DONE
    log = (submitted.job.directory / "log").read_text()
    assert "app-2.0-0 needs zlib >=1, the lock has none" in log


def test_pins_without_addresses_bring_these_packages_and_no_others(live: Box):
    lock = write(live, "environment-lock-builds")
    live.publish("zlib", "1.9", files={"share/newer": "n"})
    live.publish("app", "3.0", depends=["zlib >=1"])
    submitted = submit(live, lock)
    assert submitted.job.wait(LIMIT_S).state is JobState.DONE
    assert any("no addresses or hashes" in warning for warning in submitted.warnings)
    assert read_lock("copy", live.settings).packages == read_lock("env", live.settings).packages

    text = lock.read_text()
    lock.write_text("".join(x for x in text.splitlines(keepends=True) if "zlib" not in x))
    result = fail(live, lock)
    assert "needed but not locked: zlib-1.9-0" in result.reason

    lock.write_text(text.replace("app=2.0=0", "app=2.5=0"))
    result = fail(live, lock)
    assert result.code == 1
    assert "app" in result.reason
    assert "2.5" in result.reason
    assert "the channels no longer have what is locked" in result.hint


@pytest.fixture
def server(live: Box) -> Iterator[GatedServer]:
    with serving(live.root) as server:
        yield server


def serve(box: Box, server: GatedServer, lock: Path) -> Path:
    """Let the addresses of a lock lead to a server in the place of the folder."""
    served = box.root / f"served-{lock.name}"
    served.write_text(lock.read_text().replace(box.root.as_uri(), server.url))
    return served


def test_channels_that_want_credentials_get_those_of_the_settings(
    live: Box, server: GatedServer, monkeypatch: pytest.MonkeyPatch
):
    lock = serve(live, server, write(live, "explicit"))
    server.credentials = "someone:pa55word"
    result = fail(live, lock)
    assert "the channel wants credentials (401)" in result.reason
    secret = f"http://someone:pa55word@{server.url[7:]}/channel"
    (Path.home() / ".condarc").write_text(f"channels:\n  - {secret}\n")
    monkeypatch.setattr(live, "settings", load_settings())
    build_well(live, lock)
    assert verify_environment("copy", lock, live.settings).is_fine
    for written in (live.settings.paths.jobs_dir, find_prefix("copy", live.settings)):
        assert not [p for p in written.rglob("*") if p.is_file() and b"pa55" in p.read_bytes()]


@pytest.mark.parametrize("phase", ["fetch", "link"])
def test_killed_in_a_phase_it_leaves_what_is_in_use_and_heals(
    live: Box, server: GatedServer, phase: str
):
    if phase == "link":
        many = {f"share/many/{i}.txt": f"{i}\n" for i in range(3000)}
        live.publish("many", files=many)
    else:
        live.publish("many", files={"share/m": "m"})
    assert live.build(live.write_spec("app", "many", name="source"))[0].state is JobState.DONE
    lock = serve(live, server, write(live, "explicit-sha256", "source"))
    if phase == "fetch":
        server.held = "many-1.0"
    with unchanged(live):
        job = submit(live, lock, name="env").job
        wait_for_phase(job, phase)
        if server.held:
            wait_until(server.reached.is_set, "the archive")
        send_signal(Identity(read_identity(job, "worker.json")), signal.SIGKILL)
        result = job.wait(LIMIT_S)
        assert result.state is not JobState.DONE, "it was faster than the kill"
    server.gate.set()
    server.held = ""
    build_well(live, lock, name="env")
    assert verify_environment("env", lock, live.settings).is_fine
    assert list_litter(live) == []


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GatedServer]:
    with serving(tmp_path_factory.mktemp("served")) as server:
        yield server


@pytest.fixture(scope="module")
def piped(
    tmp_path_factory: pytest.TempPathFactory, python_channel: Path, index: GatedServer
) -> Iterator[Box]:
    """A box whose environment has a pip part from an index that it serves itself."""
    make_wheel(index.folder / "index" / "leaf", "leaf", "2.0")
    make_wheel(index.folder / "index" / "tree", "tree", requires=["leaf"])
    with pytest.MonkeyPatch.context() as patch:
        box = make_box(tmp_path_factory.mktemp("piped"), patch)
        patch.setenv("UV_HTTP_RETRIES", "0")
        pip = PipSettings(index_url=f"{index.url}/index/")
        box.settings = replace(box.settings, pip=replace(box.settings.pip, settings=pip))
        spec = box.write_spec("python", pip=("tree",), channel=python_channel.as_uri())
        result, _ = box.build(spec, pip)
        assert result.state is JobState.DONE, result
        settle(box)
        yield box


def add(pylock: str, name: str, source: str) -> str:
    """Add a package to a `pylock.toml`."""
    head, mark, tail = pylock.partition("\n[tool")
    return f'{head}\n[[packages]]\nname = "{name}"\nversion = "1.0"\n{source}\n{mark}{tail}'


def test_pip_parts_are_what_is_locked_or_refused_by_name(
    piped: Box, index: GatedServer, tmp_path: Path
):
    lock = write(piped, "pylock", place=tmp_path)
    served = len(index.served)
    build_well(piped, lock, offline=True)
    assert verify_environment("copy", lock, piped.settings).is_fine
    assert len(index.served) == served, "all of it is in the cache"
    assert read_lock("copy", piped.settings).pip == read_lock("env", piped.settings).pip

    text = lock.read_text()
    digest = hashlib.sha256((index.folder / "index/leaf/leaf-2.0-py3-none-any.whl").read_bytes())
    lock.write_text(text.replace(digest.hexdigest(), "0" * 64))
    result = fail(piped, lock)
    assert result.code == 3
    assert f"{lock}" in result.reason
    assert "the downloaded leaf is not the one that was expected" in result.reason

    # Its own lock of the conda part is another one now.
    lock.write_text(text)
    write(piped, "explicit", place=tmp_path)
    with pytest.raises(NotFineError, match="goes with another explicit"):
        submit(piped, lock)


def test_a_pip_part_that_lacks_a_requirement_is_built_and_warned_of(piped: Box, tmp_path: Path):
    """The environment that was locked may have been like that; it is not for a build to mend it."""
    lock = write(piped, "pylock", place=tmp_path)
    tables = lock.read_text().split("\n[[packages]]\n")
    kept = [table for table in tables if not table.startswith('name = "leaf"')]
    assert len(kept) == len(tables) - 1
    lock.write_text("\n[[packages]]\n".join(kept))
    job = submit(piped, lock).job
    assert job.wait(LIMIT_S).state is JobState.DONE
    settle(piped)
    log = (job.directory / "log").read_text()
    assert "The locked packages do not fit each other" in log
    assert "leaf" in log


def test_sources_are_built_only_when_that_is_allowed(
    piped: Box, index: GatedServer, tmp_path: Path
):
    marker = tmp_path / "ran"
    sdist = make_sdist(index.folder / "index" / "grown", "grown", marker)
    lock = write(piped, "pylock", place=tmp_path)
    digest = hashlib.sha256(sdist.read_bytes()).hexdigest()
    url = f"{piped.settings.pip.settings.index_url}grown/{sdist.name}"
    text = lock.read_text()
    lock.write_text(
        add(text, "grown", f'sdist = {{ url = "{url}", hashes = {{ sha256 = "{digest}" }} }}')
    )
    with pytest.raises(NotFineError, match="installing grown would run code of it"):
        submit(piped, lock)
    assert not marker.exists()
    folder = tmp_path / "nowhere"
    lock.write_text(add(text, "grown", f'directory = {{ path = "{folder}", editable = true }}'))
    with pytest.raises(NotFineError, match="its folder is not on this box"):
        submit(piped, lock, allow_builds=True)


def test_what_lies_here_already_takes_the_place_of_its_address(
    piped: Box, index: GatedServer, tmp_path: Path
):
    """As a pack does it: no network, and the addresses of the lock stay what is known of it."""
    wheel = make_wheel(index.folder / "files", "direct")
    address = f"{index.url}/files/{wheel.name}"
    digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
    lock = write(piped, "pylock", place=tmp_path)
    source = f'archive = {{ url = "{address}", hashes = {{ sha256 = "{digest}" }} }}'
    lock.write_text(add(lock.read_text(), "direct", source))
    kept = tmp_path / "kept" / wheel.name
    kept.parent.mkdir()
    wheel.rename(kept)
    before = len(index.served)
    build_well(piped, lock, offline=True, places={address: kept})
    assert verify_environment("copy", lock, piped.settings).is_fine
    assert len(index.served) == before
    [direct] = [p for p in read_lock("copy", piped.settings).pip if p.name == "direct"]
    assert direct.direct_url == address
    kept.write_bytes(b"something else")
    result = fail(piped, lock, offline=True, places={address: kept})
    assert "direct" in result.reason


def test_indexes_that_want_credentials_get_them_for_the_files_of_a_lock(
    piped: Box, index: GatedServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    lock = write(piped, "pylock", place=tmp_path)
    index.credentials = "someone:pa55word"
    monkeypatch.setenv("PIP_INDEX_URL", f"http://someone:pa55word@{index.url[7:]}/index/")
    monkeypatch.setattr(piped, "settings", load_settings())
    monkeypatch.delenv("PIP_INDEX_URL")
    shutil.rmtree(piped.settings.paths.uv_cache_dir)
    build_well(piped, lock)
    index.credentials = ""
    assert "pa55word" not in lock.read_text()


def test_killed_while_pip_works_it_leaves_what_is_in_use(
    piped: Box, index: GatedServer, tmp_path: Path
):
    lock = write(piped, "pylock", place=tmp_path)
    shutil.rmtree(piped.settings.paths.uv_cache_dir)
    index.held = "leaf-2.0"
    index.reached.clear()
    with unchanged(piped):
        job = submit(piped, lock, name="env").job
        wait_until(index.reached.is_set, "the wheel")
        send_signal(Identity(read_identity(job, "worker.json")), signal.SIGKILL)
        assert job.wait(LIMIT_S).state is not JobState.DONE
    index.held = ""
    index.gate.set()
    build_well(piped, lock, name="env")
    assert list_litter(piped) == []
