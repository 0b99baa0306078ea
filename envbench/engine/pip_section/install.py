"""Installs a pip section into a staged prefix, and checks what came of it."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from envbench.engine.pip_section.cautions import collect_warnings
from envbench.engine.pip_section.failures import explain_failure
from envbench.engine.pip_section.installed import describe_installed
from envbench.engine.pip_section.items import VettedItem, refuse_excluded_pins, vet_items
from envbench.engine.pip_section.outcome import (
    check_outcome,
    find_stale,
    forget_cached,
    no_litter,
)
from envbench.engine.pip_section.request import (
    OnOutput,
    PipSectionRequest,
    PipSectionResult,
    PipTask,
)
from envbench.engine.pip_section.resolution import Resolution, Resolver
from envbench.engine.pip_section.uv_environment import compose_reach
from envbench.engine.pip_section.uv_process import UvRunner
from envbench.engine.pip_section.workspace import constrain, open_workspace, write_lines
from envbench.formats.pylock_part import PylockPackage, write_pylock


def install_pip_section(
    request: PipSectionRequest,
    on_output: OnOutput | None = None,
    should_stop: Callable[[], bool] | None = None,
) -> PipSectionResult:
    """Resolve and install the pip section; does nothing when it is empty.

    The caller holds the lock of the prefix, and discards the prefix when this fails: a failed
    installation may leave any number of files in it.

    Args:
        request: What to install, and where.
        on_output: Gets uv's talk line by line, cleaned and redacted.
        should_stop: Asked about ten times a second while uv runs; a True ends it.

    Raises:
        CancelledWorkError: `should_stop` said so.
        EnvbenchError: Its subclasses in `errors` say what stands in the way; nothing was written
            unless it is `PipBrokenError`, `PipHashError` or a guard that looked afterwards.
    """
    task = request.task
    items = vet_items(task)
    if not items:
        return PipSectionResult()
    refuse_excluded_pins(items, task)
    with open_workspace(task.work_dir) as directory:
        runner = UvRunner(compose_reach(task), directory, task.timeout_s, on_output, should_stop)
        python = request.prefix / "bin" / "python"
        with no_litter(request.prefix):
            resolver = Resolver(runner, task, python)
            resolution = resolver.resolve(items)
            unhashed = _install(runner, python, resolution, items, task)
            if stale := find_stale(request):
                forget_cached(runner, stale)
                _install(runner, python, resolution, items, task, again=stale)
            check_outcome(runner, python, request)
            served = resolver.name_indexes(resolution.packages)
            resolution = replace(resolution, packages=served)
    return _report(request, resolution, unhashed)


def _install(
    runner: UvRunner,
    python: Path,
    resolution: Resolution,
    items: Sequence[VettedItem],
    task: PipTask,
    *,
    again: Sequence[str] = (),
) -> tuple[str, ...]:
    """Install the exact set; return the names for which there was no hash to compare.

    Those named in `again` are installed anew, although they are there.
    """
    if not resolution.packages:
        return ()
    own_hashes = {item.name: item.hashes for item in items if item.hashes}
    hashes = {p.name: own_hashes.get(p.name) or p.hashes for p in resolution.packages}
    unhashed = tuple(name for name, digests in hashes.items() if not digests)
    lines = [_exact_line(package, hashes[package.name]) for package in resolution.packages]
    exact = write_lines(runner.directory / "exact.txt", lines)
    arguments = [
        "--python", str(python), "--break-system-packages", "--no-deps",
        *constrain(runner.directory, task.owned), "--requirements", str(exact),
        *(f"--reinstall-package={name}" for name in again),
    ]  # fmt: skip
    if not unhashed:
        arguments.append("--require-hashes")
    outcome = runner.call(("pip", "install"), arguments)
    if outcome.status != 0:
        raise explain_failure(outcome, items, task.spec_path)
    return unhashed


def _exact_line(package: PylockPackage, hashes: Sequence[str]) -> str:
    source = f" @ {package.direct}" if package.direct else f"=={package.version}"
    return " ".join((f"{package.name}{source}", *(f"--hash={digest}" for digest in hashes)))


def _report(
    request: PipSectionRequest, resolution: Resolution, unhashed: tuple[str, ...]
) -> PipSectionResult:
    packages = resolution.packages
    text = write_pylock(packages, requires_python=resolution.requires_python) if packages else ""
    return PipSectionResult(
        packages=describe_installed(request.prefix, packages, request.task.owned),
        pylock_text=text,
        warnings=collect_warnings(request.task, packages, unhashed),
        runs_code_of=resolution.runs_code_of,
    )
