"""For which NumPy a compiled module was built, told from its bytes.

Source: `_import_array` in NumPy's `__multiarray_api.h`: up to 1.26 it imports
`numpy.core._multiarray_umath`, since 2.0 `numpy._core._multiarray_umath` first. Tried on the
wheels of twenty packages, the last built for NumPy 1 and the first for NumPy 2 of each.
"""

import hashlib
import os
from collections.abc import Iterable
from enum import StrEnum
from pathlib import Path

import msgspec

from envbench.envs.doctor.libraries import Library
from envbench.files import make_private_directory, read_bytes, write_atomically
from envbench.model.errors import EnvbenchError

_OLD = b"numpy.core._multiarray_umath"
_NEW = b"numpy._core._multiarray_umath"
_PIECE_BYTES = 8 * 1024 * 1024
_LARGEST_BYTES = 512 * 1024 * 1024
_CACHE_LIMIT_BYTES = 16 * 1024 * 1024


class NumpyApi(StrEnum):
    """What a compiled module asks for."""

    NONE = ""
    """It does not use the C API, or not in a way that can be seen."""
    ONE = "1"
    """NumPy 1 only."""
    TWO = "2"
    """NumPy 2, and NumPy 1 as well."""


class NumpyMarks:
    """Reads marks, and remembers those of files that have not changed since."""

    def __init__(self, prefix: Path, cache_dir: Path | None) -> None:
        """Load what is remembered of an environment.

        Args:
            prefix: The environment.
            cache_dir: Where marks are kept; None keeps none.
        """
        self._prefix = prefix
        digest = hashlib.sha256(os.fsencode(prefix)).hexdigest()[:20]
        self._file = cache_dir / "doctor" / f"{digest}.json" if cache_dir else None
        self._known = _load(self._file)

    def read(self, libraries: Iterable[Library]) -> dict[str, NumpyApi]:
        """Read the marks of libraries: path to mark."""
        fresh: dict[str, NumpyApi] = {}
        found: dict[str, NumpyApi] = {}
        for library in libraries:
            key = f"{library.path}|{library.size_bytes}|{library.changed_ns}"
            mark = self._known.get(key)
            if mark is None:
                mark = scan_numpy_api(self._prefix / library.path)
            found[library.path] = fresh[key] = mark
        if fresh != self._known:
            self._known = fresh
            self._save()
        return found

    def _save(self) -> None:
        if self._file is None:
            return
        try:
            make_private_directory(self._file.parent)
            write_atomically(self._file, msgspec.json.encode(self._known), durable=False)
        except EnvbenchError:
            # What cannot be remembered is read again the next time.
            return


def may_use_numpy(library: Library) -> bool:
    """Whether it is worth reading: modules, and what packages put behind them for Python."""
    return (
        library.needs is not None
        and library.size_bytes <= _LARGEST_BYTES
        and (library.is_extension or "python" in library.name or "numpy" in library.name)
    )


def scan_numpy_api(path: Path) -> NumpyApi:
    """Read a file and tell what it asks for; nothing for one that cannot be read."""
    is_old = False
    try:
        with path.open("rb", buffering=0) as stream:
            tail = b""
            while piece := stream.read(_PIECE_BYTES):
                window = tail + piece
                if _NEW in window:
                    return NumpyApi.TWO
                is_old = is_old or _OLD in window
                tail = window[-len(_NEW) :]
    except OSError:
        return NumpyApi.NONE
    return NumpyApi.ONE if is_old else NumpyApi.NONE


def _load(file: Path | None) -> dict[str, NumpyApi]:
    if file is None:
        return {}
    try:
        data = read_bytes(file, limit_bytes=_CACHE_LIMIT_BYTES)
        return msgspec.json.decode(data, type=dict[str, NumpyApi])
    except (EnvbenchError, msgspec.MsgspecError, UnicodeDecodeError):
        return {}
