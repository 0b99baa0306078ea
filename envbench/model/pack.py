"""A pack: one environment on one platform with all its archives, for boxes without a network."""

from dataclasses import dataclass
from enum import StrEnum

from envbench.model.lock import Lock
from envbench.model.pack_names import MANIFEST_NAME as MANIFEST_NAME

PACK_SCHEMA = "envbench.pack/1"


class PackKind(StrEnum):
    """What a file of a pack is."""

    CONDA = "conda"
    """A package archive of the conda part."""
    PIP = "pip"
    """An artefact of the pip part."""
    TEXT = "text"
    """A lock, the index of the channel, the script, ..."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PackedFile:
    """One file of a pack."""

    path: str
    """Relative to the top of the pack, with forward slashes."""
    kind: PackKind
    size_bytes: int
    sha256: str
    url: str = ""
    """Where an archive came from; empty for texts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PackManifest:
    """What `envbench-pack.json` says: every other file of the pack, and the lock."""

    name: str
    platform: str
    files: tuple[PackedFile, ...]
    """Sorted by path."""
    lock: Lock
    """With the original addresses, and the hashes of what was packed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PackRequest:
    """Everything that the pack worker needs; holds no secret."""

    lock: Lock
    name: str
    """Fit for a name of a directory."""
    source: str
    """What the lock was made from, as shown in messages."""
    output: str
    """Absolute path of the tar."""
    offline: bool = False
    umask: int = 0o077
    """Of whoever asked: who else may read the pack is not for a job to decide."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PackResult:
    """What a pack worker says of itself, last of all."""

    path: str
    name: str
    platform: str
    sha256: str
    """Of the tar."""
    size_bytes: int
    conda_packages: int
    pip_packages: int
    warnings: tuple[str, ...] = ()
