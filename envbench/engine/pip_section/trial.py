"""Tries variants of one pip section, many of them, quickly; installs nothing.

Workspace, phantom prefix and uv's cache are kept between the calls, and pages of an index that
were fetched are believed for ten minutes: a call that needs no new page takes a moment.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from time import monotonic
from types import TracebackType

from envbench.engine.pip_section.errors import (
    PipGuardError,
    PipNoSolutionError,
    PipRunsCodeError,
    PipTimeUpError,
    UvError,
)
from envbench.engine.pip_section.failures import cut_talk, explain_failure
from envbench.engine.pip_section.fresh_pages import believe_pages
from envbench.engine.pip_section.guard import guard_changes, read_dry_run
from envbench.engine.pip_section.items import VettedItem, vet_items
from envbench.engine.pip_section.phantom import PhantomPrefix
from envbench.engine.pip_section.planning import name_target
from envbench.engine.pip_section.request import PipTask
from envbench.engine.pip_section.uv_environment import compose_reach
from envbench.engine.pip_section.uv_process import UvOutcome, UvRunner
from envbench.engine.pip_section.variant import PipTrial, Variant, make_variant
from envbench.engine.pip_section.workspace import open_workspace

_MOST_TALK = 100_000


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
        self._known: dict[Variant, PipTrial] = {}
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

    def aim(self, task: PipTask, python_version: str | None = None) -> None:
        """Look at another state of the section: other items, or another plan of conda.

        What was asked before stays known; settings and indexes must be the same.
        """
        self.task = task
        self.python_version = python_version or self.python_version

    def seconds_left(self) -> float:
        """Tell the time until the deadline; that of one call where there is none."""
        if self.deadline is None:
            return self.task.timeout_s
        return max(self.deadline - monotonic(), 0.0)

    def try_items(
        self,
        items: Sequence[str] | None = None,
        owned: Mapping[str, str] | None = None,
        python_version: str | None = None,
        *,
        released: Collection[str] = (),
        lowest: bool = False,
    ) -> PipTrial:
        """Resolve these items; what is left out is as in the task.

        Raises:
            PipTimeUpError: The deadline has passed; a running uv was ended.
            CancelledWorkError: `should_stop` said so.
            EnvbenchError: An item is not accepted, an index cannot be reached, ...; no conflict.
        """
        variant = self._pose(items, owned, python_version, released, lowest=lowest)
        if variant not in self._known:
            self._known[variant] = self._read(variant, self._call(variant))
        return self._known[variant]

    def resolves(
        self,
        items: Sequence[str] | None = None,
        owned: Mapping[str, str] | None = None,
        python_version: str | None = None,
        *,
        released: Collection[str] = (),
    ) -> bool:
        """Tell whether there is a solution; as `try_items`."""
        return not self.try_items(items, owned, python_version, released=released).is_refused

    def _pose(
        self,
        items: Sequence[str] | None,
        owned: Mapping[str, str] | None,
        python_version: str | None,
        released: Collection[str],
        *,
        lowest: bool = False,
    ) -> Variant:
        return make_variant(
            self.task.items if items is None else items,
            self.task.owned if owned is None else owned,
            python_version or self.python_version,
            released=released,
            lowest=lowest,
        )

    def _read(self, variant: Variant, outcome: UvOutcome) -> PipTrial:
        if outcome.status == 0:
            changes = read_dry_run(outcome.stdout)
            try:
                allowed = guard_changes(changes, variant.guarded)
            except PipGuardError as guarded:
                return PipTrial(refusal=f"{guarded.what}: {guarded.why}")
            return PipTrial(versions={change.name: change.version for change in allowed})
        error = explain_failure(outcome, self._vet(variant.items), self.task.spec_path)
        if isinstance(error, (PipNoSolutionError, PipRunsCodeError)):
            return PipTrial(refusal=cut_talk(outcome.talk, _MOST_TALK))
        raise error

    def _vet(self, items: tuple[str, ...]) -> tuple[VettedItem, ...]:
        return vet_items(replace(self.task, items=items, lines=()))

    def _call(self, variant: Variant) -> UvOutcome:
        vetted = self._vet(variant.items)
        runner = self._make_runner()
        target = name_target(variant.python_version, self._platform, self._glibc)
        started = monotonic()
        try:
            phantom = self._phantom = self._phantom or PhantomPrefix(
                runner, self._directory / "phantom"
            )
            phantom.hold(dict(variant.owned))
            arguments = (
                "--python", str(phantom.python), *target,
                "--break-system-packages", "--dry-run", "--output-format", "json",
                *variant.options(self._directory, vetted),
            )  # fmt: skip
            return runner.call(("pip", "install"), arguments, quiet=True)
        except UvError as error:
            if self.deadline is not None and monotonic() >= self.deadline:
                raise _time_up() from error
            raise
        finally:
            self.calls += 1
            self.seconds += monotonic() - started

    def _make_runner(self) -> UvRunner:
        left = min(self.task.timeout_s, self.seconds_left())
        if left <= 0:
            raise _time_up()
        reach = believe_pages(compose_reach(self.task), self._directory)
        return UvRunner(reach, self._directory, left, should_stop=self._should_stop)


def _time_up() -> PipTimeUpError:
    return PipTimeUpError(
        "the time for trying variants of the pip section is over", hint="Allow more time."
    )
