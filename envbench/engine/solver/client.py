"""The command line's side of a solver process: blocking, with a deadline for everything."""

import threading
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from types import TracebackType
from typing import Self

from envbench.engine.backends.rattler.runaway import NOTHING_LEARNED, Lessons, RunawayError
from envbench.engine.engine_settings import EngineSettings
from envbench.engine.errors import (
    SolverStoppedError,
    SolveTimeoutError,
)
from envbench.engine.solver.child import SolverChild
from envbench.engine.solver.failures import to_error
from envbench.engine.solver.protocol import (
    AnyAnswer,
    AnyRequest,
    Failed,
    FindPackages,
    Found,
    Refused,
    Solve,
    Solved,
    Tried,
    Try,
)
from envbench.model.channel import ChannelGroup
from envbench.model.conflict import Conflict
from envbench.model.plan import Plan, SolveRequest

EXTRA_S = 5.0
"""How much longer than the process itself the client waits: the process names causes better."""


class SolverProcess:
    """A solver in a process of its own; started when first asked, replaced after a fault.

    One request at a time. `cancel` may be called from another thread or a signal handler: it
    kills the process, and the waiting call raises `SolverStoppedError`; the next request starts a
    fresh process.

    Example:
        with SolverProcess(settings) as solver:
            outcome = solver.solve(request)
    """

    def __init__(
        self, settings: EngineSettings, report: Callable[[tuple[str, ...]], None] = lambda _: None
    ) -> None:
        """Prepare; nothing is started yet.

        Args:
            settings: Places, network, limits.
            report: Told, while a request waits, the names of the channels whose indexes are on
                their way; an empty tuple when the solver itself is at work.
        """
        self.settings = settings
        self._report = report
        self._child: SolverChild | None = None
        self._requests = 0
        self._one_at_a_time = threading.Lock()

    def __enter__(self) -> Self:
        """Give the solver; it is started by the first request."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End the process."""
        self.close()

    @property
    def pid(self) -> int | None:
        """The process that runs now, if any."""
        return self._child.pid if self._child is not None else None

    def begin(self) -> None:
        """Start the process without waiting for it: it comes up while the caller prepares.

        What keeps it from coming up is told by the first request.
        """
        with self._one_at_a_time:
            if self._child is None:
                self._child = SolverChild(self.settings, self._report)

    def start(self) -> None:
        """Start the process ahead of the first request.

        Raises:
            SolverStoppedError: It does not come up.
        """
        with self._one_at_a_time:
            self._ensure_child()

    def solve(
        self, request: SolveRequest, timeout_s: float | None = None, *, explain: bool = True
    ) -> Plan | Conflict:
        """Find the packages for a request.

        Args:
            request: What to solve.
            timeout_s: Wall time after which the process is killed; the request's own when None.
            explain: Narrow a refusal down to lines; without, it is only the solver's text.

        Raises:
            UsageError: The request cannot be read.
            ChannelFaultError: A channel cannot be used.
            HostileRecordError: A channel offers something that must not be shown or linked.
            SolveTimeoutError: Time is up.
            SolverStoppedError: The process died or was cancelled.
        """
        limit = request.timeout_s if timeout_s is None else timeout_s
        ends = time.monotonic() + limit
        answer = self._ask_until_tame(
            lambda part, lessons, number: Solve(
                id=number, request=part, lessons=lessons, explain=explain
            ),
            request,
            ends,
        )
        match answer:
            case Solved(plan=plan):
                return plan
            case Refused(conflict=conflict):
                return conflict
            case _:
                raise self._give_up(f"an answer of the wrong kind: {type(answer).__name__}")

    def try_request(
        self, request: SolveRequest, *, kept: tuple[int, ...] = (), timeout_s: float | None = None
    ) -> Tried:
        """Find out whether a changed request has a solution, and which versions it has.

        Args:
            request: What to solve.
            kept: Indexes of specs that all tries of one search have in common; the index is
                pruned for them once. Empty: the whole index.
            timeout_s: Wall time after which the process is killed; the request's own when None.

        Raises:
            As `solve`.
        """
        limit = request.timeout_s if timeout_s is None else timeout_s
        answer = self._ask_until_tame(
            lambda part, lessons, number: Try(id=number, request=part, kept=kept, lessons=lessons),
            request,
            time.monotonic() + limit,
        )
        if isinstance(answer, Tried):
            return answer
        raise self._give_up(f"an answer of the wrong kind: {type(answer).__name__}")

    def find(
        self,
        name: str,
        channels: tuple[ChannelGroup, ...],
        platform: str,
        *,
        offline: bool = False,
        timeout_s: float = 300.0,
        silent_s: float | None = None,
    ) -> Found:
        """Find out what the channels have under a name, or which names are close to it.

        Args:
            name: Of the package.
            channels: Where to look.
            platform: conda's name of it.
            offline: Ask no network.
            timeout_s: Wall time after which the process is killed.
            silent_s: A channel of which nothing comes for so long is given up; the settings' own
                when None.

        Raises:
            UsageError: No name of a package.
            ChannelFaultError: A channel cannot be used.
            SolveTimeoutError: Time is up.
            SolverStoppedError: The process died or was cancelled.
        """
        answer = self._ask(
            lambda number: FindPackages(
                id=number,
                name=name,
                channels=channels,
                platform=platform,
                offline=offline,
                silent_s=silent_s,
            ),
            timeout_s,
        )
        if isinstance(answer, Found):
            return answer
        raise self._give_up(f"an answer of the wrong kind: {type(answer).__name__}")

    def cancel(self) -> None:
        """Kill the process, whatever it does; harmless when there is none."""
        child = self._child
        if child is not None:
            child.kill()

    def close(self) -> None:
        """End the process and wait for its end; harmless when there is none."""
        child, self._child = self._child, None
        if child is not None:
            child.close()

    def _ask_until_tame(
        self,
        build: Callable[[SolveRequest, Lessons, int], AnyRequest],
        request: SolveRequest,
        ends: float,
    ) -> AnyAnswer:
        """Ask again, wiser each time, while processes run away; their number is bounded."""
        lessons = NOTHING_LEARNED
        while True:
            left_s = ends - time.monotonic()
            if left_s <= 0:
                raise SolveTimeoutError("the solver gave no answer in time")
            part = replace(request, timeout_s=min(request.timeout_s, left_s))
            try:
                return self._ask(partial(build, part, lessons), left_s + EXTRA_S)
            except RunawayError as error:
                lessons = lessons.learn(error)

    def _ask(self, build: Callable[[int], AnyRequest], timeout_s: float) -> AnyAnswer:
        with self._one_at_a_time:
            child = self._ensure_child()
            self._requests += 1
            request = build(self._requests)
            try:
                child.send(request)
                answer = child.wait_for(self._requests, time.monotonic() + timeout_s)
            except BaseException:
                # Also on Ctrl-C: a process in the middle of something is of no more use.
                self.close()
                raise
            if isinstance(answer, Failed):
                if answer.broken:
                    self.close()
                raise to_error(answer)
            return answer

    def _ensure_child(self) -> SolverChild:
        if self._child is not None and not self._child.is_alive():
            self.close()
        if self._child is None:
            self._child = SolverChild(self.settings, self._report)
        child = self._child
        if not child.is_ready:
            try:
                child.greet(self.settings)
            except BaseException:
                self.close()
                raise
        return child

    def _give_up(self, why: str) -> SolverStoppedError:
        self.close()
        return SolverStoppedError("the solver process does not speak the protocol", why=why)
