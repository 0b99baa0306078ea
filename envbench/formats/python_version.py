"""The Python of an environment."""

from envbench.model.lock import Lock


def python_of(lock: Lock) -> str | None:
    """Return the version of the Python for which a lock's pip part was chosen; None when unknown."""
    conda = next((p.version for p in lock.packages if p.name == "python"), None)
    return conda or lock.python_version or None
