"""Where the pip packages of an installed environment came from, as far as the build noted it.

Installers do not keep the address and hash of a wheel on disk. The build knows them, and a lock
that is read from the disk later takes them from its notes.
"""

from collections.abc import Iterable
from dataclasses import replace

from envbench.model.lock import Lock, PipPackage

PYPI = "https://pypi.org/simple"


def fill_pip_sources(lock: Lock, known: Iterable[PipPackage]) -> Lock:
    """Return a lock whose pip packages have the addresses and hashes that a build noted.

    Args:
        lock: Read from the disk.
        known: What the build installed. A package counts when its name, version and direct
            reference are those on the disk: anything else was put there by somebody else since.
    """
    notes = {(package.name, package.version): package for package in known}
    filled = tuple(
        _fill(package, notes.get((package.name, package.version))) for package in lock.pip
    )
    return replace(lock, pip=filled, indexes=lock.indexes or order_indexes(filled))


def order_indexes(
    pip: Iterable[PipPackage], *, main: str = PYPI, extras: Iterable[str] = ()
) -> tuple[str, ...]:
    """List the indexes that served a pip part, the main one first; empty when all was PyPI's.

    Args:
        pip: The packages; only those with a known artefact count.
        main: The index that is asked when nothing else is said, without secrets.
        extras: Further ones in their order; others follow by address.
    """
    sourced = [each for each in pip if each.url and each.sha256 and each.direct_url is None]
    # What lies in a folder of wheels was served by no index.
    served = [
        each for each in sourced if each.index_url or not (each.url or "").startswith("file:")
    ]
    used = {(each.index_url or PYPI).rstrip("/") for each in served}
    if used <= {PYPI}:
        return ()
    order = dict.fromkeys(url.rstrip("/") for url in (main, PYPI, *extras))
    known = [url for url in order if url in used]
    return (*known, *sorted(used - set(known)))


def _fill(package: PipPackage, note: PipPackage | None) -> PipPackage:
    if note is None or note.direct_url != package.direct_url or package.editable != note.editable:
        return package
    # One fact from each side would make a pair that nobody has seen; a direct reference is the
    # same address on both sides, and only the build knew the hash of what lay there.
    is_whole = package.sha256 is not None or (package.url and package.direct_url is None)
    if is_whole:
        return package
    return replace(
        package,
        url=package.url or note.url,
        sha256=note.sha256,
        index_url=note.index_url,
        size_bytes=note.size_bytes,
    )
