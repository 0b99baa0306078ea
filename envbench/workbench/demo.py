"""The whole main job on a channel made from this Python: check, solve, build, probe, lock, verify."""

import os
import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from envbench.engine.local_channel import make_channel
from envbench.jobs.child import run_child
from envbench.model.build import PipSettings
from envbench.model.errors import EnvbenchError, ExitCode, NotFineError, PreventedError, UsageError
from envbench.model.job import JobResult, JobState
from envbench.model.probe import ProbeResult, ProbeStatus
from envbench.settings.load import Settings
from envbench.settings.resources import find_resources
from envbench.workbench.building import read_build_result, submit_build
from envbench.workbench.demo_wheel import SCRIPT, make_demo_wheel
from envbench.workbench.jobs import wait_for_result
from envbench.workbench.locks.export import export_lock
from envbench.workbench.probing import read_probe_results, submit_probe
from envbench.workbench.running import prepare_run
from envbench.workbench.solving import solve_spec
from envbench.workbench.specs import check_spec
from envbench.workbench.values.building import BuildOrder
from envbench.workbench.values.solving import SolveOrder
from envbench.workbench.verification.verify import verify_environment

ENVIRONMENT = "envbench-demo"
DISTRIBUTIONS = ("pip", "pyyaml", "msgspec", "rich")
"""Installed wherever envbench is: two of them with compiled parts, two with console scripts."""
SPEC_FILE = "environment.yml"
LOCK_FILE = "environment.lock.yml"
RUN_LIMIT_S = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoStage:
    """One stage of the chain."""

    name: str
    ok: bool
    duration_s: float
    evidence: dict[str, Any]
    """What was really seen: counts, paths, digests, numbers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoReport:
    """The whole chain; it ends at the first stage that is not fine."""

    ok: bool
    directory: str
    environment: str
    stages: tuple[DemoStage, ...]
    reason: str = ""
    code: int = 0
    """The exit code that says the same."""


class _NotShownError(NotFineError):
    """A stage ran to its end, and what it was to show is not so."""


def run_demo(
    settings: Settings,
    directory: Path | None = None,
    on_stage: Callable[[DemoStage], None] = lambda _: None,
) -> DemoReport:
    """Run the chain; what it makes stays there to be looked at.

    Args:
        settings: The user's settings; the environment goes where all environments go.
        directory: Where the channel, the spec and the lock go; None takes the cache directory.
        on_stage: Told of each stage as it ends.

    Raises:
        UsageError: In the directory lies a spec that is not the demo's.
    """
    # Somebody watches, and the chain is short: it need not wait for all else on this box.
    settings = replace(settings, own=replace(settings.own, build_priority="normal"))
    if directory is not None:
        _check_directory(directory)
    demo = _Demo(settings, (directory or settings.paths.cache_dir / "demo").absolute())
    done: list[DemoStage] = []
    reason, code = "", int(ExitCode.FINE)
    for name, work in demo.stages:
        began = time.monotonic()
        try:
            evidence, ok = work(), True
        except EnvbenchError as error:
            evidence, ok, reason = {"error": str(error)}, False, f"{name}: {error}"
            code = int(error.exit_code)
        stage = DemoStage(
            name=name, ok=ok, duration_s=round(time.monotonic() - began, 3), evidence=evidence
        )
        done.append(stage)
        on_stage(stage)
        if not ok:
            break
    return DemoReport(
        ok=not reason,
        directory=str(demo.directory),
        environment=ENVIRONMENT,
        stages=tuple(done),
        reason=reason,
        code=code,
    )


def _check_directory(directory: Path) -> None:
    """Make sure that the demo overwrites nobody's spec and locks."""
    spec = directory / SPEC_FILE
    if spec.exists() and spec.read_bytes() != find_demo_spec().read_bytes():
        raise UsageError(
            f"there is an {SPEC_FILE} already that is not the demo's",
            where=str(directory),
            hint="name a directory that is new or empty",
        )


def find_demo_spec() -> Path:
    """Give the path of the spec that the chain builds, as it comes with envbench."""
    return find_resources("sample_specs") / "demo.yml"


class _Demo:
    """The stages, each a function that returns its evidence or raises."""

    def __init__(self, settings: Settings, directory: Path) -> None:
        self.settings = settings
        self.directory = directory
        self._spec = directory / SPEC_FILE
        self.stages = (
            ("channel", self._make_channel),
            ("check", self._check),
            ("solve", self._solve),
            ("build", self._build),
            ("run", self._run),
            ("probe", self._probe),
            ("lock", self._lock),
            ("verify", self._verify),
        )

    def _make_channel(self) -> dict[str, Any]:
        try:
            self.directory.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(find_demo_spec(), self._spec)
        except OSError as fault:
            raise PreventedError(
                "the demo has no place",
                where=str(self.directory),
                why=os.strerror(fault.errno or 0),
            ) from fault
        make_demo_wheel(self.directory / "wheels")
        report = make_channel(
            self.directory / "channel", python=True, distributions=DISTRIBUTIONS, wheels=()
        )
        return {
            "channel": str(self.directory / "channel"),
            "packages": [f"{p.name}-{p.version}-{p.build}" for p in report.packages],
            "bytes": report.size_bytes,
        }

    def _check(self) -> dict[str, Any]:
        report = check_spec(self._spec, self.settings)
        if not report.is_fine:
            raise _NotShownError("the demo's own spec has errors")
        return {"spec": report.path, "sha256": report.sha256, "problems": len(report.problems)}

    def _solve(self) -> dict[str, Any]:
        report = solve_spec(SolveOrder(spec=self._spec), self.settings)
        if report.plan is None:
            raise _NotShownError("the demo's own spec has no solution")
        return {
            "packages": len(report.plan.packages),
            "solver_s": round(report.plan.solve_s, 4),
            "priority": report.plan.channel_priority.value,
            "virtual_packages": [v.name for v in report.plan.host.virtual_packages()],
        }

    def _build(self) -> dict[str, Any]:
        pip = PipSettings(find_links=(str(self.directory / "wheels"),), no_index=True, offline=True)
        submitted = submit_build(BuildOrder(spec=self._spec, pip=pip), self.settings)
        result = wait_for_result(submitted.job, lambda _: None)
        built = read_build_result(result)
        if result.state is not JobState.DONE or built is None:
            raise _explain_job(submitted.job.id, result)
        return {
            "job": submitted.job.id,
            "prefix": built.prefix,
            "generation": built.generation,
            "conda_packages": built.conda_packages,
            "pip_packages": built.pip_packages,
            "files_verified": built.files_verified,
            "lock_sha256": built.lock_sha256,
        }

    def _run(self) -> dict[str, Any]:
        seen = {}
        for command in (
            (SCRIPT,),
            ("python", "-c", "import rich, yaml; print(yaml.safe_load('[1, 2]'))"),
            ("pip", "--version"),
        ):
            prepared = prepare_run(ENVIRONMENT, command, self.settings)
            outcome = run_child(
                [prepared.executable, *command[1:]],
                env=prepared.environ,
                cwd=self.directory,
                timeout_s=RUN_LIMIT_S,
            )
            text = "\n".join((*outcome.stdout_tail, *outcome.stderr_tail)).strip()
            if outcome.returncode != 0:
                raise _NotShownError(f"{command[0]} ended with {outcome.returncode}", why=text)
            seen[command[0]] = text
        return seen

    def _probe(self) -> dict[str, Any]:
        job = submit_probe(
            ENVIRONMENT,
            ("python", "pip"),
            None,
            self.settings,
            # What the user's own site-packages do to `pip check` is not the demo's to prove.
            environ={**os.environ, "PYTHONNOUSERSITE": "1"},
        )
        result = wait_for_result(job, lambda _: None)
        probes = read_probe_results(result)
        if result.state is not JobState.DONE or not probes:
            raise _explain_job(job.id, result)
        for probe in probes:
            if probe.status is not ProbeStatus.OK:
                raise _NotShownError(f"probe {probe.probe}: {probe.status.value}", why=probe.reason)
        return {"job": job.id} | {probe.probe: _describe_probe(probe) for probe in probes}

    def _lock(self) -> dict[str, Any]:
        exports = {
            name: export_lock(ENVIRONMENT, name, self.directory / file_name, self.settings)
            for name, file_name in ((LOCK_FILE, LOCK_FILE), ("explicit", "explicit.txt"))
        }
        return {
            name: {
                "file": exported.path,
                "sha256": exported.sha256,
                "lost": [loss.what for loss in exported.export.lost],
            }
            for name, exported in exports.items()
        }

    def _verify(self) -> dict[str, Any]:
        report = verify_environment(ENVIRONMENT, self.directory / LOCK_FILE, self.settings)
        if not report.is_fine:
            raise _NotShownError("the environment is not as its lock says")
        return {
            "lock": str(self.directory / LOCK_FILE),
            "files_checked": report.files.checked_files,
            "bytes_hashed": report.files.checked_bytes,
            "differences": 0,
        }


def _describe_probe(probe: ProbeResult) -> dict[str, Any]:
    return {
        "status": probe.status.value,
        "checks": {c.name: {"error": c.error, "tolerance": c.tolerance} for c in probe.checks},
    }


def _explain_job(job: str, result: JobResult) -> PreventedError:
    return PreventedError(
        f"job {job} ended {result.state.value}", why=result.reason, hint=result.hint
    )
