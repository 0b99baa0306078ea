"""Whether an installed package is what a match spec asks for, without any solver at hand.

Source: conda's version specs (`,` binds before `|`, `1.2.*` and `~=1.2`, builds as globs or
`^...$`); the tests ask rattler for the same answers.
"""

import re
from collections.abc import Callable
from fnmatch import fnmatchcase
from functools import lru_cache
from operator import eq, ge, gt, le, lt, ne

from envbench.model.matchspec import MatchSpec
from envbench.model.version import CondaVersion, VersionError, parse_version

_TERM = re.compile(r"(==|!=|>=|<=|~=|>|<)?(.+)")
_Comparison = Callable[[CondaVersion, CondaVersion], bool]
_COMPARE: dict[str, _Comparison] = {
    "": eq, "==": eq, "!=": ne, ">=": ge, "<=": le, ">": gt, "<": lt,
}  # fmt: skip
_KEPT = 1024

_parse = lru_cache(maxsize=_KEPT)(parse_version)
"""The same constraint is mostly asked about many versions, and the same versions again."""


def satisfies_match(version: str, build: str, match: MatchSpec) -> bool | None:
    """Tell whether a version and its build are what a match spec accepts.

    Channel, subdir and digests are not looked at.

    Returns:
        None when the spec asks in a way that is not understood here.
    """
    if match.version is not None:
        answer = satisfies_version(version, match.version)
        if answer is not True:
            return answer
    if match.build is not None and not _fits_build(build, match.build):
        return False
    return None if any(key == "build_number" for key, _ in match.brackets) else True


def satisfies_version(version: str, constraint: str) -> bool | None:
    """Tell whether a version meets a constraint in conda's own notation, such as `>=1.2,<2`.

    Returns:
        None when one of both cannot be read.
    """
    try:
        return _meets_any(_parse(version), constraint.replace(" ", ""))
    except (VersionError, RecursionError):
        return None


def _meets_any(version: CondaVersion, constraint: str) -> bool:
    return any(
        all(_meets(version, term) for term in _split(group, ","))
        for group in _split(constraint, "|")
    )


def _split(text: str, joint: str) -> list[str]:
    """Split at a joint that stands in no parenthesis."""
    parts, depth = [""], 0
    for character in text:
        depth += {"(": 1, ")": -1}.get(character, 0)
        if character == joint and depth == 0:
            parts.append("")
        else:
            parts[-1] += character
    return parts


def _meets(version: CondaVersion, term: str) -> bool:
    if term.startswith("(") and term.endswith(")"):
        return _meets_any(version, term[1:-1])
    found = _TERM.fullmatch(term)
    if found is None:
        raise VersionError(f"{term!r} is no term of a version")
    operator, text = found[1] or "", found[2]
    if text == "*":
        return True
    if text.endswith("*"):
        stem = text.rstrip("*").rstrip(".")
        if operator not in {"", "!=", "=="}:
            return _COMPARE[operator](version, _parse(stem))
        return _starts_with(version, stem) is (operator != "!=")
    if operator == "~=":
        stem = text.rpartition(".")[0]
        return version >= _parse(text) and (not stem or _starts_with(version, stem))
    return _COMPARE[operator](version, _parse(text))


def _starts_with(version: CondaVersion, stem: str) -> bool:
    """Tell whether a version begins with the segments of another: `1.2.3` with `1.2`."""
    wanted = _parse(stem).release
    own = version.release
    for index, segment in enumerate(wanted):
        mine = own[index] if index < len(own) else ()
        is_last = index == len(wanted) - 1
        if is_last and mine[: len(segment)] == segment:
            continue
        if mine != segment:
            # `1` has the segments of `1.0`: what is missing counts as zero.
            if not mine and all(number == 0 and not word for _, number, word in segment):
                continue
            return False
    return True


def _fits_build(build: str, wanted: str) -> bool:
    if wanted.startswith("^") and wanted.endswith("$"):
        try:
            return re.fullmatch(wanted, build) is not None
        except re.error:
            return True
    return fnmatchcase(build, wanted)
