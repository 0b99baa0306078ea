"""`@EXPLICIT` files: one address per line, installed as they stand, without a solver.

Source: CEP 23.
"""

import re
from collections.abc import Sequence
from urllib.parse import unquote

from envbench.model.errors import UsageError
from envbench.model.export_options import ExportOptions
from envbench.model.lock import ExportedFile, Lock
from envbench.model.locked_set import (
    LockAspect,
    LockedPackage,
    LockedSet,
    LockProblem,
    LockReading,
)
from envbench.model.package_record import PackageRecord
from envbench.model.redaction import redact, split_url_secrets
from envbench.model.severity import Severity

_KEPT_ALWAYS = frozenset(
    {LockAspect.PLATFORM, LockAspect.CONDA, LockAspect.BUILD, LockAspect.ADDRESS}
)
KEPT_MD5 = _KEPT_ALWAYS | {LockAspect.MD5}
KEPT_SHA256 = _KEPT_ALWAYS | {LockAspect.SHA256}
_KEPT_READING = _KEPT_ALWAYS | {LockAspect.MD5, LockAspect.SHA256}

FILE_NAME = "explicit.txt"
MARK = "@EXPLICIT"
_ADDRESS = re.compile(
    r"(?P<url>(?:https?|file|s3|oci)://\S+/(?P<subdir>[a-z0-9]+(?:-[a-z0-9]+)?)"
    r"/(?P<file>[^/\s#]+\.(?:conda|tar\.bz2)))(?P<hashes>(?:#\S*)?)"
)
_PLATFORM = re.compile(r"#\s*platform:\s*(?P<platform>[a-z0-9-]+)\s*")
_MOST_NAMED = 5


def write(locks: Sequence[Lock], _options: ExportOptions) -> tuple[ExportedFile, ...]:
    """Write the conda packages with md5."""
    return (ExportedFile(FILE_NAME, write_explicit(locks[0])),)


def write_with_sha256(locks: Sequence[Lock], _options: ExportOptions) -> tuple[ExportedFile, ...]:
    """Write the conda packages with sha256."""
    return (ExportedFile(FILE_NAME, write_explicit(locks[0], sha256=True)),)


def write_explicit(lock: Lock, *, sha256: bool = False, created_by: str = "envbench") -> str:
    """Write the conda packages of a lock, dependencies first.

    Args:
        lock: Its pip packages have no place here.
        sha256: Write sha256 instead of md5, which every consumer knows. A package that lacks the
            wanted hash gets the other one.
        created_by: Stands in the head of the file.

    Raises:
        UsageError: A package has no address, or one that names another package.
    """
    _refuse_unusable(lock.packages)
    head = (
        "# This file may be used to create an environment using:",
        "# $ conda create --name <env> --file <this file>",
        f"# platform: {lock.platform}",
        f"# created-by: {created_by}",
        MARK,
    )
    lines = [f"{package.url}{_fragment(package, sha256=sha256)}" for package in lock.packages]
    return "\n".join((*head, *lines)) + "\n"


def read_explicit(text: str) -> LockReading:
    """Read an explicit file; every line that cannot be relied on is a problem with its number."""
    reader = _Reader()
    for number, raw in enumerate(text.splitlines(), start=1):
        reader.read_line(number, raw.strip())
    return reader.finish()


class _Reader:
    """Reads line by line, and knows what came before."""

    def __init__(self) -> None:
        self._problems: list[LockProblem] = []
        self._packages: dict[str, LockedPackage] = {}
        self._platforms: dict[str, int] = {}
        self._stated: str | None = None
        self._digests: dict[str, int] = {}
        self._begun = False

    def read_line(self, number: int, line: str) -> None:
        if not line:
            return
        if line.startswith("#"):
            match = _PLATFORM.fullmatch(line)
            if match and not self._begun:
                self._stated = match["platform"]
            return
        if line == MARK:
            self._begun = True
        elif not self._begun:
            self._note(number, f"this stands before {MARK}")
            self._begun = True
        else:
            self._read_address(number, line)

    def finish(self) -> LockReading:
        if not self._begun:
            self._note(None, f"this is no explicit file: there is no {MARK}")
        self._check_platforms()
        found = tuple(self._platforms)
        locked = LockedSet(
            kept=_KEPT_READING,
            platform=self._stated or (found[0] if len(found) == 1 else None),
            packages=tuple(sorted(self._packages.values(), key=lambda package: package.name)),
        )
        return LockReading(locked, tuple(self._problems))

    def _read_address(self, number: int, line: str) -> None:
        reason = _refusal(line)
        match = _ADDRESS.fullmatch(line)
        if reason or match is None:
            shown = redact(line)[:120]
            self._note(number, f"{reason or 'this is no address of a conda package'}: {shown}")
            return
        url, secret = split_url_secrets(match["url"])
        if secret is not None:
            self._note(number, "the address holds a secret; take it out", Severity.WARNING)
        package = self._make_package(number, url, match["file"], match["hashes"])
        if package is None:
            return
        if package.name in self._packages:
            first = self._packages[package.name].line
            self._note(number, f"{package.name} is locked twice, first in line {first}")
            return
        self._packages[package.name] = package
        if match["subdir"] != "noarch":
            self._platforms.setdefault(match["subdir"], number)

    def _make_package(self, number: int, url: str, file: str, hashes: str) -> LockedPackage | None:
        parts = _split_file_name(file)
        if parts is None:
            self._note(number, f"{file} is no file name of a conda package")
            return None
        name, version, build = parts
        md5, sha256 = self._read_hash(number, hashes)
        return LockedPackage(
            name=name, version=version, build=build, url=url, md5=md5, sha256=sha256, line=number
        )

    def _read_hash(self, number: int, fragment: str) -> tuple[str | None, str | None]:
        text = fragment.removeprefix("#")
        if not text:
            self._note(
                number, "there is no hash: what is fetched cannot be checked", Severity.WARNING
            )
            return None, None
        if "#" in text:
            self._note(number, "there is more than one hash")
            return None, None
        digest = text.removeprefix("sha256:")
        length = len(digest) if re.fullmatch(r"[0-9a-f]+", digest) else 0
        if length not in {32, 64} or (length == 32 and digest != text):
            self._note(number, "the hash is neither md5 nor sha256 in lower-case digits")
            return None, None
        if digest in self._digests:
            self._note(number, f"the hash is that of line {self._digests[digest]}, too")
        self._digests.setdefault(digest, number)
        return (digest, None) if length == 32 else (None, digest)

    def _check_platforms(self) -> None:
        expected = self._stated or next(iter(self._platforms), None)
        for platform, number in self._platforms.items():
            if platform != expected:
                self._note(number, f"this is for {platform}, the file for {expected}")

    def _note(self, line: int | None, message: str, severity: Severity = Severity.ERROR) -> None:
        self._problems.append(LockProblem(severity, message, line))


def _refusal(line: str) -> str:
    if "$" in line or line.startswith("~") or "%" in line.partition("://")[0]:
        # The standard wants these expanded; that would send a secret to whoever the file names.
        return "variables and `~` are not expanded"
    if "://" not in line:
        looks_like_path = line.startswith((".", "/")) or line.endswith((".conda", ".tar.bz2"))
        return "a path is no address" if looks_like_path else "a match spec is no address"
    return ""


def _split_file_name(file: str) -> tuple[str, str, str] | None:
    stem = unquote(file).removesuffix(".conda").removesuffix(".tar.bz2")
    parts = stem.rsplit("-", 2)
    return (parts[0], parts[1], parts[2]) if len(parts) == 3 and all(parts) else None


def _fragment(package: PackageRecord, *, sha256: bool) -> str:
    preferred = (package.sha256, package.md5) if sha256 else (package.md5, package.sha256)
    digest = preferred[0] or preferred[1]
    if not digest:
        return ""
    return f"#sha256:{digest}" if len(digest) == 64 else f"#{digest}"


def _refuse_unusable(packages: tuple[PackageRecord, ...]) -> None:
    bad = [package.name for package in packages if not _is_usable(package)]
    if not bad:
        return
    rest = len(bad) - _MOST_NAMED
    names = ", ".join(bad[:_MOST_NAMED]) + (f" and {rest} more" if rest > 0 else "")
    raise UsageError(
        f"an explicit file cannot name {names}",
        why="Their addresses are not known, or belong to a file of another name.",
        hint="Reinstall these packages from a channel, or choose another format.",
    )


def _is_usable(package: PackageRecord) -> bool:
    match = _ADDRESS.fullmatch(package.url)
    if match is None or match["hashes"] or "$" in package.url:
        return False
    return _split_file_name(match["file"]) == (package.name, package.version, package.build)
