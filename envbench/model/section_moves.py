"""Changes of pip items, and of lines that go from one section to the other; nothing is solved here."""

import re
from collections.abc import Mapping, Sequence

from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from envbench.model.conflict import SpecLine
from envbench.model.known_names import conda_name_of, pypi_name_of
from envbench.model.line_texts import LineText, read_line, read_style
from envbench.model.matchspec import MatchSpec
from envbench.model.repair import Move, MoveKind
from envbench.model.repair_candidate import Candidate, make_move, remove
from envbench.model.series_walk import walk_series

_NO_MATCH = MatchSpec("pip")
"""Stands where a pip item is written as a conda line is: only its version part counts."""
_ITEM = re.compile(r"\s*([A-Za-z0-9._-]+)")
_NUMBER = re.compile(r"[<>=~]=?=?\s*([0-9][A-Za-z0-9.!+]*)")
_RELEASE = 3
"""Components of a version that names one release, and no series."""


def line_to_pip(line: SpecLine) -> Candidate | None:
    """Make the change that moves a conda line to the pip section; None when pip cannot say it."""
    read = read_line(line.text)
    if read is None or line.name in {"python", "pip"}:
        return None
    specifier = _to_specifier(_pip_version(read))
    if specifier is None:
        return None
    return Candidate(move=make_move(line, MoveKind.TO_PIP, pypi_name_of(line.name) + specifier))


def line_to_conda(line: SpecLine) -> Candidate | None:
    """Make the change that moves a pip item to conda; None when conda cannot say it."""
    found = re.fullmatch(r"([A-Za-z0-9._-]+)\s*([^\[;@]*)", line.text.strip())
    if found is None:
        return None
    terms = [term.strip() for term in found[2].split(",") if term.strip()]
    if any(term.startswith("===") for term in terms):
        return None
    plain = [t[2:] if t.startswith("==") and t.endswith(".*") else t for t in terms]
    text = conda_name_of(found[1]) + (" " if plain else "") + ",".join(plain)
    return Candidate(move=make_move(line, MoveKind.TO_CONDA, text))


def list_pip_candidates(line: SpecLine, versions: Sequence[str]) -> tuple[Candidate, ...]:
    """List the changes of a pip item, removal last.

    Args:
        line: The user's item.
        versions: What the package index has of it, newest first; empty when that is not known.
    """
    found = re.fullmatch(
        r"(?P<head>[A-Za-z0-9._-]+\s*(?:\[[^\]]*\])?)\s*(?P<terms>[^;@]*?)\s*(?P<marker>;.*)?",
        line.text.strip(),
    )
    removal = remove(line)
    if found is None or not found["terms"]:
        return (removal,)
    head, marker = found["head"].rstrip(), found["marker"] or ""
    read = LineText("", _NO_MATCH, "", head, "", found["terms"].replace(" ", ""), "", "")
    pins = [
        Candidate(
            move=make_move(line, MoveKind.PIN, f"{head}{_to_pip_pin(constraint)}{marker}"),
            least=least,
            series=series,
            side=side,
            place=place,
        )
        for constraint, series, side, place, least in walk_series(
            read, _to_conda_constraint(found["terms"]), versions, line.name
        )
    ]
    release = Candidate(move=make_move(line, MoveKind.RELEASE, f"{head}{marker}"))
    return (*pins, release, removal)


def find_unasked_prerelease(moves: Sequence[Move], versions: Mapping[str, str]) -> str:
    """Name what moves bring that is no release, `tensorflow 2.13.0rc1`, though none asks for it.

    Args:
        moves: Those of pip items count, and those to the pip section.
        versions: Normalised distribution to version, as resolved.
    """
    for move in moves:
        if not move.new or (move.kind is not MoveKind.TO_PIP and not move.is_pip):
            continue
        found = _ITEM.match(move.new)
        name = canonicalize_name(found[1]) if found is not None else ""
        version = versions.get(name, "")
        if _is_prerelease(version) and not _is_prerelease(_asked_number(move.new)):
            return f"{name} {version}"
    return ""


def _asked_number(item: str) -> str:
    found = _NUMBER.search(item)
    return found[1] if found is not None else ""


def _is_prerelease(version: str) -> bool:
    try:
        return Version(version).is_prerelease
    except InvalidVersion:
        return False


def _pip_version(read: LineText) -> str | None:
    """Give what pip is asked for: conda's `=2.13.0` means that release, not a series below it."""
    style = read_style(read.version)
    version = read.match.version
    if style.operator == "=" and not style.starred and style.components >= _RELEASE and version:
        return f"=={version.removesuffix('.*')}"
    return version


def _to_specifier(version: str | None) -> str | None:
    if version is None or version == "*":
        return ""
    if "|" in version or "(" in version:
        return None
    terms = [
        f"=={t}" if t.endswith(".*") and t[0] not in "!<>=~" else t for t in version.split(",")
    ]
    return ",".join(term for term in terms if term != "*")


def _to_conda_constraint(terms: str) -> str:
    parts = [part.strip() for part in terms.split(",") if part.strip()]
    return ",".join(
        p[2:] if p.startswith("==") and p.endswith(".*") else p.replace("===", "==") for p in parts
    )


def _to_pip_pin(version: str) -> str:
    """Say a version part that was written for conda in pip's words."""
    if version[:1] in "<>!~" or version.startswith("=="):
        return version
    return f"=={version.removeprefix('=')}"
