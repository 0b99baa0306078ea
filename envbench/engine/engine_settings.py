"""What the engine must know of the configuration, as one value that crosses process borders."""

from dataclasses import dataclass, field

DEFAULT_MAX_REPODATA_BYTES = 2 * 1024**3
DEFAULT_MEMORY_BYTES = 8 * 1024**3


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineSettings:
    """Places, network and limits. Travels through pipes only: a proxy address may hold a password."""

    pkgs_dir: str
    """The package cache, an absolute path; made when missing."""
    repodata_dir: str
    """The cache of channel indexes, an absolute path; made when missing."""
    auth_file: str | None = None
    """Credentials by host in the library's own JSON format; None for none."""
    max_retries: int = 3
    """Further attempts after a failure that may pass (5xx, a broken connection)."""
    read_timeout_s: float = 60.0
    """A download that stays silent (or all but silent) for so long has failed."""
    ssl_verify: bool = True
    ca_file: str | None = None
    """A bundle of certificates in PEM to trust instead of the built-in ones."""
    proxies: dict[str, str] = field(default_factory=dict, hash=False, repr=False)
    """`http` and `https` to the address of the proxy; may hold secrets."""
    no_proxy: tuple[str, ...] = ()
    """Hosts that are reached directly."""
    offline: bool = False
    """Never ask the network, whatever a request says."""
    places: dict[str, str] = field(default_factory=dict, hash=False, repr=False)
    """Archives that lie on this box already: address to `file://` address; digests are compared
    as with all others."""
    max_repodata_bytes: int = DEFAULT_MAX_REPODATA_BYTES
    """Most bytes of one unpacked index; conda-forge/linux-64 has about 300 MB."""
    max_memory_bytes: int = DEFAULT_MEMORY_BYTES
    """Most memory of the solver process."""
