"""Builds of a package brought into families: what they are built for, without hash and number."""

import re
from collections.abc import Iterable
from difflib import SequenceMatcher

_HASH = re.compile(r"(?<![a-z])h[0-9a-f]{6,}(?![a-z])")
_NUMBER = re.compile(r"_\d+$")
_PYTHON = re.compile(r"(?<![a-z0-9])(?:py|cp)\d[\d.]*(?:_pypy\d+_pp\d+)?")
_UNDERLINES = re.compile(r"_{2,}")
_SIGNS = re.compile(r"[*^$]+")


def name_family(build: str) -> str:
    """Name what a build is built for: `cuda126_generic_py311_h1234567_3` is of `cuda126_generic`.

    Returns:
        `py311` where it is built for nothing else; the build itself where nothing would be left.
    """
    bare = _HASH.sub("", _NUMBER.sub("", build))
    found = (_UNDERLINES.sub("_", text).strip("_") for text in (_PYTHON.sub("", bare), bare))
    return next(filter(None, found), build)


def list_build_families(builds: Iterable[str], wanted: str) -> tuple[str, ...]:
    """List a build of each family, the family nearest to a pattern first.

    Args:
        builds: Build strings.
        wanted: The pattern that none of them matches: `cuda118*`.

    Returns:
        The family's name with `*` at either end where something was left out.
    """
    families: dict[str, list[str]] = {}
    for build in builds:
        families.setdefault(name_family(build), []).append(build)
    target = _SIGNS.sub("", wanted)
    ranked = sorted(families, key=lambda name: (-_likeness(name, target), name))
    return tuple(_write_pattern(name, families[name]) for name in ranked)


def _write_pattern(name: str, builds: list[str]) -> str:
    if len(set(builds)) == 1:
        return builds[0]
    if all(build.startswith(name) for build in builds):
        return f"{name}*"
    return f"*{name}*" if all(name in build for build in builds) else min(builds)


def _likeness(name: str, wanted: str) -> float:
    found = SequenceMatcher(None, name, wanted, autojunk=False)
    return round(found.ratio() + found.find_longest_match().size / max(1, len(wanted)), 6)
