"""The generations that lie in an envs directory: read, never changed.

`.generations` holds `NAME-N` (staged, complete or not ours), `.passing-NAME-N~x` (being born or
removed) and `.link-NAME~x` (a link on its way to the stable path).
"""

import os
from dataclasses import dataclass
from pathlib import Path

from envbench.envs.generation_files import is_staged, read_generation
from envbench.envs.paths import (
    GENERATIONS,
    environment_path,
    read_generation_link,
    split_generation,
)
from envbench.model.errors import UsageError
from envbench.model.generation import Generation
from envbench.model.names import broken_name_rule

PASSING = ".passing-"
"""First letters of a directory that is being born or removed: under this name it never looks
complete, and whoever finds it under the lock may remove it."""
_LOOKS = 3
LINK = ".link-"
"""First letters of a link on its way to the stable path."""


@dataclass(frozen=True, slots=True)
class StagedGeneration:
    """A generation that is being built; it becomes visible only by `EnvironmentStore.flip`."""

    environment: str
    number: int
    prefix: Path
    """Where to write: the generation's own directory."""
    stable_path: Path
    """What to write into scripts: the path under which the environment will be known."""


@dataclass(frozen=True, slots=True)
class StoredGeneration:
    """One complete generation on disk."""

    prefix: Path
    generation: Generation
    is_live: bool


@dataclass(frozen=True, slots=True)
class StoredEnvironment:
    """One environment of a store."""

    name: str
    path: Path
    """The stable path."""
    live: StoredGeneration | None
    """None when the link is missing or points to nothing complete: `fault` says which."""
    generations: tuple[StoredGeneration, ...]
    """All complete ones, oldest first."""
    fault: str = ""


def list_directories(envs_dir: Path) -> tuple[tuple[str, Path], ...]:
    """List (environment, directory) of all that lies among the generations, links left out."""
    root = envs_dir / GENERATIONS
    if not root.is_dir() or root.is_symlink():
        return ()
    found = []
    for path in root.iterdir():
        parts = split_generation(path.name.removeprefix(PASSING).partition("~")[0])
        if parts is None or broken_name_rule(parts[0]) is not None:
            continue
        if path.is_dir() and not path.is_symlink():
            found.append((parts[0], path))
    return tuple(sorted(found))


def list_numbers(envs_dir: Path) -> tuple[tuple[str, int], ...]:
    """List (environment, number) of all directories that are named like a generation."""
    parts = (split_generation(path.name) for _, path in list_directories(envs_dir))
    return tuple(p for p in parts if p is not None and not p[0].startswith(PASSING))


def list_names(envs_dir: Path) -> tuple[str, ...]:
    """List the environments that have a link of ours or something among the generations."""
    names = {name for name, _ in list_numbers(envs_dir)}
    if envs_dir.is_dir():
        links = (path for path in envs_dir.iterdir() if path.is_symlink())
        ours = {path.name for path in links if read_generation_link(path) is not None}
        names |= {name for name in ours if broken_name_rule(name) is None}
    return tuple(sorted(names))


def find_environment(envs_dir: Path, name: str) -> StoredEnvironment | None:
    """Find one environment; None when the directory does not have it.

    Raises:
        UsageError: The name is not allowed.
    """
    path = environment_path(envs_dir, name)
    found = describe_environment(envs_dir, name)
    if found.generations or read_generation_link(path) is not None:
        return found
    return None


def describe_environment(envs_dir: Path, name: str) -> StoredEnvironment:
    """Describe one environment from what lies on disk, even when there is nothing.

    No lock is needed: when a build switches the environment meanwhile, it is looked at again.
    """
    found = _describe_once(envs_dir, name)
    for _ in range(_LOOKS):
        if found.live is not None or not found.path.is_symlink():
            break
        found = _describe_once(envs_dir, name)
    return found


def _describe_once(envs_dir: Path, name: str) -> StoredEnvironment:
    path = envs_dir / name
    live_number = read_generation_link(path)
    generations = []
    for number in sorted(n for found, n in list_numbers(envs_dir) if found == name):
        prefix = envs_dir / GENERATIONS / f"{name}-{number}"
        if number != live_number and is_staged(prefix):
            # Complete or not: its build died before the switch.
            continue
        record = read_generation(prefix)
        if record is not None and (record.environment, record.number) == (name, number):
            generations.append(StoredGeneration(prefix, record, number == live_number))
    live = next((g for g in generations if g.is_live), None)
    fault = "" if live else _say_fault(path, live_number)
    return StoredEnvironment(name, path, live, tuple(generations), fault)


def check_free(envs_dir: Path, name: str) -> None:
    """Make sure that building NAME would overwrite nothing that is not ours.

    Raises:
        UsageError: The name is not allowed, or something else lies at the stable path.
    """
    path = environment_path(envs_dir, name)
    if not os.path.lexists(path) or read_generation_link(path) is not None:
        return
    raise UsageError(
        f"{path} was not made by envbench and is left alone",
        why=f"it is {_describe_foreign(path)}",
        hint="choose another name, or move it away",
    )


def passing_path(prefix: Path) -> Path:
    """Give a name beside a generation under which it is being born or removed."""
    import secrets

    return prefix.with_name(f"{PASSING}{prefix.name}~{secrets.token_hex(4)}")


def _say_fault(path: Path, live_number: int | None) -> str:
    if live_number is not None:
        return f"its link points to generation {live_number}, which is missing or incomplete"
    if os.path.lexists(path):
        return f"at its stable path is {_describe_foreign(path)}"
    return "its link is missing"


def _describe_foreign(path: Path) -> str:
    if path.is_symlink():
        return f"a link to {os.fspath(path.readlink())!r}"
    if not path.is_dir():
        return "a file"
    if (path / "conda-meta").is_dir():
        return "an environment of another tool"
    if (path / "pyvenv.cfg").is_file():
        return "a virtual environment"
    return "a directory of something else"
