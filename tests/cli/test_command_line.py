"""The command as people type it: real processes, exit codes, one JSON document, errors on stderr."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from envbench.cli.verbs import VERBS
from tests.channels import Executable, index_channel, make_package

GOOD = "name: env\nchannels:\n  - {channel}\ndependencies:\n  - app\n"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("cli")
    channel = root / "channel"
    make_package(channel, "zlib", "1.3", files={"lib/zlib.txt": "the library\n"})
    make_package(
        channel,
        "app",
        "1.0",
        depends=["zlib"],
        files={"bin/app": Executable("#!/bin/sh\necho app\n")},
    )
    index_channel(channel)
    (root / "good.yml").write_text(GOOD.format(channel=channel.as_uri()))
    (root / "bad.yml").write_text("name: env\ndependencies: [app\n")
    (root / "unsolvable.yml").write_text(
        GOOD.format(channel=channel.as_uri()).replace("- app", "- app=9")
    )
    return root


def envbench(
    home: Path, *arguments: str, stdin: str = "", **environ: str
) -> "subprocess.CompletedProcess[str]":
    kept = {
        k: v
        for k, v in os.environ.items()
        if not k.startswith(("ENVBENCH_", "CONDA_", "PIP_", "XDG_"))
    }
    variables = {
        "HOME": str(home),
        "ENVBENCH_STATE_DIR": str(home / "state"),
        "ENVBENCH_CACHE_DIR": str(home / "cache"),
        "ENVBENCH_ENVS_DIR": str(home / "envs"),
        "ENVBENCH_BUILD_PRIORITY": "normal",
        "PIP_CONFIG_FILE": os.devnull,
    }
    return subprocess.run(
        [sys.executable, "-m", "envbench", *arguments],
        capture_output=True, text=True, check=False, cwd=home, input=stdin, env={**kept, **variables, **environ}, timeout=150,
    )  # fmt: skip


def document(done: "subprocess.CompletedProcess[str]") -> dict:
    found = json.loads(done.stdout)
    assert next(iter(found)) == "schema"
    return found


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_explains_itself(home: Path, verb: str):
    done = envbench(home, verb, "--help")
    assert done.returncode == 0
    assert "Usage: envbench" in done.stdout
    assert len(done.stdout.splitlines()) > 5


def test_a_spec_with_a_pip_section_is_a_document_too(home: Path):
    (home / "pip.yml").write_text(
        "name: env\nchannels: [conda-forge]\ndependencies:\n  - python=3.12\n  - pip\n"
        "  - pip:\n    - requests[socks]>=2; python_version > '3.8'\n    - ./local\n"
    )
    done = envbench(home, "check", "pip.yml", "--json")
    assert done.returncode == 1, done.stderr
    first, second = document(done)["spec"]["pip"]
    assert first["requirement"] == 'requests[socks]>=2; python_version > "3.8"'
    assert second["requirement"] is None


def test_a_bare_call_teaches(home: Path):
    done = envbench(home)
    assert done.returncode == 0
    assert "envbench demo" in done.stdout
    assert all(verb in done.stdout for verb in VERBS)


def test_check(home: Path):
    good = envbench(home, "check", "good.yml", "--json")
    assert good.returncode == 0
    assert document(good)["schema"] == "envbench.check/1"
    bad = envbench(home, "check", "bad.yml")
    assert bad.returncode == 1
    assert "bad.yml:3:1: error EB101" in bad.stdout or "bad.yml:2:" in bad.stdout
    several = envbench(home, "check", "good.yml", "gone.yml", "bad.yml", "--json")
    # The worst counts, and a file that cannot be read keeps none from being checked.
    assert several.returncode == 2 and "gone.yml" in several.stderr
    assert document(several)["schema"] == "envbench.check.specs/1"
    specs = document(several)["specs"]
    assert [spec["path"] for spec in specs] == ["good.yml", "gone.yml", "bad.yml"]
    assert specs[0] == {k: v for k, v in document(good).items() if k != "schema"}
    assert "error" in specs[1] and specs[2]["problems"]
    assert envbench(home, "check", "bad.yml", "good.yml").returncode == 1
    explained = envbench(home, "check", "--explain", "eb402")
    assert explained.returncode == 0
    assert "terms of service" in explained.stdout


def test_solve(home: Path):
    good = envbench(home, "solve", "good.yml", "--json")
    assert good.returncode == 0, good.stderr
    found = document(good)
    assert [package["name"] for package in found["plan"]["packages"]] == ["zlib", "app"]
    conflict = envbench(home, "solve", "unsolvable.yml")
    assert conflict.returncode == 1
    assert "\n  unsolvable.yml:5  app=9\n" in conflict.stdout
    assert len(conflict.stdout.splitlines()) <= 14
    assert "\nways out that were solved: envbench fix unsolvable.yml\n" in conflict.stdout
    given = ("--virtual", "__cuda=12.4", "--priority", "strict", "--offline")
    again = envbench(home, "solve", "unsolvable.yml", *given).stdout
    assert f"\nways out that were solved: envbench fix unsolvable.yml {' '.join(given)}\n" in again
    assert f"envbench solve unsolvable.yml {' '.join(given)} --solver-text" in again
    raw = envbench(home, "solve", "unsolvable.yml", "--solver-text=raw")
    folded = envbench(home, "solve", "unsolvable.yml", "--solver-text")
    assert raw.returncode == folded.returncode == 1
    assert "app" in raw.stdout
    assert "app" in folded.stdout
    assert len(folded.stdout) <= len(raw.stdout)
    misplaced = envbench(home, "solve", "--solver-text", "unsolvable.yml")
    assert misplaced.returncode == 2
    assert "write --solver-text behind SPEC" in misplaced.stderr
    assert "1.0" in conflict.stdout


def test_the_whole_life_of_an_environment(home: Path):
    build = envbench(home, "build", "good.yml", "--json")
    assert build.returncode == 0, build.stderr
    found = document(build)
    assert (found["result"]["state"], found["result"]["payload"]["generation"]) == ("done", 1)
    job = found["job"]

    assert document(envbench(home, "envs", "--json"))["environments"][0]["name"] == "env"
    ran = envbench(home, "run", "env", "--", "app")
    assert (ran.stdout, ran.stderr) == ("app\n", "")
    assert envbench(home, "jobs").stdout.splitlines()[1].startswith(job)
    assert envbench(home, "logs", job[-8:]).returncode == 0

    lock = envbench(home, "lock", "env", "--format", "explicit", "-o", "explicit.txt")
    assert lock.returncode == 0
    assert "lost: " in lock.stderr
    verify = envbench(home, "verify", "explicit.txt", "env", "--json")
    assert verify.returncode == 0, verify.stdout
    assert document(verify)["files"]["checked_files"] == 2

    again = envbench(home, "build", "good.yml", "--detach")
    assert again.returncode == 0
    assert "envbench logs" in again.stdout
    detached = again.stdout.split()[1].rstrip(":")
    assert envbench(home, "logs", detached, "-f").returncode == 0
    assert envbench(home, "diff", "env@1", "env@2").returncode == 0
    rollback = envbench(home, "rollback", "env", "--json")
    assert document(rollback)["generation"] == 1

    refused = envbench(home, "remove", "env", stdin="n\n")
    assert refused.returncode == 130
    removed = envbench(home, "remove", "env", "--yes")
    assert removed.returncode == 0, removed.stderr
    assert document(envbench(home, "envs", "--json"))["environments"] == []


def test_a_failed_build_says_why_and_what_next(home: Path):
    done = envbench(home, "build", "unsolvable.yml", "--name", "other")
    assert done.returncode == 1
    assert "unsolvable.yml:5  app=9" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("check", "missing.yml"), 2, "missing.yml"),
        (("build", "good.yml", "--name", "../x"), 2, "../x"),
        (("build", "good.yml", "--name", "base"), 2, "base"),
        (("build", "good.yml", "--backend", "conda"), 2, "rattler"),
        (("build", "good.yml", "--probe", "nonsense"), 2, "no probe"),
        (("solve", "good.yml", "--host", "good.yml"), 2, "good.yml"),
        (("run", "nowhere", "--", "true"), 2, "no environment"),
        (("probe", "nowhere"), 2, "no environment"),
        (("lock", "nowhere", "--format", "explicit"), 2, "no environment"),
        (("logs", "ffff"), 2, "no job"),
        (("rollback", "nowhere"), 2, "nowhere"),
        (("nonsense",), 2, "nonsense"),
        (("solve",), 2, "SPEC"),
    ],
)
def test_wrong_usage_is_told_in_plain_words(
    home: Path, arguments: tuple[str, ...], code: int, words: str
):
    done = envbench(home, *arguments)
    assert done.returncode == code, done.stderr
    assert words in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""


def test_a_channel_that_is_not_there_is_named(home: Path):
    spec = home / "nochannel.yml"
    spec.write_text(GOOD.format(channel=(home / "nothing").as_uri()))
    done = envbench(home, "solve", "nochannel.yml")
    assert done.returncode == 3
    assert "nothing" in done.stderr


def test_a_reader_that_goes_away_is_no_error(home: Path):
    command = f"'{sys.executable}' -m envbench config | head -1"
    done = subprocess.run(
        ["bash", "-o", "pipefail", "-c", command],
        capture_output=True,
        text=True,
        check=False,
        cwd=home,
        env={**os.environ, "HOME": str(home)},
    )
    assert done.stderr == ""
    assert done.stdout.startswith("setting")


def test_hostile_row_01_names_reach_no_terminal(home: Path):
    spec = home / "hostile.yml"
    spec.write_text('name: env\nchannels: [x]\ndependencies:\n  - "a\\e]52;c;aGk=\\ab"\n')
    done = envbench(home, "check", "hostile.yml")
    assert done.returncode == 1
    assert "\x1b" not in done.stdout + done.stderr


def test_host_goes_out_as_a_file_that_comes_in_again(home: Path):
    made = envbench(home, "host", CONDA_OVERRIDE_CUDA="12.4")
    assert made.returncode == 0
    (home / "box.toml").write_text(made.stdout)
    solved = envbench(home, "solve", "good.yml", "--host", "box.toml", "--json")
    assert document(solved)["plan"]["host"]["cuda"] == "12.4"


def test_config_names_sources(home: Path):
    values = {v["key"]: v for v in document(envbench(home, "config", "--json"))["values"]}
    assert values["envs_dir"]["source"] == "ENVBENCH_ENVS_DIR"
    assert values["conda.channel_priority"] == {
        "key": "conda.channel_priority",
        "value": "flexible",
        "source": "default",
    }


def test_a_wrong_setting_stops_before_a_default_takes_its_place(home: Path):
    done = envbench(home, "build", "good.yml", ENVBENCH_PIP_NO_INDEX="maybe")
    assert done.returncode == 2
    assert "ENVBENCH_PIP_NO_INDEX: pip.no_index: must be true or false" in done.stderr
    shown = envbench(home, "config", ENVBENCH_PIP_NO_INDEX="maybe")
    assert shown.returncode == 0
    assert "error: ENVBENCH_PIP_NO_INDEX: pip.no_index: must be true" in shown.stderr


def test_a_log_tells_phases_and_the_end(home: Path):
    built = envbench(home, "build", "good.yml", "--name", "logged", "--json")
    log = envbench(home, "logs", document(built)["job"])
    assert envbench(home, "remove", "logged", "--yes").returncode == 0
    told = [line.split(":")[0] for line in log.stdout.splitlines()]
    assert told == ["wait", "solve", "fetch", "link", "record", "switch"]
    assert log.stderr.endswith(": done\n")
    failed = envbench(home, "build", "unsolvable.yml", "--name", "never", "--json")
    log = envbench(home, "logs", document(failed)["job"])
    assert log.stdout.startswith("wait: done")
    assert "failed: unsolvable.yml: app=9 (line 5): there is no such version" in log.stderr


@pytest.mark.parametrize("reference", ["/usr", ".venv", "env@1"])
def test_only_our_own_environments_are_removed(home: Path, reference: str):
    done = envbench(home, "remove", "--yes", reference)
    assert done.returncode == 2
    assert "is no name of an environment that envbench built" in done.stderr


def test_a_code_is_explained_without_its_prefix(home: Path):
    assert envbench(home, "check", "--explain", "304").stdout.startswith("EB304")
    unknown = envbench(home, "check", "--explain", "EB399")
    assert unknown.returncode == 2
    assert "EB301" in unknown.stderr
    assert "EB101" not in unknown.stderr


@pytest.mark.parametrize("text", ["# platform: linux-64\n@EXPLICIT\n", 'lock-version = "1.0"\n'])
def test_a_lock_in_the_place_of_a_spec_is_called_one(home: Path, text: str):
    (home / "lock.txt").write_text(text)
    done = envbench(home, "build", "lock.txt")
    assert done.returncode == 2
    assert "not a spec" in done.stderr


def test_an_environment_of_another_tool_is_found_by_the_name_in_the_list(home: Path):
    (home / ".venv").mkdir()
    (home / ".venv" / "pyvenv.cfg").write_text("version = 3.11.0\n")
    done = envbench(home, "verify", ".venv")
    (home / ".venv" / "pyvenv.cfg").unlink()
    (home / ".venv").rmdir()
    assert "no environment can be called" not in done.stderr


@pytest.mark.parametrize(
    ("argument", "said"),
    [
        ("my.yml", "there is no file or folder 'my.yml'"),
        ("no/where", "there is no file or folder 'no/where'"),
        ("biuld", "Did you mean 'envbench build'?"),
    ],
)
def test_what_is_no_verb_is_told_as_what_it_looks_like(home: Path, argument: str, said: str):
    done = envbench(home, argument)
    assert done.returncode == 2
    assert said in done.stderr
