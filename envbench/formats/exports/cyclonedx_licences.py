"""Licences as CycloneDX takes them: an SPDX id, an SPDX expression, or plain words.

An id that SPDX does not have makes the whole document invalid, and so does an expression beside
anything else. A reference of one's own (`LicenseRef-...`) may stand in an expression.

Source: CycloneDX 1.6 (`licenseChoice`), SPDX licence list and expressions.
"""

import re

from cyclonedx.model.license import DisjunctiveLicense, LicenseAcknowledgement, LicenseExpression
from cyclonedx.spdx import fixup_id, is_expression
from license_expression import get_spdx_licensing  # type: ignore[import-untyped]

from envbench.model.cleaning import clean

_SPDX = get_spdx_licensing()
_NOTHING = frozenset({"", "none", "unknown", "noassertion"})
"""What metadata says where nobody has said anything."""
_OWN = re.compile(r"(?<![A-Za-z0-9.:-])(?:DocumentRef-[A-Za-z0-9.-]+:)?LicenseRef-[A-Za-z0-9.-]+")
_MOST = 200
"""Characters; some metadata holds the whole text of the licence."""


def describe_licence(text: str | None) -> list[DisjunctiveLicense | LicenseExpression]:
    """Describe what a package declares; an empty list when it declares nothing."""
    words = _first_line(text)
    if not words:
        return []
    declared = LicenseAcknowledgement.DECLARED
    known = fixup_id(words)
    if known:
        return [DisjunctiveLicense(id=known, acknowledgement=declared)]
    if _is_expression(words):
        # `or` and `mit` become `OR` and `MIT`, as the standard spells them.
        spelled = str(_SPDX.parse(words).render())
        return [LicenseExpression(spelled, acknowledgement=declared)]
    return [DisjunctiveLicense(name=words, acknowledgement=declared)]


def is_spdx(text: str) -> bool:
    """Tell whether a licence is an id or an expression of SPDX."""
    words = _first_line(text)
    return bool(words) and bool(fixup_id(words) or _is_expression(words))


def is_declared(text: str | None) -> bool:
    """Tell whether a package says anything about its licence."""
    return bool(_first_line(text))


def _is_expression(words: str) -> bool:
    # The library knows the listed licences only.
    return is_expression(_OWN.sub("MIT", words))


def _first_line(text: str | None) -> str:
    lines = (text or "").strip().splitlines()
    line = clean(lines[0].strip(), limit=_MOST) if lines else ""
    return "" if line.casefold() in _NOTHING else line
