"""Installs a pip section into a staged prefix, and checks what came of it."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from packaging.utils import canonicalize_name

from envbench.engine.pip_section.cautions import collect_warnings
from envbench.engine.pip_section.errors import PipBrokenError, PipGuardError
from envbench.engine.pip_section.failures import explain_failure
from envbench.engine.pip_section.installed import describe_installed
from envbench.engine.pip_section.items import VettedItem, refuse_excluded_pins, vet_items
from envbench.engine.pip_section.records import find_broken_distributions, list_pip_distributions
from envbench.engine.pip_section.request import (
    OnOutput,
    PipSectionRequest,
    PipSectionResult,
    PipTask,
)
from envbench.engine.pip_section.resolution import Resolution, Resolver
from envbench.engine.pip_section.shebangs import repoint_scripts
from envbench.engine.pip_section.uv_environment import compose_reach
from envbench.engine.pip_section.uv_process import UvRunner
from envbench.engine.pip_section.workspace import constrain, open_workspace, write_lines
from envbench.formats.pylock_part import PylockPackage, write_pylock

_MOST_NAMED = 8


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
        with _no_litter(request.prefix):
            resolution = Resolver(runner, task, python).resolve(items)
            unhashed = _install(runner, python, resolution, items, task)
            if stale := _find_stale(request):
                _forget_cached(runner, stale)
                _install(runner, python, resolution, items, task, again=stale)
            _check_outcome(runner, python, request)
    return _report(request, resolution, unhashed)


@contextmanager
def _no_litter(prefix: Path) -> Iterator[None]:
    """Remove the lock file that uv leaves in a prefix; the caller's lock is the one that counts."""
    lock = prefix / ".lock"
    existed = lock.exists()
    try:
        yield
    finally:
        if not existed:
            lock.unlink(missing_ok=True)


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


def _find_stale(request: PipSectionRequest) -> tuple[str, ...]:
    """Name what came damaged out of uv's cache.

    uv links files out of its cache, so an edit in the prefix of any environment is an edit in the
    cache, and every later installation gets it.
    """
    broken = find_broken_distributions(request.prefix, request.task.owned, content=True)
    return tuple(each.name for each in broken)


def _forget_cached(runner: UvRunner, names: Sequence[str]) -> None:
    """Take packages out of uv's cache; waits for other processes that use it.

    Raises:
        PipBrokenError: uv could not.
    """
    runner.say(f"damaged in the cache of pip packages, fetched again: {_name_some(names)}")
    outcome = runner.call_plain(("cache", "clean"), names, quiet=True)
    if outcome.status != 0:
        raise PipBrokenError("the cache of pip packages cannot be cleaned", why=outcome.talk)


def _exact_line(package: PylockPackage, hashes: Sequence[str]) -> str:
    source = f" @ {package.direct}" if package.direct else f"=={package.version}"
    return " ".join((f"{package.name}{source}", *(f"--hash={digest}" for digest in hashes)))


def _check_outcome(runner: UvRunner, python: Path, request: PipSectionRequest) -> None:
    """Look at the disk: complete, nothing of conda's touched, requirements met, scripts right.

    Raises:
        PipBrokenError: A distribution is incomplete, or its requirements are not met.
        PipGuardError: A wheel brought a file that conda owns.
    """
    _refuse_broken(request)
    new = list_pip_distributions(request.prefix, request.task.owned)
    repoint_scripts(new, request.prefix, request.target_prefix)
    damaged = request.find_damage() if request.find_damage else ()
    if damaged:
        raise PipGuardError(
            "a pip package brought files that belong to conda packages",
            where=request.task.spec_path,
            why=f"Changed or gone: {_name_some(damaged)}.",
            hint="Drop the pip item that ships these files, or take it from a conda channel.",
        )
    _check_requirements(runner, python, request)


def _refuse_broken(request: PipSectionRequest) -> None:
    broken = find_broken_distributions(request.prefix, request.task.owned)
    if broken:
        names = [f"{b.name} {b.version} ({b.faults[0]})" for b in broken]
        raise PipBrokenError(
            "pip packages are incomplete on disk",
            where=str(request.prefix),
            why=f"Not as their RECORD says: {_name_some(names)}.",
            hint="Build again; check the free space of the disk.",
        )


def _check_requirements(runner: UvRunner, python: Path, request: PipSectionRequest) -> None:
    outcome = runner.call_plain(("pip", "check"), ("--python", str(python)), quiet=True)
    if outcome.status == 0 or _blames_only_conda(outcome.talk, request):
        return
    raise PipBrokenError(
        "the installed packages do not fit each other",
        where=request.task.spec_path,
        why=outcome.talk,
        hint="Add what is missing to the spec, or change the version that does not fit.",
    )


def _blames_only_conda(talk: str, request: PipSectionRequest) -> bool:
    """Whether `pip check` only complains of conda's own packages, which are not ours to judge."""
    from_pip = {d.name for d in list_pip_distributions(request.prefix, request.task.owned)}
    complaints = [line for line in talk.splitlines() if line.startswith("The package `")]
    named = {canonicalize_name(line.split("`")[1]) for line in complaints}
    return bool(complaints) and not named & from_pip


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


def _name_some(names: Sequence[str]) -> str:
    rest = len(names) - _MOST_NAMED
    return ", ".join(names[:_MOST_NAMED]) + (f" and {rest} more" if rest > 0 else "")
