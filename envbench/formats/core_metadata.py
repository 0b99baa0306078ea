"""The headers of METADATA and PKG-INFO: what a Python distribution says of itself.

Source: the core metadata specifications 1.0 to 2.4 (`License-Expression` since 2.4).
"""

import re
from dataclasses import dataclass

from envbench.model.cleaning import clean
from envbench.model.redaction import redact, split_url_secrets

_LICENSE_LIMIT = 200
_REQUIREMENT_LIMIT = 2000
_MOST_REQUIREMENTS = 2000
_BODY = re.compile(rb"\r?\n\r?\n")
_NO_LICENSE = frozenset({"", "unknown", "none"})
_WANTED = frozenset(
    {
        "name",
        "version",
        "requires-python",
        "requires-dist",
        "license-expression",
        "license",
        "classifier",
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class CoreMetadata:
    """What is read of METADATA; all of it cleaned."""

    name: str
    """Normalised (PEP 503)."""
    version: str
    requires_python: str = ""
    requires_dist: tuple[str, ...] = ()
    """In its order, addresses without secrets."""
    license: str | None = None
    """An SPDX expression, else the licence's name, else what the classifiers say."""


def normalise_name(name: str) -> str:
    """Spell a distribution's name as PEP 503 does."""
    return re.sub(r"[-_.]+", "-", name).lower()


def parse_core_metadata(data: bytes) -> CoreMetadata | None:
    """Parse the headers; the description is not looked at, it is long and may hold anything.

    Returns:
        None when they name no distribution and version.
    """
    # The parser of `email` costs ten times as much to load as all headers to read.
    head = _BODY.split(data, maxsplit=1)[0].decode("utf-8", "replace")
    headers: dict[str, list[str]] = {}
    for line in head.split("\n"):
        key, mark, value = line.partition(":")
        # A folded line begins with a blank; nothing that is read here may be folded but a
        # licence's text, of which the first line is enough.
        if mark and (word := key.lower()) in _WANTED:
            headers.setdefault(word, []).append(value.strip())
    name, version = _first(headers, "name"), _first(headers, "version")
    if not name or not version:
        return None
    return CoreMetadata(
        name=clean(normalise_name(name), limit=200),
        version=clean(version, limit=200),
        requires_python=clean(_first(headers, "requires-python"), limit=200),
        requires_dist=tuple(
            bare_requirement(clean(text, limit=_REQUIREMENT_LIMIT))
            for text in headers.get("requires-dist", ())[:_MOST_REQUIREMENTS]
        ),
        license=_license(headers),
    )


def bare_requirement(text: str) -> str:
    """Take the secrets out of the address of a requirement such as `name @ https://u:p@host/x`."""
    if "://" not in text:
        return text
    name, mark, rest = text.partition("@")
    address, semicolon, marker = rest.strip().partition(" ;")
    return redact(f"{name}{mark} {split_url_secrets(address)[0]}{semicolon}{marker}")


def _first(headers: dict[str, list[str]], name: str) -> str:
    return next(iter(headers.get(name, ())), "")


def _license(headers: dict[str, list[str]]) -> str | None:
    for name in ("license-expression", "license"):
        said = _first(headers, name)
        if said.lower() not in _NO_LICENSE:
            return clean(said, limit=_LICENSE_LIMIT)
    classified = [
        each.rpartition("::")[2].strip()
        for each in headers.get("classifier", ())
        if each.startswith("License ::") and not each.endswith(":: OSI Approved")
    ]
    return clean(" AND ".join(dict.fromkeys(classified)), limit=_LICENSE_LIMIT) or None
