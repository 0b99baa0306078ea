"""From fetched archives to a whole pack in a folder: lock, index, texts, sums, manifest."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from envbench.engine.local_channel.archive import ArchiveFacts, measure_archive
from envbench.engine.packing.channel_index import complete_record, write_channel_index
from envbench.engine.packing.items import PackItem
from envbench.engine.packing.manifests import write_manifest
from envbench.engine.packing.tar_writing import TarMember
from envbench.engine.packing.texts import SUMS_NAME, write_sums, write_texts
from envbench.model.lock import Lock
from envbench.model.pack import MANIFEST_NAME, PackedFile, PackKind, PackManifest

_EXECUTABLE = frozenset({"install.sh"})


@dataclass(frozen=True, slots=True)
class LaidOut:
    """A pack in a folder."""

    manifest: PackManifest
    members: tuple[TarMember, ...]
    """In the order of the tar: the manifest first, so that a reader knows what follows."""
    warnings: tuple[str, ...]
    size_bytes: int


def lay_out(
    root: Path,
    lock: Lock,
    name: str,
    items: Sequence[PackItem],
    facts: Mapping[str, ArchiveFacts],
) -> LaidOut:
    """Make a pack of a folder that holds the archives.

    Args:
        root: The folder; all archives of `items` lie in it.
        lock: As it was asked for.
        name: Of the pack; fit for the name of a directory.
        items: The archives.
        facts: Digests and size of each archive, by path.

    Raises:
        NotFineError: An archive is damaged, or is of another package.
        PreventedError: A secret would have got into a text.
        OSError: The disk is full, ...
    """
    warnings = _collect_warnings(lock, items)
    whole = tuple(_complete(root, item, facts[item.path]) for item in items)
    lock = replace(_complete_lock(lock, whole), name=name)
    texts = write_texts(lock, whole)
    for path, text in texts.items():
        _write(root / path, text.encode())
    conda = [item for item in whole if item.kind is PackKind.CONDA]
    indexes = write_channel_index(root, lock.platform, conda, facts)
    files = [_describe_archive(item, facts[item.path]) for item in whole]
    files += [_describe_text(root, path) for path in (*texts, *indexes)]
    _write(root / SUMS_NAME, write_sums({file.path: file.sha256 for file in files}).encode())
    files.append(_describe_text(root, SUMS_NAME))
    files.sort(key=lambda file: file.path)
    manifest = PackManifest(name=name, platform=lock.platform, files=tuple(files), lock=lock)
    _write(root / MANIFEST_NAME, write_manifest(manifest))
    size = sum(file.size_bytes for file in files) + (root / MANIFEST_NAME).stat().st_size
    return LaidOut(manifest, _list_members(root, manifest), warnings, size)


def _list_members(root: Path, manifest: PackManifest) -> tuple[TarMember, ...]:
    top = f"{manifest.name}-{manifest.platform}"
    paths = (MANIFEST_NAME, *(file.path for file in manifest.files))
    return tuple(
        TarMember(f"{top}/{path}", root / path, is_executable=path in _EXECUTABLE) for path in paths
    )


def _complete(root: Path, item: PackItem, facts: ArchiveFacts) -> PackItem:
    if item.kind is PackKind.CONDA:
        return replace(item, record=complete_record(root / item.path, item, facts))
    record = replace(item.record, sha256=facts.sha256, size_bytes=facts.size_bytes)
    pip = item.pip and replace(item.pip, sha256=facts.sha256, size_bytes=facts.size_bytes)
    return replace(item, record=record, pip=pip)


def _complete_lock(lock: Lock, items: Sequence[PackItem]) -> Lock:
    records = {item.record.name: item.record for item in items if item.kind is PackKind.CONDA}
    pip = {item.pip.name: item.pip for item in items if item.pip is not None}
    return replace(
        lock,
        packages=tuple(records[package.name] for package in lock.packages),
        pip=tuple(pip[package.name] for package in lock.pip),
    )


def _collect_warnings(lock: Lock, items: Sequence[PackItem]) -> tuple[str, ...]:
    found = [
        f"{item.label}: its hash was not known; the one of what came is in the pack now"
        for item in items
        if not item.record.sha256 and not item.record.md5
    ]
    found += [
        f"{item.label} is packed as source: installing it runs its code, which may need more"
        " than the pack holds"
        for item in items
        if item.kind is PackKind.PIP and not item.path.endswith(".whl")
    ]
    if lock.pip and not any(package.name == "pip" for package in lock.packages):
        found.append(
            "there is no pip in the environment: micromamba will install the conda part only;"
            " envbench installs all of it"
        )
    return tuple(found)


def _describe_archive(item: PackItem, facts: ArchiveFacts) -> PackedFile:
    return PackedFile(
        path=item.path, kind=item.kind, url=item.url,
        size_bytes=facts.size_bytes, sha256=facts.sha256,
    )  # fmt: skip


def _describe_text(root: Path, path: str) -> PackedFile:
    facts = measure_archive(root / path)
    return PackedFile(
        path=path, kind=PackKind.TEXT, size_bytes=facts.size_bytes, sha256=facts.sha256
    )


def _write(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
