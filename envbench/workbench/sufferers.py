"""Which packages fail because of a finding, and which only take part in it."""

from envbench.model.diagnosis import Diagnosis

_CULPRIT_FIRST = ("pin.", "pb.", "abi.numpy.too_")
"""Codes whose first package is the one of the wrong version; its users fail."""


def list_sufferers(finding: Diagnosis) -> tuple[str, ...]:
    """List the packages that do not work because of a finding."""
    if finding.code == "abi.numpy.compiled_for_1x" or finding.code == "pin.python":
        return finding.packages[:1]
    if finding.code.startswith(_CULPRIT_FIRST):
        return finding.packages[1:] or finding.packages
    return finding.packages
