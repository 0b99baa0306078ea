"""Activation in real shells: what conda would set, and every value literal."""

import json
import os
import shutil
import subprocess
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from envbench.envs.activated_environment import activated_environment
from envbench.envs.activation import name_prefix, plan_activation, plan_deactivation, write_script
from envbench.envs.shells import Shell, dialect_of, safe_prompt
from envbench.envs.variables import UNSET, write_state_variables
from envbench.model.errors import PreventedError

COMMANDS = {
    Shell.BASH: ["bash", "--noprofile", "--norc"],
    Shell.ZSH: ["zsh", "-f"],
    Shell.FISH: ["fish", "--no-config"],
    Shell.POSIX: ["dash"],
}
SHELLS = [
    pytest.param(
        shell,
        id=shell.value,
        marks=pytest.mark.skipif(shutil.which(argv[0]) is None, reason=f"no {argv[0]}"),
    )
    for shell, argv in COMMANDS.items()
]
NASTY = {
    "DOLLAR": "$HOME ${PATH} $(touch pwned) `touch pwned`",
    "QUOTES": "a'b\"c'''\\'\\\\ \\",
    "MORE_LINES": "one\ntwo\r\n\n three\n",
    "SIGNS": "!! ! * ? [a] {a,b} ~ ; & | < > # % ^ = ( )",
    "TEXT": "héllo ☃ \x1b[31m \x7f",
    "EMPTY": "",
}


def base(home: Path) -> dict[str, str]:
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(home),
        "KEPT": "yes",
        "LANG": "C.UTF-8",
    }


def run_in(shell: Shell, script: str, environ: dict[str, str], cwd: Path) -> dict[str, str]:
    done = subprocess.run(
        [*COMMANDS[shell], "-c", script + "\n/usr/bin/env -0\n"],
        env=environ,
        cwd=cwd,
        capture_output=True,
        timeout=60,
        check=True,
    )
    assert done.stderr == b""
    pairs = (item.partition(b"=") for item in done.stdout.split(b"\0") if item)
    return {os.fsdecode(k): os.fsdecode(v) for k, _, v in pairs}


@pytest.fixture
def prefix(make_prefix, tmp_path) -> Path:
    maker = make_prefix(tmp_path / "it's $a `b`" / "envs" / "one")
    maker.write("bin/tool", b"")
    return maker.prefix


@pytest.mark.parametrize("shell", SHELLS)
def test_hostile_row_18_values_stay_literal_in_every_shell(shell, prefix, tmp_path):
    write_state_variables(prefix, list(NASTY.items()))
    environ = base(tmp_path)
    activation = plan_activation(prefix, environ)
    found = run_in(shell, write_script(activation, shell), environ, tmp_path)
    assert {name: found[name] for name in NASTY} == NASTY
    assert found["CONDA_PREFIX"] == str(prefix)
    assert found["PATH"].split(":")[0] == f"{prefix}/bin"
    assert (found["CONDA_DEFAULT_ENV"], found["CONDA_SHLVL"]) == ("one", "1")
    assert found["CONDA_PROMPT_MODIFIER"] == "(one) "
    assert not (tmp_path / "pwned").exists()
    # What Python works out without a shell is the same.
    mine = activated_environment(prefix, environ)
    assert {name: found[name] for name in mine} == mine


@pytest.mark.parametrize("shell", SHELLS)
def test_scripts_run_and_leaving_restores_everything(shell, make_prefix, tmp_path):
    suffix = dialect_of(shell).script_suffix
    one = make_prefix(tmp_path / "envs" / "one")
    two = make_prefix(tmp_path / "envs" / "two")
    write_state_variables(one.prefix, [("SHARED", "one"), ("ONLY_ONE", "1")])
    write_state_variables(two.prefix, [("SHARED", "two"), ("KEPT", "two")])
    for maker in (one, two):
        name = maker.prefix.name
        if suffix == ".fish":
            on, off = f"set -gx SEEN $SEEN+{name}", f"set -gx SEEN $SEEN-{name}"
        else:
            on, off = f'export SEEN="$SEEN+{name}"', f'export SEEN="$SEEN-{name}"'
        maker.write(f"etc/conda/activate.d/a{suffix}", on.encode())
        maker.write(f"etc/conda/deactivate.d/a{suffix}", off.encode())
    start = base(tmp_path) | {"SHARED": "mine", "SEEN": ""}
    script = write_script(plan_activation(one.prefix, start), shell)
    first = run_in(shell, script, start, tmp_path)
    assert (first["SHARED"], first["ONLY_ONE"], first["SEEN"]) == ("one", "1", "+one")
    script = write_script(plan_activation(two.prefix, first), shell)
    second = run_in(shell, script, first, tmp_path)
    assert (second["SHARED"], second["KEPT"], second["CONDA_SHLVL"]) == ("two", "two", "2")
    assert "ONLY_ONE" not in second
    assert f"{one.prefix}/bin" not in second["PATH"].split(":")
    third = run_in(shell, write_script(plan_deactivation(second), shell), second, tmp_path)
    assert (third["SHARED"], third["KEPT"], third["CONDA_SHLVL"]) == ("one", "yes", "1")
    assert third["CONDA_PREFIX"] == str(one.prefix)
    last = run_in(shell, write_script(plan_deactivation(third), shell), third, tmp_path)
    assert last["SEEN"] == "+one-one+two-two+one-one"
    for key in ("PATH", "SHARED", "KEPT"):
        assert last[key] == start[key]
    left = {k for k in last if "CONDA" in k}
    assert left == {"CONDA_SHLVL"}


@pytest.mark.parametrize("shell", SHELLS)
def test_the_prompt_changes_in_interactive_shells_only(shell, prefix, tmp_path):
    if shell is Shell.FISH:
        show = "fish_prompt"
        argv = [*COMMANDS[shell], "-i", "-c"]
    else:
        show = 'printf %s "$PS1"'
        argv = [*COMMANDS[shell], "-i", "-c"]
    environ = base(tmp_path) | {"PS1": "[x] ", "TERM": "dumb"}
    on = plan_activation(prefix, environ)
    both = [on, plan_deactivation(on.apply(environ))]
    for activations, starts in (([on], True), (both, False)):
        script = "\n".join(write_script(a, shell) for a in activations)
        if shell is not Shell.FISH:
            script = "PS1='[x] '\n" + script
        done = subprocess.run(
            [*argv, script + "\n" + show],
            env=environ,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=60,
            check=False,
        )
        assert done.stdout.startswith(b"(one) ") is starts
        if shell is not Shell.FISH:
            assert done.stdout.endswith(b"[x] ")


def test_hostile_row_18_a_prompt_cannot_carry_code(make_prefix, tmp_path):
    prefix = make_prefix(tmp_path / "$(touch pwned)`x`").prefix
    activation = plan_activation(prefix, base(tmp_path))
    assert "$" not in activation.new_prompt
    assert "`" not in activation.new_prompt
    assert safe_prompt("a%n\x1b\\") == "a_n__"


def test_names_that_shells_own_are_left_alone(prefix, tmp_path):
    write_state_variables(prefix, [("UID", "0"), ("PATH", "/x"), ("path", "/x"), ("OK", "1")])
    activation = plan_activation(prefix, base(tmp_path))
    assert activation.ignored == ("PATH", "UID", "path")
    assert activation.apply(base(tmp_path))["OK"] == "1"


@pytest.mark.parametrize("shell", SHELLS)
def test_hostile_row_18_names_that_shells_evaluate_cannot_carry_code(shell, prefix, tmp_path):
    code = f"a[$(touch '{tmp_path}/pwned')]"
    names = ["RANDOM", "SRANDOM", "OPTIND", "HISTCMD", "SECONDS", "LINES", "PS4", "ENVIRON"]
    write_state_variables(prefix, [(name, code) for name in names])
    activation = plan_activation(prefix, base(tmp_path))
    found = run_in(shell, write_script(activation, shell), base(tmp_path), tmp_path)
    assert found["ENVIRON"] == code
    assert not (tmp_path / "pwned").exists()
    assert set(activation.ignored) == set(names) - {"ENVIRON"}


def test_condas_unset_sign_removes_a_variable(prefix, tmp_path):
    write_state_variables(prefix, [("KEPT", UNSET)])
    inside = activated_environment(prefix, base(tmp_path))
    assert "KEPT" not in inside
    assert plan_deactivation(inside).apply(inside)["KEPT"] == "yes"


def test_activating_again_changes_nothing(prefix, tmp_path):
    write_state_variables(prefix, [("KEPT", "inside")])
    once = activated_environment(prefix, base(tmp_path))
    assert activated_environment(prefix, once) == once


def test_scripts_are_captured_and_their_output_kept_apart(make_prefix, tmp_path, capfd):
    maker = make_prefix(tmp_path / "envs" / "one")
    maker.write("etc/conda/activate.d/a.sh", b"echo noise; export FROM_SCRIPT=$(printf 'a\\nb')")
    environ = base(tmp_path) | {"BASH_ENV": "/nonexistent", "PWD": "/somewhere", "SHLVL": "3"}
    found = activated_environment(maker.prefix, environ)
    assert found["FROM_SCRIPT"] == "a\nb"
    assert (found["BASH_ENV"], found["PWD"], found["SHLVL"]) == ("/nonexistent", "/somewhere", "3")
    out, err = capfd.readouterr()
    assert (out, err) == ("", "noise\n")


@pytest.mark.parametrize("body", [b"exit 0", b"exec true"])
def test_scripts_that_end_the_shell_are_named(make_prefix, tmp_path, body):
    maker = make_prefix(tmp_path / "one")
    maker.write("etc/conda/activate.d/a.sh", body)
    with pytest.raises(PreventedError, match="ended the shell"):
        activated_environment(maker.prefix, base(tmp_path))


def test_scripts_that_hang_are_killed(make_prefix, tmp_path):
    maker = make_prefix(tmp_path / "one")
    pid_file = tmp_path / "pid"
    maker.write("etc/conda/activate.d/a.sh", f"sleep 300 & echo $! > '{pid_file}'; wait".encode())
    with pytest.raises(PreventedError, match=r"took longer than 0\.5 s"):
        activated_environment(maker.prefix, base(tmp_path), timeout_s=0.5)
    status = Path(f"/proc/{pid_file.read_text().strip()}/stat")
    deadline = time.monotonic() + 10
    # A kill is a request: the process goes when it is next given the processor.
    while status.exists() and status.read_text().rpartition(")")[2].split()[0] != "Z":
        assert time.monotonic() < deadline, "its script outlived the activation"
        time.sleep(0.01)


TEXTS = st.text(st.characters(blacklist_characters="\0", blacklist_categories=["Cs"]), max_size=40)


@pytest.mark.parametrize("shell", SHELLS)
@settings(max_examples=15, deadline=None)
@given(values=st.lists(TEXTS, min_size=1, max_size=40))
def test_any_text_survives_quoting(shell, values):
    dialect = dialect_of(shell)
    script = "".join(
        dialect.set_variable(f"V{index}", value) + "\n" for index, value in enumerate(values)
    )
    found = run_in(shell, script, {"PATH": os.environ["PATH"], "LANG": "C.UTF-8"}, Path("/"))
    assert [found[f"V{index}"] for index in range(len(values))] == values


def test_variables_of_packages_are_set(make_prefix, tmp_path):
    maker = make_prefix(tmp_path / "one")
    maker.write("etc/conda/env_vars.d/p.json", json.dumps({"FROM_PACKAGE": "$x"}).encode())
    assert activated_environment(maker.prefix, base(tmp_path))["FROM_PACKAGE"] == "$x"


def test_prefixes_are_named_as_people_know_them(tmp_path):
    (tmp_path / "store" / ".generations" / "a-1-2").mkdir(parents=True)
    for path, name in (
        ("x/envs/torch", "torch"),
        ("store/a-1", "a-1"),
        ("store/.generations/a-1-2", "a-1"),
    ):
        assert name_prefix(tmp_path / path) == name
    assert name_prefix(tmp_path / "alone") == str(tmp_path / "alone")
