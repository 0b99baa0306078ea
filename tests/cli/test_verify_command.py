"""`envbench verify` as people and CI call it: what is held against what, marks, codes, JSON."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

SPEC = """name: t
channels:
  - conda-forge
dependencies:
  - python=3.11
  - numpy>=1.26
  - zlib
  - pip:
      - tabulate>=0.9
variables:
  MODE: fast
"""
LOCK = """name: t
channels:
  - conda-forge
dependencies:
  - numpy=1.26.4
  - python=3.11.7
  - zlib=1.3
  - pip:
      - tabulate==0.10.0
variables:
  MODE: fast
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "environment.yml").write_text(SPEC)
    (tmp_path / "environment.lock.yml").write_text(LOCK)
    return tmp_path


def verify(folder: Path, *words: str) -> "subprocess.CompletedProcess[str]":
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("ENVBENCH_", "CONDA", "PIP_"))}
    own = {
        "HOME": str(folder),
        "ENVBENCH_ENVS_DIR": str(folder / "envs"),
        "PIP_CONFIG_FILE": os.devnull,
    }
    return subprocess.run(
        [sys.executable, "-m", "envbench", "verify", *words],
        capture_output=True, text=True, check=False, cwd=folder, env={**kept, **own}, timeout=120,
    )  # fmt: skip


def test_a_satisfied_spec_in_either_order(folder: Path):
    words = ("environment.lock.yml", "environment.yml")
    for order in (words, words[::-1]):
        done = verify(folder, *order)
        assert (done.returncode, done.stderr) == (0, "")
        assert done.stdout.splitlines()[-1] == (
            "environment.lock.yml satisfies environment.yml, as far as it was compared"
        )
        assert "not compared (1)" in done.stdout


def test_what_differs_is_grouped_counted_and_marked(folder: Path):
    text = LOCK.replace("numpy=1.26.4", "numpy=1.25.0").replace("  - zlib=1.3\n", "")
    text = text.replace("tabulate==0.10.0", "tabulate==0.8").replace("MODE: fast", "MODE: slow")
    (folder / "environment.lock.yml").write_text(text.replace("- conda-forge", "- bioconda"))
    done = verify(folder, "environment.lock.yml", "environment.yml")
    assert done.returncode == 1
    lines = done.stdout.splitlines()
    assert all(len(line) <= 80 for line in lines)
    for title in ("channels (2)", "conda packages (2)", "pip packages (1)", "variables (1)"):
        assert title in lines
    start = lines.index("conda packages (2)")
    assert lines[start + 1].startswith("  ~ numpy: numpy>=1.26 is asked for")
    assert "environment.yml:6, environment.lock.yml:5" in lines[start + 2]
    assert lines[start + 3].startswith("  - zlib: ")
    verdict = " ".join(line.strip() for line in lines[-2:])
    assert verdict.endswith("environment.yml: 6 differences (2 missing, 1 more, 3 changed)")
    assert "next: " in done.stderr
    quiet = verify(folder, "environment.lock.yml", "environment.yml", "-q")
    assert (quiet.returncode, quiet.stdout, quiet.stderr) == (1, "", "")


def test_json_is_one_document_with_places(folder: Path):
    (folder / "other.lock.yml").write_text(LOCK.replace("zlib=1.3", "zlib=1.4"))
    done = verify(folder, "environment.lock.yml", "other.lock.yml", "--json")
    assert done.returncode == 1
    said = json.loads(done.stdout)
    assert (said["schema"], said["kind"], said["is_fine"]) == ("envbench.verify/1", "locks", False)
    assert (said["lock"], said["format"]) == ("environment.lock.yml", "environment-lock")
    (finding,) = said["judgement"]["findings"]
    assert (finding["mark"], finding["name"], finding["message"]) == ("~", "zlib", "1.3 -> 1.4")
    assert finding["places"] == [
        {"file": "environment.lock.yml", "line": 7}, {"file": "other.lock.yml", "line": 7},
    ]  # fmt: skip
    assert said["judgement"]["not_compared"]
    assert "is NOT the same as" in said["verdict"]


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("absent.yml", "env"), 2, "absent.yml"),
        (("environment.lock.yml", "nowhere"), 2, "nowhere"),
        (("environment.yml", "environment.yml"), 2, "one of the two must be a lock"),
        (("environment.yml",), 2, "there is nothing to hold it against"),
        (("broken.lock", "environment.yml"), 2, "broken.lock"),
        (("environment.lock.yml", "broken.yml"), 1, "broken.yml:2"),
    ],
)
def test_what_cannot_be_verified_is_said(
    folder: Path, words: tuple[str, ...], code: int, said: str
):
    (folder / "broken.lock").write_text("neither this nor that\n")
    (folder / "broken.yml").write_text("dependencies:\n  - numpy =>1\n")
    done = verify(folder, *words)
    assert done.returncode == code, done.stderr
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_hostile_names_reach_no_terminal(folder: Path):
    evil = "\x1b]0;title\x07"
    lock = LOCK.replace("MODE: fast", 'MODE: "\\x1b[31mred"').replace("zlib=1.3", "zlib=1.2")
    (folder / f"e{evil}.lock.yml").write_text(lock)
    done = verify(folder, f"e{evil}.lock.yml", "environment.yml")
    assert done.returncode == 1
    assert "\x1b" not in done.stdout + done.stderr
    assert "\x07" not in done.stdout + done.stderr


def test_secrets_are_not_shown(folder: Path):
    spec = SPEC.replace("- conda-forge", "- https://user:hunter22@host.example/t/tk-12345/chan")
    (folder / "environment.yml").write_text(spec)
    for more in ((), ("--json",)):
        done = verify(folder, "environment.lock.yml", "environment.yml", *more)
        assert done.returncode == 1
        assert "hunter22" not in done.stdout + done.stderr
        assert "tk-12345" not in done.stdout + done.stderr
        assert "host.example" in done.stdout
