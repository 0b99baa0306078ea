"""`pixi.lock`, versions 6 and 7, as rattler-lock writes them.

What follows from a package's address is left out of its record, as rattler-lock does; file
addresses are an exception, from which its readers derive nothing.

Source: rattler-lock 0.22 (version 6) and 0.29 (version 7), conda-lockfiles 0.2 (which reads
version 6 only, and wants the environment `default`).
"""

import re
from collections.abc import Iterator, Sequence
from functools import partial

from envbench.formats.lock_yaml import Value, write_lock_yaml
from envbench.formats.locks.addressing import refuse_unaddressed
from envbench.formats.locks.conda_addresses import (
    CondaAddress,
    channel_url_of,
    derive_build_number,
    derive_noarch,
    locate_channels,
    split_address,
)
from envbench.model.export_options import ExportOptions
from envbench.model.lock import ExportedFile, Lock, Loss, PipPackage
from envbench.model.locked_set import PYPI, LockAspect, index_of, list_indexes
from envbench.model.plan import PackageRecord

FILE_NAME = "pixi.lock"
_MARK = "# created-by: envbench\n"
_KEPT = frozenset(
    {
        LockAspect.PLATFORM,
        LockAspect.CHANNEL_ORDER,
        LockAspect.CONDA,
        LockAspect.BUILD,
        LockAspect.ADDRESS,
        LockAspect.MD5,
        LockAspect.SHA256,
        LockAspect.PIP,
        LockAspect.PIP_ADDRESS,
        LockAspect.PIP_HASH,
        LockAspect.PIP_DIRECT,
        LockAspect.INDEXES,
    }
)
KEPT_V6 = _KEPT | {LockAspect.PIP_EDITABLE}
KEPT_V7 = _KEPT | {LockAspect.PIP_INDEX}

ARCHIVES = (".whl", ".tar.gz", ".zip")
_REPOSITORY = re.compile(
    r"git\+(?P<url>[^#]+?)@(?P<commit>[0-9a-f]{40})(?:#subdirectory=(?P<folder>[^&]+))?"
)


def write_pixi_lock(
    locks: Sequence[Lock], _options: ExportOptions, *, version: int = 7
) -> tuple[ExportedFile, ...]:
    """Write an environment on one or more platforms, as pixi's environment `default`.

    Raises:
        UsageError: A package has no address; it is named.
    """
    for lock in locks:
        refuse_unaddressed(lock, FILE_NAME)
    document: dict[str, Value] = {"version": version}
    ordered = sorted(locks, key=lambda lock: lock.platform)
    if version >= 7:
        document["platforms"] = [_describe_platform(lock) for lock in ordered]
    document["environments"] = {"default": _describe_environment(locks, ordered)}
    document["packages"] = [*_describe_packages(ordered, version)]
    return (ExportedFile(FILE_NAME, f"{_MARK}{write_lock_yaml(document)}"),)


write_pixi_v6 = partial(write_pixi_lock, version=6)
write_pixi_v7 = partial(write_pixi_lock, version=7)


def find_losses(lock: Lock) -> tuple[Loss, ...]:
    """Tell of which pip packages pixi will not know the requirements."""
    names = tuple(p.name for p in lock.pip if p.requires_dist is None)
    if not names:
        return ()
    why = (
        "What they require is not known and not written: pixi takes the lock for incomplete where"
        " they require something, and solves again."
    )
    return (Loss("pip requirements", names, why),)


def find_v6_losses(lock: Lock) -> tuple[Loss, ...]:
    """Tell the same, and what plain conda cannot do with the pip part."""
    names = tuple(p.name for p in lock.pip)
    if not names:
        return ()
    why = (
        "conda installs pip packages of this file only with its plugin conda-pypi; choose"
        " conda-lock-no-pip with requirements.txt beside it."
    )
    return (*find_losses(lock), Loss("conda as a consumer", names, why))


def _describe_platform(lock: Lock) -> dict[str, Value]:
    found: dict[str, Value] = {"name": lock.platform}
    if lock.virtual_packages:
        found["virtual-packages"] = [
            "=".join(p if p.build not in {"", "0"} else p[:2]) for p in lock.virtual_packages
        ]
    return found


def _describe_environment(locks: Sequence[Lock], ordered: Sequence[Lock]) -> dict[str, Value]:
    found: dict[str, Value] = {"channels": [{"url": f"{url}/"} for url in locate_channels(locks)]}
    indexes = dict.fromkeys(i for lock in locks if lock.pip for i in list_indexes(lock) or (PYPI,))
    if indexes:
        found["indexes"] = list(indexes)
    packages: dict[str, Value] = {}
    for lock in ordered:
        conda: list[Value] = [{"conda": url} for url in sorted(p.url for p in lock.packages)]
        pip: list[Value] = [{"pypi": url} for url in sorted(map(locate_pip, lock.pip))]
        packages[lock.platform] = conda + pip
    found["packages"] = packages
    return found


def _describe_packages(locks: Sequence[Lock], version: int) -> Iterator[dict[str, Value]]:
    """Describe each package once, whatever number of platforms has it."""
    conda = {p.url: p for lock in locks for p in lock.packages}
    for url in sorted(conda):
        yield _describe_conda(conda[url])
    pip = {locate_pip(p): p for lock in locks for p in lock.pip}
    for url in sorted(pip):
        yield _describe_pip(pip[url], url, version)


def _describe_conda(package: PackageRecord) -> dict[str, Value]:
    address = split_address(package.url)
    extra = package.extra
    entry: dict[str, Value | None] = {
        "conda": package.url,
        **_state_what_is_not_derived(package, address),
        "sha256": package.sha256,
        "md5": package.md5,
        "legacy_bz2_md5": extra.get("legacy_bz2_md5"),
        "depends": package.depends,
        "constrains": package.constrains,
        "channel": _state_channel(package, address),
        "features": extra.get("features"),
        "track_features": _list(extra.get("track_features")),
        "license": package.license,
        "license_family": extra.get("license_family"),
        "purls": sorted(purls) if (purls := extra.get("purls")) is not None else None,
        "size": package.size_bytes,
        "legacy_bz2_size": extra.get("legacy_bz2_size"),
        "timestamp": package.timestamp_ms,
        "python_site_packages_path": package.python_site_packages_path,
    }
    # `purls: []` says that it is no package of PyPI; other empty lists say nothing.
    return {k: v for k, v in entry.items() if v is not None and (k == "purls" or v not in ((), []))}


def _state_what_is_not_derived(
    package: PackageRecord, address: CondaAddress | None
) -> dict[str, Value | None]:
    is_file = package.url.startswith("file:")
    subdir = address.subdir if address and not is_file else ""
    noarch = derive_noarch(subdir or package.subdir, package.build)
    number = package.build_number
    return {
        "name": package.name if not address or address.name != package.name else None,
        "version": package.version if not address or address.version != package.version else None,
        "build": package.build if not address or address.build != package.build else None,
        "build_number": number if number != derive_build_number(package.build) else None,
        "subdir": package.subdir if subdir != package.subdir else None,
        "noarch": package.noarch if package.noarch not in {None, noarch} else None,
    }


def _state_channel(package: PackageRecord, address: CondaAddress | None) -> str | None:
    channel_url = channel_url_of(package)
    is_derived = address is not None and address.channel_url == channel_url
    return channel_url if channel_url and not is_derived else None


def _list(value: object) -> list[Value]:
    """Read `track_features`, which repodata has as a text or as a list."""
    if isinstance(value, str):
        return [part for part in re.split(r"[\s,]+", value) if part]
    return [str(part) for part in value] if isinstance(value, list | tuple) else []


def _describe_pip(package: PipPackage, url: str, version: int) -> dict[str, Value]:
    entry: dict[str, Value | None] = {
        "pypi": url,
        "name": package.name,
        "version": package.version,
        "sha256": package.sha256,
        "index": index_of(package) if version >= 7 else None,
        "requires_dist": [*map(_space_marker, package.requires_dist or ())],
        "requires_python": package.requires_python,
        "editable": True if package.editable and version < 7 else None,
    }
    return {key: value for key, value in entry.items() if value not in (None, "", [])}


def _space_marker(requirement: str) -> str:
    """Set a blank before the marker, as pixi does; in an address a semicolon is no such mark."""
    if "@" in requirement.partition(";")[0]:
        return requirement
    return re.sub(r"\s*;\s*", " ; ", requirement, count=1)


def locate_pip(package: PipPackage) -> str:
    """Write the address of a pip package as pixi does.

    A commit of a repository stands behind `#`; the address of an archive that was asked for by
    address begins with `direct+`.
    """
    direct = package.direct_url
    if not direct:
        return package.url or ""
    match = _REPOSITORY.fullmatch(direct)
    if match:
        query = f"?subdirectory={match['folder']}&rev=" if match["folder"] else "?rev="
        return f"git+{match['url']}{query}{match['commit']}#{match['commit']}"
    is_archive = direct.startswith(("http://", "https://")) or direct.endswith(ARCHIVES)
    return f"direct+{direct}" if is_archive else direct
