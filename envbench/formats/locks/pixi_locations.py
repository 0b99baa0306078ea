"""Addresses as `pixi.lock` writes them, read back.

Source: rattler-lock 0.22 and 0.29.
"""

import re

from envbench.formats.locks.pixi_lock import ARCHIVES

_REPOSITORY = re.compile(r"git\+(?P<url>[^?#]+)(?:\?(?P<query>[^#]*))?#(?P<commit>[0-9a-f]{40})")


def as_url(location: str) -> str:
    """rattler-lock writes addresses of files as bare paths."""
    return f"file://{location}" if location.startswith("/") else location


def read_location(location: str) -> tuple[str | None, str | None]:
    """Return the address of an artefact of an index, or else the direct reference."""
    match = _REPOSITORY.fullmatch(location)
    if match:
        parts = [part.partition("=") for part in (match["query"] or "").split("&")]
        folder = next((value for key, _, value in parts if key == "subdirectory"), "")
        fragment = f"#subdirectory={folder}" if folder else ""
        return None, f"git+{match['url']}@{match['commit']}{fragment}"
    if location.startswith("direct+"):
        return None, location.removeprefix("direct+")
    if location.startswith(("http://", "https://")):
        return location, None
    url = as_url(location)
    is_wheel = url.startswith("file://") and url.endswith(ARCHIVES)
    return (url, None) if is_wheel else (None, url)
