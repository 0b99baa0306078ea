"""Relative paths out of records that others wrote: joined only when they stay inside."""

import posixpath


def stays_inside(path: str) -> bool:
    """Tell whether a recorded path, joined to its prefix, cannot leave it by its own text."""
    if not path or path.startswith("/") or "\0" in path:
        return False
    return ".." not in path.split("/")


def join_inside(folder: str, path: str) -> str | None:
    """Join a path to a folder of the prefix, both relative to the prefix.

    Args:
        folder: Where the path starts, such as `lib/python3.11/site-packages`.
        path: May climb (`../../../bin/x`), but not out of the prefix.

    Returns:
        The path relative to the prefix, or None when it is absolute or climbs out.
    """
    if not path or path.startswith("/") or "\0" in path:
        return None
    joined = posixpath.normpath(posixpath.join(folder, path))
    return None if joined == ".." or joined.startswith(("../", "/")) else joined
