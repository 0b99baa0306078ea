"""What nobody foresaw ends with exit code 3 too, in words that are safe to show."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

RAISE = """
import sys
from envbench.cli import app
from envbench.model.redaction import register_secret

def broken(*_, **__):
    register_secret("hunter2-secret")
    raise {fault}

app.cli.main = broken
app.run()
"""


def run_broken(fault: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-c", RAISE.format(fault=fault)],
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_fault_of_the_program_is_traced_without_secrets_or_escapes():
    done = run_broken("ValueError('\\x1b[31mhttps://u:hunter2-secret@host')")
    assert done.returncode == 3
    assert "ValueError" in done.stderr
    assert "please report it" in done.stderr
    assert "hunter2-secret" not in done.stderr
    assert "\x1b" not in done.stderr


def test_what_the_system_refuses_is_told_in_one_line():
    done = run_broken("OSError(30, 'Read-only file system', '/somewhere')")
    assert done.returncode == 3
    assert done.stderr == "error: /somewhere: Read-only file system\n"


@pytest.mark.skipif(os.geteuid() != 0, reason="needs another user")
def test_a_user_without_a_home_is_told(tmp_path: Path):
    program = (
        "import os\n"
        "from envbench.settings.load import load_settings\n"
        "from envbench.model.errors import PreventedError\n"
        "os.environ.pop('HOME', None); os.setuid(54321)\n"
        "try: load_settings()\n"
        "except PreventedError as error: print(error.what)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False, cwd=tmp_path
    )
    assert done.stdout == "there is no home directory\n", done.stderr
