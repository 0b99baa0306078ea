"""What pip's markers say on a platform and a Python, without running there.

Source: PEP 508 (environment markers).
"""

import re
from collections.abc import Iterable, Mapping

from packaging.markers import Marker, UndefinedComparison, UndefinedEnvironmentName

_SYSTEMS = {
    "linux": ("posix", "linux", "Linux"),
    "osx": ("posix", "darwin", "Darwin"),
    "win": ("nt", "win32", "Windows"),
}
_MACHINES = {"linux-64": "x86_64", "osx-64": "x86_64", "win-64": "AMD64", "win-arm64": "ARM64"}
_OF_PYTHON = re.compile(r"\b(?:python_version|python_full_version|implementation_version)\b")
_OF_SYSTEM = re.compile(r"\b(?:os_name|sys_platform|platform_machine|platform_system)\b")
_OF_BOX = re.compile(r"\b(?:platform_release|platform_version)\b")


class MarkerEnvironment:
    """The values of the markers in one environment."""

    def __init__(self, platform: str | None, python: str | None) -> None:
        """Take a conda platform and the version of its Python; None for what is not known."""
        self._platform = platform
        self._python = python
        self._values = _describe(platform or "", python or "")

    def accepts(self, marker: Marker | None, extras: Iterable[str] = ()) -> bool | None:
        """Tell whether something with a marker applies; None when that cannot be known here."""
        if marker is None:
            return True
        if self._is_unknown(str(marker)):
            return None
        try:
            return any(marker.evaluate({**self._values, "extra": extra}) for extra in (*extras, ""))
        except (UndefinedComparison, UndefinedEnvironmentName):
            return None

    def _is_unknown(self, marker: str) -> bool:
        if _OF_BOX.search(marker):
            return True
        if self._python is None and _OF_PYTHON.search(marker):
            return True
        return self._platform is None and _OF_SYSTEM.search(marker) is not None


def _describe(platform: str, python: str) -> Mapping[str, str]:
    family, _, machine = platform.partition("-")
    os_name, sys_platform, system = _SYSTEMS.get(family, ("", "", ""))
    return {
        "os_name": os_name,
        "sys_platform": sys_platform,
        "platform_system": system,
        "platform_machine": _MACHINES.get(platform, machine),
        "platform_python_implementation": "CPython",
        "implementation_name": "cpython",
        "implementation_version": python,
        "python_full_version": python,
        "python_version": ".".join(python.split(".")[:2]),
        "platform_release": "",
        "platform_version": "",
    }
