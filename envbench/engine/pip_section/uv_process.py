"""One call of uv: started, listened to, ended."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from envbench.engine.pip_section.errors import UvError
from envbench.engine.pip_section.request import OnOutput
from envbench.engine.pip_section.uv_binary import find_uv
from envbench.engine.pip_section.uv_environment import UvReach
from envbench.jobs.child import Stream, run_child
from envbench.model.cleaning import clean
from envbench.model.errors import CancelledWorkError
from envbench.model.redaction import redact

_KEPT_LINES = 2000
_MOST_ANSWER_LINES = 1_000_000


@dataclass(frozen=True, slots=True)
class UvOutcome:
    """How a call of uv ended."""

    status: int
    """0 done; 1 no solution and alike; 2 usage or network; negative: killed by that signal."""
    stdout: str
    talk: str
    """What it said on stderr, cleaned and redacted."""


@dataclass(frozen=True, slots=True)
class UvRunner:
    """uv, with all that the calls for one task have in common."""

    reach: UvReach
    directory: Path
    """Private and without any configuration file: the working directory of the child."""
    timeout_s: float
    on_output: OnOutput | None = None
    should_stop: Callable[[], bool] | None = None

    def call(
        self, verb: Sequence[str], arguments: Sequence[str], *, quiet: bool = False
    ) -> UvOutcome:
        """Run a verb that may ask indexes, and wait for it.

        Args:
            verb: `("pip", "install")`; gets the options by which it reaches indexes.
            arguments: Paths and options written by us; never text of a spec.
            quiet: Do not pass its talk on (a question asked to explain a failure).

        Raises:
            UvError: It ran past the time limit (it is dead then).
            CancelledWorkError: The caller wanted it stopped.
            PreventedError: It cannot be started.
        """
        return self.call_plain(verb, (*self.reach.options, *arguments), quiet=quiet)

    def say(self, line: str) -> None:
        """Tell the user a line of our own."""
        if self.on_output:
            self.on_output(line)

    def call_plain(
        self, verb: Sequence[str], arguments: Sequence[str], *, quiet: bool = False
    ) -> UvOutcome:
        """Run a verb that knows no options of indexes; else as `call`."""
        hearing = _Hearing(None if quiet else self.on_output)
        outcome = run_child(
            [str(find_uv()), *verb, *arguments],
            env={**self.reach.variables, "TMPDIR": str(self.directory)},
            cwd=self.directory,
            timeout_s=self.timeout_s,
            on_output=hearing,
            should_stop=self.should_stop,
        )
        if outcome.stopped:
            raise CancelledWorkError("the pip section was cancelled")
        if outcome.timed_out:
            raise UvError(
                f"uv did not end within {self.timeout_s:.0f} seconds and was stopped",
                hint="Check the network, or raise the time limit.",
            )
        return hearing.outcome(outcome.returncode)


class _Hearing:
    """Collects what a child says."""

    def __init__(self, on_output: OnOutput | None) -> None:
        self._on_output = on_output
        self._answer: list[str] = []
        self._talk: list[str] = []

    def __call__(self, stream: Stream, text: str) -> None:
        if stream == "stdout":
            if len(self._answer) < _MOST_ANSWER_LINES:
                self._answer.append(text)
            return
        line = redact(clean(text, progress=True)).rstrip()
        if len(self._talk) < _KEPT_LINES:
            self._talk.append(line)
        if self._on_output and line:
            self._on_output(line)

    def outcome(self, status: int) -> UvOutcome:
        return UvOutcome(status, "\n".join(self._answer), "\n".join(self._talk))
