"""What comes of an installation into a staged prefix: looked at on disk, whoever decided on it."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from packaging.utils import canonicalize_name

from envbench.engine.pip_section.errors import PipBrokenError, PipGuardError
from envbench.engine.pip_section.records import find_broken_distributions, list_pip_distributions
from envbench.engine.pip_section.request import PipSectionRequest
from envbench.engine.pip_section.shebangs import repoint_scripts
from envbench.engine.pip_section.uv_process import UvRunner

_MOST_NAMED = 8


@contextmanager
def no_litter(prefix: Path) -> Iterator[None]:
    """Remove the lock file that uv leaves in a prefix; the caller's lock is the one that counts."""
    lock = prefix / ".lock"
    existed = lock.exists()
    try:
        yield
    finally:
        if not existed:
            lock.unlink(missing_ok=True)


def find_stale(request: PipSectionRequest) -> tuple[str, ...]:
    """Name what came damaged out of uv's cache.

    uv links files out of its cache, so an edit in the prefix of any environment is an edit in the
    cache, and every later installation gets it.
    """
    broken = find_broken_distributions(request.prefix, request.task.owned, content=True)
    return tuple(each.name for each in broken)


def forget_cached(runner: UvRunner, names: Sequence[str]) -> None:
    """Take packages out of uv's cache; waits for other processes that use it.

    Raises:
        PipBrokenError: uv could not.
    """
    runner.say(f"damaged in the cache of pip packages, fetched again: {name_some(names)}")
    outcome = runner.call_plain(("cache", "clean"), names, quiet=True)
    if outcome.status != 0:
        raise PipBrokenError("the cache of pip packages cannot be cleaned", why=outcome.talk)


def check_outcome(runner: UvRunner, python: Path, request: PipSectionRequest) -> None:
    """Look at the disk: as `check_files`, and the requirements of all are met.

    Raises:
        PipBrokenError: A distribution is incomplete, or its requirements are not met.
        PipGuardError: A wheel brought a file that conda owns.
    """
    check_files(request)
    unmet = find_unmet_requirements(runner, python, request)
    if unmet:
        raise PipBrokenError(
            "the installed packages do not fit each other",
            where=request.task.spec_path,
            why=unmet,
            hint="Add what is missing to the spec, or change the version that does not fit.",
        )


def check_files(request: PipSectionRequest) -> None:
    """Look at the disk: complete, nothing of conda's touched; point scripts at the stable path.

    Raises:
        PipBrokenError: A distribution is incomplete.
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
            why=f"Changed or gone: {name_some(damaged)}.",
            hint="Drop the pip item that ships these files, or take it from a conda channel.",
        )


def _refuse_broken(request: PipSectionRequest) -> None:
    broken = find_broken_distributions(request.prefix, request.task.owned)
    if broken:
        names = [f"{b.name} {b.version} ({b.faults[0]})" for b in broken]
        raise PipBrokenError(
            "pip packages are incomplete on disk",
            where=str(request.prefix),
            why=f"Not as their RECORD says: {name_some(names)}.",
            hint="Build again; check the free space of the disk.",
        )


def find_unmet_requirements(runner: UvRunner, python: Path, request: PipSectionRequest) -> str:
    """Say which requirements of pip packages are not met, in uv's words; empty when all are."""
    outcome = runner.call_plain(("pip", "check"), ("--python", str(python)), quiet=True)
    is_fine = outcome.status == 0 or _blames_only_conda(outcome.talk, request)
    return "" if is_fine else outcome.talk


def _blames_only_conda(talk: str, request: PipSectionRequest) -> bool:
    """Whether `pip check` only complains of conda's own packages, which are not ours to judge."""
    from_pip = {d.name for d in list_pip_distributions(request.prefix, request.task.owned)}
    complaints = [line for line in talk.splitlines() if line.startswith("The package `")]
    named = {canonicalize_name(line.split("`")[1]) for line in complaints}
    return bool(complaints) and not named & from_pip


def name_some(names: Sequence[str]) -> str:
    """Name the first few of many."""
    rest = len(names) - _MOST_NAMED
    return ", ".join(names[:_MOST_NAMED]) + (f" and {rest} more" if rest > 0 else "")
