"""The note of where a distribution came from, where it was installed from a copy on this box.

Source: PEP 610.
"""

import base64
import hashlib
import json
from pathlib import Path
from typing import Any

from envbench.engine.pip_section.locked.artefacts import LockedArtefact, split_repository
from envbench.engine.pip_section.records import list_distributions, read_record
from envbench.engine.pip_section.shebangs import replace_rows

_NOTE = "direct_url.json"


def restore_direct_url(artefact: LockedArtefact, prefix: Path) -> None:
    """Write down the address that a lock says, for what was installed from a copy of it here."""
    package = artefact.package
    if not artefact.is_here or not package.direct_url:
        return
    for dist in list_distributions(prefix):
        if dist.name == package.name:
            content = json.dumps(_describe(package.direct_url, package.sha256)).encode()
            _add_file(dist.info, content)


def _describe(direct_url: str, sha256: str | None) -> dict[str, Any]:
    parts = split_repository(direct_url)
    if parts is None:
        archive = {"hashes": {"sha256": sha256}} if sha256 else {}
        return {"url": direct_url, "archive_info": archive}
    commit = parts["commit"]
    info = {"vcs": parts["type"], "commit_id": commit, "requested_revision": commit}
    found: dict[str, Any] = {"url": parts["url"], "vcs_info": info}
    return found | ({"subdirectory": parts["subdirectory"]} if "subdirectory" in parts else {})


def _add_file(info: Path, content: bytes) -> None:
    digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
    path = f"{info.name}/{_NOTE}"
    rows = [row for row in read_record(info) if row.path != path]
    (info / _NOTE).unlink(missing_ok=True)  # it may be linked from the installer's cache
    (info / _NOTE).write_bytes(content)
    replace_rows(info, [*rows, type(rows[0])(path, f"sha256={digest}", str(len(content)))])
