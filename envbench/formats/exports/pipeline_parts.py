"""What pipelines do with an environment once it is there."""

from envbench.formats.exports.contents import package_names
from envbench.formats.exports.recipe_locks import CarriedLock
from envbench.model.lock import Lock


def has_pytest(lock: Lock) -> bool:
    """Tell whether the environment brings pytest."""
    return "pytest" in package_names(lock)


def test_command(lock: Lock) -> str:
    """Return the command that runs the tests."""
    return "python -m pytest" if has_pytest(lock) else "python -m unittest discover"


def test_comment(lock: Lock) -> list[str]:
    """Say why it is this command."""
    if has_pytest(lock):
        return []
    return ["The environment has no pytest: these are the tests that Python itself can find."]


def checked_files(carried: CarriedLock) -> tuple[str, ...]:
    """Name the locks that an environment can be held against, each by itself.

    Where the pip part is in two files, either of them would miss the packages of the other.
    """
    return carried.names[:1] if carried.unhashed else carried.names
