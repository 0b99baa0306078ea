"""The terminal driver: Textual's, with a writer that never blocks and an ear for answers.

What differs from Textual's `LinuxDriver`:

- output goes through `OutputWriter`, in the terminal's own encoding;
- a hang-up (end of input) ends the program instead of spinning or raising;
- bytes that are not UTF-8 are replaced instead of ending the program;
- nothing within pasted text is taken for a key;
- shapes of the mouse pointer are not sent;
- the terminal's answers to questions of the governor are told to it and to nobody else.

Written against Textual 8.2; the tests drive every point through a real pseudo-terminal.
"""

import os
import select
import signal
import sys
import time
from codecs import getincrementaldecoder
from typing import TYPE_CHECKING, Any, Final, Protocol

from textual._parser import ParseError
from textual._xterm_parser import XTermParser
from textual.drivers.linux_driver import LinuxDriver
from textual.events import CursorPosition, Paste
from textual.messages import TerminalSupportsSynchronizedOutput

from envbench.ui.terminal.facts import is_utf8
from envbench.ui.terminal.glyphs import choose_glyphs
from envbench.ui.terminal.output_writer import OutputWriter
from envbench.ui.terminal.pasting import Pasted, PasteSieve
from envbench.ui.terminal.picture import Picture

if TYPE_CHECKING:
    from collections.abc import Iterable

    from textual.app import App
    from textual.message import Message

HUNG_UP: Final = 129
"""Exit code when the terminal went away: that of SIGHUP."""
ASK_MODE: Final = "\x1b[?2026$p"
"""Asks for the state of a mode that Textual uses anyway."""
_END_OF_FRAME: Final = "\x1b[?2026l"
_POINTER_SHAPE: Final = "\x1b]22;"
"""Textual sets the shape of the mouse pointer on every move; older terminals print or ring at it."""
_LOOK_S: Final = 0.1
"""How often the input thread looks whether it shall end, and whether Esc was pressed alone."""


class OutputListener(Protocol):
    """Somebody who follows what goes to the terminal and what comes back."""

    def began(self) -> None:
        """The terminal was entered, anew perhaps: no answer is to come for what was before."""

    def wrote(self, count: int) -> None:
        """So many bytes were queued."""

    def ended_frame(self) -> None:
        """What was written so far is a whole picture."""

    def answered(self, question: str, when_s: float) -> bool:
        """The terminal answered `mode` or `cursor`; called from the input thread.

        Returns:
            Whether the question was the listener's own, so that nobody else hears the answer.
        """


class TerminalDriver(LinuxDriver):
    """Drives a real terminal on Linux."""

    def __init__(
        self,
        app: "App[Any]",
        *,
        debug: bool = False,
        mouse: bool = True,
        size: tuple[int, int] | None = None,
    ) -> None:
        super().__init__(app, debug=debug, mouse=mouse, size=size)
        stream = choose_stream()
        # With ASCII glyphs the terminal's encoding is unknown or narrow: ASCII is safe in all.
        narrow = choose_glyphs("auto", stream.encoding) == "ascii"
        self.output = OutputWriter(stream.fileno(), "ascii" if narrow else "utf-8")
        self.listener: OutputListener | None = None
        self.picture = Picture()
        """What the terminal shows."""
        self.cursor: tuple[int, int] | None = None
        """Where the cursor was put last; None when that is not known."""
        self._is_active = self._was_active = False
        self._own_questions = 0
        self._encoding = "utf-8" if is_utf8(sys.stdin.encoding or "") or not narrow else "latin-1"

    def write(self, data: str) -> None:
        """Queue data for the terminal; never blocks."""
        if data.startswith(_POINTER_SHAPE):
            return
        if data == ASK_MODE:
            self._own_questions += 1
        count = self.output.write(data)
        if self.listener is not None:
            self.listener.wrote(count)

    def ask(self, question: str) -> int:
        """Ask for the governor; return the bytes."""
        return self.output.write(question)

    def flush(self) -> None:
        """Take note that a picture is whole."""
        if self.listener is not None:
            self.listener.ended_frame()

    def start_application_mode(self) -> None:
        """Enter the alternate screen, raw keys, mouse reports; draw anew when coming back."""
        if self._is_active:
            # Continued after a stop that nobody announced: the shell changed the terminal.
            self.suspend_application_mode()
        came_back, self._was_active, self._is_active = self._was_active, True, True
        self.output.start()
        self.picture.forget()
        self.cursor = None
        if self.listener is not None:
            self.listener.began()
        super().start_application_mode()  # type: ignore[no-untyped-call]
        if came_back:
            self._loop.call_soon_threadsafe(self._draw_anew)

    def stop_application_mode(self) -> None:
        """Leave as found. Pictures that have not been written yet are not worth the wait."""
        if self.output.discard():
            self.write(_END_OF_FRAME)
        super().stop_application_mode()

    def close(self) -> None:
        """Write the rest and end the threads."""
        self._is_active = False
        self.output.stop()
        super().close()

    def _draw_anew(self) -> None:
        if self._app.is_running and self._app.screen_stack:
            self._app.screen.refresh(layout=True)
            self._app.screen.refresh()

    def run_input_thread(self) -> None:
        """Read keys and answers until told to end, or until the terminal is gone."""
        parser = XTermParser(self._debug)
        decode = getincrementaldecoder(self._encoding)("replace").decode
        sieve = PasteSieve()
        try:
            while not self.exit_event.is_set():
                if select.select([self.fileno], [], [], _LOOK_S)[0]:
                    data = os.read(self.fileno, 4096)
                    if not data:
                        self._hang_up()
                        return
                    self._take_input(parser, sieve.feed(decode(data)))
                else:
                    self._take_input(parser, [sieve.release()])
                self._process_all(parser.tick())
        except OSError:
            self._hang_up()
        finally:
            self._close_parser(parser)

    def process_message(self, message: "Message") -> None:
        """Pass a message on, unless it answers the governor's question."""
        question = _QUESTIONS.get(type(message))
        if question == "mode" and self._own_questions:
            # Textual asks this once itself, and is answered first.
            self._own_questions -= 1
        elif question is not None and self._hears(question):
            return
        super().process_message(message)

    def _hears(self, question: str) -> bool:
        return self.listener is not None and self.listener.answered(question, time.monotonic())

    def _take_input(self, parser: XTermParser, parts: "Iterable[str | Pasted]") -> None:
        for part in parts:
            if isinstance(part, Pasted):
                self.process_message(Paste(part.text))
            elif part:
                self._process_all(parser.feed(part))

    def _process_all(self, messages: Any) -> None:
        for message in messages:
            self.process_message(message)

    def _close_parser(self, parser: XTermParser) -> None:
        try:
            self._process_all(parser.feed(""))
        except (EOFError, ParseError):
            # The parser's way to say that it was closed in the middle of a sequence.
            return

    def _hang_up(self) -> None:
        self.output.is_broken = True
        if self.exit_event.is_set():
            return
        if callable(signal.getsignal(signal.SIGHUP)):
            # Whoever looks after SIGHUP looks after this: it is the same event.
            os.kill(os.getpid(), signal.SIGHUP)
        else:
            self._loop.call_soon_threadsafe(lambda: self._app.exit(return_code=HUNG_UP))


_QUESTIONS: Final[dict[type, str]] = {
    TerminalSupportsSynchronizedOutput: "mode",
    CursorPosition: "cursor",
}


def choose_stream() -> Any:
    """Return the stream of the terminal: Textual draws on standard error, which may be a file."""
    streams = (sys.__stderr__, sys.__stdout__)
    return next((s for s in streams if s is not None and s.isatty()), sys.__stderr__)
