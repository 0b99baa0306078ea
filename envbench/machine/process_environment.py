"""Which conda environment or venv a process runs in.

What an interpreter uses is settled by the path it was started by: Python looks beside it for
`pyvenv.cfg`, and conda's packages lie around it. `CONDA_PREFIX` and `VIRTUAL_ENV` are what a shell
had activated, which may be something else: a kernel of Jupyter and a script started by its full
path inherit those of the shell, and a venv is mostly made within conda's base. So

1. the interpreter that was started wins, found as Python itself does: by the first word of the
   command line, looked up on PATH where it is bare, and believed only if that file is what runs;
2. else a variable whose prefix fits the running file, that whose `bin` comes first on PATH;
3. else the prefix around the running file;
4. else, for what is no Python (a program of one's own, linked against the environment), the
   variables; for a Python that hides how it was started, the prefix whose extension modules it has
   mapped.

An answer is called exact (`variables`) where a variable agrees with it. Of the processes of others
only the command line can be read: it gives a guess.

Source: CPython's `getpath`, PEP 405, conda's `activate`.
"""

import os
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from envbench.machine.process_files import UnreadError
from envbench.model.gpu_process import EnvironmentSource, ProcessEnvironment

VARIABLES = ("CONDA_PREFIX", "VIRTUAL_ENV")
GENERATIONS = ".generations"
"""Where envbench keeps the generations of its environments, each called `NAME-N`."""
_GENERATION = re.compile(r".+-[1-9][0-9]{0,8}")
_PYTHON = re.compile(r"(?:python|pypy)[0-9.]*t?d?")
_GUESS = re.compile(r"(?P<prefix>/(?:.*/)?(?:(?:conda-)?envs/[^/]+|\.?venv[^/]*))/bin/[^/]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class ProgramFacts:
    """How a program was started, as far as that can be read."""

    arguments: Sequence[str] = ()
    executable: str | None = None
    """Real path; None when it may not be read."""
    variables: Mapping[str, str] = field(default_factory=dict)
    """`CONDA_PREFIX`, `VIRTUAL_ENV` and `PATH`, those that were set."""
    directory: str | None = None
    """Working directory."""
    list_mapped: Callable[[], Iterable[str]] = tuple
    """Lists the files mapped into its memory; asked only where nothing else tells."""


def find_environment(facts: ProgramFacts) -> ProcessEnvironment | None:
    """Find the environment; None when it runs in none, or none that can be told."""
    executable = facts.executable
    if executable is None:
        return guess_environment(facts.arguments)
    claims = _list_claims(facts)
    started = _find_started(facts, executable)
    if started is not None and (prefix := _prefix_of_program(started)):
        return _tell(prefix, claims)
    fitting = (prefix for claim in claims if (prefix := _fit(claim, executable)))
    if started is None and (prefix := next(fitting, None)):
        return ProcessEnvironment(prefix=prefix, source=EnvironmentSource.VARIABLES)
    if prefix := find_prefix(executable):
        return _tell(prefix, claims)
    if not _PYTHON.fullmatch(os.path.basename(executable)):  # noqa: PTH119
        return _find_activated(claims)
    mapped = _find_mapped(facts) if started is None else None
    return _tell(mapped, claims) if mapped else None


def guess_environment(arguments: Sequence[str]) -> ProcessEnvironment | None:
    """Guess from a command line: the interpreter's path, else that of a script beside one."""
    path = next((word for word in arguments[:2] if word.startswith("/")), "")
    shape = _GUESS.fullmatch(path)
    prefix = _prefix_of_program(path) or (shape["prefix"] if shape else None)
    if prefix is None:
        return None
    return ProcessEnvironment(prefix=os.path.realpath(prefix), source=EnvironmentSource.COMMAND)


def find_prefix(path: str) -> str | None:
    """Find the prefix around a file by its real path; the innermost one counts."""
    for folder in Path(path).parents:
        if is_prefix(str(folder)) or _is_generation(folder):
            return str(folder)
    return None


def is_prefix(path: str) -> bool:
    """Tell whether a directory is a conda environment or a venv."""
    place = Path(path)
    try:
        return (place / "conda-meta").is_dir() or (place / "pyvenv.cfg").is_file()
    except OSError:
        return False


def _is_generation(folder: Path) -> bool:
    """Tell by its place alone: a generation may be removed while something still runs in it."""
    return folder.parent.name == GENERATIONS and _GENERATION.fullmatch(folder.name) is not None


def _list_claims(facts: ProgramFacts) -> list[str]:
    """List the prefixes that the variables name, that first whose `bin` comes first on PATH."""
    claims = [facts.variables[name] for name in VARIABLES if facts.variables.get(name)]
    path = facts.variables.get("PATH", "").split(os.pathsep)
    places = {claim: _find_place(f"{claim.rstrip('/')}/bin", path) for claim in claims}
    # Of two that are not on PATH, the venv: it is made within the other.
    claims.reverse()
    return sorted((c for c in claims if c.startswith("/")), key=places.__getitem__)


def _find_place(folder: str, path: Sequence[str]) -> int:
    return path.index(folder) if folder in path else len(path)


def _find_started(facts: ProgramFacts, executable: str) -> str | None:
    """Find the path by which the program was started; None unless that is what runs."""
    first = facts.arguments[0] if facts.arguments else ""
    # A shell at login is called `-bash`; what renames itself writes whole sentences there.
    if not first or "\0" in first:
        return None
    if "/" in first:
        candidates = [os.path.join(facts.directory or "/", first)]  # noqa: PTH118
    else:
        path = facts.variables.get("PATH", "").split(os.pathsep)
        candidates = [f"{folder}/{first}" for folder in path if folder.startswith("/")]
    for candidate in candidates:
        if not os.access(candidate, os.X_OK):
            continue
        # The first one on PATH was started: if it is not what runs, the word was made up.
        return candidate if os.path.realpath(candidate) == executable else None
    return None


def _prefix_of_program(path: str) -> str | None:
    """Find the prefix in whose `bin` a program lies, links of the program itself not followed."""
    folder = Path(os.path.normpath(path)).parent
    if folder.name != "bin":
        return None
    prefix = os.path.realpath(folder.parent)
    return prefix if is_prefix(prefix) or _is_generation(Path(prefix)) else None


def _fit(claim: str, executable: str) -> str | None:
    """Tell the real prefix of a claim if the running file is of it; None if it is not.

    The link of an environment made by envbench may point to a newer generation by now: the process
    keeps the one that it was started in.
    """
    prefix = os.path.realpath(claim)
    if executable.startswith(f"{prefix}/"):
        return prefix
    if _is_base_of_venv(prefix, executable):
        return prefix
    around = find_prefix(executable)
    return around if around is not None and _is_former(claim, around) else None


def _is_base_of_venv(prefix: str, executable: str) -> bool:
    folder = Path(prefix) / "bin"
    names = {"python", "python3", os.path.basename(executable)}  # noqa: PTH119
    return is_prefix(prefix) and any(
        os.path.realpath(folder / name) == executable for name in names
    )


def _is_former(claim: str, prefix: str) -> bool:
    """Tell whether a prefix is a generation of the environment at the stable path `claim`."""
    stable, generation = Path(claim.rstrip("/")), Path(prefix)
    return (
        _is_generation(generation)
        and os.path.realpath(stable.parent) == str(generation.parent.parent)
        and generation.name.rpartition("-")[0] == stable.name
    )


def _tell(prefix: str, claims: Sequence[str]) -> ProcessEnvironment:
    agreed = any(os.path.realpath(claim) == prefix or _is_former(claim, prefix) for claim in claims)
    source = EnvironmentSource.VARIABLES if agreed else EnvironmentSource.EXECUTABLE
    return ProcessEnvironment(prefix=prefix, source=source)


def _find_activated(claims: Sequence[str]) -> ProcessEnvironment | None:
    for claim in claims:
        prefix = os.path.realpath(claim)
        if is_prefix(prefix):
            return ProcessEnvironment(prefix=prefix, source=EnvironmentSource.VARIABLES)
    return None


def _find_mapped(facts: ProgramFacts) -> str | None:
    try:
        for path in dict.fromkeys(facts.list_mapped()):
            if "/site-packages/" in path and (prefix := find_prefix(path)):
                return prefix
    except UnreadError:
        pass
    return None
