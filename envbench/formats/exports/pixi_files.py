"""`pixi.lock` and the smallest `pixi.toml` that belongs to it.

Source: pixi's manifest reference.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha256
from typing import Any

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from envbench.formats.exports.contents import cuda_of
from envbench.formats.exports.quoting import MARK
from envbench.formats.exports.recipe_locks import refuse_local
from envbench.formats.locks.pixi_lock import write_pixi_v7
from envbench.formats.toml_text import write_toml
from envbench.model.export_options import ExportOptions
from envbench.model.lock import ExportedFile, Lock, PipPackage
from envbench.model.package_needs import name_of

LOCK_FILE = "pixi.lock"
MANIFEST = "pixi.toml"
_ANACONDA = "https://conda.anaconda.org/"
_REPOSITORY = re.compile(
    r"git\+(?P<url>.+?)@(?P<rev>[0-9a-f]{7,64})(?:#subdirectory=(?P<folder>[^&]+))?"
)


def write_pixi_files(locks: Sequence[Lock]) -> tuple[ExportedFile, ...]:
    """Write the manifest and the lock of one environment on each of its platforms.

    Raises:
        UsageError: A part of the environment lies on this box only.
    """
    for lock in locks:
        refuse_local(lock)
    return (
        ExportedFile(MANIFEST, write_manifest(locks)),
        *write_pixi_v7(locks, ExportOptions()),
    )


def digest_of(file: ExportedFile) -> str:
    """Return the sha256 of a file, as `sha256sum` prints it."""
    return sha256(file.text.encode()).hexdigest()


def write_manifest(locks: Sequence[Lock]) -> str:
    """Write what nothing else in the lock requires, at the locked versions.

    The lock does not tell what was once asked for. This much reaches every package of it, so that
    pixi finds the two in agreement.
    """
    first = locks[0]
    document: dict[str, Any] = {
        "workspace": {
            "name": first.name,
            "channels": list(_channels(first)),
            "platforms": [lock.platform for lock in locks],
        }
    }
    cuda = next((version for lock in locks if (version := cuda_of(lock))), None)
    if cuda:
        document["system-requirements"] = {"cuda": cuda}
    if first.indexes:
        document["pypi-options"] = {
            "index-url": first.indexes[0],
            **({"extra-index-urls": list(first.indexes[1:])} if first.indexes[1:] else {}),
        }
    conda, pip = _roots_of_conda(first), _roots_of_pip(first)
    if conda:
        versions = {record.name: record.version for record in first.packages}
        document["dependencies"] = {name: f"=={versions[name]}" for name in conda}
    if pip:
        packages = {package.name: package for package in first.pip}
        document["pypi-dependencies"] = {name: _describe(packages[name]) for name in pip}
    head = (
        "# The smallest manifest for the pixi.lock beside it: what nothing else in it requires.\n"
        f"# {MARK}\n"
    )
    return head + write_toml(document)


def _channels(lock: Lock) -> Iterable[str]:
    """Name the channels in their order, by address where another box may know the name otherwise."""
    found: dict[str, None] = {}
    for channel in lock.channels:
        addresses = {
            record.channel_url: None
            for record in lock.packages
            if record.channel == channel and record.channel_url
        }
        for address in addresses or (channel,):
            short = address.removeprefix(_ANACONDA)
            found[channel if short == channel else address] = None
    return found


def _roots_of_conda(lock: Lock) -> list[str]:
    needs = {record.name: {name_of(text) for text in record.depends} for record in lock.packages}
    # Wheels need Python whether or not a conda package does.
    always = {"python"} if "python" in needs else set()
    return _find_roots(needs, always)


def _roots_of_pip(lock: Lock) -> list[str]:
    needs = {package.name: _required(package) for package in lock.pip}
    # A wheel from elsewhere than the index is only found where the manifest says so.
    always = {package.name for package in lock.pip if package.direct_url}
    return _find_roots(needs, always)


def _find_roots(needs: Mapping[str, set[str]], always: set[str]) -> list[str]:
    """Find the fewest names from which all others are reached, each in cycles at most once."""
    needed = {need for name, needed in needs.items() for need in needed if need != name}
    roots = [name for name in sorted(needs) if name in always or name not in needed]
    reached: set[str] = set()
    _reach(roots, needs, reached)
    for name in sorted(needs):
        if name not in reached:
            roots.append(name)
            _reach([name], needs, reached)
    return sorted(roots)


def _reach(names: Iterable[str], needs: Mapping[str, set[str]], reached: set[str]) -> None:
    waiting = list(names)
    while waiting:
        name = waiting.pop()
        if name in needs and name not in reached:
            reached.add(name)
            waiting += needs[name]


def _required(package: PipPackage) -> set[str]:
    names: set[str] = set()
    for text in package.requires_dist or ():
        try:
            requirement = Requirement(text)
        except InvalidRequirement:
            continue
        # What only an extra or another platform needs is not reached by asking for the package.
        if requirement.marker is None:
            names.add(canonicalize_name(requirement.name))
    return names


def _describe(package: PipPackage) -> Any:
    direct = package.direct_url
    if not direct:
        return f"=={package.version}"
    match = _REPOSITORY.fullmatch(direct)
    if match is None:
        return {"url": direct}
    folder = {"subdirectory": match["folder"]} if match["folder"] else {}
    return {"git": match["url"], "rev": match["rev"], **folder}
