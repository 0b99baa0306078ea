"""Installs the pip part of a lock into a staged prefix: nothing is resolved, nothing else taken."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from packaging.requirements import Requirement

from envbench.engine.pip_section.errors import PipBrokenError
from envbench.engine.pip_section.failures import explain_failure
from envbench.engine.pip_section.items import VettedItem
from envbench.engine.pip_section.locked.artefacts import (
    ArtefactKind,
    LockedArtefact,
    choose_artefacts,
)
from envbench.engine.pip_section.locked.consent import refuse_owned, refuse_unallowed_builds
from envbench.engine.pip_section.locked.direct import restore_direct_url
from envbench.engine.pip_section.outcome import (
    check_files,
    find_stale,
    find_unmet_requirements,
    forget_cached,
    name_some,
    no_litter,
)
from envbench.engine.pip_section.records import list_pip_distributions
from envbench.engine.pip_section.request import (
    OnOutput,
    PipSectionRequest,
    PipSectionResult,
    PipTask,
)
from envbench.engine.pip_section.uv_environment import compose_reach
from envbench.engine.pip_section.uv_process import UvOutcome, UvRunner
from envbench.engine.pip_section.workspace import open_workspace, write_lines
from envbench.formats.toml_text import write_toml
from envbench.model.build import LockedInput, PipSettings
from envbench.model.locked_set import is_pypi


@dataclass(frozen=True, slots=True)
class _Call:
    """One call of the installer: what it reads, and how it reaches the world."""

    artefacts: tuple[LockedArtefact, ...]
    settings: PipSettings
    is_exact: bool


def install_locked_part(
    request: PipSectionRequest,
    locked: LockedInput,
    on_output: OnOutput | None = None,
    should_stop: Callable[[], bool] | None = None,
) -> PipSectionResult:
    """Install the pip packages of a lock exactly.

    The caller holds the lock of the prefix, and discards the prefix when this fails.

    Args:
        request: Where to install; its task has no items.
        locked: The packages, and where messages say that they stand.
        on_output: Gets uv's talk line by line, cleaned and redacted.
        should_stop: Asked about ten times a second while uv runs; a True ends it.

    Raises:
        CancelledWorkError: `should_stop` said so.
        EnvbenchError: Its subclasses in `errors` say what stands in the way.
    """
    task = request.task
    refuse_unallowed_builds(locked, task.settings)
    refuse_owned(locked, task.owned.keys())
    artefacts = choose_artefacts(locked)
    items = [_to_item(artefact, locked) for artefact in artefacts]
    with open_workspace(task.work_dir) as directory:
        runner = UvRunner(compose_reach(task), directory, task.timeout_s, on_output, should_stop)

        def install(call: _Call, again: Sequence[str] = ()) -> None:
            own = replace(runner, reach=compose_reach(replace(task, settings=call.settings)))
            outcome = _run(own, call, request.prefix / "bin" / "python", again)
            if outcome.status != 0:
                raise explain_failure(outcome, items, locked.pip_path)

        with no_litter(request.prefix):
            calls = tuple(_plan_calls(artefacts, task, locked))
            for call in calls:
                install(call)
            if stale := find_stale(request):
                forget_cached(runner, stale)
                for call in calls:
                    install(call, again=stale)
            for artefact in artefacts:
                restore_direct_url(artefact, request.prefix)
            _refuse_others(request, locked)
            check_files(request)
            unmet = find_unmet_requirements(runner, request.prefix / "bin" / "python", request)
    return PipSectionResult(
        packages=locked.pip,
        warnings=_collect_warnings(artefacts, unmet),
        runs_code_of=tuple(a.package.name for a in artefacts if a.runs_code),
    )


def _plan_calls(
    artefacts: Sequence[LockedArtefact], task: PipTask, locked: LockedInput
) -> Iterator[_Call]:
    """Part the packages by where they are taken from: files first, then index by index."""
    exact = tuple(artefact for artefact in artefacts if artefact.is_exact)
    if exact:
        yield _Call(exact, _with_credentials(task), is_exact=True)
    by_index: dict[str | None, list[LockedArtefact]] = {}
    for artefact in artefacts:
        if not artefact.is_exact:
            by_index.setdefault(artefact.package.index_url, []).append(artefact)
    for index_url, pinned in by_index.items():
        indexes = (index_url,) if index_url else locked.indexes
        yield _Call(tuple(pinned), _from_indexes(task.settings, indexes), is_exact=False)


def _with_credentials(task: PipTask) -> PipSettings:
    """Name the indexes that want credentials: their files do so too."""
    known = {task.settings.index_url, *task.settings.extra_index_urls}
    more = tuple(c.url for c in task.credentials if c.url not in known)
    settings = task.settings
    return replace(settings, extra_index_urls=(*settings.extra_index_urls, *more))


def _from_indexes(settings: PipSettings, indexes: Sequence[str]) -> PipSettings:
    if not indexes:
        return settings
    # PyPI is called by a name that all know; where this box has a mirror of it, that is asked.
    main = settings.index_url if is_pypi(indexes[0]) else indexes[0]
    return replace(settings, index_url=main, extra_index_urls=tuple(indexes[1:]))


def _run(runner: UvRunner, call: _Call, python: Path, again: Sequence[str]) -> UvOutcome:
    arguments = [
        "--python", str(python), "--break-system-packages", "--no-deps",
        *(f"--reinstall-package={name}" for name in again),
        *(_write_exact if call.is_exact else _write_pinned)(runner.directory, call.artefacts),
    ]  # fmt: skip
    return runner.call(("pip", "install"), arguments)


def _write_exact(directory: Path, artefacts: Sequence[LockedArtefact]) -> list[str]:
    tables = [artefact.describe() for artefact in artefacts]
    document = {"lock-version": "1.0", "created-by": "envbench", "packages": tables}
    # uv takes no other name for it.
    path = directory / "pylock.toml"
    path.write_text(write_toml(document), encoding="utf-8")
    return ["--preview-features", "pylock", "--requirements", str(path)]


def _write_pinned(directory: Path, artefacts: Sequence[LockedArtefact]) -> list[str]:
    lines = [artefact.write_requirement() for artefact in artefacts]
    path = write_lines(directory / "pinned.txt", lines)
    hashed = all(artefact.accepted for artefact in artefacts)
    return ["--requirements", str(path), *(("--require-hashes",) if hashed else ())]


def _to_item(artefact: LockedArtefact, locked: LockedInput) -> VettedItem:
    package = artefact.package
    requirement = Requirement(package.name)
    return VettedItem(requirement, (), locked.place_of_pip(package.name))


def _refuse_others(request: PipSectionRequest, locked: LockedInput) -> None:
    """Make sure that what came is what was locked, by name and version.

    Raises:
        PipBrokenError: Something else came, or something did not.
    """
    there = {dist.name for dist in list_pip_distributions(request.prefix, request.task.owned)}
    wanted = {package.name for package in locked.pip}
    if there != wanted:
        odd = sorted(there ^ wanted)
        raise PipBrokenError(
            "the installer did not install what is locked",
            where=locked.place_of_pip(odd[0]),
            why=f"Too many or too few: {name_some(odd)}.",
            hint="Make the lock again.",
        )


def _collect_warnings(artefacts: Sequence[LockedArtefact], unmet: str) -> tuple[str, ...]:
    pinned = [a.package.name for a in artefacts if a.kind is ArtefactKind.PIN]
    unhashed = [
        a.package.name
        for a in artefacts
        if not (a.package.sha256 or a.accepted)
        and a.kind in (ArtefactKind.PIN, ArtefactKind.ARCHIVE)
    ]
    warnings = []
    if unmet:
        # It was so where the lock was made, and the lock is to be built as it stands.
        warnings.append(f"The locked packages do not fit each other: {unmet}")
    if pinned:
        warnings.append(
            f"The lock has no address of {name_some(pinned)}: the package index said which file"
            " that version is."
        )
    if unhashed:
        warnings.append(
            f"The lock has no hash of {name_some(unhashed)}: what was downloaded could not be"
            " compared."
        )
    return tuple(warnings)
