"""A normalised lock: what is installed, or would be, exactly."""

from dataclasses import dataclass, field

from envbench.model.host import VirtualPackage
from envbench.model.package_record import PackageRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class PipPackage:
    """One distribution of the pip section."""

    name: str
    """Normalised (PEP 503)."""
    version: str
    """With its local part, `2.1.0+cu118`."""
    url: str | None = None
    """Where the artefact came from, without secrets; None when the installer did not keep it."""
    sha256: str | None = None
    """Of the artefact; None when unknown."""
    direct_url: str | None = None
    """Direct reference (PEP 610) without secrets, such as `git+https://...@<commit>`."""
    editable: bool = False
    installer: str = ""
    """What INSTALLER says: `uv`, `pip`, ..."""
    index_url: str | None = None
    """The package index that served it (PEP 503 base address), without secrets; None when it is
    not known, or is the consumer's own default."""
    size_bytes: int | None = None
    """Of the artefact."""
    requires_python: str = ""
    """As METADATA says, `>=3.9`."""
    requires_dist: tuple[str, ...] | None = None
    """As METADATA says, in its order; None when it has not been seen."""
    license: str | None = None
    """As METADATA says: an SPDX expression, or free words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lock:
    """One environment on one platform."""

    name: str
    platform: str
    channels: tuple[str, ...]
    """Names in the order of the spec, which is their priority."""
    packages: tuple[PackageRecord, ...]
    """Topologically sorted."""
    pip: tuple[PipPackage, ...] = ()
    variables: tuple[tuple[str, str], ...] = ()
    indexes: tuple[str, ...] = ()
    """Package indexes of the pip part in their order, without secrets; empty means PyPI."""
    virtual_packages: tuple[VirtualPackage, ...] = ()
    """Of the box it was solved for; empty for what is installed."""
    python_version: str = ""
    """Of an environment whose Python is no conda package (a venv), `3.11.7`; empty otherwise."""
    source: str = ""
    """File name of the spec it was made from; empty when there was none."""


@dataclass(frozen=True, slots=True)
class Loss:
    """One thing that a format cannot say about an environment."""

    what: str
    """`channel per package`, `hashes`, `pip packages`, ..."""
    packages: tuple[str, ...]
    """Whom it concerns; empty when all."""
    why: str
    """In words, with what a consumer will do differently because of it."""


@dataclass(frozen=True, slots=True)
class ExportedFile:
    """One text file of an export."""

    path: str
    """Relative to where the export is written; the name under which consumers recognise it."""
    text: str = field(repr=False)
    is_executable: bool = False


@dataclass(frozen=True, slots=True)
class Export:
    """The text of a lock in one format, and what that format could not carry."""

    format: str
    file_name: str
    """The name under which consumers recognise the format; a relative path for some."""
    text: str = field(repr=False)
    lost: tuple[Loss, ...]
    companions: tuple[ExportedFile, ...] = ()
    """Further files that the first one needs beside it (a Dockerfile needs its lock)."""

    @property
    def files(self) -> tuple[ExportedFile, ...]:
        """All files, the first one first."""
        return (ExportedFile(self.file_name, self.text), *self.companions)
