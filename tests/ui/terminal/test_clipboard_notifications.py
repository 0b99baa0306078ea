"""Copies and notifications: bounds, files, multiplexers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envbench.ui.terminal import clipboard
from envbench.ui.terminal.facts import describe_terminal
from envbench.ui.terminal.notifications import NOTIFY_CHOICES, make_notification

XTERM = describe_terminal({"TERM": "xterm"})


class ClipboardApp:
    """Takes what an app's clipboard takes."""

    def __init__(self):
        self.copied = []

    def copy_to_clipboard(self, text):
        self.copied.append(text)


@pytest.fixture
def plain(monkeypatch):
    for name in ("TMUX", "STY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm")


def test_nothing_that_is_copied_is_a_key_when_it_is_pasted(tmp_path, plain):
    app = ClipboardApp()
    clipboard.copy_text(app, "a\x1b[201~\rrm x\n\tb\x9b31m\u202e\x03", "it", folder=tmp_path)
    assert app.copied == ["arm x\n\tb\ufffd"]
    assert (tmp_path / clipboard.FILE_NAME).read_text() == app.copied[0]


def test_a_copy_says_where_the_file_is(tmp_path, plain):
    app = ClipboardApp()
    said = clipboard.copy_text(app, "a\udc80b", "the command", folder=tmp_path)
    assert app.copied == ["a\ufffdb"]
    assert said == f"Copied the command. If it did not arrive: {tmp_path / 'clipboard.txt'}"
    clipboard.copy_text(app, "second", "the command", folder=tmp_path)
    assert [path.read_text() for path in tmp_path.iterdir()] == ["second"]


def test_a_copy_that_is_too_long_is_in_the_file_only(tmp_path, plain):
    app = ClipboardApp()
    said = clipboard.copy_text(app, "é" * 40_000, "the log", folder=tmp_path)
    assert app.copied == []
    assert str(tmp_path / "clipboard.txt") in said
    assert said.startswith("The log: too long")


def test_without_a_place_for_the_file_it_is_copied_all_the_same(tmp_path, plain):
    (tmp_path / "file").touch()
    app = ClipboardApp()
    assert clipboard.copy_text(app, "x", "it", folder=tmp_path / "file") == "Copied it."
    assert app.copied == ["x"]


def test_a_link_in_the_files_place_is_replaced_not_followed(tmp_path, plain):
    target = tmp_path / "precious"
    target.write_text("keep")
    folder = tmp_path / "state"
    folder.mkdir()
    (folder / "clipboard.txt").symlink_to(target)
    clipboard.copy_text(ClipboardApp(), "x", "it", folder=folder)
    assert target.read_text() == "keep"
    assert (folder / "clipboard.txt").read_text() == "x"


def test_tmux_needs_a_setting(tmp_path, plain, monkeypatch):
    monkeypatch.setenv("TMUX", "/tmp/x,1,0")
    assert "set-clipboard on" in clipboard.copy_text(ClipboardApp(), "x", "it", folder=tmp_path)


@pytest.mark.parametrize(
    ("choice", "sent"),
    [
        ("off", ""),
        ("bell", "\x07"),
        ("osc9", "\x1b]9;envbench: done\x07"),
        ("both", "\x1b]9;envbench: done\x07\x07"),
        ("nonsense", "\x07"),
    ],
)
def test_choices(choice, sent):
    assert make_notification("done", choice, XTERM) == sent


def test_multiplexers_are_asked_to_pass_it_through():
    tmux = describe_terminal({"TERM": "tmux-256color"})
    assert make_notification("done", "osc9", tmux) == (
        "\x1bPtmux;\x1b\x1b]9;envbench: done\x07\x1b\\"
    )
    screen = describe_terminal({"STY": "1.x", "TERM": "screen"})
    assert make_notification("done", "osc9", screen) == "\x1bP\x1b]9;envbench: done\x07\x1b\\"


def test_the_linux_console_only_rings():
    assert make_notification("done", "osc9", describe_terminal({"TERM": "linux"})) == "\x07"


@given(st.text(max_size=400), st.sampled_from(NOTIFY_CHOICES))
def test_nothing_of_the_text_acts_on_the_terminal(text, choice):
    sent = make_notification(text, choice, XTERM)
    inner = sent.removeprefix("\x1b]9;").rstrip("\x07")
    assert not set(inner) & {"\x1b", "\x07", "\x9b", "\x9c", "\n", "\r", "\u202e"}
    assert len(sent) < 250
