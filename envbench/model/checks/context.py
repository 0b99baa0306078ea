"""What the checks have to know about this machine and its settings."""

from dataclasses import dataclass

from envbench.model.pip_lines import PipKind


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckContext:
    """The surroundings of a check; the defaults stand for a machine without any settings."""

    known_channels: frozenset[str] = frozenset()
    """Names that the configuration defines: custom channels, multi-channels, local ones."""
    known_hosts: frozenset[str] = frozenset()
    """Hosts of configured channels and mirrors, lower case, without a port."""
    defaults_configured: bool = False
    """Whether `default_channels` of the configuration lead elsewhere than to Anaconda's servers
    (a mirror, say), so that its terms of service are not the user's concern here."""
    channels_configured: bool = False
    """Whether the configuration lists channels for specs that name none."""
    allowed_pip: frozenset[PipKind] = frozenset()
    """The kinds of pip items that the user consents to."""
    platform: str = "linux-64"
    """The platform that the spec is checked for."""
