"""`envbench lock` as people type it: what goes where, what is kept, what is refused."""

import json
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from envbench.cli.locks import lock, name_format
from envbench.formats.lock_formats import LOCK_FORMATS
from tests.channels import index_channel, make_package
from tests.cli.test_command_line import document, envbench

PLATFORMS = ("--platform", "linux-64", "--platform", "osx-arm64")


@pytest.fixture
def home(tmp_path: Path) -> Path:
    channel = tmp_path / "channel"
    for platform in ("linux-64", "osx-arm64"):
        make_package(channel, "zlib", "1.2", subdir=platform)
        make_package(channel, "app", "1.0", depends=["zlib >=1"], subdir=platform)
    make_package(channel, "only", "1.0")
    index_channel(channel)
    write_spec(tmp_path, "app")
    return tmp_path


def write_spec(home: Path, *dependencies: str, name: str = "env") -> Path:
    lines = "".join(f"  - {each}\n" for each in dependencies)
    spec = home / "environment.yml"
    channel = (home / "channel").as_uri()
    spec.write_text(f"name: {name}\nchannels:\n  - {channel}\ndependencies:\n{lines}")
    return spec


def grow(home: Path) -> None:
    """Let the channel get newer versions."""
    for platform in ("linux-64", "osx-arm64"):
        make_package(home / "channel", "zlib", "1.3", subdir=platform)
        make_package(home / "channel", "app", "2.0", depends=["zlib >=1"], subdir=platform)
    index_channel(home / "channel")


def test_a_lock_is_written_kept_updated_and_checked(home: Path):
    command = ("lock", "environment.yml", "-o", "conda-lock.yml", *PLATFORMS)
    missing = envbench(home, *command, "--check")
    assert missing.returncode == 1 and "missing: " in missing.stderr
    assert not (home / "conda-lock.yml").exists()
    done = envbench(home, *command)
    assert done.returncode == 0, done.stderr
    assert "environment.yml is taken as a spec" in done.stderr
    assert "osx-arm64 is taken to be an ordinary box (macOS 13.0" in done.stderr
    assert "lost: portability" in done.stderr and done.stdout == ""
    locked = home / "conda-lock.yml"
    first = locked.read_bytes()
    assert first.count(b"osx-arm64/app-1.0") == 1

    # Newer packages alone change nothing.
    grow(home)
    assert envbench(home, *command, "--check").returncode == 0
    again = envbench(home, *command)
    assert again.returncode == 0 and locked.read_bytes() == first
    assert "nothing has changed" in again.stderr and "not written again" in again.stderr

    updated = envbench(home, *command, "--update", "app", "--check")
    assert updated.returncode == 1 and locked.read_bytes() == first
    assert (
        "~ app 1.0 -> 2.0" in updated.stderr
        and "zlib" not in updated.stderr.partition("differs")[0]
    )
    assert "+  version: '2.0'" in updated.stderr
    assert envbench(home, *command, "--update", "app").returncode == 0
    assert b"app-2.0" in locked.read_bytes() and b"zlib-1.2" in locked.read_bytes()

    fresh = envbench(home, *command, "--fresh")
    assert fresh.returncode == 0 and b"zlib-1.3" in locked.read_bytes()


def test_the_document(home: Path):
    done = envbench(
        home, "lock", "environment.yml", "--format", "explicit", "-o", "e.txt", "--json"
    )
    assert done.returncode == 0, done.stderr
    report = document(done)
    assert report["schema"] == "envbench.lock/1"
    assert (report["environment"], report["subject"]) == ("environment.yml", "spec")
    assert report["export"]["format"] == "explicit" and report["path"] == str(home / "e.txt")
    assert report["export"]["text"] == (home / "e.txt").read_text()
    assert {"what", "packages", "why"} == set(report["export"]["lost"][0])
    assert report["written"] == [str(home / "e.txt")] and "locks" not in report
    grow(home)
    more = document(
        envbench(home, "lock", "environment.yml", "--format", "explicit", "-o", "e.txt",
                 "--update", "zlib", "--json")
    )  # fmt: skip
    changes = more["changes"][0]["difference"]["conda"]
    assert [(each["kind"], each["name"]) for each in changes] == [("upgrade", "zlib")]
    assert more["against"] == str(home / "e.txt")


def test_a_conflict_on_one_platform_writes_nothing(home: Path):
    write_spec(home, "app", "only")
    done = envbench(home, "lock", "environment.yml", "-o", "conda-lock.yml", *PLATFORMS)
    assert done.returncode == 1
    assert "no solution on osx-arm64; nothing is written" in done.stderr
    assert "environment.yml:6  only" in done.stderr and done.stdout == ""
    assert not (home / "conda-lock.yml").exists()
    report = document(
        envbench(home, "lock", "environment.yml", "--format", "conda-lock", *PLATFORMS, "--json")
    )
    assert report["conflict_platform"] == "osx-arm64" and report["export"] is None
    assert report["conflict"]["causes"][0]["line"] == 6


def test_a_lock_becomes_another(home: Path):
    assert (
        envbench(home, "lock", "environment.yml", "-o", "conda-lock.yml", *PLATFORMS).returncode
        == 0
    )
    done = envbench(home, "lock", "conda-lock.yml", "--format", "pixi-v6")
    assert done.returncode == 0, done.stderr
    assert "conda-lock.yml is taken as a lock (conda-lock)" in done.stderr
    assert done.stdout.startswith("version: 6") or "version: 6" in done.stdout.splitlines()[:3]
    one = envbench(home, "lock", "conda-lock.yml", "--format", "explicit")
    assert one.returncode == 2 and "holds one platform only" in one.stderr
    one = envbench(
        home, "lock", "conda-lock.yml", "--format", "explicit", "--platform", "osx-arm64"
    )
    assert one.returncode == 0 and "/osx-arm64/app-1.0-0.conda#" in one.stdout


def test_what_is_not_ours_stays(home: Path):
    (home / "explicit.txt").write_text("@EXPLICIT\n")
    command = ("lock", "environment.yml", "-o", "explicit.txt")
    refused = envbench(home, *command)
    assert refused.returncode == 1 and "no lock of envbench" in refused.stderr
    assert "--force" in refused.stderr
    assert (home / "explicit.txt").read_text() == "@EXPLICIT\n"
    assert envbench(home, *command, "--force").returncode == 0
    assert "app-1.0" in (home / "explicit.txt").read_text()
    write_spec(home, "zlib")
    assert envbench(home, *command).returncode == 0
    assert "app-1.0" not in (home / "explicit.txt").read_text()


def test_strict_and_folders(home: Path):
    (home / "out").mkdir()
    done = envbench(
        home, "lock", "environment.yml", "--format", "explicit", "-o", "out/", "--strict"
    )
    assert done.returncode == 1 and (home / "out" / "explicit.txt").is_file()
    assert "error: --strict: explicit loses" in done.stderr and "conda package" in done.stderr
    done = envbench(home, "lock", "environment.yml", "--format", "conda-lock", "-o", "mine.yml")
    assert done.returncode == 0 and "the name should be conda-lock.yml" in done.stderr
    nowhere = envbench(home, "lock", "environment.yml", "--format", "explicit", "-o", "nowhere/")
    assert nowhere.returncode == 2 and f"mkdir -p {home}/nowhere" in nowhere.stderr
    before = (home / "environment.yml").read_bytes()
    done = envbench(
        home, "lock", "environment.yml", "--format", "environment-yml", "-o", ".", "--force"
    )
    assert done.returncode == 2 and "would replace the spec" in done.stderr
    assert (home / "environment.yml").read_bytes() == before


@pytest.mark.slow
def test_a_channel_that_cannot_be_reached_is_no_conflict(home: Path):
    spec = home / "environment.yml"
    spec.write_text(spec.read_text().replace((home / "channel").as_uri(), "http://127.0.0.1:9/c"))
    done = envbench(home, "lock", "environment.yml", "--format", "explicit")
    assert done.returncode == 3 and "127.0.0.1:9" in done.stderr and done.stdout == ""


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "name an environment, a spec or a lock file"),
        (("environment.yml",), "say which format"),
        (("environment.yml", "--format", "explicit", "--check"), "name it with -o"),
        (("environment.yml", "--format", "explicit", "--set", "x=1"), "no such choice"),
        (("environment.yml", "--format", "explicit", "--set", "gpus=many"), "a whole number"),
        (("environment.yml", "--format", "explicit", "--set", "jupyter=maybe"), "yes or no"),
        (
            ("environment.yml", "--format", "conda-lock", "--set", "base=pixi"),
            "dockerfile, devcontainer",
        ),
        (("environment.yml", "--format", "explicit", "--fresh", "--update", "a"), "--fresh keeps"),
    ],
)
def test_wrong_usage(words: tuple[str, ...], said: str):
    """Told before anything is read."""
    done = CliRunner().invoke(lock, words)
    assert done.exit_code == 2 and said in done.stderr, done.output


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("nothing.yml", "--format", "explicit"), "no such file"),
        (("environment.yml", "--format", "nonsense"), "no lock format"),
    ],
)
def test_what_cannot_be_read(home: Path, words: tuple[str, ...], said: str):
    done = envbench(home, "lock", *words)
    assert done.returncode == 2 and said in done.stderr, done.stderr


def test_the_formats_are_those_of_the_catalogue(home: Path):
    done = envbench(home, "lock", "--formats")
    assert done.returncode == 0
    for form in LOCK_FORMATS:
        assert f"  {form.name} " in done.stdout and form.summary in done.stdout
    rows = json.loads(CliRunner().invoke(lock, ["--formats", "--json"]).stdout)["formats"]
    assert [row["format"] for row in rows] == [*(form.name for form in LOCK_FORMATS), "pack"]
    assert "  pack " in done.stdout


@pytest.mark.parametrize(
    ("output", "expected"),
    [
        ("a/conda-lock.yml", "conda-lock"),
        ("train-lock.yml", "conda-lock"),
        ("train.conda-lock.yml", "conda-lock"),
        ("pylock.dev.toml", "pylock"),
        ("requirements-gpu.txt", "requirements"),
        ("locks/linux-64.explicit.txt", "explicit"),
        ("gpu.lock.yml", "environment-lock"),
        ("notes.txt", None),
        (None, None),
    ],
)
def test_names_that_say_their_format(output: str | None, expected: str | None):
    if expected is None:
        with pytest.raises(click.UsageError, match="say which format"):
            name_format(output)
    else:
        assert name_format(output) == expected
