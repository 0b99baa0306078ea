"""The packages of a lock: vetted before they are fetched, completed from their archives after.

A lock says as much of a package as its format can. The rest (dependencies, licence, what its
`noarch` means) stands in the archive, whose digest the lock vouches for; where both say something
the lock has the last word, since channels mend what archives say of themselves.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import msgspec

from envbench.engine.backends.base import UnmetNeed
from envbench.engine.backends.rattler.errors import DamagedPackageError
from envbench.engine.backends.rattler.fetch import read_stamps
from envbench.engine.backends.rattler.stamps import Stamp
from envbench.engine.backends.rattler.store import PackageStore
from envbench.engine.channels import ChannelNames
from envbench.engine.engine_settings import EngineSettings
from envbench.engine.rattler_values import (
    find_base_url,
    from_rattler,
    from_record_json,
    sort_for_linking,
    to_rattler,
    to_record_json,
)
from envbench.model.host import HostProfile, VirtualPackage
from envbench.model.plan import PackageRecord, Plan, SolveRequest

_OF_THE_ARCHIVE = ("name", "version", "build", "build_number")
"""What the archive says is so: it is compared with the lock where it is unpacked."""


def adopt_packages(packages: Sequence[PackageRecord], request: SolveRequest) -> Plan:
    """Make a plan of the packages of a lock, each with an address and perhaps little else.

    Raises:
        HostileRecordError: A name, version or file name is no plain text.
    """
    name_channel = ChannelNames(request.channels)
    return _make_plan((_adopt(package, name_channel) for package in packages), request)


def complete_packages(plan: Plan, settings: EngineSettings, request: SolveRequest) -> Plan:
    """Complete the records of packages that are in the cache, dependencies first.

    Raises:
        DamagedPackageError: A package has left the cache, or the lock says of its archive what is
            not so.
        HostileRecordError: An archive says of itself what is no plain text.
    """
    store = PackageStore(Path(settings.pkgs_dir))
    stamps = read_stamps(store, plan.packages)
    name_channel = ChannelNames(request.channels)
    completed = [
        _complete(package, store.find_directory(package), stamps[package.dist_name], name_channel)
        for package in plan.packages
    ]
    ordered = sort_for_linking(to_rattler(completed))
    return _make_plan((from_rattler(record, name_channel) for record in ordered), request)


def find_unmet_needs(packages: Sequence[PackageRecord], host: HostProfile) -> tuple[UnmetNeed, ...]:
    """List the needs of packages that neither the others nor the box meet, in their order."""
    virtual = host.virtual_packages()
    present = [*packages, *map(_to_record, virtual)]
    by_name = dict(zip((each.name for each in present), to_rattler(present), strict=True))
    return tuple(_find_unmet(packages, by_name, {each.name: each for each in virtual}))


def _find_unmet(
    packages: Sequence[PackageRecord],
    by_name: dict[str, Any],
    virtual: dict[str, VirtualPackage],
) -> Iterator[UnmetNeed]:
    specs = _parse_needs(packages)
    for package in packages:
        for text in package.depends:
            if not _is_met(specs[text], by_name, absent_is_fine=False):
                yield UnmetNeed(package.dist_name, text, _say_found(text, by_name, virtual))
        # What a package excludes of the box (an old driver) binds only where the box has it.
        for text in package.constrains:
            if text.startswith("__") and not _is_met(specs[text], by_name, absent_is_fine=True):
                yield UnmetNeed(package.dist_name, text, _say_found(text, by_name, virtual))


def _parse_needs(packages: Sequence[PackageRecord]) -> dict[str, Any]:
    """Parse what packages need; what cannot be read is None, and nobody can say whether it is met."""
    from rattler import MatchSpec
    from rattler.exceptions import InvalidMatchSpecError

    specs: dict[str, Any] = {}
    for package in packages:
        virtual = (text for text in package.constrains if text.startswith("__"))
        for text in (*package.depends, *virtual):
            try:
                specs[text] = MatchSpec(text)
            except InvalidMatchSpecError:
                specs[text] = None
    return specs


def _is_met(spec: Any, by_name: dict[str, Any], *, absent_is_fine: bool) -> bool:
    if spec is None:
        return True
    found = by_name.get(spec.name.normalized) if spec.name else None
    return absent_is_fine if found is None else bool(spec.matches(found))


def _say_found(text: str, by_name: dict[str, Any], virtual: dict[str, VirtualPackage]) -> str:
    name = text.split()[0].lower() if text.split() else ""
    if name in virtual:
        return " ".join(part for part in virtual[name][1:] if part != "0")
    return str(by_name[name].version) if name in by_name else ""


def _to_record(virtual: VirtualPackage) -> PackageRecord:
    name, version, build = virtual
    file_name = f"{name}-{version}-{build}.conda"
    return PackageRecord(
        name=name, version=version, build=build, build_number=0, subdir="noarch",
        file_name=file_name, url=f"file:///box/noarch/{file_name}", channel="",
    )  # fmt: skip


def _adopt(package: PackageRecord, name_channel: ChannelNames) -> PackageRecord:
    subdir = package.subdir or package.url.rsplit("/", 2)[-2]
    place = {
        "url": package.url,
        "fn": package.file_name,
        "subdir": subdir,
        "channel": package.channel_url or find_base_url(package.url, subdir),
    }
    return from_record_json({**to_record_json(package), **place}, name_channel)


def _complete(
    package: PackageRecord, directory: Path, stamp: Stamp, name_channel: ChannelNames
) -> PackageRecord:
    archived = _read_index(directory / "info" / "index.json", package)
    said = {key: value for key, value in to_record_json(package).items() if value not in (None, [])}
    own = {key: archived[key] for key in _OF_THE_ARCHIVE if key in archived}
    place = {"url": package.url, "fn": package.file_name, "channel": package.channel_url}
    fields = {**archived, **said, **own, **_read_digests(package, stamp), **place}
    return from_record_json(fields, name_channel)


def _read_index(path: Path, package: PackageRecord) -> dict[str, Any]:
    """Read what an archive says of itself; it was vetted when it was unpacked.

    Raises:
        DamagedPackageError: It is gone, or no list of fields.
    """
    try:
        fields = msgspec.json.decode(path.read_bytes())
    except (OSError, msgspec.DecodeError) as error:
        raise _call_damaged(package, f"its info/index.json cannot be read ({error})") from error
    if not isinstance(fields, dict):
        raise _call_damaged(package, "its info/index.json holds no fields")
    if isinstance(fields.get("noarch"), bool):
        # Packages of before 2016 say only that they are for every platform.
        fields["noarch"] = "generic" if fields["noarch"] else None
    unsaid = ("url", "fn", "channel", "md5", "sha256", "size")
    return {key: value for key, value in fields.items() if key not in unsaid and value is not None}


def _read_digests(package: PackageRecord, stamp: Stamp) -> dict[str, Any]:
    computed = dict(digest.split(":", 1) for digest in stamp.archive_digests)
    for kind, locked in (("sha256", package.sha256), ("md5", package.md5)):
        if locked and computed.get(kind, locked) != locked.lower():
            raise _call_damaged(package, f"its {kind} is {computed[kind]}, the lock says {locked}")
    size = {"size": stamp.archive_bytes} if stamp.archive_bytes is not None else {}
    return {**computed, **size}


def _call_damaged(package: PackageRecord, why: str) -> DamagedPackageError:
    return DamagedPackageError(
        f"package {package.dist_name} is not what the lock says",
        package=package.dist_name,
        where=package.url,
        why=why,
        hint="Make the lock again from an environment that works.",
    )


def _make_plan(packages: Iterator[PackageRecord], request: SolveRequest) -> Plan:
    return Plan(
        platform=request.host.platform,
        packages=tuple(packages),
        channels=request.channels,
        channel_priority=request.channel_priority,
        host=request.host,
    )
