"""Locks of specs, environments and other locks, with the real solver and the real resolver."""

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from envbench.engine.solver.client import SolverProcess
from envbench.formats.lock_formats import export_lock
from envbench.machine.host import detect_host, detect_platform
from envbench.model.build import PipSettings
from envbench.model.errors import NotFineError, UsageError
from envbench.model.lock import Lock
from envbench.model.version import compare_versions
from envbench.settings.load import Settings
from envbench.workbench.locks.files import LockFilesOrder, write_lock_files
from envbench.workbench.locks.making import LockOrder, LockSubject, MadeLocks, make_locks
from envbench.workers.engine import describe_engine
from tests.channels import index_channel, make_package, make_python
from tests.workbench.conftest import Box
from tests.workbench.failing import serving
from tests.workbench.wheels import make_sdist, make_wheel

BOTH = ("linux-64", "osx-arm64")
ALL = (*BOTH, "linux-aarch64", "win-64")


@pytest.fixture
def bench(box: Box) -> Iterator["Bench"]:
    for platform in ALL:
        make_python(box.channel, "3.11.7", subdir=platform)
        for version in ("1.2", "1.3"):
            make_package(box.channel, "zlib", version, subdir=platform)
        for version in ("1.0", "2.0"):
            make_package(box.channel, "app", version, depends=["zlib >=1"], subdir=platform)
    make_package(box.channel, "numpy", "1.26.4", depends=["python"], noarch="python")
    make_package(box.channel, "fast", "1.0", depends=["__cuda >=12"])
    make_package(box.channel, "fast", "0.9")
    make_package(box.channel, "mac", "1.0", subdir="osx-arm64")
    index_channel(box.channel)
    with SolverProcess(describe_engine(box.settings)) as solver:
        yield Bench(box, solver)


class Bench:
    """A box, its solver, and the package index that its settings name."""

    def __init__(self, box: Box, solver: SolverProcess) -> None:
        self.box, self.solver, self.settings = box, solver, box.settings
        self.index = box.root / "index"

    def use(self, pip: PipSettings) -> None:
        self.settings = replace(self.settings, pip=replace(self.settings.pip, settings=pip))

    def lock(self, subject: object, **order: object) -> MadeLocks:
        asked = LockOrder(subject=str(subject), **order)
        return make_locks(asked, self.settings, solver=self.solver)

    def write(self, lock: Lock, name: str, file_name: str) -> Path:
        path = self.box.root / file_name
        path.write_text(export_lock(lock, name).text)
        return path

    def publish(self, *archives: Path) -> None:
        """Put archives on the index, beside those of the same project."""
        for archive in archives:
            page = self.index / archive.name.partition("-")[0]
            page.mkdir(parents=True, exist_ok=True)
            (page / archive.name).write_bytes(archive.read_bytes())
        for page in self.index.iterdir():
            files = sorted(path for path in page.iterdir() if path.suffix != ".html")
            links = (f'<a href="{f.name}#sha256={digest(f)}">{f.name}</a>' for f in files)
            (page / "index.html").write_text(f"<html><body>{''.join(links)}</body></html>")

    def wheel(self, name: str, version: str, tag: str = "py3-none-any", **content: object) -> Path:
        """A wheel of other bytes for each tag."""
        made = self.box.root / "made"
        content.setdefault("files", {f"{name}/__init__.py": f"tag = {tag!r}\n"})
        pure = make_wheel(made, name, version, **content)
        return pure.rename(made / f"{name}-{version}-{tag}.whl")


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def versions(lock: Lock) -> dict[str, str]:
    return {package.name: package.version for package in lock.packages}


def test_a_spec_is_solved_for_each_platform(bench: Bench):
    spec = bench.box.write_spec("app", "python=3.11")
    with spec.open("a") as file:
        file.write("  - sel(osx): mac\nvariables:\n  B: two\n  A: one\n")
    made = bench.lock(spec, platforms=ALL, virtual=("__cuda=12.4",))
    assert made.subject is LockSubject.SPEC and "taken as a spec" in made.source
    assert [lock.platform for lock in made.locks] == list(ALL)
    by_platform = {lock.platform: lock for lock in made.locks}
    assert by_platform["osx-arm64"].packages and "mac" in versions(by_platform["osx-arm64"])
    assert "mac" not in versions(by_platform["linux-64"])
    assert all(p.subdir in (lock.platform, "noarch") for lock in made.locks for p in lock.packages)
    linux = by_platform["linux-64"]
    assert (linux.name, linux.source) == ("env", "env.yml")
    assert linux.channels == (bench.box.channel.as_uri(),)
    assert linux.variables == (("A", "one"), ("B", "two"))
    assert {p.channel_url for p in linux.packages} == {bench.box.channel.as_uri()}
    has = {lock.platform: {v.name: v.version for v in lock.virtual_packages} for lock in made.locks}
    assert has["linux-64"]["__cuda"] == has["win-64"]["__cuda"] == "12.4"
    assert "__cuda" not in has["osx-arm64"] and has["osx-arm64"]["__osx"] == "13.0"
    assert has["linux-aarch64"]["__glibc"] == "2.28"
    assert sum("ordinary box" in warning for warning in made.warnings) == 4


def test_profiles_of_boxes_decide(bench: Bench):
    spec = bench.box.write_spec("fast")
    gpu = bench.box.root / "gpu.toml"
    gpu.write_text('schema = 1\nplatform = "linux-64"\nglibc = "2.31"\ncuda = "12.4"\n')
    (lock,) = bench.lock(spec, host_files=(gpu,)).locks
    assert versions(lock) == {"fast": "1.0"}
    made = bench.lock(spec, platforms=("linux-64",))
    assert versions(made.locks[0]) == {"fast": "0.9"} and "no GPU driver" in made.warnings[0]
    with pytest.raises(UsageError, match="two host profiles are for linux-64"):
        bench.lock(spec, host_files=(gpu, gpu))
    with pytest.raises(UsageError, match="linux-64, which is not asked for"):
        bench.lock(spec, host_files=(gpu,), platforms=("osx-arm64",))
    with pytest.raises(UsageError, match=r"no box of osx-arm64 can have __cuda=12\.4"):
        bench.lock(spec, platforms=("osx-arm64",), virtual=("__cuda=12.4",))
    with pytest.raises(UsageError, match="no platform of conda"):
        bench.lock(spec, platforms=("linux64",))


def test_without_a_platform_it_is_this_one_with_its_driver(bench: Bench, monkeypatch):
    """The lock of a spec does not depend on the kernel of whoever makes it."""
    own = detect_platform()
    if own not in ALL or own == "win-64":
        pytest.skip(f"nothing is published for {own}")
    spec = bench.box.write_spec("app")
    monkeypatch.setenv("CONDA_OVERRIDE_CUDA", "")
    (plain,) = bench.lock(spec, platforms=(own,)).locks
    assert bench.lock(spec).locks == (plain,)
    monkeypatch.setenv("CONDA_OVERRIDE_CUDA", "12.2")
    made = bench.lock(spec)
    assert "a driver for CUDA 12.2" in made.warnings[0]
    found = {each.name: each.version for each in made.locks[0].virtual_packages}
    assert found == {**{v.name: v.version for v in plain.virtual_packages}, "__cuda": "12.2"}
    monkeypatch.setenv("CONDA_OVERRIDE_GLIBC", "2.17")
    monkeypatch.setenv("CONDA_OVERRIDE_ARCHSPEC", "zen4")
    found = {each.name: each for each in bench.lock(spec).locks[0].virtual_packages}
    assert (found["__glibc"].version, found["__archspec"].build) == ("2.17", "zen4")


def test_what_this_box_can_have_is_locked_here_though_an_ordinary_one_could_not(bench: Bench):
    own = detect_host()
    if own.platform not in ALL or not own.glibc or compare_versions(own.glibc, "2.29") > 0:
        pytest.skip("this box has no newer C library than an ordinary one")
    needs = ["__glibc >=2.29,<3"]
    make_package(bench.box.channel, "new", "1.0", depends=needs, subdir=own.platform)
    kernel = ["__linux >=4.19"]
    make_package(bench.box.channel, "newer", "1.0", depends=kernel, subdir=own.platform)
    make_package(bench.box.channel, "newest", "1.0", depends=["__glibc >=99"])
    index_channel(bench.box.channel)
    spec = bench.box.write_spec("new", "app")
    made = bench.lock(spec)
    has = {each.name: each.version for each in made.locks[0].virtual_packages}
    # No nearer to this box than has to be: the kernel is still an ordinary one.
    assert (has["__glibc"], has["__linux"]) == (own.glibc, "4.18")
    assert versions(made.locks[0])["new"] == "1.0"
    (told,) = made.warnings
    assert "an ordinary box cannot have this" in told and f"glibc {own.glibc}" in told
    if own.linux and compare_versions(own.linux, "4.19") <= 0:
        (lock,) = bench.lock(bench.box.write_spec("newer", name="kernel")).locks
        assert lock.virtual_packages == own.virtual_packages()

    # A platform that was named means whoever has it.
    made = bench.lock(spec, platforms=(own.platform,))
    assert made.locks == () and made.conflict is not None
    assert "--virtual __glibc=2.29" in made.conflict_hint and "--host FILE" in made.conflict_hint
    assert bench.lock(spec, platforms=(own.platform,), virtual=("__glibc=2.29",)).locks
    made = bench.lock(bench.box.write_spec("newest", name="future"))
    assert made.locks == () and "--virtual __glibc=99" in made.conflict_hint
    assert "ordinary box" in made.warnings[0]


def test_platforms_that_a_spec_lists_are_locked_where_there_is_room(bench: Bench):
    spec = bench.box.write_spec("app")
    spec.write_text(spec.read_text() + "platforms: [linux-64, osx-arm64]\n")

    def platforms(form: str, **order: object) -> tuple[str, ...]:
        asked = LockOrder(subject=str(spec), **order)
        files = LockFilesOrder(lock=asked, format_name=form)
        return write_lock_files(files, bench.settings, solver=bench.solver).platforms

    assert platforms("conda-lock") == BOTH
    assert platforms("conda-lock", platforms=("win-64",)) == ("win-64",)
    assert len(platforms("explicit")) == 1


def test_a_conflict_on_one_platform_is_told_with_it(bench: Bench):
    made = bench.lock(bench.box.write_spec("app", "mac"), platforms=("osx-arm64", "linux-64"))
    assert made.locks == () and made.conflict_platform == "linux-64"
    assert made.conflict is not None and "mac" in made.conflict.summary


def test_the_pip_part_has_the_artefacts_of_its_platform(bench: Bench):
    wheels = {
        "linux-64": bench.wheel("tool", "1.0", "cp311-cp311-manylinux_2_17_x86_64"),
        "osx-arm64": bench.wheel("tool", "1.0", "cp311-cp311-macosx_11_0_arm64"),
        "win-64": bench.wheel("tool", "1.0", "cp311-cp311-win_amd64"),
        "linux-aarch64": bench.wheel("tool", "1.0", "cp311-abi3-manylinux2014_aarch64"),
    }
    others = (
        bench.wheel("tool", "1.0", "cp310-cp310-manylinux_2_17_x86_64"),
        bench.wheel("tool", "1.0", "cp311-cp311-manylinux_2_34_x86_64"),
        bench.wheel("tool", "1.0", "py3-none-any", requires=["pure"]),
    )
    pure = bench.wheel("pure", "2.0", requires=["numpy"])
    bench.publish(*wheels.values(), *others, pure)
    spec = bench.box.write_spec("python=3.11", "numpy", pip=("tool", "pure"))
    with serving(bench.index) as server:
        bench.use(PipSettings(index_url=server.url))
        made = bench.lock(spec, platforms=ALL)
    for lock in made.locks:
        tool = next(package for package in lock.pip if package.name == "tool")
        wheel = wheels[lock.platform]
        assert tool.url == f"{server.url.rstrip('/')}/tool/{wheel.name}", lock.platform
        assert tool.sha256 == digest(wheel)
        assert next(p for p in lock.pip if p.name == "pure").sha256 == digest(pure)
        # conda brings numpy.
        assert [package.name for package in lock.pip] == ["pure", "tool"]
        assert lock.indexes == (server.url.rstrip("/"),)


def test_the_pip_part_is_kept_where_the_items_allow_it(bench: Bench):
    tag = "cp311-cp311-manylinux_2_17_x86_64"
    old = bench.wheel("tool", "1.0", tag, requires=["dep", "side"])
    first = (old, bench.wheel("dep", "1.0"), bench.wheel("side", "1.0"))
    bench.publish(*first)
    spec = bench.box.write_spec("python=3.11", pip=("tool",))
    with serving(bench.index) as server:
        bench.use(PipSettings(index_url=server.url))
        (lock,) = bench.lock(spec, platforms=("linux-64",)).locks
        pylock = bench.write(lock, "pylock", "pylock.toml")
        # Newer versions come, and a wheel of the same version that would fit better.
        better = bench.wheel(
            "tool", "1.0", "cp311-cp311-manylinux_2_28_x86_64", requires=["dep", "side"]
        )
        newer = bench.wheel("tool", "2.0", requires=["dep>=2", "side"])
        bench.publish(better, newer, bench.wheel("dep", "2.0"), bench.wheel("side", "2.0"))

        def relock(*items: str, **order: object) -> tuple[MadeLocks, dict[str, str]]:
            asked = bench.box.write_spec("python=3.11", pip=items)
            made = bench.lock(asked, platforms=("linux-64",), **order)
            return made, {package.name: package.version for package in made.locks[0].pip}

        made, found = relock("tool", against=str(pylock))
        assert export_lock(made.locks, "pylock").text == pylock.read_text()
        assert made.changes[0].difference.is_empty
        assert relock("tool")[1] == {"tool": "2.0", "dep": "2.0", "side": "2.0"}
        # What an item rules out drags along what it must, and nothing else.
        made, found = relock("tool>1", against=str(pylock))
        assert found == {"tool": "2.0", "dep": "2.0", "side": "1.0"}
        assert any("2 locked packages had to give way" in text for text in made.warnings)
        made, found = relock("tool", against=str(pylock), update=("tool",))
        assert found == {"tool": "2.0", "dep": "2.0", "side": "1.0"}
        assert relock("tool", against=str(pylock), update=("side",))[1]["side"] == "2.0"
        with pytest.raises(UsageError, match="nothing is locked by the name nope"):
            relock("tool", against=str(pylock), update=("nope",))


def test_a_pip_part_without_solution_names_line_and_platform(bench: Bench):
    bench.publish(bench.wheel("tool", "1.0", "cp311-cp311-win_amd64"))
    spec = bench.box.write_spec("python=3.11", pip=("tool",))
    with serving(bench.index) as server:
        bench.use(PipSettings(index_url=server.url))
        assert bench.lock(spec, platforms=("win-64",)).locks
        with pytest.raises(NotFineError) as caught:
            bench.lock(spec, platforms=("win-64", "linux-64"))
    assert "linux-64" in caught.value.what and caught.value.where.endswith("env.yml:7")


def test_source_only_is_said(bench: Bench):
    # Metadata that may be believed: nothing has to be built to read it.
    bench.publish(make_sdist(bench.box.root / "made", "built", bench.box.root / "ran", static=True))
    spec = bench.box.write_spec("python=3.11", pip=("built",))
    with serving(bench.index) as server:
        bench.use(PipSettings(index_url=server.url, only_binary=False))
        made = bench.lock(spec, platforms=("linux-64",))
    (package,) = made.locks[0].pip
    assert package.url.endswith("built-1.0.tar.gz") and package.sha256
    assert any("no wheel, only source" in warning for warning in made.warnings)


def test_another_lock_is_converted_and_what_it_left_out_is_said(bench: Bench):
    spec = bench.box.write_spec("app")
    (lock,) = bench.lock(spec).locks
    explicit = bench.write(lock, "explicit", "explicit.txt")
    made = bench.lock(explicit)
    assert made.subject is LockSubject.LOCK and "taken as a lock (explicit)" in made.source
    assert versions(made.locks[0]) == versions(lock)
    assert export_lock(made.locks[0], "explicit").text == explicit.read_text()
    assert "name, channel order, pip packages, variables" in made.warnings[0]
    with pytest.raises(UsageError, match="only for specs"):
        bench.lock(explicit, update=("app",))
    with pytest.raises(UsageError, match="the lock has no osx-arm64"):
        bench.lock(explicit, platforms=("osx-arm64",))


def test_a_name_says_whether_pins_are_a_lock(bench: Bench):
    (lock,) = bench.lock(bench.box.write_spec("app")).locks
    pinned = bench.write(lock, "environment-lock", "environment.lock.yml")
    assert bench.lock(pinned).subject is LockSubject.LOCK
    again = pinned.rename(bench.box.root / "environment.yml")
    made = bench.lock(again)
    assert made.subject is LockSubject.SPEC and versions(made.locks[0]) == versions(lock)


def test_an_environment_is_locked_as_it_stands(bench: Bench):
    spec = bench.box.write_spec("app=1", "zlib=1.2")
    bench.box.build(spec)
    made = bench.lock("env")
    assert made.subject is LockSubject.ENVIRONMENT
    assert versions(made.locks[0]) == {"app": "1.0", "zlib": "1.2"}
    with pytest.raises(UsageError, match="of the platform linux-64"):
        bench.lock("env", platforms=("osx-arm64",))
    # What is installed is kept when its spec is locked.
    spec = bench.box.write_spec("app")
    made = bench.lock(spec, against="env")
    assert versions(made.locks[0]) == {"app": "1.0", "zlib": "1.2"}
    assert made.changes[0].difference.is_empty
    assert versions(bench.lock(spec).locks[0]) == {"app": "2.0", "zlib": "1.3"}


def test_a_file_that_is_not_there_is_no_environment(bench: Bench):
    with pytest.raises(UsageError, match="no such file"):
        bench.lock("nothing.yml")
    with pytest.raises(UsageError, match="no environment"):
        bench.lock("nothing")


def test_the_same_settings_elsewhere_give_the_same_bytes(bench: Bench, monkeypatch):
    spec = bench.box.write_spec("app", "python=3.11")
    first = bench.lock(spec, platforms=BOTH)
    monkeypatch.setenv("USER", "somebody")
    monkeypatch.setenv("CONDA_OVERRIDE_CUDA", "11.0")
    monkeypatch.setenv("CONDA_OVERRIDE_GLIBC", "2.40")
    monkeypatch.chdir("/")
    settings: Settings = bench.settings
    moved = replace(settings, paths=replace(settings.paths, cache_dir=bench.box.root / "other"))
    second = make_locks(LockOrder(subject=str(spec), platforms=BOTH), moved)
    for name in ("conda-lock", "pixi-v6"):
        texts = {export_lock(made.locks, name).text for made in (first, second)}
        assert len(texts) == 1
