"""A failure of the screen is told in a few lines, and in full where only the user reads it."""

import pytest

from envbench.model.redaction import register_secret
from envbench.ui.terminal.last_words import LastWords


class FailedApp:
    """What is left of an app that failed."""

    _exception = None


def fail():
    hidden = "a value of a variable"
    raise ValueError(f"bad \x1b[2J token sekret-token-123 {len(hidden)}")


@pytest.fixture
def app():
    register_secret("sekret-token-123")
    failed = FailedApp()
    try:
        fail()
    except ValueError as error:
        failed._exception = error
    return failed


def test_a_report_holds_the_way_but_no_values_and_no_secrets(app, tmp_path, capfd):
    words = LastWords(app, tmp_path / "state")
    words.print("pages of locals: a value of a variable")
    words.print("[b]NOTE[/b] 1 of 2 errors shown", markup=True)
    (report,) = (tmp_path / "state").iterdir()
    text, said = report.read_text(), capfd.readouterr().err
    for told in (text, said):
        assert "ValueError: bad" in told
        assert "sekret-token-123" not in told
        assert "\x1b" not in told
        assert "pages of locals" not in told
    assert "in fail" in text
    assert str(report) in said
    assert len(said.splitlines()) <= 6


def test_without_an_exception_the_message_is_told_clean(tmp_path, capfd):
    LastWords(FailedApp(), tmp_path).print("cannot\x1b[2J go on")
    assert capfd.readouterr().err == "cannot go on\n"
    assert not list(tmp_path.iterdir())


def test_without_a_place_for_reports_it_is_still_told(app, tmp_path, capfd):
    (tmp_path / "file").touch()
    LastWords(app, tmp_path / "file").print("x")
    said = capfd.readouterr().err
    assert "ValueError: bad" in said
    assert "whole report" not in said
