"""The log viewer as a user sees it: real files, real keys."""

import os
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from textual.app import App, ComposeResult
from textual.binding import Binding
from textual.events import MouseScrollUp
from textual.pilot import Pilot

from envbench.ui.widgets.log_view.messages import CopyWanted, FindWanted, LogStatus, SearchWanted
from envbench.ui.widgets.log_view.source import _FAR_BYTES
from envbench.ui.widgets.log_view.status import Status
from envbench.ui.widgets.log_view.view import LogView
from envbench.workbench.logs import LogQuery, open_log, search_log
from tests.ui.waiting import screen_text, wait_for

pytestmark = pytest.mark.asyncio


class Log:
    """A log that grows."""

    def __init__(self, directory: Path) -> None:
        directory.mkdir(mode=0o700)
        self.directory = directory
        self.path = directory / "log"

    def append(self, data: bytes) -> None:
        with self.path.open("ab") as stream:
            stream.write(data)
        self.path.chmod(0o600)


class LogApp(App[None]):
    """Nothing but the viewer."""

    def __init__(self, log: Log | None) -> None:
        super().__init__()
        self.log_shown = log
        self.told: list[Any] = []
        self.view = LogView()
        self.view.poll_s = 0.02

    def compose(self) -> ComposeResult:
        yield self.view

    def on_mount(self) -> None:
        self.view.focus()
        if self.log_shown is not None:
            self.view.show(open_log(self.log_shown.directory))

    def on_log_status(self, message: LogStatus) -> None:
        self.told.append(message)

    def on_copy_wanted(self, message: CopyWanted) -> None:
        self.told.append(message)

    def on_find_wanted(self, message: FindWanted) -> None:
        self.told.append(message)

    def on_search_wanted(self, message: SearchWanted) -> None:
        self.told.append(message)

    def rows(self) -> list[str]:
        return [row.rstrip() for row in screen_text(self).splitlines()]

    def search(self, query: LogQuery, **options: bool) -> None:
        """Do what a screen does with the help of a desk."""
        assert self.log_shown is not None
        self.view.begin_search(query, **options)
        hits = search_log(
            str(self.log_shown.directory),
            query.pattern,
            regex=query.regex,
            ignore_case=query.ignore_case,
            levels=query.levels,
            limit=query.limit,
        )
        for batch in hits:
            self.view.show_hits(batch)

    @property
    def last(self) -> Any:
        return self.told[-1]


@pytest.fixture
def log(tmp_path: Path) -> Log:
    return Log(tmp_path / "job")


@pytest.fixture
def paints(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[int]]:
    """Count the rows that are drawn."""
    drawn: list[int] = []
    render_line = LogView.render_line

    def count(view: LogView, y: int) -> Any:
        drawn.append(y)
        return render_line(view, y)

    monkeypatch.setattr(LogView, "render_line", count)
    yield drawn


def number_lines(first: int, last: int) -> bytes:
    return b"".join(b"line %d\n" % n for n in range(first, last))


async def settle(pilot: Pilot[None], view: LogView, lines: int) -> None:
    await wait_for(pilot, lambda: view.status.lines == lines and not view.status.counting)
    await pilot.pause()


async def test_it_follows_until_the_user_scrolls_up(log: Log) -> None:
    log.append(number_lines(0, 100))
    app = LogApp(log)
    async with app.run_test(size=(40, 10)) as pilot:
        await settle(pilot, app.view, 100)
        assert app.rows()[-1].split("█")[0].rstrip() == " line 99"
        log.append(number_lines(100, 105))
        await settle(pilot, app.view, 105)
        assert " line 104" in app.rows()[-1]
        await pilot.press("up")
        assert not app.view.status.follow
        log.append(number_lines(105, 200))
        await settle(pilot, app.view, 200)
        assert " line 103" in app.rows()[-1]
        assert (app.view.status.new_lines, app.view.status.lines) == (95, 200)
        await pilot.press("end")
        assert " line 199" in app.rows()[-1]
        assert app.view.status == Status(lines=200)
        await pilot.press("g")
        assert app.rows()[0].startswith(" line 0 ")
        assert app.view.status.percent == 5
        await pilot.press("pagedown")
        assert app.rows()[0].split("█")[0].rstrip() == " line 9"
        for _ in range(30):
            await pilot.press("pagedown")
        assert app.view.status.follow


async def test_it_paints_only_what_changed(log: Log, paints: list[int]) -> None:
    log.append(number_lines(0, 100) + b"10%")
    app = LogApp(log)
    async with app.run_test(size=(19, 10)) as pilot:  # without a scroll bar, which moves
        await wait_for(pilot, lambda: " 10%" in app.rows()[-1])
        await pilot.pause(0.2)
        paints.clear()
        await pilot.pause(0.3)
        assert paints == []
        log.append(b"\r20%")
        await wait_for(pilot, lambda: paints)
        await pilot.pause()
        assert set(paints) == {9}
        await pilot.press("up", "up")
        await pilot.pause(0.1)
        paints.clear()
        log.append(b"\n" + number_lines(0, 5))
        await settle(pilot, app.view, 106)
        assert paints == []
        app.view.is_held = True
        await pilot.press("end")
        await pilot.pause(0.1)
        paints.clear()
        log.append(number_lines(0, 5))
        await pilot.pause(0.2)
        assert paints == []
        app.view.is_held = False
        await settle(pilot, app.view, 111)
        assert paints


async def test_grave_lines_have_marks_and_wide_ones_keep_their_cells(log: Log) -> None:
    log.append("ERROR: bad\nwarning: hm\n漢字漢字 ok\na\tb\n漢\tb\n\x1b[31mred\x1b[0m\n".encode())
    app = LogApp(log)
    async with app.run_test(size=(19, 8)) as pilot:
        await settle(pilot, app.view, 6)
        assert app.rows()[:6] == [
            "×ERROR: bad",  # noqa: RUF001
            "▲warning: hm",
            " 漢字漢字 ok",
            " a       b",
            " 漢      b",
            " red",
        ]


async def test_wrapping_and_scrolling_sideways(log: Log) -> None:
    log.append(b"0123456789" * 4 + b"\nshort\n" + "漢".encode() * 12 + b"\n")
    app = LogApp(log)
    async with app.run_test(size=(16, 8)) as pilot:
        await settle(pilot, app.view, 3)
        assert app.rows()[:3] == [" 012345678901234", " short", " " + "漢" * 7]
        await pilot.press("right")
        assert app.rows()[:3] == [" 678901234567890", "", " " + "漢" * 4]
        await pilot.press("right", "right", "right")
        assert app.rows()[0] == " 567890123456789"
        await pilot.press("w")
        await pilot.pause()
        assert app.rows() == [
            *(" 012345678901234", " 567890123456789", " 0123456789", " short"),
            *(" " + "漢" * 7, " " + "漢" * 5, "", ""),
        ]
        await pilot.resize_terminal(16, 3)
        await wait_for(pilot, lambda: len(app.rows()) == 3 and "short" in app.rows()[0])
        await pilot.press("up", "up")
        assert app.rows() == [" 567890123456789", " 0123456789", " short"]
        await pilot.press("down", "down")
        assert app.view.status.follow


async def test_times_can_be_hidden(log: Log) -> None:
    log.append(b"12:04:11 fetch\n2024-01-02 12:04:11,123 link\nplain\n")
    app = LogApp(log)
    async with app.run_test(size=(60, 5)) as pilot:
        await settle(pilot, app.view, 3)
        assert app.rows()[0] == " 12:04:11 fetch"
        await pilot.press("t")
        assert app.rows()[:3] == [" fetch", " link", " plain"]
        app.search(LogQuery("fetch"))
        await pilot.pause()
        assert app.rows()[0] == "►fetch"


async def test_searching_going_and_leaving_others_out(log: Log) -> None:
    log.append(b"".join(b"line %d%s\n" % (n, b" needle" * (n % 100 == 7)) for n in range(1000)))
    app = LogApp(log)
    async with app.run_test(size=(40, 12)) as pilot:
        await settle(pilot, app.view, 1000)
        await pilot.press("n")
        await pilot.pause()
        assert isinstance(app.last, FindWanted)
        await pilot.press("g")
        app.search(LogQuery("NEEDLE"))
        await pilot.pause()
        assert any(row.startswith("►line 7 needle") for row in app.rows())
        assert (app.view.status.matches, app.view.status.match) == (10, 1)
        await pilot.press("n", "n")
        assert any(row.startswith("►line 207 needle") for row in app.rows())
        await pilot.press("N")
        assert app.view.status.match == 2
        await pilot.press("N", "N")
        assert app.view.status.match == 10
        app.view.show_only_matches(True)
        await pilot.pause()
        assert [row.strip("► █") for row in app.rows()[:10]] == [
            f"line {n}07 needle" if n else "line 7 needle" for n in range(10)
        ]
        await pilot.press("y")
        await pilot.pause()
        assert app.last.text == "line 907 needle"
        await pilot.press("ampersand")
        assert not app.view.status.filtered
        assert any("line 907 needle" in row for row in app.rows())
        await pilot.press("slash")
        await pilot.pause()
        assert isinstance(app.last, FindWanted)


async def test_the_first_error_is_asked_for_and_shown(log: Log) -> None:
    log.append(number_lines(0, 500) + b"ERROR: here\n" + number_lines(0, 500))
    app = LogApp(log)
    async with app.run_test(size=(40, 9)) as pilot:
        await settle(pilot, app.view, 1001)
        await pilot.press("e")
        await pilot.pause()
        asked = next(told for told in app.told if isinstance(told, SearchWanted))
        app.search(LogQuery("", levels=asked.levels, limit=asked.limit))
        await pilot.pause()
        assert any(row.startswith("►ERROR: here") for row in app.rows())
        assert not app.view.status.follow
        await pilot.press("y")
        await pilot.pause()
        assert app.last.text == "ERROR: here"
        await pilot.press("Y")
        await pilot.pause()
        assert "line 0\nline 1" in app.last.text


async def test_regular_expressions_mark_what_the_search_told(log: Log) -> None:
    log.append(b"abc abc\nxyz\n")
    app = LogApp(log)
    async with app.run_test(size=(40, 9)) as pilot:
        await settle(pilot, app.view, 2)
        app.search(LogQuery("b.", regex=True))
        await pilot.pause()
        pieces = app.view._rows[0].line
        assert [(p.text, p.role) for p in pieces[1:]] == [
            *(("a", "text"), ("bc", "cursor"), (" abc" + " " * 31, "text")),
        ]


async def test_what_becomes_of_the_file_shows(log: Log) -> None:
    log.append(number_lines(0, 50))
    app = LogApp(log)
    async with app.run_test(size=(40, 5)) as pilot:
        await settle(pilot, app.view, 50)
        os.truncate(log.path, 0)
        log.append(b"new\n")
        await wait_for(pilot, lambda: app.rows()[0] == " new")
        assert "started over" in app.view.status.note
        log.path.unlink()
        await wait_for(pilot, lambda: "gone" in app.view.status.note)
        assert app.rows()[0] == " new"
        log.append(b"again\n")
        await wait_for(pilot, lambda: app.rows()[0] == " again")
        app.view.show(None)
        await wait_for(pilot, lambda: app.rows()[0] == app.view.empty_text)


async def test_a_paused_view_stays_at_its_line_when_the_middle_is_cut(log: Log) -> None:
    block = 4096
    log.append(number_lines(0, 500_000))
    app = LogApp(log)
    async with app.run_test(size=(40, 5)) as pilot:
        await settle(pilot, app.view, 500_000)
        app.view.go_to_line(480_000)
        await pilot.pause()
        before = app.rows()
        with log.path.open("r+b") as stream:
            from envbench.jobs.log_cap import punch_hole

            punch_hole(stream.fileno(), 100 * block, 800 * block)
        await wait_for(pilot, lambda: app.view.status.lines < 400_000)
        await wait_for(pilot, lambda: not app.view.status.counting)
        await pilot.pause()
        assert [row.strip("█ ") for row in app.rows()] == [row.strip("█ ") for row in before]


async def test_empty_states(log: Log, tmp_path: Path) -> None:
    app = LogApp(None)
    app.view.empty_text = "No job is selected."
    async with app.run_test(size=(40, 5)) as pilot:
        assert app.rows()[0] == "No job is selected."
        app.view.show(open_log(log.directory))
        await wait_for(pilot, lambda: app.rows()[0] == app.view.silent_text)
        log.path.symlink_to(tmp_path / "elsewhere")
        await wait_for(pilot, lambda: "link" in " ".join(app.rows()))
        for key in ("up", "down", "g", "G", "n", "w", "y", "Y", "shift+up", "right", "ampersand"):
            await pilot.press(key)


async def test_matches_that_come_later_are_added(log: Log) -> None:
    log.append(b"needle\nhay\n")
    app = LogApp(log)
    async with app.run_test(size=(40, 5)) as pilot:
        view = app.view
        await settle(pilot, view, 2)
        app.search(LogQuery("needle"))
        log.append(b"needle\n")
        await settle(pilot, view, 3)
        for batch in search_log(str(log.directory), "needle", first_line=view.searched_lines):
            view.show_hits(batch)
        await pilot.pause()
        assert (view.status.matches, view.searched_lines) == (2, 3)
        view.clear_search()
        assert view.status.matches == 0
        assert view.search_query is None


@pytest.mark.parametrize("seed", range(3))
async def test_nothing_that_happens_breaks_it(log: Log, seed: int) -> None:
    chance = random.Random(seed)
    actions = [binding.action for binding in LogView.BINDINGS if isinstance(binding, Binding)]
    app = LogApp(log)
    app.view.poll_s = 0.05
    async with app.run_test(size=(30, 8)) as pilot:
        for _ in range(80):
            match chance.randrange(9):
                case 0:
                    log.append(b"line\n" * chance.randrange(50_000))
                case 1:
                    log.append(chance.randbytes(chance.randrange(20_000)))
                case 2:
                    log.append(b"\r%d%% \xf0\x9f\x98\x80\t" % chance.randrange(100) * 30)
                case 3 if log.path.exists():
                    os.truncate(log.path, chance.randrange(1 + 2 * log.path.stat().st_size))
                case 4 if log.path.exists():
                    log.path.unlink()
                case 5:
                    app.search(LogQuery(chance.choice(["line", "9", "zz"])))
                    app.view.show_only_matches(chance.random() < 0.5)
                case 6:
                    app.view.go_to_line(chance.randrange(100_000))
                case _:
                    pass
            app.view._poll(must_paint=True)
            await app.view.run_action(chance.choice(actions))
            if chance.random() < 0.1:
                await pilot.resize_terminal(chance.randrange(1, 60), chance.randrange(1, 20))
        await pilot.press("up", "G")
    assert app.view.log_index is None


@pytest.mark.parametrize("size", [(1, 1), (2, 3), (7, 2), (20, 1), (300, 80)])
async def test_any_size_works(log: Log, size: tuple[int, int]) -> None:
    log.append(number_lines(0, 300) + "漢字\tx".encode() * 50 + b"\nERROR: e\nunfinished")
    app = LogApp(log)
    async with app.run_test(size=size) as pilot:
        await settle(pilot, app.view, 303)
        app.search(LogQuery("line 2"))
        for key in ("up", "pageup", "w", "n", "N", "pageup", "down", "shift+down", "t", "g", "G"):
            await pilot.press(key)
        app.view.show_only_matches(True)
        await pilot.press("up", "w", "right", "left", "G", "g")
        await pilot.resize_terminal(33, 7)
        await wait_for(pilot, lambda: len(app.rows()) == 7)
        await pilot.resize_terminal(*size)
        await wait_for(pilot, lambda: len(app.rows()) == size[1])
        await pilot.click(offset=(0, 0))


async def test_the_end_of_a_huge_log_is_there_at_once(log: Log) -> None:
    count = _FAR_BYTES // 10
    with log.path.open("wb") as stream:
        for first in range(0, 4 * count, 100_000):
            stream.write(b"".join(b"%-15d\n" % n for n in range(first, first + 100_000)))
    log.path.chmod(0o600)
    total = log.path.stat().st_size // 16
    app = LogApp(log)
    async with app.run_test(size=(40, 6)) as pilot:
        view = app.view
        view._timer.stop()  # So that the counting waits for the test.
        await pilot.pause()
        assert view.status.counting
        assert str(total - 1) in app.rows()[-1]
        await pilot.press("up", "pageup")
        top = app.rows()[0].split("█")[0].strip()
        assert top == str(total - 1 - 5 - 6)
        view._poll()
        await settle(pilot, view, total)
        assert app.rows()[0].split("█")[0].strip() == top
        assert view.status.new_lines == 0
        await pilot.press("up")
        assert app.rows()[0].split("█")[0].strip() == str(int(top) - 1)


async def test_the_mouse_scrolls_and_marks(log: Log) -> None:
    log.append(number_lines(0, 100))
    app = LogApp(log)
    async with app.run_test(size=(40, 10)) as pilot:
        await settle(pilot, app.view, 100)
        await pilot._post_mouse_events([MouseScrollUp])
        await wait_for(pilot, lambda: " line 96" in app.rows()[-1])
        await pilot.click(offset=(5, 2))
        await pilot.press("y")
        await pilot.pause()
        assert app.last.text == "line 89"
        await pilot.click(offset=(39, 0))
        await wait_for(pilot, lambda: app.rows()[0].startswith(" line 0 "))
