"""Profiles of ordinary boxes: what a solve for another platform may take for granted.

They are old on purpose: what is locked for them runs nearly everywhere.
"""

from envbench.machine.host_fields import SUBDIR
from envbench.model.cleaning import clean
from envbench.model.errors import UsageError
from envbench.model.host import HostProfile

ORDINARY = "ordinary"
_GLIBC, _LINUX, _OSX = "2.28", "4.18", "13.0"
"""RHEL 8 and its kin; the oldest macOS that uv's platform names stand for."""
_ARCHSPECS = {
    "linux-64": "x86_64",
    "linux-aarch64": "aarch64",
    "linux-ppc64le": "ppc64le",
    "osx-64": "x86_64",
    "osx-arm64": "m1",
    "win-64": "x86_64",
}
KNOWN_PLATFORMS = (*_ARCHSPECS, "win-arm64", "linux-s390x", "linux-riscv64")


def ordinary_box(platform: str) -> HostProfile:
    """Describe an ordinary box of a platform, without a GPU driver.

    Args:
        platform: conda's name of it, `linux-64`.

    Raises:
        UsageError: No such platform is known.
    """
    if not SUBDIR.fullmatch(platform) or platform not in KNOWN_PLATFORMS:
        raise UsageError(
            f"{clean(platform, limit=60)!r} is no platform of conda",
            hint=f"Platforms: {', '.join(KNOWN_PLATFORMS)}",
        )
    family = platform.partition("-")[0]
    values = {"archspec": _ARCHSPECS.get(platform)}
    if family == "linux":
        values |= {"linux": _LINUX, "glibc": _GLIBC}
    if family == "osx":
        values |= {"osx": _OSX}
    return HostProfile(platform=platform, origin=dict.fromkeys(values, ORDINARY), **values)
