"""Who works in an environment now, and when it was used last."""

import os
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from envbench.envs.generation_catalog import StoredEnvironment
from envbench.envs.occupancy import find_occupants
from envbench.workbench.values.environment_users import EnvironmentUser as EnvironmentUser


def list_homes(stored: StoredEnvironment) -> dict[Path, int]:
    """Give the places of an environment's generations: the live one by its stable path."""
    return {
        stored.path if each.is_live else each.prefix: each.generation.number
        for each in stored.generations
    }


def find_users(homes: Mapping[Path, int | None]) -> dict[Path, tuple[EnvironmentUser, ...]]:
    """Find the processes that use some prefixes, in one look at all processes.

    Processes of other users, in other containers and on other machines cannot be seen.

    Args:
        homes: Prefix to the number of the generation in it, None for other tools' environments.
    """
    users: dict[Path, tuple[EnvironmentUser, ...]] = {}
    for each in find_occupants(tuple(homes)).occupants:
        user = EnvironmentUser(
            pid=each.pid, name=each.name, how=each.how, generation=homes[each.prefix]
        )
        users[each.prefix] = (*users.get(each.prefix, ()), user)
    return users


def read_last_use(prefix: Path) -> str | None:
    """Tell when the Python of an environment was last read, to a day; ISO 8601, UTC.

    Builds and verifications read it, too, so that it says `not used since` at best.

    Returns:
        None where the file system does not keep such times, or several environments share the
        file, so that nothing can be said.
    """
    try:
        python = Path(os.path.realpath(prefix / "bin" / "python"))
        status = python.stat()
        keeps = not os.statvfs(python).f_flag & (os.ST_NOATIME | os.ST_RDONLY)
    except OSError:
        return None
    if not keeps or status.st_nlink > 1 or not python.is_relative_to(os.path.realpath(prefix)):
        return None
    return datetime.fromtimestamp(status.st_atime, UTC).isoformat(timespec="seconds")
