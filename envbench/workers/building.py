"""The order of a build: what happens to a staged generation before and after it goes live.

The rules: nothing is written outside the staged generation, the caches and the lock files before
the switch; the switch is the last step that can fail; what comes after it only adds comfort.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext, suppress
from dataclasses import dataclass, replace
from pathlib import Path

from envbench.engine.backends.base import Backend, FetchReport
from envbench.envs.distributions import read_pip_part
from envbench.envs.generation_files import write_generation_lock
from envbench.envs.generations import EnvironmentStore, StagedGeneration
from envbench.envs.history import write_history
from envbench.envs.lock import EnvironmentLock, Holder, lock_cache, lock_environment
from envbench.envs.prefix_records import read_prefix_records
from envbench.envs.registration import register_environment
from envbench.envs.variables import write_state_variables
from envbench.envs.verification import PrefixVerification
from envbench.model.build import BuildRequest, BuildResult
from envbench.model.conflict import Conflict
from envbench.model.counting import count_of
from envbench.model.errors import EnvbenchError, PreventedError
from envbench.model.generation import Generation
from envbench.model.lock import PipPackage
from envbench.model.plan import Plan
from envbench.model.probe import ProbeResult
from envbench.workers.generation_description import describe_generation, describe_lock
from envbench.workers.locked_conda import (
    complete_locked_packages,
    find_locked_packages,
    locating,
    refuse_drift,
)
from envbench.workers.phases import Phases


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildParts:
    """What a build is made of; the worker joins the rooms, a build only orders their work."""

    backend: Backend
    install_pip: Callable[[StagedGeneration, Phases], tuple[PipPackage, ...]]
    """Installs the pip section into the staged prefix; returns its packages with their sources."""
    verify: Callable[[Path, Phases], PrefixVerification]
    """Compares every file of a prefix with its records."""
    prove: Callable[[Path, Phases], tuple[ProbeResult, ...]]
    """Runs the probes that were asked for; raises when one is not `ok`."""
    uninterrupted: Callable[[], AbstractContextManager[None]]
    """Puts a request to end off until the end of a block."""
    announce: Callable[[BuildResult], None]
    """Leaves the result for good, as soon as it is true: who dies later has built all the same."""


@dataclass(frozen=True, slots=True)
class _Filled:
    """What a staged prefix holds now."""

    files: int
    """Verified."""
    linked_bytes: int
    pip_packages: tuple[PipPackage, ...]
    probes: tuple[ProbeResult, ...]


class Build:
    """One build of one environment."""

    def __init__(
        self, request: BuildRequest, parts: BuildParts, phases: Phases, *, job: str
    ) -> None:
        """Prepare; nothing is touched before `run`."""
        self._request = request
        self._parts = parts
        self._phases = phases
        self._job = job
        self._store = EnvironmentStore(Path(request.envs_dir))

    def run(self) -> BuildResult:
        """Build the environment and make it live.

        Returns:
            What is live now; or, with `conflict` set and generation 0, why nothing can be.

        Raises:
            EnvbenchError: What stands in the way; the generation in use is untouched.
        """
        self._store.check_free(self._request.environment)
        with self._hold_locks() as lock:
            outcome = self._find_packages()
            if isinstance(outcome, Conflict):
                return BuildResult(environment=self._request.environment, conflict=outcome)
            plan, fetched = self._fetch(outcome)
            return self._build_generation(plan, fetched, lock)

    def _find_packages(self) -> Plan | Conflict:
        request, backend = self._request, self._parts.backend
        if request.locked is not None:
            return find_locked_packages(backend, request.locked, request.solve, self._phases)
        with self._phases.run("solve") as detail:
            outcome = backend.solve(request.solve)
            if isinstance(outcome, Plan):
                detail.append(count_of(len(outcome.packages), "package"))
        return outcome

    def _fetch(self, plan: Plan) -> tuple[Plan, FetchReport]:
        request, backend, locked = self._request, self._parts.backend, self._request.locked
        with (
            self._phases.run("fetch") as detail,
            locating(locked) if locked is not None else nullcontext(),
        ):
            fetched = backend.fetch(plan, self._phases.forward)
            detail.append(f"{count_of(len(fetched.fetched), 'package')} not in the cache")
        if locked is not None:
            plan = complete_locked_packages(backend, locked, plan, request.solve, self._phases)
        return plan, fetched

    @contextmanager
    def _hold_locks(self) -> Iterator[EnvironmentLock]:
        """Hold the cache shared and the environment alone, in this order always."""
        request, wait_s = self._request, self._request.wait_for_lock_s
        with ExitStack() as held:
            with self._phases.run("wait"):
                cache = lock_cache(
                    Path(request.cache_dir),
                    cleaning=False,
                    wait_s=wait_s,
                    on_wait=lambda holder: self._tell_wait("the package cache", holder),
                    job=self._job,
                )
                held.enter_context(cache)
                environment = lock_environment(
                    self._store.envs_dir,
                    request.environment,
                    wait_s=wait_s,
                    on_wait=lambda holder: self._tell_wait(request.environment, holder),
                    job=self._job,
                )
                lock = held.enter_context(environment)
            yield lock

    def _tell_wait(self, what: str, holder: Holder) -> None:
        self._phases.say(f"waiting for {what}: {holder} holds it")

    def _build_generation(
        self, plan: Plan, fetched: FetchReport, lock: EnvironmentLock
    ) -> BuildResult:
        staged = self._store.stage(self._request.environment, lock=lock)
        try:
            filled = self._fill(staged, plan)
            generation = self._describe(staged, plan, filled)
            built = self._report(staged, generation, filled, fetched)
            # From here on a cancel comes too late: what is live has been built.
            with self._parts.uninterrupted():
                self._switch(staged, generation, lock)
                self._parts.announce(built)
        except EnvbenchError:
            with suppress(EnvbenchError):
                self._store.abandon(staged, lock=lock)
            raise
        self._tidy_up(staged, lock)
        return built

    def _switch(
        self, staged: StagedGeneration, generation: Generation, lock: EnvironmentLock
    ) -> None:
        with self._phases.run("switch") as detail:
            self._store.complete(staged, generation)
            self._store.flip(staged.environment, staged.number, lock=lock)
            detail.append(f"generation {staged.number} is live")

    def _report(
        self,
        staged: StagedGeneration,
        generation: Generation,
        filled: "_Filled",
        fetched: FetchReport,
    ) -> BuildResult:
        return BuildResult(
            environment=staged.environment,
            prefix=str(staged.stable_path),
            generation=staged.number,
            conda_packages=generation.conda_packages,
            pip_packages=generation.pip_packages,
            files_verified=filled.files,
            linked_bytes=filled.linked_bytes,
            lock_sha256=generation.lock_sha256,
            link_scripts=fetched.link_scripts,
            probes=filled.probes,
        )

    def _fill(self, staged: StagedGeneration, plan: Plan) -> "_Filled":
        """Make the staged prefix whole: linked, pip part added, recorded, verified, proved."""
        request = self._request
        # A lock does not say what was asked for: its packages stand side by side.
        specs = [] if request.locked else [spec.text for spec in request.solve.specs]
        with self._phases.run("link") as detail:
            linked = self._parts.backend.link(
                plan,
                staged.prefix,
                staged.stable_path,
                self._phases.forward,
                requested=specs,
                run_link_scripts=request.run_link_scripts,
            )
            detail.append(
                f"{count_of(linked.packages, 'package')}, {count_of(linked.files, 'file')} verified"
            )
        files = linked.files
        pip_packages: tuple[PipPackage, ...] = ()
        if request.has_pip_part:
            with self._phases.run("pip") as detail:
                pip_packages = self._parts.install_pip(staged, self._phases)
                detail.append(count_of(len(pip_packages), "package"))
        with self._phases.run("record"):
            write_history(
                staged.prefix,
                specs=specs,
                packages=plan.packages,
                command=f"envbench build {'--from ' if request.locked else ''}{request.spec_path}",
            )
            write_state_variables(staged.prefix, request.variables)
        if request.has_pip_part:
            # Each linked file was proved when it was linked; only pip has written since then.
            with self._phases.run("verify") as detail:
                verification = self._parts.verify(staged.prefix, self._phases)
                _refuse_damage(verification, staged.prefix)
                files = verification.checked_files
                detail.append(count_of(files, "file"))
        probes: tuple[ProbeResult, ...] = ()
        if request.probes:
            with self._phases.run("probe"):
                probes = self._parts.prove(staged.prefix, self._phases)
        return _Filled(files, linked.linked_bytes, pip_packages, probes)

    def _describe(self, staged: StagedGeneration, plan: Plan, filled: "_Filled") -> Generation:
        request = self._request
        lock = describe_lock(staged, request, filled.pip_packages)
        if request.locked is not None:
            refuse_drift(request.locked, lock)
        write_generation_lock(staged.prefix, lock)
        return replace(
            describe_generation(staged, request, lock),
            job_id=self._job,
            platform=plan.platform,
            kept_prefix_bytes=filled.linked_bytes,
        )

    def _tidy_up(self, staged: StagedGeneration, lock: EnvironmentLock) -> None:
        """Do what makes the live environment nicer; a failure here is a warning, no more."""
        with self._only_warn():
            register_environment(staged.stable_path, os.environ)
        with self._only_warn():
            keep = self._request.keep_generations
            collected = self._store.collect(staged.environment, keep=keep, lock=lock)
            for occupant in collected.kept_in_use:
                self._phases.say(f"an old generation is kept: {occupant}")

    @contextmanager
    def _only_warn(self) -> Iterator[None]:
        try:
            yield
        except (EnvbenchError, OSError) as fault:
            self._phases.say(str(fault), level="warning")


def _refuse_damage(verification: PrefixVerification, prefix: Path) -> None:
    """Make sure that the pip section, the only writer since the link, left conda's files alone.

    Raises:
        PreventedError: It did not; names the files, whose they are, and who took them.
    """
    if verification.is_fine:
        return
    claimed = {
        recorded.path: distribution.package.name
        for distribution in read_pip_part(read_prefix_records(prefix)).distributions
        for recorded in distribution.paths
    }
    findings = [
        f"{each.path} of {each.package} {each.why}"
        + (f" (pip's {claimed[each.path]} has it too)" if each.path in claimed else "")
        for each in (*verification.changed, *verification.missing)
    ]
    findings += [f"{damaged.path}: {damaged.why}" for damaged in verification.damaged_records]
    more = f"; and {len(findings) - 5} more" if len(findings) > 5 else ""
    raise PreventedError(
        "the pip section changed files that other packages brought",
        why="; ".join(findings[:5]) + more,
        hint="the environment in use was not touched; take the package from conda, or leave the"
        " pip item out",
    )
