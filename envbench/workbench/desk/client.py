"""The screen's side of the desk: questions to children, answers as they come, nothing ever blocks.

It loads neither the solver's library nor anything else that is heavy; the values of answers are
imported by whoever asks.
"""

import asyncio
import contextlib
import itertools
import os
import secrets
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping
from typing import Any, TypeVar

from envbench.model.errors import PreventedError
from envbench.workbench.desk.lane import Lane, LaneKind, Question
from envbench.workbench.desk.protocol import Ask
from envbench.workbench.desk.verbs import LOAD, WORKBENCH_VARIABLE

LANES = (
    LaneKind(name="quick", patience_s=1.0),
    LaneKind(name="index", patience_s=1.0, idle_s=600.0),
    LaneKind(name="files", patience_s=1.0),
    LaneKind(name="slow"),
    LaneKind(name="solve", idle_s=600.0),
    LaneKind(name="search"),
    LaneKind(name="watch", idle_s=None),
    LaneKind(name="write", patience_s=None),
    LaneKind(name="change", patience_s=None),
    LaneKind(name="jobs", patience_s=None),
    LaneKind(name="cancel", patience_s=None),
)
"""`quick` checks texts, `index` looks packages up, `files` reads folders and environments, `slow`
measures and compares them file by file; `write` saves small files, `change` rolls back and removes,
which may wait for a lock; `jobs` submits, and `cancel` never waits behind them."""

CLOSE_PATIENCE_S = 3.0
"""How long `close` waits for files that are being changed."""

MOST_WAITING_UPDATES = 64

T = TypeVar("T")
U = TypeVar("U")


class Desk:
    """Asks children; to be used from within one event loop.

    Example:
        desk = Desk(directory, os.environ)
        report = await desk.ask("quick", "check_spec", SpecReport, path=path)
    """

    def __init__(self, directory: str, environ: Mapping[str, str] | None = None) -> None:
        """Start nothing yet.

        Args:
            directory: The folder of the workbench; the children work there.
            environ: The user's environment variables; those of this process when None.
        """
        self.directory = directory
        # By this a job tells later whether it was submitted here.
        mark = f"{os.getpid()}-{secrets.token_hex(4)}"
        variables = {**(os.environ if environ is None else environ), WORKBENCH_VARIABLE: mark}
        self._lanes = {kind.name: Lane(kind, directory, variables) for kind in LANES}
        self._numbers = itertools.count(1)
        self._is_closed = False

    def pids(self) -> dict[str, int]:
        """Give the children that run now, by lane."""
        return {name: pid for name, lane in self._lanes.items() if (pid := lane.pid) is not None}

    async def ask(self, lane: str, verb: str, answer_type: type[T], /, **arguments: Any) -> T:
        """Ask, and wait for the answer behind those that were asked for before.

        Cancelling whoever awaits this kills the child, at once or when the lane's patience is over;
        a lane that changes files finishes what it has begun.

        Args:
            lane: See `LANES`.
            verb: See `verbs.VERBS`.
            answer_type: What the verb returns.
            arguments: By the names of the parameters of the verb's function.

        Raises:
            EnvbenchError: What the verb raised, or the child died.
        """
        answer: T = await self._wait(lane, self._make(verb, arguments, answer_type))
        return answer

    async def ask_maybe(
        self, lane: str, verb: str, answer_type: type[T], /, **arguments: Any
    ) -> T | None:
        """As `ask`, for verbs that may have nothing to tell.

        Raises:
            EnvbenchError: What the verb raised, or the child died.
        """
        answer: T | None = await self._wait(lane, self._make(verb, arguments, answer_type | None))
        return answer

    async def ask_latest(
        self, lane: str, verb: str, answer_type: type[T], /, **arguments: Any
    ) -> T:
        """As `ask`; a newer one with this verb takes its place while it waits.

        Raises:
            EnvbenchError: What the verb raised, or the child died.
            asyncio.CancelledError: A newer one came before this one began.
        """
        question = self._make(verb, arguments, answer_type)
        question.is_latest = True
        answer: T = await self._wait(lane, question)
        return answer

    async def ask_telling(
        self,
        lane: str,
        verb: str,
        answer_type: type[T],
        update_type: type[U],
        on_update: Callable[[U], None],
        /,
        **arguments: Any,
    ) -> T:
        """As `ask`; `on_update` hears what is told while the work goes on.

        Raises:
            EnvbenchError: What the verb raised, or the child died.
        """
        question = self._make(verb, arguments, answer_type)
        question.update_type, question.on_update = update_type, on_update
        answer: T = await self._wait(lane, question)
        return answer

    async def stream(
        self, lane: str, verb: str, update_type: type[U], /, **arguments: Any
    ) -> AsyncIterator[U]:
        """Give what a verb tells, as it comes; whoever does not read makes the child wait.

        Raises:
            EnvbenchError: What the verb raised, or the child died.
        """
        batches = self.stream_batches(lane, verb, update_type, **arguments)
        async with contextlib.aclosing(batches):
            async for batch in batches:
                for value in batch:
                    yield value

    async def stream_batches(
        self, lane: str, verb: str, update_type: type[U], /, **arguments: Any
    ) -> AsyncGenerator[tuple[U, ...], None]:
        """As `stream`, but all that has come since the last time together.

        Raises:
            EnvbenchError: What the verb raised, or the child died.
        """
        told: list[U] = []
        news = asyncio.Event()
        way = self._lanes[lane]
        question = self._make(verb, arguments, Any)
        question.update_type = update_type

        def hear(value: U) -> None:
            told.append(value)
            news.set()
            if len(told) >= MOST_WAITING_UPDATES:
                way.pause()

        question.on_update = hear
        question.future.add_done_callback(lambda _: news.set())
        way.put(question)
        try:
            while not question.future.done() or told:
                await news.wait()
                news.clear()
                batch = tuple(told)
                told.clear()
                way.resume()
                if batch:
                    yield batch
            await question.future
        finally:
            question.future.cancel()
            way.resume()
            way.drop(question)

    async def prepare(self, lane: str, *verbs: str) -> None:
        """Start a lane's child and let it import what these verbs need, before they are asked.

        Raises:
            EnvbenchError: The child cannot be started.
        """
        await self.ask(lane, LOAD, list[str], names=verbs)

    async def close(self) -> None:
        """End all children; those that change files get a moment to finish."""
        self._is_closed = True
        for lane in self._lanes.values():
            lane.refuse_waiting()
            if lane.kind.patience_s is not None:
                lane.end()
        await asyncio.gather(*(lane.finish(CLOSE_PATIENCE_S) for lane in self._lanes.values()))
        self.end_now()
        await asyncio.gather(*(lane.wait(2.0) for lane in self._lanes.values()))

    def end_now(self) -> None:
        """Kill all children, without waiting for anything."""
        self._is_closed = True
        for lane in self._lanes.values():
            lane.end()

    def _make(self, verb: str, arguments: Mapping[str, Any], answer_type: Any) -> Question:
        if self._is_closed:
            raise PreventedError("the workbench is being closed")
        ask = Ask(id=next(self._numbers), verb=verb, arguments=dict(arguments))
        future = asyncio.get_running_loop().create_future()
        return Question(ask=ask, answer_type=answer_type, future=future)

    async def _wait(self, lane: str, question: Question) -> Any:
        way = self._lanes[lane]
        way.put(question)
        try:
            return await question.future
        finally:
            way.drop(question)
