"""How git sees a few files of one folder, asked without running anything that a repository names.

A repository's own configuration can name programs: monitors, hooks, filters. None of them is run,
nothing is fetched and no lock is taken.

Source: git-status(1) porcelain format v1 with `-z`; git-config(1); gitattributes(5).
"""

import os
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from envbench.machine.executables import find_executable

_OUTPUT_LIMIT = 4 * 1024 * 1024
_KEPT_VARIABLES = frozenset({"GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM", "GIT_CONFIG_NOSYSTEM"})
_SAFE = {
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_ALLOW_PROTOCOL": "none",
    "LC_ALL": "C",
}
_CALM = (
    "core.fsmonitor=",
    "core.hooksPath=/dev/null",
    "core.untrackedCache=false",
    "safe.bareRepository=explicit",
    "status.renames=false",
)
_PROGRAM_KEYS = (b".clean", b".smudge", b".process")
_OWN_SCOPES = (b"local", b"worktree")


class GitState(StrEnum):
    """How git sees one file."""

    CLEAN = "clean"
    MODIFIED = "modified"
    STAGED = "staged"
    UNTRACKED = "untracked"
    IGNORED = "ignored"
    NO_REPOSITORY = "no repository"
    UNKNOWN = "unknown"
    """There is no git, or it did not answer."""


@dataclass(frozen=True, slots=True)
class _Repository:
    """How to ask git about one folder."""

    command: tuple[str, ...]
    environ: Mapping[str, str]
    deadline: float


def read_git_states(
    folder: Path, names: Sequence[str], environ: Mapping[str, str], *, timeout_s: float = 2.0
) -> dict[str, GitState]:
    """Ask git about files of one folder.

    Args:
        folder: Where they lie.
        names: Plain names of files in it.
        environ: `PATH` and where git's own configuration is.
        timeout_s: How long all of it may take.
    """
    unknown = dict.fromkeys(names, GitState.UNKNOWN)
    git = find_executable("git", environ)
    if git is None or not names:
        return unknown
    calm = (part for setting in _CALM for part in ("-c", setting))
    command = (str(git.path), "-C", os.fspath(folder), "--literal-pathspecs", *calm)
    repository = _Repository(command, _calm(environ), time.monotonic() + timeout_s)
    place, fault = _ask(repository, "rev-parse", "--is-inside-work-tree", "--show-prefix")
    if place is None:
        is_none = b"not a git repository" in fault
        return dict.fromkeys(names, GitState.NO_REPOSITORY) if is_none else unknown
    inside, _, prefix = place.rstrip(b"\n").partition(b"\n")
    calmed = _silence_filters(repository)
    if inside != b"true" or calmed is None:
        return unknown
    return _read_states(calmed, prefix, names)


def _calm(environ: Mapping[str, str]) -> Mapping[str, str]:
    """Leave out what would lead git elsewhere or make it talk; say what it must not do."""
    kept = {
        name: value
        for name, value in environ.items()
        if not name.startswith("GIT_") or name in _KEPT_VARIABLES
    }
    return kept | _SAFE


def _silence_filters(repository: _Repository) -> _Repository | None:
    """Switch off the filters that the repository itself names; the user's own may run."""
    listing, _ = _ask(repository, "config", "--list", "--show-scope", "--name-only", "-z")
    if listing is None:
        return None
    fields = listing.split(b"\0")
    command = repository.command
    for scope, key in zip(fields[::2], fields[1::2], strict=False):
        if scope in _OWN_SCOPES and key.startswith(b"filter.") and key.endswith(_PROGRAM_KEYS):
            name = os.fsdecode(key.rpartition(b".")[0])
            if "=" in name:
                # It cannot be said on a command line, so it cannot be switched off.
                return None
            for program in ("clean=", "smudge=", "process=", "required=false"):
                command += ("-c", f"{name}.{program}")
    return _Repository(command, repository.environ, repository.deadline)


def _read_states(
    repository: _Repository, prefix: bytes, names: Sequence[str]
) -> dict[str, GitState]:
    answer, _ = _ask(
        repository,
        "status", "--porcelain=v1", "-z", "--no-renames", "--ignore-submodules=all",
        "--untracked-files=all", "--ignored=matching", "--", *names,
    )  # fmt: skip
    if answer is None:
        return dict.fromkeys(names, GitState.UNKNOWN)
    rows = [(row[:2], row[3:]) for row in answer.split(b"\0") if len(row) > 3]
    return {name: _find(rows, prefix + os.fsencode(name)) for name in names}


def _find(rows: list[tuple[bytes, bytes]], path: bytes) -> GitState:
    for marks, found in rows:
        # A folder that is ignored or untracked as a whole is told by its own name.
        if found == path or (found.endswith(b"/") and path.startswith(found)):
            return _state_of(marks)
    return GitState.CLEAN


def _state_of(marks: bytes) -> GitState:
    if marks == b"??":
        return GitState.UNTRACKED
    if marks == b"!!":
        return GitState.IGNORED
    return GitState.STAGED if marks[1:] == b" " else GitState.MODIFIED


def _ask(repository: _Repository, *arguments: str) -> tuple[bytes | None, bytes]:
    """Run git once: what it printed, or None with what it said of its failure."""
    left = repository.deadline - time.monotonic()
    if left <= 0:
        return None, b""
    try:
        answer = subprocess.run(
            [*repository.command, *arguments],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=left,
            check=False,
            env=repository.environ,
            start_new_session=True,
        )
    except (OSError, ValueError, subprocess.TimeoutExpired):
        return None, b""
    if answer.returncode != 0 or len(answer.stdout) > _OUTPUT_LIMIT:
        return None, answer.stderr
    return answer.stdout, b""
