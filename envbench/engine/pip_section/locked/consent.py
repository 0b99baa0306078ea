"""What must be true of the pip part of a lock before anything is built from it."""

from collections.abc import Collection
from pathlib import Path
from urllib.parse import unquote, urlsplit

from envbench.engine.pip_section.errors import PipGuardError, PipItemError, PipRunsCodeError
from envbench.engine.pip_section.locked.artefacts import (
    ArtefactKind,
    LockedArtefact,
    choose_artefacts,
)
from envbench.model.build import LockedInput, PipSettings
from envbench.model.cleaning import clean
from envbench.model.requirement import read_requirement

_MOST_NAMED = 6


def refuse_unallowed_builds(locked: LockedInput, settings: PipSettings) -> None:
    """Refuse a lock whose pip packages are no plain text, are not here, or would run code.

    Raises:
        PipItemError: A name, version or address is none.
        PipRunsCodeError: A package must be built, and nobody allowed that.
        PipGuardError: The folder of an editable package is not on this box.
    """
    artefacts = choose_artefacts(locked)
    for artefact in artefacts:
        _refuse_odd(artefact, locked.place_of_pip(artefact.package.name))
    built = [artefact for artefact in artefacts if artefact.runs_code]
    if built and settings.only_binary:
        first = built[0].package
        names = _name_some([artefact.package.name for artefact in built])
        raise PipRunsCodeError(
            f"installing {names} would run code of {'it' if len(built) == 1 else 'them'}",
            where=locked.place_of_pip(first.name),
            why="The lock names source (a repository, a folder or a source archive), and building"
            " that runs the package's own build script under your account.",
            hint="If you trust it, build with --allow-builds; else make a lock with wheels.",
        )
    for artefact in built:
        _refuse_absent_folder(artefact, locked)


def refuse_owned(locked: LockedInput, owned: Collection[str]) -> None:
    """Refuse pip packages that the conda part installs already.

    Raises:
        PipGuardError: Names them.
    """
    twice = sorted(package.name for package in locked.pip if package.name in owned)
    if twice:
        raise PipGuardError(
            f"the lock has {_name_some(twice)} in its conda part and in its pip part",
            where=locked.place_of_pip(twice[0]),
            why="The pip part may not replace what conda installs: conda would not notice.",
            hint="In the environment that was locked pip had overwritten conda's files: mend it"
            " (envbench doctor names them), and make the lock again.",
        )


def _refuse_odd(artefact: LockedArtefact, where: str) -> None:
    """Names and addresses get into files that the installer reads: nothing else may."""
    package = artefact.package
    for text in (
        package.name,
        package.version,
        artefact.address,
        package.sha256 or "",
        *artefact.accepted,
    ):
        if "${" in text or text != clean(text, limit=4000) or any(map(str.isspace, text)):
            raise PipItemError(
                f"the pip package {clean(package.name, limit=100)!r} is not said in plain text",
                where=where,
                why=f"It says {clean(text, limit=200)!r}.",
                hint="Make the lock again.",
            )
    version = f"=={package.version}" if package.version or not artefact.address else ""
    try:
        read_requirement(f"{package.name}{version}")
    except ValueError as error:
        raise PipItemError(
            f"{clean(package.name, limit=100)} {clean(package.version, limit=100)} is no pip"
            " package with a version",
            where=where,
            why=clean(str(error), limit=300),
            hint="Make the lock again.",
        ) from error


def _refuse_absent_folder(artefact: LockedArtefact, locked: LockedInput) -> None:
    if artefact.kind is not ArtefactKind.FOLDER:
        return
    folder = Path(unquote(urlsplit(artefact.address).path))
    if folder.is_dir():
        return
    what = "editable" if artefact.package.editable else "taken from a folder"
    raise PipGuardError(
        f"{artefact.package.name} is {what}, and its folder is not on this box",
        where=locked.place_of_pip(artefact.package.name),
        why=f"There is no {clean(str(folder), limit=300)}.",
        hint="Put its source there, or make the lock without it.",
    )


def _name_some(names: list[str]) -> str:
    rest = len(names) - _MOST_NAMED
    return ", ".join(names[:_MOST_NAMED]) + (f" and {rest} more" if rest > 0 else "")
