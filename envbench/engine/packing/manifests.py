"""`envbench-pack.json`: written, and read back without trust."""

import re
from typing import Any

import msgspec

from envbench.model.document import decode, encode
from envbench.model.errors import UsageError
from envbench.model.names import broken_name_rule
from envbench.model.pack import MANIFEST_NAME, PACK_SCHEMA, PackKind, PackManifest

MANIFEST_LIMIT_BYTES = 256 << 20

_PLATFORM = re.compile(r"[a-z0-9]+-[a-z0-9_]+")
_PATH = re.compile(r"(?:[A-Za-z0-9_][A-Za-z0-9._+!-]*/)*[A-Za-z0-9_][A-Za-z0-9._+!-]*")
_DIGEST = re.compile(r"[0-9a-f]{64}")


def write_manifest(manifest: PackManifest) -> bytes:
    """Write a manifest: keys in their order, one to a line, so that it can be compared."""
    compact = encode(manifest, schema=PACK_SCHEMA)
    return msgspec.json.format(compact, indent=1) + b"\n"


def read_manifest(data: bytes, where: str) -> PackManifest:
    """Read a manifest and check everything that it claims about itself.

    Raises:
        UsageError: It is none, or of a later version, or its paths are not fit for a pack.
    """
    try:
        manifest = decode(data, PackManifest, schema=PACK_SCHEMA)
    except (msgspec.DecodeError, RecursionError) as fault:
        raise _refuse(where, f"its {MANIFEST_NAME} cannot be read: {fault}") from fault
    if reason := _find_fault(manifest):
        raise _refuse(where, reason)
    return manifest


def is_pack_path(path: str) -> bool:
    """Tell whether a path may be the name of a file in a pack: plain, relative, downwards."""
    return len(path) <= 1000 and _PATH.fullmatch(path) is not None


def _find_fault(manifest: PackManifest) -> str:
    if rule := broken_name_rule(manifest.name):
        return f"its name cannot be used: {rule}"
    if not _PLATFORM.fullmatch(manifest.platform) or manifest.lock.platform != manifest.platform:
        return "it does not say plainly for which platform it is"
    seen: set[str] = set()
    for file in manifest.files:
        if not is_pack_path(file.path) or file.path == MANIFEST_NAME:
            return f"it names a file that no pack may hold: {file.path[:200]!r}"
        if file.path.lower() in seen:
            return f"it names a file twice: {file.path!r}"
        if file.size_bytes < 0 or not _DIGEST.fullmatch(file.sha256):
            return f"it has no sound size and sha256 of {file.path!r}"
        seen.add(file.path.lower())
    return _find_stray_archive(manifest)


def _find_stray_archive(manifest: PackManifest) -> str:
    """Hold the archives of a pack against its lock: each package has one, and each one a package."""
    wanted: dict[str, Any] = {package.url: PackKind.CONDA for package in manifest.lock.packages}
    for package in manifest.lock.pip:
        wanted[(package.direct_url or package.url or "").partition("#")[0]] = PackKind.PIP
    found = {file.url: file.kind for file in manifest.files if file.kind is not PackKind.TEXT}
    for url in wanted.keys() - found.keys():
        return f"it has no archive for {url[:300]!r}"
    for url in found.keys() - wanted.keys():
        return f"it has an archive that its lock does not name: {url[:300]!r}"
    return ""


def _refuse(where: str, why: str) -> UsageError:
    return UsageError(
        "this pack cannot be used", where=where, why=why, hint="Pack the environment again."
    )
