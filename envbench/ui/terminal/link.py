"""The governor of the link: keys come first, whatever is painted.

After each picture it asks the terminal something that every terminal answers, and knows by the
answer when the picture was drawn. While too much is under way nothing new is painted (changes
gather, and are painted as one picture); how often logs and meters may paint follows from
`LinkRule`. On an idle screen nothing is asked and nothing is sent.
"""

import time
from typing import TYPE_CHECKING, Any, Final

from envbench.ui.terminal.access import find_driver
from envbench.ui.terminal.driver import ASK_MODE, TerminalDriver
from envbench.ui.terminal.link_rule import LinkRule, LinkState, LinkWish
from envbench.ui.terminal.paint_hold import PaintHold

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable

    from textual.app import App

    from envbench.ui.terminal.facts import TerminalFacts

__all__ = ["LinkGovernor", "LinkState", "LinkWish"]

ASK_CURSOR: Final = "\x1b[6n"
_POUR_S: Final = 0.15
"""While an answer is open for longer than this, what pours waits."""
_LOOK_S: Final = 0.2
_LINK: Final = "link"
_LOST_S: Final = 5.0
"""An answer that is open for so long is given up."""
_FIRST_S: Final = 2.0
"""The same while none was ever answered: the first stands behind a few bytes only."""
_MOST_LOST: Final = 3
_SILENT: Final = "the terminal does not answer: modest rates"


class LinkGovernor:
    """Measures the link of an app and holds its paints; use it from the app's own thread."""

    def __init__(
        self,
        app: "App[Any]",
        facts: "TerminalFacts",
        wish: LinkWish = "auto",
        on_change: "Callable[[LinkState], None] | None" = None,
    ) -> None:
        """Prepare.

        Args:
            app: The app.
            facts: What is known about its terminal.
            wish: What the user chose.
            on_change: Called with each new state.
        """
        self._app, self._on_change = app, on_change
        # What stands between answers in the terminal's place, at once.
        between = facts.multiplexer
        reason = f"inside {between} the link cannot be measured: modest rates" if between else ""
        self.rule = LinkRule(wish, reason)
        self._told = self.rule.state
        self._driver: TerminalDriver | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._sent = self._drawn = 0
        self._open: _Question | None = None
        self._hold = PaintHold(app)
        self._has_heard = False
        self._lost = 0
        self._asks = "mode"
        self._timer: asyncio.TimerHandle | None = None

    @property
    def state(self) -> LinkState:
        """The present state of the link."""
        return self.rule.state

    def choose(self, wish: LinkWish) -> LinkState:
        """Take the user's choice: `auto`, `fast` or `slow`."""
        self.rule.wish = wish
        self._tell()
        return self.state

    def allows_pour(self) -> bool:
        """Tell whether a log or meter may paint now; their data is kept meanwhile."""
        if self._hold.is_held:
            return False
        asked = self._open
        return asked is None or time.monotonic() - asked.when_s - self.rule.base_s < _POUR_S

    def attach(self) -> bool:
        """Begin, in `on_mount`; tells whether there is a terminal to measure."""
        import asyncio

        driver = find_driver(self._app)
        if not isinstance(driver, TerminalDriver):
            return False
        self._loop, self._driver = asyncio.get_running_loop(), driver
        driver.output.on_drained = lambda: self._call(self._take_drained)
        driver.listener = self
        # The first question stands behind nothing: its answer is the way there and back.
        self._sent += 1
        self._ask()
        self._tell(always=True)
        return True

    # -- What the driver tells --

    def began(self) -> None:
        """Forget what was asked before the terminal was given away."""
        self._open, self._drawn = None, self._sent
        self._call(self._adjust_hold)

    def wrote(self, count: int) -> None:
        """Count what goes out."""
        self._sent += count

    def ended_frame(self) -> None:
        """Ask how the picture fared, unless a question is open."""
        self._hold.note_picture()
        self._ask()
        self._adjust_hold()

    def answered(self, question: str, when_s: float) -> bool:
        """Take an answer; called from the input thread."""
        asked = self._open
        if asked is None or asked.what != question:
            return False
        self._call(lambda: self._take_answer(asked, when_s))
        return True

    # -- Questions --

    def _ask(self) -> None:
        driver, loop = self._driver, self._loop
        if driver is None or loop is None or self._open is not None or not self._app.is_running:
            return
        if self.rule.cannot_measure:
            self._expect_drained(driver)
        elif self._sent != self._drawn:
            count = self._sent - self._drawn
            self._sent += driver.ask(ASK_MODE if self._asks == "mode" else ASK_CURSOR)
            self._open = _Question(self._asks, time.monotonic(), self._sent, count)
        if self._open is not None and self._timer is None:
            self._timer = loop.call_later(_LOOK_S, self._look)

    def _expect_drained(self, driver: TerminalDriver) -> None:
        """Without answers: at least see how long this end of the link takes the bytes."""
        if driver.output.backlog_bytes:
            count = driver.output.backlog_bytes
            self._open = _Question("drained", time.monotonic(), self._sent, count)

    def _take_drained(self) -> None:
        asked = self._open
        if asked is not None and asked.what == "drained":
            asked.bytes += self._sent - asked.sent
            self._take_answer(asked, time.monotonic())
        else:
            self._adjust_hold()

    def _take_answer(self, asked: "_Question", when_s: float) -> None:
        if asked is not self._open:
            return
        self._open, self._lost, self._drawn = None, 0, asked.sent
        self._has_heard = True
        self.rule.observe(max(0.0, when_s - asked.when_s), asked.bytes, when_s)
        self._ask()
        self._adjust_hold()
        self._tell()

    def _look(self) -> None:
        self._timer = None
        asked, loop = self._open, self._loop
        if asked is None or loop is None or not self._app.is_running:
            return
        now = time.monotonic()
        patience = _LOST_S if self._has_heard else _FIRST_S
        if now - asked.when_s > patience and asked.what != "drained":
            self._give_up()
        else:
            self.rule.wait(now - asked.when_s, asked.bytes, now)
            self._timer = loop.call_later(_LOOK_S, self._look)
        self._adjust_hold()
        self._tell()

    def _give_up(self) -> None:
        """Forget a question: its answer was lost, or the terminal gives none of this kind."""
        self._open, self._drawn = None, self._sent
        self._lost += 1
        self._asks = "cursor" if self._asks == "mode" else "mode"
        if self._lost >= (_MOST_LOST if self._has_heard else 2):
            self.rule.cannot_measure = _SILENT

    # -- Holding paints --

    def _adjust_hold(self) -> None:
        driver = self._driver
        if driver is None:
            return
        under_way = driver.output.backlog_bytes
        if not self.rule.cannot_measure:
            under_way = max(under_way, self._sent - self._drawn)
        window = self.rule.window_bytes
        if under_way > window:
            self._hold.hold(_LINK)
        elif under_way <= window // 2 or not self._app.is_running:
            self._hold.release(_LINK)

    # -- Telling --

    def _tell(self, *, always: bool = False) -> None:
        state = self.rule.state
        if (always or state != self._told) and self._on_change is not None:
            self._told = state
            self._on_change(state)

    def _call(self, function: "Callable[[], None]") -> None:
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(function)


class _Question:
    """A question that is open."""

    __slots__ = ("bytes", "sent", "what", "when_s")

    def __init__(self, what: str, when_s: float, sent: int, count: int) -> None:
        self.what, self.when_s, self.sent, self.bytes = what, when_s, sent, count
