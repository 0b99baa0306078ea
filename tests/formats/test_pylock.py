"""`pylock.toml`: what is written, and what packaging, uv and pip make of it."""

import hashlib
import sys
import tomllib
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from packaging.pylock import Pylock, PylockSelectError

from envbench.formats.locks import pylock
from envbench.formats.locks.pylock import read_pip_lock
from envbench.formats.pylock_part import path_to_url
from envbench.model.errors import UsageError
from envbench.model.export_options import ExportOptions
from envbench.model.lock import ExportedFile, Lock, PipPackage
from envbench.model.locked_set import LockAspect
from tests.formats.lock_strategies import locks
from tests.formats.lock_values import EVERYTHING, record
from tests.formats.pip_consumers import Consumer, make_project, make_repository
from tests.workbench.wheels import make_wheel

HERE = f"{sys.version_info.major}.{sys.version_info.minor}"
SHA = "ab" * 32
COMMIT = "0a" * 20


def write(*pip: PipPackage, python: str = f"{HERE}.0", **more: object) -> tuple[ExportedFile, ...]:
    values: dict[str, object] = {"packages": (record("python", python),), "platform": "linux-64"}
    lock = Lock(name="x", channels=("conda-forge",), pip=pip, **(values | more))
    return pylock.write([lock], ExportOptions())


def wheel_of(path: Path, name: str, version: str = "1.0", **more: object) -> PipPackage:
    data = path.read_bytes()
    values: dict[str, object] = {
        "url": path.as_uri(), "sha256": hashlib.sha256(data).hexdigest(), "size_bytes": len(data),
    }  # fmt: skip
    return PipPackage(name=name, version=version, **(values | more))


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, tuple[PipPackage, ...]]:
    """One package of each kind: wheel, local version, archive, repository, folder, editable."""
    root = tmp_path_factory.mktemp("sources")
    plain = wheel_of(make_wheel(root, "plain"), "plain", requires_python=">=3.8")
    local = wheel_of(make_wheel(root, "torchlike", "2.1.0+cu118"), "torchlike", "2.1.0+cu118")
    archive = wheel_of(make_wheel(root, "archived"), "archived")
    archive = replace(archive, url=None, direct_url=archive.url)
    git = PipPackage(
        name="fromgit", version="0.1", direct_url=make_repository(root / "git", "fromgit")
    )
    folder = make_project(root / "a folder+x", "infolder")
    editable = make_project(root / "editable", "edited")
    packages = (
        plain, local, archive, git,
        PipPackage(name="infolder", version="0.1", direct_url=path_to_url(str(folder))),
        PipPackage(name="edited", version="0.1", direct_url=path_to_url(str(editable)), editable=True),
    )  # fmt: skip
    return root, packages


@pytest.fixture
def consumer(tmp_path: Path) -> Consumer:
    return Consumer(tmp_path / "consumer")


def save(files: tuple[ExportedFile, ...], folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for file in files:
        (folder / file.path).write_text(file.text)
    return folder / files[0].path


def test_packaging_selects_every_source_from_it(sources):
    _, packages = sources
    parsed = Pylock.from_dict(tomllib.loads(write(*packages)[0].text))
    chosen = {str(package.name): type(source).__name__ for package, source in parsed.select()}
    assert chosen == {
        "plain": "PackageWheel", "torchlike": "PackageWheel", "archived": "PackageArchive",
        "fromgit": "PackageVcs", "infolder": "PackageDirectory", "edited": "PackageDirectory",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("platform", "python"),
    [("osx-arm64", f"{HERE}.0"), ("win-64", f"{HERE}.0"), ("linux-64", "3.6.1")],
)
def test_packaging_refuses_it_for_another_platform_or_python(platform, python):
    parsed = Pylock.from_dict(tomllib.loads(write(platform=platform, python=python)[0].text))
    with pytest.raises(PylockSelectError):
        list(parsed.select())


@pytest.mark.parametrize(
    ("platform", "python"), [("osx-arm64", f"{HERE}.0"), ("linux-64", "3.6.1")]
)
def test_uv_refuses_it_for_another_platform_or_python(
    sources, consumer, tmp_path, platform, python
):
    _, (plain, *_) = sources
    path = save(write(plain, platform=platform, python=python), tmp_path / "lock")
    done = consumer.uv("install", "--dry-run", "-r", str(path))
    assert done.returncode != 0
    assert "plain" not in consumer.installed()


@settings(max_examples=60)
@given(lock=locks())
def test_packaging_accepts_whatever_is_written(lock):
    try:
        text = pylock.write([lock], ExportOptions())[0].text
    except UsageError:
        assert any(not (p.url or p.direct_url) for p in lock.pip)
        return
    parsed = Pylock.from_dict(tomllib.loads(text))
    assert [package.name for package in parsed.packages] == sorted(p.name for p in lock.pip)
    parsed.validate()


def test_uv_installs_every_source_exactly(sources, consumer, tmp_path):
    _, packages = sources
    path = save(write(*packages), tmp_path / "lock")
    dry = consumer.uv("install", "--dry-run", "-r", str(path))
    assert dry.returncode == 0, dry.stderr
    done = consumer.uv("install", "-r", str(path))
    assert done.returncode == 0, done.stderr
    frozen = consumer.uv_freeze()
    assert "plain==1.0\n" in frozen
    assert "torchlike==2.1.0+cu118\n" in frozen
    for package in packages:
        if package.direct_url:
            assert package.direct_url in frozen


def require_new_pip(consumer: Consumer) -> None:
    if "pylock" not in consumer.pip("install", "--help").stdout:
        pytest.skip("the installed pip does not know pylock.toml")


def test_pip_installs_what_has_hashes_exactly(sources, consumer, tmp_path):
    require_new_pip(consumer)
    _, packages = sources
    path = save(write(*packages[:3]), tmp_path / "lock")
    dry = consumer.pip("install", "--dry-run", "-r", str(path))
    assert dry.returncode == 0, dry.stderr
    done = consumer.pip("install", "-r", str(path))
    assert done.returncode == 0, done.stderr
    assert consumer.installed()["torchlike"] == "2.1.0+cu118"


@pytest.mark.parametrize("kind", [3, 4, 5])
def test_pip_refuses_sources_without_a_hash_beside_others_as_the_loss_says(
    sources, consumer, tmp_path, kind
):
    require_new_pip(consumer)
    _, packages = sources
    path = save(write(packages[0], packages[kind]), tmp_path / "lock")
    mixed = consumer.pip("install", "--dry-run", "-r", str(path))
    assert mixed.returncode == 1
    assert "hash" in mixed.stderr


def test_the_loss_names_the_sources_that_pip_refuses(sources):
    _, packages = sources
    lock = Lock(name="x", platform="linux-64", channels=(), packages=(), pip=packages)
    (loss,) = pylock.find_losses(lock)
    assert loss.what == "pip as a consumer"
    assert loss.packages == ("edited", "fromgit", "infolder")
    assert pylock.find_losses(replace(lock, pip=packages[:3])) == ()
    assert pylock.find_losses(replace(lock, pip=packages[3:])) == ()


@pytest.mark.parametrize("direct", [False, True])
def test_uv_refuses_a_wrong_hash(sources, consumer, tmp_path, direct):
    _, (plain, *_) = sources
    wrong = replace(plain, sha256=SHA)
    if direct:
        wrong = replace(wrong, url=None, direct_url=plain.url)
    done = consumer.uv("install", "-r", str(save(write(wrong), tmp_path / "lock")))
    assert done.returncode == 1
    assert "ash mismatch" in done.stderr
    assert consumer.installed() == {}


def test_it_is_read_back_whole(sources):
    _, packages = sources
    of_index = replace(packages[1], index_url="https://download.pytorch.org/whl/cu118")
    packages = (packages[0], of_index, *packages[2:])
    reading = read_pip_lock(write(*packages)[0].text)
    assert reading.problems == ()
    assert reading.locked.platform == "linux-64"
    records = {package.name: package.record for package in reading.locked.pip}
    assert records == {package.name: package for package in packages}


def test_the_address_of_a_folder_is_kept_as_its_installer_wrote_it():
    encoded = PipPackage(name="a", version="1", direct_url="file:///d/a%2Bb", editable=True)
    text = write(encoded)[0].text
    assert tomllib.loads(text)["packages"][0]["directory"]["path"] == "/d/a+b"
    assert read_pip_lock(text).locked.pip[0].direct_url == "file:///d/a%2Bb"


def test_the_version_of_a_folder_is_no_promise():
    (table,) = tomllib.loads(
        write(PipPackage(name="a", version="1", direct_url="file:///d", editable=True))[0].text
    )["packages"]
    assert "version" not in table
    assert table["tool"]["envbench"]["version"] == "1"


@pytest.mark.parametrize(
    ("package", "why"),
    [
        (PipPackage(name="a", version="1"), "no address and hash known: a."),
        (PipPackage(name="a", version="1", url="https://h.example/a-1.tar.gz"), "no hash known"),
        (PipPackage(name="a", version="1", sha256=SHA), "no address known"),
        (PipPackage(name="a", version="1", direct_url="https://h.example/a.zip"), "hash of the arch"),
        (PipPackage(name="a", version="1", direct_url="git+https://h.example/a@main"), "no commit"),
        (PipPackage(name="a", version="1", direct_url="https://h.example/a", editable=True), "folder"),
        (PipPackage(name="a", version="1", editable=True), "folder is not known"),
        (
            PipPackage(name="a", version="2013x", sha256=SHA, url="https://h.example/a-2013x.tar.gz"),
            "invalid version",
        ),
        (
            PipPackage(name="a", version="1", sha256=SHA, url="https://h.example/b-1-py3-none-any.whl"),
            "not consistent",
        ),
        (
            PipPackage(name="a", version="1", sha256=SHA, url="https://h.example/download?id=3"),
            "sdist",
        ),
    ],
)  # fmt: skip
def test_what_the_format_has_no_form_for_is_refused_by_name(package, why):
    with pytest.raises(UsageError, match=r"pylock\.toml cannot name a") as caught:
        write(package)
    assert why in caught.value.why
    assert "index" in caught.value.hint


def test_the_refusal_counts_those_it_does_not_name():
    with pytest.raises(UsageError, match="p0, p1, p2, p3, p4 and 3 more"):
        write(*(PipPackage(name=f"p{i}", version="1") for i in range(8)))


@pytest.mark.parametrize(
    ("url", "vcs"),
    [
        (
            f"git+https://h.example/o/r.git@{COMMIT}#subdirectory=a/b",
            {"url": "https://h.example/o/r.git", "subdirectory": "a/b"},
        ),
        (f"git+ssh://git@h.example/o/r@{COMMIT}", {"url": "ssh://git@h.example/o/r"}),
        (f"git+https://h.example:8443/o/r@{COMMIT}", {"url": "https://h.example:8443/o/r"}),
        (f"hg+https://h.example/o/r@{COMMIT}", {"url": "https://h.example/o/r", "type": "hg"}),
    ],
)
def test_repositories_are_taken_apart_and_put_together(url, vcs):
    text = write(PipPackage(name="a", version="1", direct_url=url))[0].text
    written = tomllib.loads(text)["packages"][0]["vcs"]
    assert written == {"type": "git", "commit-id": COMMIT} | vcs
    assert read_pip_lock(text).locked.pip[0].direct_url == url


def test_the_lock_of_the_conda_part_lies_beside_and_is_named_with_its_hash():
    files = pylock.write([EVERYTHING], ExportOptions())
    assert [file.path for file in files] == ["pylock.toml", "explicit.txt"]
    name, digest = read_pip_lock(files[0].text).locked.conda_lock
    assert name == "explicit.txt"
    assert digest == hashlib.sha256(files[1].text.encode()).hexdigest()


def test_without_all_addresses_there_is_no_lock_beside_and_the_loss_says_so():
    lock = replace(EVERYTHING, packages=(record("numpy", url=""),))
    (file,) = pylock.write([lock], ExportOptions())
    assert read_pip_lock(file.text).locked.conda_lock is None
    (loss,) = (x for x in pylock.find_losses(lock) if x.what == "lock of the conda part")
    assert "numpy" in loss.why
    assert "lock of the conda part" not in {x.what for x in pylock.find_losses(EVERYTHING)}


def test_an_environment_without_conda_packages_needs_no_lock_beside():
    (file,) = write(packages=())
    assert read_pip_lock(file.text).locked.conda_lock is None
    assert "requires-python" not in tomllib.loads(file.text)


def test_the_whole_environment_is_told_for_envbench():
    lock = replace(EVERYTHING, indexes=("https://m.example/simple",))
    locked = read_pip_lock(pylock.write([lock], ExportOptions())[0].text).locked
    assert (locked.name, locked.platform, locked.channels) == ("all", "linux-64", lock.channels)
    assert locked.variables == tuple(sorted(lock.variables))
    assert locked.indexes[0] == "https://m.example/simple"


def test_the_silence_of_another_tools_file_means_nothing():
    reading = read_pip_lock('lock-version = "1.0"\ncreated-by = "uv"\npackages = []\n')
    assert not reading.locked.kept & {LockAspect.VARIABLES, LockAspect.NAME, LockAspect.PLATFORM}
    assert LockAspect.PIP in reading.locked.kept


@pytest.mark.parametrize("own", ["3", "[1]", "{ conda-lock = 3 }", "{ conda-lock = { file = 3 } }"])
def test_a_table_of_another_shape_is_an_error(own):
    text = f'lock-version = "1.0"\ncreated-by = "x"\npackages = []\ntool = {{ envbench = {own} }}\n'
    assert not read_pip_lock(text).is_sound


@pytest.mark.parametrize("name", ["../explicit.txt", "/etc/x.txt", "a/b.txt", "", ".x", "x" * 200])
def test_a_pointer_away_from_the_folder_is_an_error(name):
    text = write()[0].text.replace('"explicit.txt"', f'"{name}"')
    reading = read_pip_lock(text)
    assert not reading.is_sound
    assert reading.locked.conda_lock is None


def test_a_pre_release_of_python_is_not_excluded_by_its_own_lock():
    assert "requires-python" not in tomllib.loads(write(python="3.15.0rc1")[0].text)


def test_what_uv_locks_is_read(sources, consumer):
    root, packages = sources
    source = consumer.root / "in.txt"
    source.write_text(f"plain\ntorchlike\n{packages[3].name} @ {packages[3].direct_url}\n")
    arguments = ("compile", "--format", "pylock.toml", f"--find-links={root}", str(source))
    compiled = consumer.uv(*arguments)
    assert compiled.returncode == 0, compiled.stderr
    found = {
        p.name: (p.version, p.sha256, p.direct_url)
        for p in read_pip_lock(compiled.stdout).locked.pip
    }
    assert found == {
        p.name: (p.version, p.sha256, p.direct_url) for p in (packages[0], packages[1], packages[3])
    }


def test_of_several_wheels_none_is_taken_for_the_installed_one():
    wheels = ", ".join(
        f'{{ url = "https://h.example/a-1-{tag}.whl", hashes = {{ sha256 = "{SHA}" }} }}'
        for tag in ("cp311-cp311-linux_x86_64", "py3-none-any")
    )
    sdist = f'{{ url = "https://h.example/a-1.tar.gz", hashes = {{ sha256 = "{"cd" * 32}" }} }}'
    (package,) = read_pip_lock(
        'lock-version = "1.0"\ncreated-by = "uv"\n[[packages]]\nname = "a"\nversion = "1"\n'
        f"sdist = {sdist}\nwheels = [{wheels}]\n"
    ).locked.pip
    assert (package.version, package.url, package.sha256) == ("1", None, None)
    assert package.accepted == (SHA, "cd" * 32)


HEAD = 'lock-version = "1.0"\ncreated-by = "uv"\n[[packages]]\nname = "leaf"\nversion = "1"\n'


def test_a_package_for_some_environments_only_is_refused_by_name():
    wheel = f'wheels = [{{ url = "https://h.example/leaf-1-py3-none-any.whl", hashes = {{ sha256 = "{SHA}" }} }}]\n'
    assert read_pip_lock(HEAD + wheel).is_sound
    reading = read_pip_lock(HEAD + "marker = \"sys_platform == 'win32'\"\n" + wheel)
    assert not reading.is_sound
    assert "leaf is for some environments only" in reading.problems[0].message


@pytest.mark.parametrize("table", ["wheels = [{}]", "sdist = {}", "archive = {}"])
def test_a_hash_of_another_kind_is_not_passed_over(table):
    file = '{ url = "https://h.example/leaf-1-py3-none-any.whl", hashes = { sha512 = "ab" } }'
    reading = read_pip_lock(HEAD + table.format(file) + "\n")
    assert "leaf has no sha256, only sha512" in reading.problems[0].message
