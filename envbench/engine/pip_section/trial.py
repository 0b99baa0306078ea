"""Tries variants of one pip section, many of them, quickly; installs nothing.

Workspace, phantom prefix and uv's cache are kept between the calls. Where packages come from an
index, most of the time of a call goes into asking whether cached pages are still true. So a mere
question (`resolves`) is put to the cache first: a solution found there is one, and a refusal that
does not complain of the cache is one. What is shown to the user comes from `try_items`, which
asks the index.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from time import monotonic
from types import TracebackType

from envbench.engine.pip_section.errors import (
    PipNoSolutionError,
    PipRunsCodeError,
    PipTimeUpError,
    UvError,
)
from envbench.engine.pip_section.failures import cut_talk, explain_failure, is_no_solution
from envbench.engine.pip_section.guard import read_dry_run
from envbench.engine.pip_section.items import VettedItem, vet_items
from envbench.engine.pip_section.phantom import PhantomPrefix
from envbench.engine.pip_section.planning import name_target
from envbench.engine.pip_section.request import PipTask
from envbench.engine.pip_section.uv_environment import compose_reach
from envbench.engine.pip_section.uv_process import UvOutcome, UvRunner
from envbench.engine.pip_section.workspace import open_workspace, pinnable, write_lines

_CACHE_LACKS = ("not found in the cache", "network was disabled")


@dataclass(frozen=True, slots=True, kw_only=True)
class PipTrial:
    """What came of resolving one variant."""

    versions: Mapping[str, str] = field(default_factory=dict)
    """Normalised name to version of what pip would install; nothing that conda owns."""
    refusal: str = ""
    """Why there is no solution, in uv's words, cleaned; empty when there is one."""

    @property
    def is_refused(self) -> bool:
        """Whether there is no solution."""
        return bool(self.refusal)


@dataclass(frozen=True, slots=True)
class _Question:
    items: tuple[str, ...]
    owned: tuple[tuple[str, str], ...]
    released: tuple[str, ...]
    python_version: str

    @property
    def pins(self) -> dict[str, str]:
        return {name: version for name, version in self.owned if name not in self.released}

    @property
    def free(self) -> dict[str, str]:
        return {name: version for name, version in self.owned if name in self.released}


class PipTrials:
    """Resolves variants of one pip section, each once. For one thread; a context manager.

    `items` are requirement lines as in `PipTask.items`; `owned` is as `PipTask.owned`. A *released*
    distribution counts as installed in a version that pleases everybody: what would be if conda
    were free to choose it.
    """

    def __init__(
        self,
        task: PipTask,
        *,
        python_version: str,
        platform: str,
        glibc: str | None = None,
        deadline: float | None = None,
        should_stop: Callable[[], bool] | None = None,
    ) -> None:
        """Prepare; nothing is started before `with`.

        Args:
            task: The section as it stands, and by which indexes and settings it is resolved.
            python_version: Of the environment to be, unless a call says otherwise.
            platform: conda subdir, `linux-64`.
            glibc: Version of the C library of the box; None means an old one.
            deadline: `time.monotonic()` after which calls raise.
            should_stop: Asked about ten times a second while uv runs; a True ends it.
        """
        self.task = task
        self.python_version = python_version
        self.deadline = deadline
        self.calls = 0
        """How often uv was asked."""
        self.seconds = 0.0
        """Wall time of these calls together."""
        self._platform, self._glibc = platform, glibc
        self._should_stop = should_stop
        self._known: dict[_Question, PipTrial] = {}
        self._guessed: dict[_Question, bool] = {}
        self._stack = ExitStack()
        self._directory = Path()
        self._phantom: PhantomPrefix | None = None

    def __enter__(self) -> "PipTrials":
        """Make the workspace."""
        self._directory = self._stack.enter_context(open_workspace(self.task.work_dir))
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Remove the workspace."""
        self._phantom = None
        self._stack.close()

    def try_items(
        self,
        items: Sequence[str] | None = None,
        owned: Mapping[str, str] | None = None,
        python_version: str | None = None,
        *,
        released: Collection[str] = (),
    ) -> PipTrial:
        """Resolve these items; what is left out is as in the task.

        Raises:
            PipTimeUpError: The deadline has passed; a running uv was ended.
            CancelledWorkError: `should_stop` said so.
            EnvbenchError: An item is not accepted, an index cannot be reached, ...; no conflict.
        """
        question = self._pose(items, owned, python_version, released)
        if question not in self._known:
            self._known[question] = self._read(question, self._call(question, cached=False))
        return self._known[question]

    def resolves(
        self,
        items: Sequence[str] | None = None,
        owned: Mapping[str, str] | None = None,
        python_version: str | None = None,
        *,
        released: Collection[str] = (),
    ) -> bool:
        """Tell whether these items have a solution, from the cache where that can tell.

        Raises:
            As `try_items`.
        """
        question = self._pose(items, owned, python_version, released)
        if question in self._known:
            return not self._known[question].is_refused
        if question not in self._guessed:
            self._guessed[question] = self._guess(question)
        return self._guessed[question]

    def _guess(self, question: _Question) -> bool:
        settings = self.task.settings
        if self.calls and not settings.no_index and not settings.offline:
            outcome = self._call(question, cached=True)
            if outcome.status == 0:
                return True
            if is_no_solution(outcome) and not any(lack in outcome.talk for lack in _CACHE_LACKS):
                return False
        self._known[question] = self._read(question, self._call(question, cached=False))
        return not self._known[question].is_refused

    def _pose(
        self,
        items: Sequence[str] | None,
        owned: Mapping[str, str] | None,
        python_version: str | None,
        released: Collection[str],
    ) -> _Question:
        pins = pinnable(self.task.owned if owned is None else owned)
        return _Question(
            tuple(self.task.items if items is None else items),
            tuple(sorted(pins.items())),
            tuple(sorted(set(released) & pins.keys())),
            python_version or self.python_version,
        )

    def _read(self, question: _Question, outcome: UvOutcome) -> PipTrial:
        if outcome.status == 0:
            changes = read_dry_run(outcome.stdout)
            return PipTrial(
                versions={c.name: c.version for c in changes if c.action == "installed"}
            )
        error = explain_failure(outcome, self._vet(question.items), self.task.spec_path)
        if isinstance(error, (PipNoSolutionError, PipRunsCodeError)):
            return PipTrial(refusal=cut_talk(outcome.talk))
        raise error

    def _vet(self, items: tuple[str, ...]) -> tuple[VettedItem, ...]:
        return vet_items(replace(self.task, items=items, lines=()))

    def _call(self, question: _Question, *, cached: bool) -> UvOutcome:
        vetted = self._vet(question.items)
        runner = self._make_runner(cached=cached)
        phantom = self._phantom = self._phantom or PhantomPrefix(
            runner, self._directory / "phantom"
        )
        phantom.hold(dict(question.owned))
        target = name_target(question.python_version, self._platform, self._glibc)
        arguments = (
            "--python", str(phantom.python), *target,
            "--break-system-packages", "--dry-run", "--output-format", "json",
            *self._write_files(question, vetted),
        )  # fmt: skip
        started = monotonic()
        try:
            return runner.call(("pip", "install"), arguments, quiet=True)
        except UvError as error:
            if self.deadline is not None and monotonic() >= self.deadline:
                raise _time_up() from error
            raise
        finally:
            self.calls += 1
            self.seconds += monotonic() - started

    def _make_runner(self, *, cached: bool) -> UvRunner:
        left = self.task.timeout_s
        if self.deadline is not None:
            left = min(left, self.deadline - monotonic())
        if left <= 0:
            raise _time_up()
        settings = self.task.settings
        if cached:
            settings = replace(settings, offline=True)
        reach = compose_reach(replace(self.task, settings=settings))
        return UvRunner(reach, self._directory, left, should_stop=self._should_stop)

    def _write_files(self, question: _Question, vetted: Sequence[VettedItem]) -> Iterator[str]:
        lines = {
            "--requirements": [item.line for item in vetted],
            "--constraints": [f"{name}=={version}" for name, version in question.pins.items()],
            "--overrides": [f"{name}=={version}" for name, version in question.free.items()],
        }
        for option, content in lines.items():
            if content or option == "--requirements":
                path = self._directory / f"{option[2:]}.txt"
                yield option
                yield str(write_lines(path, content))


def _time_up() -> PipTimeUpError:
    return PipTimeUpError(
        "the time for trying variants of the pip section is over", hint="Allow more time."
    )
