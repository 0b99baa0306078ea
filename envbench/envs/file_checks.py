"""One file of a prefix compared with what was recorded of it. Nothing outside is read."""

import hashlib
import os
import posixpath
import stat
from pathlib import Path

from envbench.envs.prefix_records import RecordedPath
from envbench.envs.record_paths import join_inside

_CHUNK_BYTES = 1024 * 1024
_EMPTY_SHA256 = hashlib.sha256(b"").hexdigest()
_READ = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


def check_file(item: RecordedPath, links: "PrefixLinks", *, shallow: bool) -> str | int | None:
    """Compare one file.

    Args:
        item: What was recorded.
        links: Of its prefix.
        shallow: Compare existence, kind and size only, no content.

    Returns:
        What is wrong with it, in words; or how many bytes were hashed of a sound one; or None
        when it is there, but its content was never recorded.

    Raises:
        OSError: It is not there, or cannot be read.
    """
    path = f"{links.root}/{item.path}"
    status = os.lstat(path)
    mode = status.st_mode
    if stat.S_ISLNK(mode):
        return links.check(item) or 0
    if item.kind in _KINDS or not stat.S_ISREG(mode):
        fault = _compare_kind(item, mode)
        if fault or item.kind == "directory":
            return fault or 0
    if not links.is_inside(item.path):
        return "a link in its path leads out of the prefix"
    return None if item.sha256 is None else _compare_content(item, path, status.st_size, shallow)


def _compare_content(item: RecordedPath, path: str, size: int, shallow: bool) -> str | int:
    if item.size_bytes is not None and size != item.size_bytes:
        return f"its size differs: {size} bytes, recorded were {item.size_bytes}"
    if shallow:
        return 0
    digest, size = hash_file(path, size)
    return size if digest == item.sha256 else "its content differs"


_KINDS = frozenset({"softlink", "directory"})
"""Those that are no regular file."""


def _compare_kind(item: RecordedPath, mode: int) -> str:
    if item.kind == "softlink":
        return "it was a link and is none any more"
    if item.kind == "directory":
        return "" if stat.S_ISDIR(mode) else "it is no directory any more"
    return "" if stat.S_ISREG(mode) else "it is no regular file any more"


def hash_file(path: str, expected_bytes: int = 0) -> tuple[str, int]:
    """Give the sha256 of a file in hexadecimal, and its size.

    Args:
        path: Never a link.
        expected_bytes: Its size as far as it is known; spares reading for an end that is known.

    Raises:
        OSError: It cannot be read.
    """
    descriptor = os.open(path, _READ)
    try:
        # One more byte than there should be tells whether that was all.
        data = os.read(descriptor, min(expected_bytes + 1, _CHUNK_BYTES))
        digest, size = hashlib.sha256(data), len(data)
        if size == expected_bytes < _CHUNK_BYTES:
            return digest.hexdigest(), size
        while data := os.read(descriptor, _CHUNK_BYTES):
            digest.update(data)
            size += len(data)
        return digest.hexdigest(), size
    finally:
        os.close(descriptor)


class PrefixLinks:
    """Links of a prefix, compared by their text with the records of what they point to."""

    def __init__(self, prefix: Path, recorded: dict[str, RecordedPath]) -> None:
        self.root = os.fspath(prefix)
        self._recorded = recorded
        self._real_root = os.path.realpath(prefix)
        self._inside: dict[str, bool] = {}

    def is_inside(self, path: str) -> bool:
        """Tell whether the directories of a path are real or lead back into the prefix."""
        folder = path.rpartition("/")[0]
        known = self._inside.get(folder)
        if known is None:
            # Threads may find the same out twice, which is cheaper than to have them wait.
            real = os.path.realpath(f"{self.root}/{folder}")
            known = real == self._real_root or real.startswith(self._real_root + "/")
            self._inside[folder] = known
        return known

    def check(self, item: RecordedPath) -> str:
        """Compare a link; give what is wrong with it, or nothing."""
        if item.kind not in {"softlink", "pip"}:
            return "it became a link" if item.sha256 else ""
        if item.kind == "pip" and not self.is_inside(item.path):
            return "a link in its path leads out of the prefix"
        target = os.readlink(f"{self.root}/{item.path}")  # noqa: PTH115  # 3 times as fast
        expected = {item.sha256, item.original_sha256} - {None, _EMPTY_SHA256}
        # rattler records the digest of the link's text, conda that of the file behind it.
        if not expected or hashlib.sha256(os.fsencode(target)).hexdigest() in expected:
            return ""
        inside = join_inside(posixpath.dirname(item.path), target)
        if inside is None:
            return "it leads out of the prefix"
        return self._compare_behind(inside, expected)

    def _compare_behind(self, inside: str, expected: set[str | None]) -> str:
        behind = self._recorded.get(inside)
        if behind is not None:
            known = {behind.sha256, behind.original_sha256} - {None}
            if behind.kind == "softlink" or not known or known & expected:
                return ""
            return f"it points to another file: {inside}"
        path = f"{self.root}/{inside}"
        if Path(path).is_dir():
            return ""
        if not self.is_inside(inside):
            return "it leads out of the prefix"
        return "" if hash_file(path)[0] in expected else f"it points to another file: {inside}"
