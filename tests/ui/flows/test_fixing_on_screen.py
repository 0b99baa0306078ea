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
async def screen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Driven]:
    set_private_environ(monkeypatch, tmp_path)
    # Well-known channels are tried, too, and none of them is to be asked here.
    monkeypatch.setenv("ENVBENCH_OFFLINE", "1")
    project = tmp_path / "project"
    project.mkdir()
    publish(tmp_path / "channel")
    text = SPEC_TEXT.format(channel=(tmp_path / "channel").as_uri())
    (project / "environment.yml").write_text(text)
    async with drive(project) as driven:
        await driven.until_open("environment.yml")
        yield driven


async def solve(screen: Driven) -> None:
    await screen.press("s")
    await screen.until_shown("NO SOLUTION")


async def until_over(screen: Driven) -> None:
    await screen.until(lambda: (r := shown_report(screen.app.state)) and r.is_over, PATIENCE_S)
    await screen.until(lambda: not screen.app.state.fixes.working)


def cursor(screen: Driven) -> str:
    return screen.app.query_one(f"#{PLAN}", RowPane).selected


async def test_the_cursor_waits_over_the_fixes_and_ends_on_the_best(screen: Driven):
    await solve(screen)
    await screen.until(lambda: cursor(screen) == SEARCH)

    await until_over(screen)

    best = rank_fixes(shown_report(screen.app.state))[0]
    await screen.until(lambda: cursor(screen) == best.key)
    assert chosen_fix(screen.app.state) == best
