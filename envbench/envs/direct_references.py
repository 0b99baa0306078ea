"""Where a distribution came from, when it was named by an address: PEP 610, and what came before.

Source: the "direct URL data structure" specification; setuptools' `.egg-link` files; the `.pth`
files and import finders that build backends write for editable installations.
"""

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import msgspec

from envbench.files import read_bytes
from envbench.model.cleaning import clean
from envbench.model.errors import UsageError
from envbench.model.lazy_patterns import lazy_pattern
from envbench.model.redaction import redact_url, split_url_secrets

_LIMIT_BYTES = 1024 * 1024
_REVISION = lazy_pattern(r"[0-9A-Za-z._/+-]{1,200}")


class _DirectUrl(msgspec.Struct):
    url: str
    vcs_info: dict[str, Any] | None = None
    archive_info: dict[str, Any] | None = None
    dir_info: dict[str, Any] | None = None
    subdirectory: str | None = None


_DECODER = msgspec.json.Decoder(_DirectUrl)


def read_direct_reference(info: Path, top_level: Iterable[str] = ()) -> dict[str, Any]:
    """Read a direct reference into the fields of `PipPackage`, without secrets.

    Args:
        info: The `.dist-info` directory.
        top_level: Names of the distribution's files that lie in site-packages itself; where there
            is no `direct_url.json`, those that an editable installation leaves tell of it.
    """
    try:
        data = read_bytes(info / "direct_url.json", limit_bytes=_LIMIT_BYTES)
    except UsageError:
        return _read_editable_files(info.parent, top_level)
    try:
        raw = _DECODER.decode(data)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return {}
    url = _bare(raw.url)
    tail = f"#subdirectory={clean(raw.subdirectory, limit=300)}" if raw.subdirectory else ""
    if raw.vcs_info is not None:
        return _of_repository(url, raw.vcs_info, tail)
    if raw.dir_info is not None:
        return {"direct_url": url + tail, "editable": raw.dir_info.get("editable") is True}
    found: dict[str, Any] = {"direct_url": url + tail, "url": url}
    return found | {"sha256": _archive_sha256(raw.archive_info or {})}


def read_egg_link(path: Path) -> Path | None:
    """Give the project directory that an `.egg-link` names; None when it names none.

    Source: setuptools' "development mode": the directory of the `.egg-info`, then the way back.
    """
    lines = _read_lines(path)
    return Path(lines[0]) if lines and lines[0].startswith("/") and "\0" not in lines[0] else None


def to_file_url(path: str) -> str:
    """Spell a directory as a direct reference, cleaned."""
    return clean(Path(path).as_uri(), limit=2000)


def _of_repository(url: str, info: dict[str, Any], tail: str) -> dict[str, Any]:
    kind, commit = str(info.get("vcs") or "git"), str(info.get("commit_id") or "")
    # Without the commit the address alone is left: it is not exact, and does not look it either.
    revision = f"@{commit}" if _REVISION.fullmatch(commit) else ""
    kind = kind if kind in {"git", "hg", "svn", "bzr"} else "git"
    return {"direct_url": clean(f"{kind}+{url}{revision}{tail}", limit=2000)}


def _read_editable_files(site: Path, top_level: Iterable[str]) -> dict[str, Any]:
    for name in top_level:
        if name.startswith("__editable__") and name.endswith(("_finder.py", "_finder__.py")):
            return {"editable": True}
        if not name.endswith(".pth"):
            continue
        lines = _read_lines(site / name)
        places = [line for line in lines if line.startswith("/") and "\0" not in line]
        if len(places) == 1 and len(lines) == 1:
            return {"editable": True, "direct_url": to_file_url(places[0])}
        if name.startswith("__editable__"):
            return {"editable": True}
    return {}


def _read_lines(path: Path) -> list[str]:
    try:
        text = read_bytes(path, limit_bytes=_LIMIT_BYTES).decode("utf-8", "replace")
    except UsageError:
        return []
    return [line.strip() for line in text.splitlines() if line.strip()]


def _bare(url: str) -> str:
    return clean(redact_url(split_url_secrets(url)[0]), limit=2000)


def _archive_sha256(info: dict[str, Any]) -> str | None:
    hashes = info.get("hashes")
    digest = hashes.get("sha256") if isinstance(hashes, dict) else None
    if digest is None:
        kind, _, value = str(info.get("hash", "")).partition("=")
        digest = value if kind == "sha256" else None
    text = str(digest or "").lower()
    return text if re.fullmatch(r"[0-9a-f]{64}", text) else None
