"""A conflict on the real screen with the real solver: fixes come in, one is taken, taken back."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from envbench.ui.fix_choice import SEARCH, chosen_fix, rank_fixes, shown_report
from envbench.ui.state import PLAN
from envbench.ui.widgets.row_pane import RowPane
from tests.channels import index_channel, make_package
from tests.ui.real_app import Driven, drive, set_private_environ

SPEC_TEXT = """\
name: lab
channels:
  - {channel}
  - nodefaults
dependencies:
  - tool=1.0      # the lab's own
  - app=2.*       # pinned last year
  - zlib
"""
PATIENCE_S = 60.0


def publish(channel: Path) -> None:
    """Publish `app` and `tool`, whose newest need different versions of `lib`."""
    for version in ("1.0", "1.5", "2.0"):
        make_package(channel, "lib", version)
    make_package(channel, "app", "1.0", depends=["lib >=1"])
    make_package(channel, "app", "2.0", depends=["lib >=2"])
    make_package(channel, "tool", "1.0", depends=["lib <2"])
    make_package(channel, "tool", "2.0", depends=["lib >=2"])
    make_package(channel, "zlib", "1.3")
    index_channel(channel)


@pytest.fixture
def line_end() -> bytes:
    """Ends each line of the spec."""
    return b"\n"


@pytest.fixture
async def screen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, line_end: bytes
) -> AsyncIterator[Driven]:
    set_private_environ(monkeypatch, tmp_path)
    # Well-known channels are tried, too, and none of them is to be asked here.
    monkeypatch.setenv("ENVBENCH_OFFLINE", "1")
    project = tmp_path / "project"
    project.mkdir()
    publish(tmp_path / "channel")
    text = SPEC_TEXT.format(channel=(tmp_path / "channel").as_uri())
    (project / "environment.yml").write_bytes(text.encode().replace(b"\n", line_end))
    async with drive(project) as driven:
        await driven.until_open("environment.yml")
        yield driven


async def solve(screen: Driven) -> None:
    await screen.press("s")
    await screen.until_shown("NO SOLUTION")


async def until_over(screen: Driven) -> None:
    await screen.until(lambda: (r := shown_report(screen.app.state)) and r.is_over, PATIENCE_S)
    await screen.until(lambda: not screen.app.state.fixes.working)


def read(screen: Driven) -> bytes:
    """Read the file as it is on the disk."""
    return Path(screen.spec.path).read_bytes()


def cursor(screen: Driven) -> str:
    return screen.app.query_one(f"#{PLAN}", RowPane).selected


async def test_the_cursor_waits_over_the_fixes_and_ends_on_the_best(screen: Driven):
    await solve(screen)
    await screen.until(lambda: cursor(screen) == SEARCH)

    await until_over(screen)

    best = rank_fixes(shown_report(screen.app.state))[0]
    await screen.until(lambda: cursor(screen) == best.key)
    assert chosen_fix(screen.app.state) == best


@pytest.mark.parametrize("line_end", [b"\n", b"\r\n"], ids=["lf", "crlf"])
async def test_a_fix_goes_into_the_text_is_solved_and_taken_back_byte_for_byte(screen: Driven):
    before = read(screen)
    await solve(screen)
    await until_over(screen)
    await screen.until_shown("tool=1.0 → =2.0")
    await screen.until_shown("  - tool=2.0      # the lab's own")
    await screen.until(lambda: "Enter apply fix 1 and solve" in screen.text)

    await screen.press("enter")
    await screen.until_shown("SAFE TO BUILD")

    after = before.replace(b"tool=1.0", b"tool=2.0")
    assert read(screen) == after
    assert "U undo fix" in screen.text
    await screen.press("U")
    await screen.until_shown("SPEC CHANGED")
    assert screen.code.text.encode() == before
    assert read(screen) == after, "nothing is saved before it is asked for"
    await screen.until(lambda: screen.spec.checked == screen.spec.version)
    await screen.press("U")
    await screen.until_shown("undo fix is off: no fix was taken on this screen")
    await screen.press("ctrl+s")
    await screen.until(lambda: read(screen) == before)


@pytest.mark.slow
async def test_undo_in_the_editor_takes_a_fix_back_in_one_step(screen: Driven):
    before = screen.code.text
    await solve(screen)
    await until_over(screen)
    await screen.until(lambda: chosen_fix(screen.app.state))
    await screen.press("enter")
    await screen.until_shown("SAFE TO BUILD")
    assert screen.code.text != before

    await screen.press("1")
    await screen.edit()
    await screen.press("ctrl+z")

    await screen.until(lambda: screen.code.text == before)
    await screen.press("escape", "2")
    await screen.until(lambda: screen.app.state.place == PLAN)
    await screen.press("U")
    await screen.until_shown("the text was changed since")


@pytest.mark.slow
async def test_two_fixes_stand_side_by_side_and_the_cursor_comes_back(screen: Driven):
    await solve(screen)
    await until_over(screen)
    await screen.until(lambda: chosen_fix(screen.app.state))
    await screen.press("space", "down", "space")
    await screen.until_shown("packages moved")
    assert "line 7  app=2.* → =1.0.*" in screen.text

    await screen.press("escape")

    await screen.until(lambda: (fix := chosen_fix(screen.app.state)) is not None and fix.rank == 2)
    assert screen.app.state.place == PLAN


@pytest.mark.slow
async def test_the_solvers_own_text_is_folded_then_raw_then_gone(screen: Driven):
    await solve(screen)
    await until_over(screen)
    await screen.press("t")
    await screen.until_shown("the solver's own text, folded")
    await screen.press("t")
    await screen.until_shown("untouched,")
    await screen.press("t")
    await screen.until_shown("t shows the solver's own text")


@pytest.mark.slow
async def test_a_stale_conflict_takes_no_fix(screen: Driven):
    await solve(screen)
    await until_over(screen)
    await screen.until(lambda: chosen_fix(screen.app.state))
    await screen.press("1")
    await screen.edit_end()
    await screen.press("#")
    await screen.until(lambda: screen.spec.is_dirty)
    await screen.press("escape", "2")
    await screen.until_shown("SPEC CHANGED")

    await screen.press("enter")

    await screen.until_shown("apply is off: the spec changed since it was solved: s again")
    assert screen.app.state.taken == ()


@pytest.mark.slow
async def test_other_conditions_are_solved_and_one_is_taken_over(screen: Driven):
    await solve(screen)
    await until_over(screen)
    await screen.until(lambda: chosen_fix(screen.app.state))
    await screen.press("enter")
    await screen.until_shown("SAFE TO BUILD")

    await screen.press("i")
    await screen.until(
        lambda: (t := screen.app.state.what_if.value) is not None and t.is_over, PATIENCE_S
    )
    await screen.until_shown("as it is")
    variants = screen.app.state.what_if.value.variants
    column = next(n for n, each in enumerate(variants) if each.command and each.is_solvable)
    await screen.press(*["right"] * column)
    assert screen.app.state.plan_face.column == column
    await screen.press("enter")

    option = variants[column].command
    await screen.until_shown(f"for this screen: {option}")
    await screen.press("U")
    await screen.until_shown("s solves without it")
    await screen.press("s")
    await screen.until(lambda: "for this screen" not in screen.text)


@pytest.mark.slow
async def test_what_holds_a_package_back_is_proved_on_the_screen(screen: Driven):
    await solve(screen)
    await until_over(screen)
    await screen.until(lambda: chosen_fix(screen.app.state))
    await screen.press("down", "enter")
    await screen.until_shown("SAFE TO BUILD")
    pane = screen.app.query_one(f"#{PLAN}", RowPane)
    pane.select("package:lib")
    await screen.until(lambda: screen.app.state.selected[PLAN] == "package:lib")

    await screen.press("w")

    await screen.until_shown("held lib 1.5 and not 2.0: line 6 tool=1.0 holds it")
