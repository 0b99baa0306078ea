"""Where the parts of an environment lie, and which names may become paths.

`<envs>/NAME` is a link to `.generations/NAME-N` beside it; its lock is
`<envs>/.envbench-locks/NAME.lock`, outside of the prefix because the prefix is replaced.
"""

import re
from pathlib import Path

from envbench.model.errors import UsageError
from envbench.model.lazy_patterns import lazy_pattern
from envbench.model.names import require_environment_name

GENERATIONS = ".generations"
"""Directory of all generations of all environments of one envs directory."""
LOCKS = ".envbench-locks"
"""Directory of the lock files of one envs directory."""

_GENERATION = lazy_pattern(r"(?P<name>.+)-(?P<number>[1-9][0-9]{0,8})", re.DOTALL)


def environment_path(envs_dir: Path, name: str) -> Path:
    """Give the stable path of an environment, the one that users and shebangs know.

    Raises:
        UsageError: The name breaks the rules, or would lead out of the envs directory.
    """
    path = envs_dir / require_environment_name(name)
    if path.parent.resolve() != envs_dir.resolve() or path.name != name:
        raise UsageError(f"{name!r} leads out of {envs_dir}", hint="use a plain name")
    return path


def generation_path(envs_dir: Path, name: str, number: int) -> Path:
    """Give the directory of one generation."""
    environment_path(envs_dir, name)
    return envs_dir / GENERATIONS / f"{name}-{number}"


def generation_link(name: str, number: int) -> str:
    """Give the text of the link at the stable path; relative, so that the directory may move."""
    return f"{GENERATIONS}/{name}-{number}"


def split_generation(directory_name: str) -> tuple[str, int] | None:
    """Take `NAME-N` apart; None when the text is not of that form."""
    match = _GENERATION.fullmatch(directory_name)
    return (match["name"], int(match["number"])) if match else None


def read_generation_link(path: Path) -> int | None:
    """Tell which generation the stable path points to.

    Returns:
        The number, or None when nothing is there, or something that is not our link: a directory,
        a file, a link to elsewhere.
    """
    try:
        target = str(path.readlink())
    except OSError:
        return None
    folder, _, last = target.rpartition("/")
    parts = split_generation(last)
    if folder != GENERATIONS or parts is None or parts[0] != path.name:
        return None
    return parts[1]
