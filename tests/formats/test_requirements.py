"""`requirements.txt` with hashes: what is written, and what pip and uv make of it."""

import hashlib
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings

from envbench.formats.locks import requirements
from envbench.formats.locks.requirement_lines import looks_like_requirements, read_requirements
from envbench.formats.pylock_part import path_to_url
from envbench.model.errors import UsageError
from envbench.model.export_options import ExportOptions
from envbench.model.lock import ExportedFile, Lock, PipPackage
from envbench.model.locked_set import PYPI
from tests.formats.lock_strategies import locks
from tests.formats.lock_values import EVERYTHING, record
from tests.formats.pip_consumers import Consumer, make_project, make_repository
from tests.workbench.wheels import make_index, make_wheel

SHA = "ab" * 32
OTHER = "cd" * 32
COMMIT = "0a" * 20
PYTORCH = "https://download.pytorch.org/whl/cu118"


def lock_of(*pip: PipPackage, **more: object) -> Lock:
    values: dict[str, object] = {
        "name": "x",
        "platform": "linux-64",
        "channels": (),
        "packages": (),
    }
    return Lock(pip=pip, **(values | more))


def write(*pip: PipPackage, **more: object) -> str:
    return requirements.write([lock_of(*pip, **more)], ExportOptions())[0].text


def body(text: str) -> list[str]:
    return [line for line in text.splitlines() if not line.startswith("#")]


def read_one(*lines: str):
    return read_requirements("\n".join(lines) + "\n")


@pytest.fixture(scope="module")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheels")
    make_wheel(folder, "plain", requires=("needed>=1",))
    make_wheel(folder, "torchlike", "2.1.0+cu118")
    make_wheel(folder, "archived")
    return folder


@pytest.fixture
def consumer(tmp_path: Path) -> Consumer:
    return Consumer(tmp_path / "consumer")


def hashed(wheels: Path) -> list[PipPackage]:
    """Packages that pip can check; the last is a direct reference to an archive."""
    packages = []
    for wheel in sorted(wheels.glob("*.whl")):
        name, version = wheel.name.split("-")[:2]
        digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
        packages.append(PipPackage(name=name, version=version, sha256=digest))
    archive = next(wheels.glob("archived*")).as_uri()
    return [*packages[1:], replace(packages[0], direct_url=archive)]


def save(files: tuple[ExportedFile, ...], folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for file in files:
        (folder / file.path).write_text(file.text)
    return folder / files[0].path


def install_lines(path: Path, tool: str = "pip") -> list[str]:
    """Take the options from the command that the file itself recommends."""
    lead = f"# $ {'uv ' if tool == 'uv' else ''}pip install "
    command = next(line for line in path.read_text().splitlines() if line.startswith(lead))
    options = command.removeprefix(lead).split()
    return [*options[:-1], str(path)]


def test_pip_and_uv_accept_and_install_it_as_its_head_says(wheels, consumer, tmp_path):
    path = save(requirements.write([lock_of(*hashed(wheels))], ExportOptions()), tmp_path / "lock")
    find = f"--find-links={wheels}"
    options = install_lines(path)
    assert "--require-hashes" in options
    dry = consumer.pip("install", "--dry-run", find, *options)
    assert dry.returncode == 0, dry.stderr
    for judged in (
        consumer.uv("sync", "--dry-run", "--require-hashes", find, str(path)),
        consumer.uv("install", "--dry-run", find, *options),
    ):
        assert judged.returncode == 0, judged.stderr
    done = consumer.pip("install", find, *options)
    assert done.returncode == 0, done.stderr
    assert consumer.installed() == {"plain": "1.0", "torchlike": "2.1.0+cu118"}
    assert "archived @ file://" in consumer.uv_freeze()


@pytest.mark.parametrize("tool", ["pip", "uv"])
def test_a_local_version_is_found_on_the_index_that_the_file_names(consumer, tmp_path, tool):
    """`+cu118` is on the index of its project only, which has old versions of other names too."""
    usual = make_index(
        tmp_path / "usual",
        make_wheel(tmp_path / "cpu", "torchlike", "2.1.0"),
        common := make_wheel(tmp_path / "cpu", "common", "3.0"),
    ).as_uri()
    own = make_index(
        tmp_path / "own",
        cuda := make_wheel(tmp_path / "cuda", "torchlike", "2.1.0+cu118"),
        make_wheel(tmp_path / "cuda", "common", "1.0"),
    ).as_uri()
    torch, other = (
        PipPackage(
            name=name, version=version, index_url=index,
            sha256=hashlib.sha256(path.read_bytes()).hexdigest(),
        )
        for name, version, index, path in (
            ("torchlike", "2.1.0+cu118", own, cuda), ("common", "3.0", None, common),
        )
    )  # fmt: skip
    lock = lock_of(torch, other, indexes=(usual,))
    path = save(requirements.write([lock], ExportOptions()), tmp_path / "lock")
    done = getattr(consumer, tool)("install", *install_lines(path, tool), index=True)
    assert done.returncode == 0, done.stderr
    assert consumer.installed() == {"torchlike": "2.1.0+cu118", "common": "3.0"}
    if tool == "uv":
        # Why the head of the file has a line for uv.
        plain = consumer.uv("install", "--reinstall", *install_lines(path), index=True)
        assert plain.returncode == 1


@pytest.mark.parametrize("tool", ["pip", "uv"])
@pytest.mark.parametrize("number", [0, 2])
def test_a_wrong_hash_is_refused(wheels, consumer, tmp_path, tool, number):
    packages = hashed(wheels)
    packages[number] = replace(packages[number], sha256=SHA)
    path = save(requirements.write([lock_of(*packages)], ExportOptions()), tmp_path / "lock")
    arguments = ("install", f"--find-links={wheels}", *install_lines(path))
    done = getattr(consumer, tool)(*arguments)
    assert done.returncode == 1
    assert "hash" in done.stderr.lower()
    assert consumer.installed() == {}


@pytest.mark.parametrize("tool", ["pip", "uv"])
def test_what_can_have_no_hash_still_gives_a_file_that_installs(wheels, consumer, tmp_path, tool):
    git = make_repository(tmp_path / "git", "fromgit")
    folder = path_to_url(str(make_project(tmp_path / "edited", "edited")))
    packages = (
        *hashed(wheels),
        PipPackage(name="edited", version="0.1", direct_url=folder, editable=True),
        # pip before 24 takes no `git+file:///` at all; those of a host it always took.
        *((PipPackage(name="fromgit", version="0.1", direct_url=git),) if tool == "uv" else ()),
    )
    path = save(requirements.write([lock_of(*packages)], ExportOptions()), tmp_path / "lock")
    assert "--hash" not in path.read_text()
    options = install_lines(path)
    assert "--require-hashes" not in options
    done = getattr(consumer, tool)("install", f"--find-links={wheels}", *options)
    assert done.returncode == 0, done.stderr
    frozen = consumer.uv_freeze()
    assert (f"fromgit @ {git}" in frozen) == (tool == "uv")
    assert f"-e {folder}" in frozen


def test_pip_would_refuse_hashes_beside_a_folder(wheels, consumer, tmp_path):
    """The reason why one such package takes the hashes from all."""
    (plain, *_) = hashed(wheels)
    path = tmp_path / "r.txt"
    folder = make_project(tmp_path / "edited", "edited")
    path.write_text(f"plain==1.0 --hash=sha256:{plain.sha256}\n-e {folder.as_uri()}\n")
    done = consumer.pip(
        "install", "--dry-run", "--no-deps", f"--find-links={wheels}", "-r", str(path)
    )
    assert done.returncode == 1
    assert "when requiring hashes" in done.stderr


def test_uv_ignores_the_hash_of_a_name_without_a_version_and_so_it_is_no_lock(
    wheels, consumer, tmp_path
):
    """The trap that makes the reader want `==`."""
    line = f"torchlike --hash=sha256:{SHA}"
    (tmp_path / "r.txt").write_text(line + "\n")
    done = consumer.uv("install", f"--find-links={wheels}", "-r", str(tmp_path / "r.txt"))
    assert done.returncode == 0
    reading = read_one(line)
    assert not reading.is_sound
    assert "no exact version" in reading.problems[0].message


def test_the_loss_says_whose_hashes_pip_does_not_check_and_why():
    git = PipPackage(name="fromgit", version="1", direct_url=f"git+https://h.example/x@{COMMIT}")
    plain = PipPackage(name="plain", version="1", sha256=SHA)
    (loss,) = requirements.find_losses(lock_of(git, plain))
    assert loss.packages == ("plain",)
    assert "fromgit" in loss.why
    assert requirements.find_losses(lock_of(plain)) == ()
    assert requirements.find_losses(lock_of(git)) == ()


def test_hashes_that_pip_cannot_check_are_kept_for_envbench():
    git = PipPackage(name="fromgit", version="1", direct_url=f"git+https://h.example/x@{COMMIT}")
    plain = PipPackage(name="plain", version="1", sha256=SHA)
    reading = read_requirements(write(git, plain))
    assert reading.is_sound
    assert {package.name: package.sha256 for package in reading.locked.pip} == {
        "fromgit": None, "plain": SHA,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("package", "indexes", "lines"),
    [
        (PipPackage(name="a", version="1"), (), []),
        (PipPackage(name="a", version="1"), ("https://pypi.org/simple/",), []),
        (PipPackage(name="a", version="1", index_url="https://pypi.org/simple"), (), []),
        (
            PipPackage(name="a", version="1"),
            ("https://m.example/simple", "https://n.example/simple"),
            ["--index-url https://m.example/simple", "--extra-index-url https://n.example/simple"],
        ),
        (
            PipPackage(name="a", version="1+cu118", index_url=PYTORCH),
            ("https://pypi.org/simple",),
            [f"--extra-index-url {PYTORCH}"],
        ),
        (PipPackage(name="a", version="1+cu118", index_url=PYTORCH), (PYTORCH,), [f"--index-url {PYTORCH}"]),
        # The installer keeps no index; the address of PyTorch's own tells it.
        (
            PipPackage(name="a", version="1+cu118", url=f"{PYTORCH}/a-1%2Bcu118-py3-none-any.whl"),
            (),
            [f"--extra-index-url {PYTORCH}"],
        ),
        (PipPackage(name="a", version="1+cu118", url="https://f.example/x/a-1.whl"), (), []),
        (PipPackage(name="a", version="1", url=f"{PYTORCH}/a-1-py3-none-any.whl"), (), []),
    ],
)  # fmt: skip
def test_local_versions_bring_their_index(package, indexes, lines):
    text = write(replace(package, sha256=SHA), indexes=indexes)
    assert [line for line in text.splitlines() if line.startswith("--")] == lines


def test_the_index_of_each_package_is_read_back():
    reading = read_requirements(
        write(
            PipPackage(name="torch", version="2.1.0+cu118", sha256=SHA, index_url=PYTORCH),
            PipPackage(name="plain", version="1", sha256=OTHER),
        )
    )
    assert [(p.name, p.version, p.index_url) for p in reading.locked.pip] == [
        ("plain", "1", None), ("torch", "2.1.0+cu118", PYTORCH),
    ]  # fmt: skip
    assert reading.locked.indexes == (PYPI, PYTORCH)


def test_the_lock_of_the_conda_part_lies_beside_and_is_named_with_its_hash():
    files = requirements.write([EVERYTHING], ExportOptions())
    assert [file.path for file in files] == ["requirements.txt", "explicit.txt"]
    digest = hashlib.sha256(files[1].text.encode()).hexdigest()
    assert read_requirements(files[0].text).locked.conda_lock == ("explicit.txt", digest)


def test_a_pointer_away_from_the_folder_is_an_error():
    reading = read_one(f"# envbench-conda-lock: ../x.txt sha256:{SHA}")
    assert not reading.is_sound
    assert reading.locked.conda_lock is None


@pytest.mark.parametrize(
    "package",
    [
        PipPackage(name="a", version="not a version"),
        PipPackage(name="a", version="1", editable=True),
        PipPackage(name="a", version="1", direct_url="https://h.example/a b.whl"),
        PipPackage(name="a", version="1", direct_url="https://h.example/${TOKEN}/a.whl"),
        PipPackage(name="a", version="1", direct_url="https://h.example/a.whl\n--pre"),
    ],
)
def test_what_pip_would_read_otherwise_is_refused_by_name(package):
    with pytest.raises(UsageError, match=r"requirements\.txt cannot name a"):
        write(package)


@settings(max_examples=80)
@given(lock=locks())
def test_what_is_written_is_read_back(lock):
    text = requirements.write([lock], ExportOptions())[0].text
    assert looks_like_requirements(text) == bool(lock.pip or lock.platform)
    reading = read_requirements(text)
    assert reading.is_sound, reading.problems
    assert [(p.name, p.version, p.sha256, p.direct_url) for p in reading.locked.pip] == [
        (p.name, p.version, p.sha256, p.direct_url)
        for p in sorted(lock.pip, key=lambda package: package.name)
    ]


# What pip-tools and uv write.


def test_what_uv_compiles_is_read_with_every_hash(wheels, consumer):
    source = consumer.root / "in.txt"
    source.write_text("torchlike==2.1.0+cu118\narchived\n")
    arguments = ("compile", "--generate-hashes", f"--find-links={wheels}", str(source))
    compiled = consumer.uv(*arguments)
    assert compiled.returncode == 0, compiled.stderr
    reading = read_requirements(compiled.stdout)
    assert reading.is_sound, reading.problems
    assert {p.name: (p.version, p.sha256) for p in reading.locked.pip} == {
        p.name: (p.version, p.sha256) for p in hashed(wheels) if p.name != "plain"
    }


def test_a_file_of_pip_tools_is_read():
    reading = read_one(
        "#",
        "# This file is autogenerated by pip-compile with Python 3.11",
        "#",
        "--extra-index-url https://download.pytorch.org/whl/cu118",
        "",
        "Foo_Bar[extra,other]==1.0 \\",
        f"    --hash=sha256:{SHA} \\",
        f"    --hash=sha256:{OTHER}",
        "    # via",
        "    #   baz",
        f"baz==2.0+cu118 --hash=sha256:{SHA}",
        "    # via -r requirements.in",
        "    # from https://download.pytorch.org/whl/cu118",
    )
    assert reading.is_sound, reading.problems
    baz, foo = reading.locked.pip
    assert (foo.name, foo.version, foo.sha256, foo.line) == ("foo-bar", "1.0", None, 6)
    assert (baz.version, baz.sha256, baz.index_url, baz.line) == ("2.0+cu118", SHA, PYTORCH, 11)
    assert (foo.accepted, baz.accepted) == ((SHA, OTHER), ())


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("rich", "no exact version"),
        ("rich>=1", "no exact version"),
        ("rich==1.*", "no exact version"),
        ("rich==1,!=2", "no exact version"),
        ("rich==1 ; python_version < '3.12'", "some environments only"),
        ("-r other.txt", "not followed"),
        ("-c other.txt", "not followed"),
        ("--trusted-host h.example", "no place"),
        ("--no-binary :all:", "no place"),
        ("rich==1 --global-option=x", "no requirement"),
        ("rich @ https://${HOST}/rich.whl", "variables"),
        ("rich==1 --hash=sha256:12", "no sha256"),
        (f"rich==1 --hash=sha512:{SHA * 2}", "rich has no sha256, only sha512"),
        (f"rich==1 --hash=md5:{SHA[:32]} --hash=sha384:{SHA}", "only md5, sha384"),
        ("-e ./project", "which package"),
        ("main::numpy==1.26.4=py311h64a7726_0", "no requirement"),
        ("# Note: This is a conda requirements file (MatchSpec format)", "conda's"),
        ("numpy=1.26", "no requirement"),
    ],
)
def test_what_is_no_lock_is_an_error_with_its_line(line, message):
    reading = read_one("# head", "", line)
    assert [(p.line, message in p.message) for p in reading.problems] == [(3, True)]
    assert not reading.is_sound


def test_doubles_are_an_error():
    reading = read_one("a==1", "A==2")
    assert "locked twice" in reading.problems[0].message


def test_secrets_are_taken_out_and_told():
    reading = read_one(
        "--index-url https://user:planted-pw-1@h.example/simple",
        "a @ https://user:planted-pw-2@h.example/a-1-py3-none-any.whl",
        "    # a==1",
    )
    assert reading.is_sound
    assert [problem.line for problem in reading.problems] == [1, 2]
    assert "planted" not in repr(reading)
    assert reading.locked.indexes == ("https://h.example/simple",)


def test_the_head_says_for_what_it_is():
    text = write(
        PipPackage(name="a", version="1", sha256=SHA), packages=(record("python", "3.11.7"),)
    )
    assert text.splitlines()[0] == (
        "# The pip packages of x, for Python 3.11.7, linux-64. Made by envbench."
    )
    assert body(text) == ["a==1 \\", f"    --hash=sha256:{SHA}"]
