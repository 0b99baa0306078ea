"""The lock files that recipes of the micromamba kind carry, and what no recipe can carry."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256

from envbench.formats.exports.quoting import MARK
from envbench.formats.locks.explicit import write_explicit
from envbench.formats.locks.requirements import find_unhashed, index_lines, requirement_of
from envbench.formats.locks.requirements import write as write_requirements
from envbench.model.errors import UsageError
from envbench.model.export_options import ExportOptions
from envbench.model.lock import ExportedFile, Lock, Loss, PipPackage
from envbench.model.locked_set import EVERY_ASPECT

CONDA_FILE = "explicit.txt"
PIP_FILE = "requirements.txt"
UNHASHED_FILE = "requirements-unhashed.txt"
KEPT = EVERY_ASPECT
"""Of all recipes. One hash guards an archive as well as two: md5 is not missed."""
_MOST_NAMED = 5


@dataclass(frozen=True, slots=True)
class CarriedLock:
    """The lock of one environment as files beside a recipe."""

    conda: ExportedFile
    pip: ExportedFile | None
    """Packages whose hash is checked."""
    unhashed: ExportedFile | None
    """Packages that have no hash: repositories, and what the installer kept no hash of."""
    needs_git: bool
    """Whether any of them has to be cloned, and the environment has no git of its own."""
    has_pip: bool
    """Whether the environment has a pip of its own."""

    @property
    def files(self) -> tuple[ExportedFile, ...]:
        """All files, the conda part first."""
        return tuple(file for file in (self.conda, self.pip, self.unhashed) if file is not None)

    @property
    def names(self) -> tuple[str, ...]:
        """Their names."""
        return tuple(file.path for file in self.files)

    @property
    def sha256(self) -> str:
        """Of the conda part's file, as `sha256sum` prints it."""
        return sha256(self.conda.text.encode()).hexdigest()


def carry_lock(lock: Lock) -> CarriedLock:
    """Write the lock files that a recipe needs beside it.

    Raises:
        UsageError: A package lies on this box only.
    """
    refuse_local(lock)
    unchecked = find_unhashed(lock.pip)
    hashed = tuple(package for package in lock.pip if package.name not in unchecked)
    unhashed = tuple(package for package in lock.pip if package.name in unchecked)
    names = {package.name for package in lock.packages}
    return CarriedLock(
        conda=ExportedFile(CONDA_FILE, write_explicit(lock, sha256=True)),
        pip=_write_hashed(replace(lock, pip=hashed)),
        unhashed=_write_unhashed(replace(lock, pip=unhashed)),
        needs_git="git" not in names and clones(unhashed),
        has_pip="pip" in names,
    )


def clones(packages: Iterable[PipPackage]) -> bool:
    """Tell whether any package comes from a git repository."""
    return any((package.direct_url or "").startswith("git+") for package in packages)


def refuse_local(lock: Lock) -> None:
    """Refuse an environment of which a part is on this box only.

    Raises:
        UsageError: Its Python is not one of its packages, a package is editable, or its address is
            a file; they are named.
    """
    if lock.pip and all(package.name != "python" for package in lock.packages):
        raise UsageError(
            "no other machine would have the Python of this environment",
            why="It is no package of the environment: it belongs to the system, or to a venv's maker.",
            hint="Write an environment.yml with `python` and the pip part, and lock that.",
        )
    editable = [package.name for package in lock.pip if package.editable]
    if editable:
        raise UsageError(
            f"no other machine can install {_name(editable)}",
            why="They are installed from a source folder of this box, in editable mode.",
            hint="Install them from a repository or a package index, or copy their sources where"
            " this file is used and install them there.",
        )
    local = [package.name for package in lock.packages if package.url.startswith("file:")]
    local += [p.name for p in lock.pip if "file:" in f"{p.url or ''} {p.direct_url or ''}"]
    if local:
        raise UsageError(
            f"no other machine can fetch {_name(local)}",
            why="Their addresses are files on this box (file://).",
            hint="Put them on a channel or an index that is reached over the network, or take the"
            " packages along: envbench pack SUBJECT",
        )


def one_of(locks: Sequence[Lock], what: str, platforms: Iterable[str]) -> Lock:
    """Return the lock that a recipe for one platform is written from.

    Raises:
        UsageError: Its platform is not served by this kind of recipe.
    """
    lock = locks[0]
    known = tuple(platforms)
    if lock.platform not in known:
        raise UsageError(
            f"{what} cannot hold an environment for {lock.platform}",
            why=f"It runs on {', '.join(known)} only.",
            hint=f"Lock the spec for one of them: envbench lock SPEC --platform {known[0]} ...",
        )
    return lock


def find_unhashed_losses(lock: Lock) -> tuple[Loss, ...]:
    """Name the packages of repositories: their commit is fixed, their bytes are not checked."""
    names = tuple(p.name for p in lock.pip if clones((p,)))
    if not names:
        return ()
    why = (
        "They come from a repository at a fixed commit; no installer can check a hash of them, and"
        " each installation clones and builds them anew."
    )
    return (Loss("pip hashes", names, why),)


def find_option_losses(lock: Lock, options: ExportOptions) -> tuple[Loss, ...]:
    """Tell what a list of addresses does not say, and pixi's manifest does."""
    if options.base == "pixi" or not lock.channels:
        return ()
    why = "Later updates of the environment will use the channels of whoever makes them."
    return (Loss("channel order", (), why),)


def _write_hashed(lock: Lock) -> ExportedFile | None:
    # The second file is the lock of the conda part, which is carried already.
    return write_requirements((lock,), ExportOptions())[0] if lock.pip else None


def _write_unhashed(lock: Lock) -> ExportedFile | None:
    if not lock.pip:
        return None
    lines = [
        f"# The packages for which no hash is known; all others are in {PIP_FILE}.",
        f"# $ pip install --no-deps -r {UNHASHED_FILE}",
        f"# {MARK}",
        *_index_lines(lock),
        *(requirement_of(p) for p in sorted(lock.pip, key=lambda package: package.name)),
    ]
    return ExportedFile(UNHASHED_FILE, "\n".join(lines) + "\n")


def _index_lines(lock: Lock) -> list[str]:
    """Name the indexes; of repositories, which are asked for by address, only their builds' one."""
    if all(package.direct_url for package in lock.pip):
        lock = replace(lock, indexes=lock.indexes[:1])
    return index_lines(lock)


def _name(names: Sequence[str]) -> str:
    rest = len(names) - _MOST_NAMED
    return ", ".join(names[:_MOST_NAMED]) + (f" and {rest} more" if rest > 0 else "")
