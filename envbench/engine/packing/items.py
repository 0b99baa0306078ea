"""Which files a lock needs in its pack, and under which names; what cannot be packed is refused."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from envbench.model.cleaning import clean
from envbench.model.errors import NotFineError, UsageError
from envbench.model.lock import Lock, PipPackage
from envbench.model.pack import PackKind
from envbench.model.plan import PackageRecord

CHANNEL_FOLDER = "channel"
PIP_FOLDER = "pip"

_SUBDIR = re.compile(r"noarch|[a-z0-9]+-[a-z0-9_]+")
_CONDA_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._+!-]*\.(?:conda|tar\.bz2)")
_PIP_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._+!-]*\.(?:whl|tar\.gz|tgz|tar\.bz2|tar\.xz|zip)")
_REPOSITORY = re.compile(r"(?:git|hg|svn|bzr)\+")
_MOST_NAMED = 6


@dataclass(frozen=True, slots=True)
class PackItem:
    """One archive that a pack holds."""

    kind: PackKind
    label: str
    """How messages call the package."""
    url: str
    path: str
    """Within the pack."""
    record: PackageRecord
    """What the fetcher must know; of a pip artefact only address, digest and size are real."""
    pip: PipPackage | None = None


def select_items(lock: Lock) -> tuple[PackItem, ...]:
    """List the archives of a lock, sorted by path.

    Raises:
        NotFineError: Packages that cannot be packed; each is named with its reason.
        UsageError: The lock is for no platform, holds nothing, or names one file twice.
    """
    if not lock.platform:
        raise UsageError(
            "the lock is for no platform in particular, so no archives can be named",
            hint="Make it from an environment, or with --platform linux-64.",
        )
    refused: list[str] = []
    items = [*_conda_items(lock, refused), *_pip_items(lock, refused)]
    if refused:
        more = len(refused) - _MOST_NAMED
        shown = refused[:_MOST_NAMED] + ([f"... and {more} more"] if more > 0 else [])
        raise NotFineError(
            "not everything of this environment can be packed",
            where=lock.name,
            why="\n".join(shown),
            hint="Give what has no archive one: publish a wheel or a package of it, name that in"
            " the spec, build again and pack what was built.",
        )
    if not items:
        raise UsageError("there is nothing to pack: the lock holds no packages", where=lock.name)
    _refuse_doubles(items)
    return tuple(sorted(items, key=lambda item: item.path))


def _conda_items(lock: Lock, refused: list[str]) -> Iterator[PackItem]:
    for record in lock.packages:
        label = " ".join(part for part in (record.name, record.version, record.build) if part)
        head, _, _ = urlsplit(record.url).path.rpartition("/")
        subdir, name = head.rpartition("/")[2], _file_name(record.url)
        if not record.url:
            refused.append(f"{label}: the lock says no address for it")
        elif not _SUBDIR.fullmatch(subdir) or not _CONDA_NAME.fullmatch(name):
            refused.append(f"{label}: this is no address of a conda package: {_show(record.url)}")
        elif subdir not in {"noarch", lock.platform}:
            refused.append(f"{label}: it is for {subdir}, the lock for {lock.platform}")
        else:
            path = f"{CHANNEL_FOLDER}/{subdir}/{name}"
            yield PackItem(PackKind.CONDA, label, record.url, path, record)


def _pip_items(lock: Lock, refused: list[str]) -> Iterator[PackItem]:
    for package in lock.pip:
        label = f"{package.name}=={package.version}"
        url = package.direct_url or package.url or ""
        if reason := _refuse_pip(package, url):
            refused.append(f"{label}: {reason}")
            continue
        url = url.partition("#")[0]
        path = f"{PIP_FOLDER}/{_file_name(url)}"
        yield PackItem(PackKind.PIP, label, url, path, _describe_artefact(package, url), package)


def _refuse_pip(package: PipPackage, url: str) -> str | None:
    if package.editable:
        return "it is editable: its code lies in a folder of this box, and changes"
    if not url:
        return "nobody noted where it came from, so its archive is not known"
    if _REPOSITORY.match(url):
        return f"it comes from a repository, which has no archive with a hash: {_show(url)}"
    if not _PIP_NAME.fullmatch(_file_name(url.partition("#")[0])):
        return f"this is no address of a wheel or source archive: {_show(url)}"
    return None


def _describe_artefact(package: PipPackage, url: str) -> PackageRecord:
    return PackageRecord(
        name=package.name,
        version=package.version,
        build=PIP_FOLDER,
        build_number=0,
        subdir=PIP_FOLDER,
        file_name=_file_name(url),
        url=url,
        channel=package.index_url or "",
        sha256=package.sha256,
        size_bytes=package.size_bytes,
    )


def _file_name(url: str) -> str:
    return unquote(urlsplit(url).path).rpartition("/")[2]


def _refuse_doubles(items: list[PackItem]) -> None:
    seen: dict[str, PackItem] = {}
    for item in items:
        # A pack may be unpacked where upper and lower case are the same.
        first = seen.setdefault(item.path.lower(), item)
        if first is not item:
            raise UsageError(
                f"two packages have archives of one name: {first.label} and {item.label}",
                why=f"{_show(first.url)} and {_show(item.url)}",
            )


def _show(url: str) -> str:
    return clean(url, limit=300)
