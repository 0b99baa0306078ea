"""One conda package; apart from what is planned with it, as locks know nothing of plans."""

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class PackageRecord:
    """One conda package: the fields of its repodata record that envbench uses."""

    name: str
    version: str
    build: str
    build_number: int
    subdir: str
    """`linux-64`, `noarch`, ..."""
    file_name: str
    """Name of the archive, `numpy-1.26.4-py311h64a7726_0.conda`."""
    url: str
    """Where the archive lies, without secrets."""
    channel: str
    """The channel under the name the user wrote; the base URL where no name is known."""
    channel_url: str = ""
    """Base address of that channel (or of the member of a multi-channel), without secrets and
    trailing slash; empty when unknown."""
    md5: str | None = None
    """Lower-case hexadecimal digest of the archive."""
    sha256: str | None = None
    size_bytes: int | None = None
    """Size of the archive."""
    noarch: str | None = None
    """`python`, `generic` or None."""
    depends: tuple[str, ...] = ()
    constrains: tuple[str, ...] = ()
    timestamp_ms: int | None = None
    license: str | None = None
    python_site_packages_path: str | None = None
    """Set on `python` records only (CEP 17)."""
    extra: dict[str, Any] = field(default_factory=dict, hash=False, repr=False)
    """Further fields of the repodata record as JSON builtins, under the names they have there
    (`track_features`, `purls`, `license_family`, ...): a prefix record must carry them."""

    @property
    def dist_name(self) -> str:
        """`name-version-build`, conda's name of the distribution."""
        return f"{self.name}-{self.version}-{self.build}"
