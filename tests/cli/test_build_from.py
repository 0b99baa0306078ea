"""`envbench build --from` as people type it: what may be given, what is told, and by which code."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.channels import index_channel, make_package


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("from")
    channel = root / "channel"
    archive = make_package(channel, "app", files={"share/app": "app\n"})
    index_channel(channel)
    url = archive.as_uri()
    (root / "explicit.txt").write_text(f"# platform: linux-64\n@EXPLICIT\n{url}\n")
    (root / "gone.txt").write_text(
        f"# platform: linux-64\n@EXPLICIT\n{url.replace('1.0', '9.0')}\n"
    )
    (root / "spec.yml").write_text(
        f"name: env\nchannels: [{channel.as_uri()}]\ndependencies: [app]\n"
    )
    return root


def build(home: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    kept = {
        k: v
        for k, v in os.environ.items()
        if not k.startswith(("ENVBENCH_", "CONDA", "PIP_", "XDG_"))
    }
    places = {
        f"ENVBENCH_{name}_DIR": str(home / name.lower()) for name in ("STATE", "CACHE", "ENVS")
    }
    # At the low priority of builds, a busy box would let it wait for minutes.
    own = {"HOME": str(home), "PIP_CONFIG_FILE": os.devnull, "ENVBENCH_BUILD_PRIORITY": "normal"}
    return subprocess.run(
        [sys.executable, "-m", "envbench", "build", *arguments],
        capture_output=True, text=True, check=False, cwd=home, timeout=150,
        env={**kept, **places, **own},
    )  # fmt: skip


def test_a_lock_is_built_and_told(home: Path):
    done = build(home, "--from", "explicit.txt", "--name", "env")
    assert done.returncode == 0, done.stderr
    assert (
        "env: generation 1 is live with 1 conda and 0 pip packages, 1 file verified" in done.stdout
    )
    assert "as locked: it was compared with explicit.txt before it went live" in done.stdout
    assert "read: done" in done.stderr
    assert "as locked, 1 package" in done.stderr
    assert "warning: explicit.txt:3: there is no hash" in done.stderr
    done = build(home, "--from", "explicit.txt", "--name", "env", "--json")
    assert json.loads(done.stdout)["result"]["payload"]["generation"] == 2


def test_what_cannot_be_built_is_told_with_its_line_and_what_to_do(home: Path):
    done = build(home, "--from", "gone.txt", "--name", "gone")
    assert done.returncode == 3
    assert "gone.txt:3: package app-9.0-0 could not be fetched" in done.stderr
    assert "next: " in done.stderr
    assert not (home / "envs" / "gone").exists()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("spec.yml", "--from", "explicit.txt"), "a SPEC and --from cannot be built together"),
        ((), "there is nothing to build"),
        (
            ("--from", "explicit.txt", "--exclude-newer", "2024-01-01"),
            "--exclude-newer has no meaning with --from",
        ),
        (("--from", "explicit.txt"), "the lock says no name"),
        (("--from", "nowhere.txt"), "there is no such file"),
        (("--from", "train"), "lock it first: envbench lock train"),
        (("--from", "spec.yml"), "this is a spec, no lock"),
    ],
)
def test_what_does_not_go_together_is_refused(home: Path, arguments: tuple[str, ...], said: str):
    done = build(home, *arguments)
    assert done.returncode == 2
    assert said in done.stderr
