"""`envbench fix` as people type it."""

import pytest

from envbench.cli import fix_view
from envbench.model.conflict import Conflict
from envbench.model.repair import FixReport
from tests.channels import index_channel, make_package, make_python
from tests.cli.test_command_line import document, envbench

SPEC = """\
name: env
channels:
  - {channel}
dependencies:
  - python=3.10
  - app        # keep me
  - zlib=3
"""


@pytest.fixture
def home(tmp_path):
    channel = tmp_path / "channel"
    for version in ("3.10.1", "3.11.1"):
        make_python(channel, version)
    make_package(channel, "zlib", "1.3")
    make_package(channel, "zlib", "2.0")
    make_package(channel, "app", "1.0", depends=["zlib <2"])
    index_channel(channel)
    text = SPEC.format(channel=channel.as_uri())
    (tmp_path / "conflict.yml").write_text(text)
    (tmp_path / "fine.yml").write_text(text.replace("zlib=3", "zlib"))
    # Nothing is asked of the network: other channels lie nowhere.
    nowhere = (tmp_path / "nowhere").as_uri()
    (tmp_path / ".condarc").write_text(
        f"channel_alias: {nowhere}\ndefault_channels: [{nowhere}]\n"
        f"custom_channels: {{nvidia: {nowhere}}}\n"
    )
    return tmp_path


def test_the_conflict_the_fixes_and_the_best_as_a_change(home):
    done = envbench(home, "fix", "conflict.yml")
    assert done.returncode == 1, done.stderr
    assert "zlib=3" in done.stdout.split("\n\n")[0]
    (row,) = [line for line in done.stdout.splitlines() if line.startswith("1  ")]
    assert "line 7  zlib=3 → =1" in row and "zlib 1.3" in row and "solved" in row
    assert "    7 -   - zlib=3" in done.stdout
    assert "    7 +   - zlib=1.3" in done.stdout
    assert "tried: line 7  zlib=3 → 2.0: still no solution" in done.stdout
    assert done.stderr == ""


def test_one_document(home):
    done = envbench(home, "fix", "conflict.yml", "--json")
    assert done.returncode == 1
    report = document(done)
    assert report["schema"] == "envbench.fix/1"
    assert [line["line"] for line in report["conflict"]["cores"][0]["lines"]] == [7]
    assert report["fixes"][0]["moves"][0]["new"] == "zlib=1.3"
    assert report["is_over"] and report["solves"] > 0


def test_apply_shows_what_it_writes(home):
    before = (home / "conflict.yml").read_text()
    done = envbench(home, "fix", "conflict.yml", "--apply", "1")
    assert done.returncode == 0, done.stderr
    assert "    7 +   - zlib=1.3" in done.stdout
    assert (home / "conflict.yml").read_text() == before.replace("zlib=3", "zlib=1.3")
    again = envbench(home, "fix", "conflict.yml")
    assert again.returncode == 0 and "nothing to fix" in again.stdout


@pytest.mark.slow
def test_apply_as_a_document(home):
    report = document(envbench(home, "fix", "conflict.yml", "--apply", "1", "--json"))
    assert report["applied"] == 1 and report["fix"]["moves"][0]["new"] == "zlib=1.3"
    assert "zlib=1.3" in (home / "conflict.yml").read_text()


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["fine.yml"], 0),
        pytest.param(["fine.yml", "--apply", "1"], 2, marks=pytest.mark.slow),
        pytest.param(["conflict.yml", "--apply", "99"], 2, marks=pytest.mark.slow),
        (["conflict.yml", "--apply", "0"], 2),
        (["nowhere.yml"], 2),
        (["conflict.yml", "--against", "no-such-environment"], 2),
    ],
)
def test_exit_codes(home, words, code):
    before = (home / "conflict.yml").read_text()
    assert envbench(home, "fix", *words).returncode == code
    assert (home / "conflict.yml").read_text() == before


def test_what_was_not_tried_is_said(home):
    done = envbench(home, "fix", "conflict.yml", "--budget", "0")
    assert done.returncode == 1
    assert "No way out was found." in done.stdout
    assert "not tried: changes of line 7  zlib=3" in done.stdout


def test_nothing_from_outside_reaches_the_terminal(capsys):
    conflict = Conflict("no \x1b[31msolution", (), "")
    report = FixReport(path="a\x1b]0;x\x07.yml", conflict=conflict, not_tried=("b\x1b[2J",))
    fix_view.show_fixes(report)
    assert "\x1b" not in capsys.readouterr().out
