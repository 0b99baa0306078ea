"""The pip part of a lock as `requirements.txt`, with hashes wherever pip can check them.

pip checks hashes of all packages or of none: one repository or folder, which has no hash, and it
refuses the whole file. Then no hash is demanded; each stands in a comment, where envbench finds it.

Source: pip's requirements file format; the layout is that of pip-tools and of `uv pip compile`.
"""

from collections.abc import Sequence

from packaging.version import InvalidVersion, Version

from envbench.formats.locks.conda_companion import (
    CondaCompanion,
    find_companion_losses,
    write_companion,
)
from envbench.formats.locks.requirement_lines import (
    FROM_INDEX,
    KEPT,
    PLATFORM,
    POINTER,
    SHA256,
)
from envbench.formats.python_version import python_of
from envbench.model.errors import UsageError
from envbench.model.export_options import ExportOptions
from envbench.model.lock import ExportedFile, Lock, Loss, PipPackage
from envbench.model.locked_set import PYPI, index_of, is_pypi, list_indexes

__all__ = ["FILE_NAME", "KEPT", "find_losses", "write"]

FILE_NAME = "requirements.txt"


def write(locks: Sequence[Lock], options: ExportOptions) -> tuple[ExportedFile, ...]:
    """Write the pip packages of a lock, and its conda packages as a file beside.

    Raises:
        UsageError: A package can be named by nothing that pip takes.
    """
    del options
    lock = locks[0]
    _refuse_unusable(lock.pip)
    companion = write_companion(lock)
    can_hash = not find_unhashed(lock.pip)
    pip = sorted(lock.pip, key=lambda package: package.name)
    indexes = index_lines(lock)
    lines = [*_head(lock, companion, can_hash=can_hash), *indexes, *([""] if indexes else [])]
    for package in pip:
        lines += _describe(package, can_hash=can_hash)
    file = ExportedFile(FILE_NAME, "\n".join(lines) + "\n")
    return (file, companion.file) if companion else (file,)


def find_losses(lock: Lock) -> tuple[Loss, ...]:
    """Tell of the hashes that pip will not check, and of the file beside that is missing."""
    unhashed = find_unhashed(lock.pip)
    losses = find_companion_losses(lock)
    if not unhashed or len(unhashed) == len(lock.pip):
        return losses
    unchecked = tuple(p.name for p in lock.pip if p.sha256)
    why = (
        f"pip checks hashes of all packages or of none, and {', '.join(unhashed)} can have none"
        " (a repository, a folder, or a hash that is not known). The hashes stand in comments:"
        " envbench checks them, pip and uv do not."
    )
    return (*losses, Loss("hashes that pip checks", unchecked, why))


def find_unhashed(packages: Sequence[PipPackage]) -> tuple[str, ...]:
    """Name the packages for which pip can check no hash."""
    return tuple(
        sorted(p.name for p in packages if not p.sha256 or p.editable or not _is_file(p.direct_url))
    )


def index_lines(lock: Lock) -> list[str]:
    """List the options that name package indexes; PyPI alone needs none."""
    main, *more = list_indexes(lock) or (PYPI,)
    lines = [] if is_pypi(main) else [f"--index-url {main}"]
    return [*lines, *(f"--extra-index-url {index}" for index in more)]


def requirement_of(package: PipPackage) -> str:
    """Write a package as pip takes it: an exact version, or its direct reference."""
    if package.editable:
        return f"-e {package.direct_url}"
    if package.direct_url:
        return f"{package.name} @ {package.direct_url}"
    return f"{package.name}=={package.version}"


def _describe(package: PipPackage, *, can_hash: bool) -> list[str]:
    head = requirement_of(package)
    lines = [head]
    if package.sha256 and can_hash:
        lines = [f"{head} \\", f"    --hash=sha256:{package.sha256}"]
    elif package.sha256:
        lines.append(f"    # {SHA256}{package.sha256}")
    if package.direct_url:
        lines.append(f"    # {package.name}=={package.version}")
    index = index_of(package)
    if index:
        lines.append(f"    # {FROM_INDEX}{index}")
    return lines


def _head(lock: Lock, companion: CondaCompanion | None, *, can_hash: bool) -> list[str]:
    python = python_of(lock)
    where = f" of {lock.name}" if lock.name else ""
    for_python = f"Python {python}, " if python else ""
    option = "--require-hashes " if can_hash and lock.pip else ""
    lines = [
        f"# The pip packages{where}, for {for_python}{lock.platform or 'any platform'}."
        " Made by envbench.",
        f"# $ pip install --no-deps {option}-r {FILE_NAME}",
    ]
    if option and len(list_indexes(lock)) > 1:
        # uv takes a name from the first index that has it, in whatever versions; several indexes
        # have the usual names. The hashes make it safe to ask all of them.
        strategy = "--index-strategy unsafe-best-match"
        lines.append(f"# $ uv pip install --no-deps {option}{strategy} -r {FILE_NAME}")
    if lock.platform:
        lines.append(f"# {PLATFORM}{lock.platform}")
    if companion:
        lines.append(f"# {POINTER}{companion.file.path} sha256:{companion.sha256}")
    return lines


def _refuse_unusable(packages: Sequence[PipPackage]) -> None:
    bad = sorted(p.name for p in packages if not _is_usable(p))
    if bad:
        raise UsageError(
            f"{FILE_NAME} cannot name {', '.join(bad[:5])}{' and more' if bad[5:] else ''}",
            why="Their version is none of Python's, or their folder is not known, or their address"
            " holds a blank or a variable.",
            hint="Install these packages again from an index, or choose another format.",
        )


def _is_usable(package: PipPackage) -> bool:
    if package.direct_url:
        # pip replaces ${NAME} by the variable of whoever installs.
        return not any(mark in package.direct_url for mark in (" ", "${", "\n", "\\"))
    try:
        Version(package.version)
    except InvalidVersion:
        return False
    return not package.editable


def _is_file(direct_url: str | None) -> bool:
    """Whether it is an archive, or comes from an index: then its bytes have a hash."""
    return direct_url is None or not direct_url.startswith(("git+", "hg+", "svn+", "bzr+"))
