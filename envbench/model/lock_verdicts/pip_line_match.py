"""Whether what a lock says of the pip part is what a line of a `pip:` section asks for.

Source: PEP 508 (requirements), PEP 440 (versions), PEP 610 (direct references).
"""

import posixpath
import re
from collections.abc import Iterator
from urllib.parse import unquote, urlsplit

from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import (
    InvalidSdistFilename,
    InvalidWheelFilename,
    canonicalize_name,
    parse_sdist_filename,
    parse_wheel_filename,
)
from packaging.version import InvalidVersion, Version

from envbench.model.lock_verdicts.line_match import LineVerdict
from envbench.model.lock_verdicts.side import LockSide
from envbench.model.locked_set import LockAspect, LockedPackage, LockedPip
from envbench.model.pip_lines import PipKind, PipLine
from envbench.model.redaction import redact, split_url_secrets

_COMMIT = re.compile(r"[0-9a-fA-F]{40}")
_REPOSITORY = re.compile(
    r"git\+(?P<url>[a-z]+://[^@#]*(?:@[^/@#]+/[^@#]*)?)(?:@(?P<ref>[^#]+))?(?:#(?P<rest>.*))?"
)


def judge_requirement(
    line: PipLine, requirement: Requirement, package: LockedPip, side: LockSide
) -> LineVerdict:
    """Hold a locked distribution against a requirement of its name."""
    verdicts = [fits_version(requirement.specifier, package.version)]
    if requirement.url:
        verdicts.append(_judge_address(requirement.url, package, side))
    elif package.direct_url and not line.hashes:
        where = redact(package.direct_url)
        verdicts.append(LineVerdict((f"it comes from {where}, not from a package index",), ()))
    if line.hashes:
        verdicts.append(_judge_hashes(line.hashes, package))
    return _join(verdicts)


def judge_provider(requirement: Requirement, package: LockedPackage) -> LineVerdict:
    """Hold a conda package that is the distribution against a requirement."""
    if requirement.url:
        return LineVerdict((f"conda's {package.describe()} is not from {requirement.url}",), ())
    return fits_version(requirement.specifier, package.version)


def fits_version(wanted: SpecifierSet, version: str) -> LineVerdict:
    """Hold a version against pip's constraints; one that a lock names may be a pre-release."""
    try:
        fits = wanted.contains(Version(version), prereleases=True)
    except InvalidVersion:
        return LineVerdict((), ("version",)) if wanted else LineVerdict((), ())
    return LineVerdict(() if fits else (f"the version {version} is not {wanted}",), ())


def find_direct(line: PipLine, side: LockSide, folder: str) -> LockedPip | None:
    """Find what is locked for an address, a repository or a folder that has no name beside it.

    Args:
        line: From `classify_pip_item`.
        side: The lock.
        folder: The folder of the spec, from which relative paths lead.
    """
    target = _bare(line.target or "")
    name = distribution_of(target)
    if name and name in side.pip:
        return side.pip[name]
    wanted = set(_forms(target, folder))
    for package in side.pip.values():
        if package.direct_url and wanted & set(_forms(_bare(package.direct_url), folder)):
            return package
    return None


def judge_direct(line: PipLine, package: LockedPip, side: LockSide, folder: str) -> LineVerdict:
    """Hold a locked distribution against an address, repository or folder."""
    if not side.says(LockAspect.PIP_DIRECT):
        return LineVerdict((), ("where it comes from",))
    target = _bare(line.target or "")
    if PipKind.LOCAL in line.needs or PipKind.OUTSIDE in line.needs:
        place = _judge_path(target, package, folder)
    else:
        place = _judge_address(target, package, side)
    wants_editable = line.kind is PipKind.EDITABLE
    if not side.says(LockAspect.PIP_EDITABLE) and wants_editable:
        return _join([place, LineVerdict((), ("whether it is editable",))])
    if wants_editable == package.editable:
        return place
    fault = "it is not editable" if wants_editable else "it is editable"
    return _join([place, LineVerdict((fault,), ())])


def is_same_reference(one: str | None, other: str | None) -> bool:
    """Tell whether two direct references are one: installers spell paths and repositories freely."""
    if not one or not other:
        return not one and not other
    here, there = _REPOSITORY.fullmatch(_bare(one)), _REPOSITORY.fullmatch(_bare(other))
    if here and there:
        parts = [(_plain(m["url"]), m["ref"] or "", _folder(m["rest"])) for m in (here, there)]
        return parts[0] == parts[1]
    if one.startswith("file://") and other.startswith("file://"):
        return unquote(one).rstrip("/") == unquote(other).rstrip("/")
    return _bare(one) == _bare(other)


def distribution_of(target: str) -> str:
    """Name the distribution of an address by its file name or `#egg=`; empty when none is named."""
    egg = re.search(r"[#&]egg=([A-Za-z0-9._-]+)", target)
    if egg:
        return canonicalize_name(egg[1])
    file_name = unquote(re.split(r"[?#]", target)[0].rpartition("/")[2])
    try:
        if file_name.endswith(".whl"):
            return parse_wheel_filename(file_name)[0]
        if file_name.endswith((".tar.gz", ".zip")):
            return parse_sdist_filename(file_name)[0]
    except (InvalidWheelFilename, InvalidSdistFilename):
        pass
    return ""


def _judge_address(target: str, package: LockedPip, side: LockSide) -> LineVerdict:
    if not side.says(LockAspect.PIP_DIRECT):
        return LineVerdict((), ("where it comes from",))
    found = _bare(package.direct_url or package.url or "")
    wanted = _bare(target)
    if not found:
        return LineVerdict((f"it comes from a package index, not from {redact(wanted)}",), ())
    repository, locked = _REPOSITORY.fullmatch(wanted), _REPOSITORY.fullmatch(found)
    if repository and locked:
        return _judge_commit(repository, locked)
    address, _, fragment = wanted.partition("#")
    if address != found.partition("#")[0]:
        return LineVerdict((f"it comes from {redact(found)}, not from {redact(wanted)}",), ())
    digests = re.findall(r"sha256=([0-9a-fA-F]{64})", fragment)
    return _judge_hashes(tuple(f"sha256:{d}" for d in digests), package) if digests else _FINE


def _judge_commit(wanted: re.Match[str], locked: re.Match[str]) -> LineVerdict:
    if _plain(wanted["url"]) != _plain(locked["url"]):
        return LineVerdict((f"it comes from {locked['url']}, not from {wanted['url']}",), ())
    ref, commit = wanted["ref"] or "", locked["ref"] or ""
    if _COMMIT.fullmatch(ref):
        fits = ref.lower() == commit.lower()
        return _FINE if fits else LineVerdict((f"its commit is {commit}, not {ref}",), ())
    shown = f"the commit of {ref}" if ref else "the newest commit"
    return LineVerdict((), (f"{shown}, which only the repository knows",))


def _judge_hashes(wanted: tuple[str, ...], package: LockedPip) -> LineVerdict:
    digests = {h.partition(":")[2].lower() for h in wanted if h.startswith("sha256:")}
    if not digests or package.sha256 is None:
        return LineVerdict((), ("hash",))
    fits = package.sha256.lower() in digests
    return _FINE if fits else LineVerdict((f"its sha256 is {package.sha256}",), ())


def _judge_path(target: str, package: LockedPip, folder: str) -> LineVerdict:
    found = _bare(package.direct_url or "")
    if not found:
        return LineVerdict((f"it comes from a package index, not from {target}",), ())
    wanted = set(_paths(target, folder))
    have = set(_paths(found, folder))
    if wanted & have:
        return _FINE
    if not have:
        return LineVerdict((f"it comes from {redact(found)}, not from {target}",), ())
    # The checkout may lie elsewhere than where the lock was made.
    return LineVerdict((), (f"whether {redact(found)} is {target}",))


def _bare(address: str) -> str:
    return split_url_secrets(address)[0]


def _folder(fragment: str | None) -> str:
    found = re.search(r"(?:^|&)subdirectory=([^&]+)", fragment or "")
    return found[1] if found else ""


def _plain(url: str) -> str:
    return url.rstrip("/").removesuffix(".git").lower()


def _forms(target: str, folder: str) -> Iterator[str]:
    """Give the texts by which two direct references to one thing are equal."""
    repository = _REPOSITORY.fullmatch(target)
    if repository:
        yield _plain(repository["url"])
    elif "://" in target and not target.startswith("file://"):
        yield target.partition("#")[0]
    else:
        yield from _paths(target, folder)


def _paths(target: str, folder: str) -> Iterator[str]:
    if "://" in target and not target.startswith("file://"):
        return
    path = unquote(urlsplit(target).path) if target.startswith("file://") else target
    yield posixpath.normpath(posixpath.join(folder, path))


def _join(verdicts: list[LineVerdict]) -> LineVerdict:
    return LineVerdict(
        tuple(fault for verdict in verdicts for fault in verdict.faults),
        tuple(dict.fromkeys(what for verdict in verdicts for what in verdict.unknown)),
    )


_FINE = LineVerdict((), ())
