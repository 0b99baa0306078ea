"""Which of several wheels a Python on another platform takes.

Source: PEP 425 and the platform tags specification (manylinux, macOS, Windows).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from packaging.tags import Tag, compatible_tags, cpython_tags, mac_platforms
from packaging.utils import InvalidWheelFilename, parse_wheel_filename

from envbench.formats.pylock_part import PylockFile, PylockPackage

_MACHINES = {
    "64": "x86_64",
    "32": "i686",
    "aarch64": "aarch64",
    "ppc64le": "ppc64le",
    "s390x": "s390x",
    "riscv64": "riscv64",
}
_WINDOWS = {"win-64": "win_amd64", "win-32": "win32", "win-arm64": "win_arm64"}
_OLDEST_GLIBC = {"x86_64": 5, "i686": 5, "riscv64": 31}
_ALIASES = {17: "manylinux2014", 12: "manylinux2010", 5: "manylinux1"}
_DEFAULT_GLIBC, _DEFAULT_OSX = "2.17", "13.0"


@dataclass(frozen=True, slots=True)
class TargetTags:
    """The tags that a Python on a platform accepts, the most specific first."""

    ranks: Mapping[Tag, int]

    def choose(self, package: PylockPackage, kept_sha256: str | None = None) -> PylockFile | None:
        """Choose the wheel that would be installed; None when none of them fits.

        Args:
            package: With all wheels that the index offers.
            kept_sha256: The wheel that is taken where it fits, whatever else there is.
        """
        rated = [
            (rank, wheel)
            for wheel in package.wheels
            if (rank := self._rate(wheel.name)) is not None
        ]
        for _, wheel in rated:
            if kept_sha256 is not None and wheel.sha256 == kept_sha256:
                return wheel
        return min(rated, key=lambda pair: (pair[0], pair[1].name))[1] if rated else None

    def _rate(self, file_name: str) -> tuple[int, tuple[int, str]] | None:
        """Rate a wheel; lower is better, None for one that does not fit."""
        try:
            _, _, build, tags = parse_wheel_filename(file_name)
        except InvalidWheelFilename:
            return None
        ranks = [self.ranks[tag] for tag in tags if tag in self.ranks]
        if not ranks:
            return None
        number, rest = build or (0, "")
        return (min(ranks), (-number, rest))


def list_target_tags(
    python_version: str, platform: str, *, glibc: str | None = None, osx: str | None = None
) -> TargetTags:
    """List the tags that CPython accepts on a platform.

    Args:
        python_version: `3.11` or `3.11.7`.
        platform: conda subdir.
        glibc: Of the box; None means an old one.
        osx: Version of macOS; None means the oldest that uv's names stand for.
    """
    major, minor = (int(part) for part in python_version.split(".")[:2])
    platforms = list(_list_platforms(platform, glibc or _DEFAULT_GLIBC, osx or _DEFAULT_OSX))
    tags = [
        *cpython_tags((major, minor), abis=[f"cp{major}{minor}"], platforms=platforms),
        *compatible_tags((major, minor), interpreter=f"cp{major}{minor}", platforms=platforms),
    ]
    return TargetTags({tag: rank for rank, tag in reversed(list(enumerate(tags)))})


def _list_platforms(platform: str, glibc: str, osx: str) -> Iterator[str]:
    family, _, machine = platform.partition("-")
    if family == "linux":
        yield from _list_linux(_MACHINES.get(machine, machine), glibc)
    elif family == "osx":
        arch = "arm64" if machine == "arm64" else "x86_64"
        yield from mac_platforms(_read_pair(osx), arch)
    elif platform in _WINDOWS:
        yield _WINDOWS[platform]


def _list_linux(machine: str, glibc: str) -> Iterator[str]:
    major, newest = _read_pair(glibc)
    yield f"linux_{machine}"
    for minor in range(newest, _OLDEST_GLIBC.get(machine, 17) - 1, -1):
        yield f"manylinux_{major}_{minor}_{machine}"
        if minor in _ALIASES:
            yield f"{_ALIASES[minor]}_{machine}"


def _read_pair(version: str) -> tuple[int, int]:
    parts: Sequence[str] = version.split(".")
    return int(parts[0]), int(parts[1]) if len(parts) > 1 else 0
