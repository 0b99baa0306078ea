"""States of panes, and what each must say; in every look that a terminal may have."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from envbench.ui.state import ScreenState
from tests.ui.still.still_app import Still, calm, hold_still
from tests.ui.waiting import screen_text

COLOURS, SIXTEEN, NONE = "colours", "sixteen", "no colours"
LOOKS = (COLOURS, SIXTEEN, NONE)
"""True colours, the terminal's own sixteen, and NO_COLOR: marks and words must do in each."""
EACH_LOOK = (COLOURS, pytest.param(SIXTEEN, marks=pytest.mark.slow), NONE)
"""To be tested in: the sixteen colours lie between the other two, and wait for the slow lane."""
_FRAMES = str.maketrans(dict.fromkeys("│╭╮╰╯─┃┏┓┗┛━", " "))
PATIENCE_S = 10.0


class Case(NamedTuple):
    """A state, and what a pane says in it."""

    name: str
    state: ScreenState
    pane: str
    """Selector of the pane."""
    says: tuple[str, ...]
    lacks: tuple[str, ...] = ()
    """What it must not say."""


def set_look(monkeypatch: pytest.MonkeyPatch, root: Path, look: str) -> None:
    """Let the screen begin in a look."""
    calm(monkeypatch, root, theme="sixteen" if look == SIXTEEN else "envbench-dark")
    if look == NONE:
        monkeypatch.delenv("ENVBENCH_THEME")
        monkeypatch.setenv("NO_COLOR", "1")


def read_pane(still: Still, selector: str) -> str:
    """Give what a pane says, frame and title included, as one line; empty when it is hidden."""
    found = still.app.screen.query(selector)
    region = found.first().region if found else None
    if not region:
        return ""
    lines = screen_text(still.app).split("\n")[region.y : region.bottom]
    text = " ".join(line[region.x : region.right] for line in lines)
    return " ".join(text.translate(_FRAMES).split())


async def check(still: Still, case: Case) -> str:
    """Show a state; says what is missing."""
    await still.app.show_state(case.state)
    await still.pilot.pause()

    def is_said() -> bool:
        text = read_pane(still, case.pane)
        return all(words in text for words in case.says)

    try:
        await still.until(is_said, PATIENCE_S)
    except AssertionError:
        text = read_pane(still, case.pane)
        missing = [words for words in case.says if words not in text]
        return f"{case.name}: {missing} not in: {text}"
    text = read_pane(still, case.pane)
    there = [words for words in case.lacks if words in text]
    return f"{case.name}: {there} still in: {text}" if there else ""


async def check_all(
    cases: Iterable[Case],
    look: str,
    monkeypatch: pytest.MonkeyPatch,
    root: Path,
    size: tuple[int, int] = (120, 40),
) -> None:
    """Show one state after the other on one screen.

    Raises:
        AssertionError: A pane does not say what it should.
    """
    set_look(monkeypatch, root, look)
    wrong: list[str] = []
    async with hold_still(size) as still:
        assert still.app.no_color is (look == NONE)
        for case in cases:
            said = await check(still, case)
            if said:
                wrong.append(said)
    assert not wrong, "\n".join(wrong)


def case(name: str, state: ScreenState, pane: str, *says: str, lacks: Any = ()) -> Case:
    """Make a case; a name of a pane without a mark is its id."""
    selector = pane if pane.startswith((".", "#")) else f"#{pane}"
    return Case(name, state, selector, says, tuple(lacks))
