"""`envbench demo` in a terminal: the screen at once, the channel under its eyes, then the walk."""

import subprocess

import pytest

from tests.pty.terminal import ENVBENCH, Terminal

pytestmark = pytest.mark.pty


def test_the_demo_opens_makes_its_channel_and_begins_the_walk(tmp_path):
    with Terminal([*ENVBENCH, "demo"], home=tmp_path) as terminal:
        terminal.wait_text(r"Walk 1/11")
        terminal.press("9")
        terminal.wait_text(r"9 SETTINGS")
        terminal.press("1")
        terminal.wait_text(r"demo\.yml is a good spec", 90)
        terminal.wait_text(r"No problems found", 60)
        [channel] = tmp_path.rglob("channel")
        assert any(channel.glob("*/repodata.json"))
        terminal.press("s")
        terminal.wait_text(r"Walk 2/11", 60)
        terminal.press("W")
        terminal.wait_text(r"The walk is over")
        terminal.press("q")
        assert terminal.wait_exit() == 0
        assert terminal.is_restored


def test_unsaved_work_is_asked_about_and_kept(tmp_path):
    (tmp_path / "a.yml").write_text("name: a\nchannels: [conda-forge]\ndependencies:\n  - python\n")
    with Terminal(home=tmp_path) as terminal:
        terminal.wait_text(r"env a")
        terminal.press("e")
        terminal.wait_text(r"Esc out")
        terminal.type("#")
        terminal.wait_text(r"unsaved")
        terminal.press("ctrl+q")
        terminal.wait_text(r"a\.yml has unsaved work")
        terminal.wait_text(r"3 Stay here")
        terminal.press("ctrl+q")
        terminal.wait_text(r"3 Stay here")
        terminal.press("enter")
        assert terminal.wait_exit() == 0
        assert "Your unsaved work on a.yml is kept" in terminal.screen_text()
        assert (tmp_path / "a.yml").read_text().endswith("- python\n"), "the file is as it was"
    with Terminal(home=tmp_path) as again:
        again.wait_text(r"There is unsaved work on")
        again.wait_text(r"1 Take it up")
        again.press("1")
        again.wait_text(r"- #python")


def test_without_a_terminal_the_demo_is_headless_and_help_says_so(tmp_path):
    done = subprocess.run(
        [*ENVBENCH, "demo", "--help"], capture_output=True, text=True, timeout=60, check=False
    )
    assert "where there is no terminal" in " ".join(done.stdout.split())
