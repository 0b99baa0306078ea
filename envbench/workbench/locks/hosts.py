"""The boxes that a lock is made for: one for each platform, given or taken to be ordinary."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from envbench.machine import host_file as host_files
from envbench.machine.host import detect_host
from envbench.machine.ordinary_boxes import KNOWN_PLATFORMS, ordinary_box
from envbench.model.errors import UsageError
from envbench.model.host import HostProfile
from envbench.model.version import compare_versions
from envbench.workbench.path_texts import show_path
from envbench.workbench.requests import apply_virtual
from envbench.workbench.values.lock_making import LockOrder

_FAMILIES = {
    "linux": ("linux",),
    "glibc": ("linux",),
    "osx": ("osx",),
    # Drivers of CUDA are made for these.
    "cuda": ("linux", "win"),
    "cuda_arch": ("linux", "win"),
}
"""Families of platforms that have a virtual package; one that is not named here is of all."""

_OVERRIDE = "CONDA_OVERRIDE_"


@dataclass(frozen=True, slots=True, kw_only=True)
class LockHosts:
    """Boxes to lock for."""

    hosts: tuple[HostProfile, ...]
    """In the order asked for, one for each platform."""
    assumptions: tuple[str, ...] = ()
    """What was taken for granted, in words."""
    nearer: tuple[HostProfile, ...] = ()
    """Boxes ever more like this one, for a spec that has no solution on an ordinary box: what is
    locked here without naming a box is meant for here. Empty where a box was named."""


def choose_hosts(order: LockOrder) -> LockHosts:
    """Choose the boxes: by profiles where they are given, else ordinary ones.

    Without either it is a box of this one's platform with its GPU driver, and ordinary otherwise:
    the kernel of whoever makes a lock is of no use in it.

    Raises:
        UsageError: No host profile, two for one platform, an unknown platform, or a virtual
            package that fits no platform.
    """
    given = _read_profiles(order)
    platforms = tuple(dict.fromkeys(order.platforms or given))
    if not platforms:
        box = detect_host()
        plain = _resemble(box)
        # The C library is what channels outgrow; it alone leaves the lock of use to most boxes.
        nearer = (replace(plain, glibc=box.glibc, osx=box.osx), box)
        host, *others = (_adapt(each, order.virtual) for each in (plain, *nearer))
        return LockHosts(
            hosts=(host,),
            assumptions=(_describe(host),),
            nearer=tuple(_drop_equal(host, others)),
        )
    for platform in given:
        if platform not in platforms:
            raise UsageError(
                f"a host profile is for {platform}, which is not asked for",
                hint=f"Add --platform {platform}, or leave the profile out.",
            )
    _refuse_unused(order.virtual, platforms)
    hosts = tuple(
        _adapt(given.get(platform) or ordinary_box(platform), order.virtual)
        for platform in platforms
    )
    return LockHosts(
        hosts=hosts,
        assumptions=tuple(_describe(host) for host in hosts if host.platform not in given),
    )


def _resemble(box: HostProfile) -> HostProfile:
    """Take a box to be ordinary, but for its GPU driver, what is older, and what was overridden."""
    if box.platform not in KNOWN_PLATFORMS:
        return box
    plain = ordinary_box(box.platform)
    values = {
        name: getattr(box, name)
        for name in ("linux", "glibc", "osx", "cuda", "cuda_arch", "archspec")
        if name in ("cuda", "cuda_arch")
        or box.origin.get(name, "").startswith(_OVERRIDE)
        or _is_older(getattr(box, name), getattr(plain, name))
    }
    return replace(plain, **values)


def _drop_equal(first: HostProfile, others: Sequence[HostProfile]) -> Iterator[HostProfile]:
    """Leave out what a solver would see no difference in."""
    seen = [first.virtual_packages()]
    for each in others:
        if each.virtual_packages() not in seen:
            seen.append(each.virtual_packages())
            yield each


def _is_older(version: str | None, other: str | None) -> bool:
    numbers = re.compile(r"\d+(?:\.\d+)*")
    if not (version and other and numbers.fullmatch(version) and numbers.fullmatch(other)):
        return False
    return compare_versions(version, other) > 0


def _read_profiles(order: LockOrder) -> dict[str, HostProfile]:
    profiles: dict[str, HostProfile] = {}
    for path in order.host_files:
        profile = host_files.read(path)
        if profile.platform in profiles:
            raise UsageError(
                f"two host profiles are for {profile.platform}",
                where=show_path(path),
                hint="A lock holds one environment for each platform; make one lock for each box.",
            )
        profiles[profile.platform] = profile
    return profiles


def _adapt(host: HostProfile, virtual: Sequence[str]) -> HostProfile:
    family = host.platform.partition("-")[0]
    return apply_virtual(host, [text for text in virtual if family in _families_of(text, family)])


def _refuse_unused(virtual: Sequence[str], platforms: Sequence[str]) -> None:
    families = {platform.partition("-")[0] for platform in platforms}
    for text in virtual:
        if not families & set(_families_of(text, *families)):
            raise UsageError(f"no box of {', '.join(platforms)} can have {text}")


def _families_of(text: str, *unnamed: str) -> tuple[str, ...]:
    return _FAMILIES.get(text.removeprefix("__").partition("=")[0], unnamed)


def describe_nearer(host: HostProfile) -> str:
    """Say that a lock is for boxes like this one, as no ordinary one would do."""
    return (
        f"{host.platform}: an ordinary box cannot have this, so it is locked for boxes like this"
        f" one ({_name_parts(host)}); it may not install on older ones"
    )


def _describe(host: HostProfile) -> str:
    return (
        f"{host.platform} is taken to be an ordinary box ({_name_parts(host)});"
        " --host FILE or --virtual NAME=VERSION say otherwise"
    )


def _name_parts(host: HostProfile) -> str:
    parts = [
        f"{word} {value}"
        for word, value in (("kernel", host.linux), ("glibc", host.glibc), ("macOS", host.osx))
        if value
    ]
    parts += [host.archspec] if host.archspec else []
    if host.platform.partition("-")[0] in _FAMILIES["cuda"]:
        parts.append(f"a driver for CUDA {host.cuda}" if host.cuda else "no GPU driver")
    return ", ".join(parts)
