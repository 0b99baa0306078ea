"""A normalised lock: what is installed, or would be, exactly."""

from dataclasses import dataclass, field

from envbench.model.plan import PackageRecord


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
class Export:
    """The text of a lock in one format, and what that format could not carry."""

    format: str
    file_name: str
    """The name under which consumers recognise the format."""
    text: str = field(repr=False)
    lost: tuple[Loss, ...]
