"""One line of questions, answered one after the other by one child."""

import asyncio
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import msgspec

from envbench.model.cleaning import clean
from envbench.model.document import make_foreign
from envbench.model.errors import PreventedError
from envbench.workbench.desk.child import DeskChild
from envbench.workbench.desk.failures import to_error
from envbench.workbench.desk.protocol import (
    PROTOCOL,
    Answer,
    AnyMessage,
    Ask,
    Hello,
    Piece,
    Refusal,
    Update,
    encode_ask,
)

_LOOK_S = 0.01


@dataclass(frozen=True, slots=True, kw_only=True)
class LaneKind:
    """What a lane is like."""

    name: str
    idle_s: float | None = 120.0
    """For so long without a question its child is kept; None keeps it."""
    patience_s: float | None = 0.0
    """For so long what nobody waits for any more may go on before its child is killed; None lets
    it come to its end, because it changes files."""


@dataclass(slots=True, eq=False, kw_only=True)
class Question:
    """A question on its way."""

    ask: Ask
    answer_type: Any
    update_type: Any = None
    on_update: Callable[[Any], None] = lambda _: None
    is_latest: bool = False
    """A newer one with the same verb takes the place of this one while it waits."""
    future: "asyncio.Future[Any]"
    pieces: list[Any] = field(default_factory=list)

    def take_update(self, value: msgspec.Raw) -> None:
        """Hand on an update."""
        if self.future.done():
            return
        told = find_decoder(self.update_type or Any).decode(value)
        try:
            self.on_update(told)
        except Exception as fault:  # noqa: BLE001 - a listener's fault is for who asked, not for the lane
            self.fail(fault)

    def take_piece(self, items: msgspec.Raw) -> None:
        """Keep a part of the answer."""
        self.pieces.extend(find_decoder(self.answer_type).decode(items))

    def settle(self, value: msgspec.Raw) -> None:
        """Take the answer, or what is left of it."""
        answer = find_decoder(self.answer_type).decode(value)
        if self.pieces:
            answer = type(answer)((*self.pieces, *answer))
        if not self.future.done():
            self.future.set_result(answer)

    def fail(self, error: Exception) -> None:
        """End without an answer."""
        if not self.future.done():
            self.future.set_exception(error)


@cache
def find_decoder(kind: Any) -> "msgspec.json.Decoder[Any]":
    """Give the decoder of a type; made once for each."""
    return msgspec.json.Decoder(kind, dec_hook=make_foreign)


class Lane:
    """A queue of questions and the child that works on the first of them."""

    def __init__(self, kind: LaneKind, directory: str, environ: Mapping[str, str]) -> None:
        """Start nothing yet."""
        self.kind = kind
        self._directory, self._environ = directory, environ
        self._queue: deque[Question] = deque()
        self._current: Question | None = None
        self._child: DeskChild | None = None
        self._killed: list[DeskChild] = []
        self._timer: asyncio.TimerHandle | None = None

    @property
    def pid(self) -> int | None:
        """The child that runs now, if any."""
        return self._child.pid if self._child is not None else None

    def put(self, question: Question) -> None:
        """Take a question; it is worked on when those before it are answered."""
        if question.is_latest:
            self._supersede(question.ask.verb)
        self._queue.append(question)
        self._pump()

    def drop(self, question: Question) -> None:
        """Forget a question that nobody waits for; what works on it has little time left."""
        patience_s = self.kind.patience_s
        if question in self._queue:
            self._queue.remove(question)
        elif question is self._current and patience_s is not None:
            if patience_s:
                loop = asyncio.get_running_loop()
                loop.call_later(patience_s, self._kill_if_busy_with, question)
            else:
                self._kill_if_busy_with(question)

    def pause(self) -> None:
        """Let the child wait with what it has to say."""
        if self._child is not None:
            self._child.pause()

    def resume(self) -> None:
        """Listen again."""
        if self._child is not None:
            self._child.resume()

    def refuse_waiting(self) -> None:
        """Cancel what has not begun."""
        while self._queue:
            self._queue.popleft().future.cancel()

    def end(self) -> None:
        """Kill the child; who waits for its answer is cancelled."""
        self.refuse_waiting()
        current, self._current = self._current, None
        if current is not None:
            current.future.cancel()
        self._kill()

    async def finish(self, timeout_s: float) -> None:
        """Wait for the work that is going on, though nobody may wait for its answer."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + timeout_s
        while self._current is not None and loop.time() < deadline:  # noqa: ASYNC110 - once, at the end
            await asyncio.sleep(_LOOK_S)

    async def wait(self, timeout_s: float) -> None:
        """Wait until all that were killed are gone."""
        for child in self._killed:
            await child.wait(timeout_s)
        self._killed.clear()

    def _kill_if_busy_with(self, question: Question) -> None:
        if question is self._current:
            self._current = None
            self._kill()
            self._pump()

    def _supersede(self, verb: str) -> None:
        for old in [q for q in self._queue if q.is_latest and q.ask.verb == verb]:
            self._queue.remove(old)
            old.future.cancel()

    def _pump(self) -> None:
        self._stop_timer()
        while self._current is None and self._queue:
            question = self._queue.popleft()
            if question.future.done():
                continue
            self._current = question
            try:
                # What cannot be written down is the asker's fault, and found out here.
                line = encode_ask(question.ask)
                self._ensure_child().send(line)
            except (PreventedError, NotImplementedError, TypeError) as error:
                self._current = None
                question.fail(error)
        if self._current is None and self._child is not None and self.kind.idle_s is not None:
            self._timer = asyncio.get_running_loop().call_later(self.kind.idle_s, self._kill)

    def _ensure_child(self) -> DeskChild:
        if self._child is not None and not self._child.is_open:
            self._kill()
        if self._child is None:
            self._child = DeskChild(self._directory, self._environ, self._hear, self._hear_end)
        self._child.resume()
        return self._child

    def _kill(self) -> None:
        self._stop_timer()
        child, self._child = self._child, None
        if child is not None:
            child.kill()
            self._killed = [*self._killed[-4:], child]

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _hear(self, message: AnyMessage) -> None:
        question = self._current
        if isinstance(message, Hello):
            if message.protocol != PROTOCOL:
                self._break("another version of envbench is installed by now: start it anew")
        elif question is not None and message.id == question.ask.id:
            try:
                self._take(question, message)
            except (msgspec.DecodeError, NotImplementedError, TypeError, ValueError) as fault:
                self._break(clean(str(fault), limit=300))

    def _take(self, question: Question, message: Update | Piece | Answer | Refusal) -> None:
        match message:
            case Update(value=value):
                question.take_update(value)
                return
            case Piece(items=items):
                question.take_piece(items)
                return
            case Answer(value=value):
                question.settle(value)
            case Refusal():
                question.fail(to_error(message))
        self._current = None
        self._pump()

    def _break(self, why: str) -> None:
        """Give up on a child that cannot be understood."""
        error = PreventedError("the answer could not be understood", why=why)
        self._kill()
        self._fail_current(error)

    def _hear_end(self, error: PreventedError) -> None:
        self._child = None
        self._fail_current(error)

    def _fail_current(self, error: PreventedError) -> None:
        question, self._current = self._current, None
        if question is not None:
            question.fail(error)
        self._pump()
