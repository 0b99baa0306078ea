"""Whether an installed distribution came out of a wheel: their RECORDs, line by line.

Source: PEP 427 (`.data` directories, scripts), PEP 376 and PEP 627 (what installers add).
"""

import csv
import posixpath
from collections.abc import Iterable, Mapping

_WRITTEN_BY_INSTALLERS = frozenset(
    {
        "INSTALLER",
        "REQUESTED",
        "RECORD",
        "RECORD.jws",
        "RECORD.p7s",
        "direct_url.json",
        "uv_build.json",
        "uv_cache.json",
    }
)
_Rows = Mapping[str, tuple[str, str]]


def find_disproof(wheel_record: str, installed: Iterable[tuple[str, str, str]]) -> str:
    """Say why an installed distribution is not what a wheel brings.

    Args:
        wheel_record: The text of the RECORD inside the wheel.
        installed: Path, digest and size of each line of the installed RECORD.

    Returns:
        The reason; empty when every file of the wheel is there with its digest, and nothing else
        is that an installer does not write by itself.
    """
    rows = list(csv.reader(wheel_record.splitlines()))
    info = next((row[0].partition("/")[0] for row in rows if row and _is_record(row[0])), "")
    if not info:
        return "its RECORD does not name itself"
    brought = {row[0]: _facts(row) for row in rows if row and not _is_own(row[0], info)}
    there = {path: (digest.rstrip("="), size) for path, digest, size in installed}
    proven = 0
    for path, facts in brought.items():
        kind, place = _place(path, info)
        if kind == "scripts":
            # Its first line names the interpreter: written anew at installation.
            continue
        fault = _compare(path, place, facts, there, is_moved=kind != "")
        if fault:
            return fault
        proven += 1
    if not proven:
        return "its RECORD holds nothing to compare"
    expected = {_place(path, info)[1] for path in brought}
    return _find_surplus(there, info, expected)


def _compare(path: str, place: str, facts: tuple[str, str], there: _Rows, *, is_moved: bool) -> str:
    if not facts[0]:
        return f"its RECORD has no digest of {path}"
    found = there.get(place) or (_find_moved(place, there) if is_moved else None)
    if found is None:
        return f"it brings {path}, which was not installed"
    return "" if found == facts else f"its {path} is another one"


def _find_surplus(there: _Rows, info: str, expected: set[str]) -> str:
    for path in there:
        if path in expected or path.endswith(".pyc") or _is_own(path, info):
            continue
        if path.startswith(("../", "/")):
            # Console scripts, and what `.data` directories bring to other places.
            continue
        return f"{path} was installed, which it does not bring"
    return ""


def _is_record(path: str) -> bool:
    return path.endswith(".dist-info/RECORD") and path.count("/") == 1


def _is_own(path: str, info: str) -> bool:
    folder, _, name = path.rpartition("/")
    return folder == info and name in _WRITTEN_BY_INSTALLERS


def _place(path: str, info: str) -> tuple[str, str]:
    """Tell where a file of a wheel goes: the kind of its `.data` directory, and its place."""
    data, _, rest = path.partition("/")
    if data != f"{info.removesuffix('.dist-info')}.data" or "/" not in rest:
        return "", path
    kind, _, tail = rest.partition("/")
    # Pure and platform-specific code end in the same directory.
    return ("", tail) if kind in {"purelib", "platlib"} else (kind, tail)


def _find_moved(tail: str, there: _Rows) -> tuple[str, str] | None:
    """Find what went below the prefix; how deep site-packages lies in it differs."""
    for path, facts in there.items():
        if path.startswith(("../", "/")) and posixpath.normpath(path).endswith(f"/{tail}"):
            return facts
    return None


def _facts(row: list[str]) -> tuple[str, str]:
    digest, size = [*row, "", ""][1:3]
    return digest.rstrip("="), size
