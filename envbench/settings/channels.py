"""From the names in a spec to the addresses of channels, as condarc says.

Source: conda's rules for channel names: multichannels first, then `custom_channels` (progressively
shorter prefixes of the name), then `channel_alias`; `defaults` stands for `default_channels`.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from envbench.model.channel import ChannelGroup, ChannelPriority
from envbench.model.cleaning import clean
from envbench.model.severity import Severity
from envbench.settings.channel_urls import (
    has_valid_host,
    is_local_path,
    is_url,
    join_url,
    path_to_url,
    strip_platform,
    token_is_inside_path,
)
from envbench.settings.credentials import Credential, split_credential
from envbench.settings.values import SettingProblem

SPEC = "spec"
"""The source of problems that concern a name given by the caller."""

_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


@dataclass(frozen=True, slots=True)
class ResolvedChannels:
    """What a list of channel names stands for."""

    groups: tuple[ChannelGroup, ...]
    """In order of priority, each once, without secrets."""
    credentials: tuple[Credential, ...]
    """What the hosts of these groups need; goes into the file of credentials."""
    problems: tuple[SettingProblem, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelSettings:
    """The configured channels; all addresses without secrets."""

    alias: str
    """Where bare names lie."""
    configured: tuple[str, ...] = field(repr=False)
    """Channels of a spec that names none, as written: URLs among them may hold secrets."""
    configured_source: str
    priority: ChannelPriority
    multichannels: Mapping[str, tuple[str, ...]] = field(hash=False)
    """Name to the addresses of its members; always holds `defaults`."""
    named: Mapping[str, str] = field(hash=False)
    """Name to its whole address, for channels that do not lie under the alias."""
    mirrors: Mapping[str, str] = field(default_factory=dict, hash=False)
    """Name to the mirror that is asked instead."""
    migrated_aliases: tuple[str, ...] = ()
    """Old addresses, whose channels now lie under the alias."""
    allowed: tuple[str, ...] = ()
    """Addresses that may be used; all when empty."""
    denied: tuple[str, ...] = ()
    append_configured: bool = False
    """Whether the configured channels follow those of a spec, as in `conda env create`."""
    credentials: tuple[Credential, ...] = field(default=(), repr=False)
    """Everything that the configuration holds, by host."""
    home: Path = Path("/")

    @property
    def known_names(self) -> tuple[str, ...]:
        """List the names that the configuration knows, `defaults` first."""
        plain = (name for name in self.configured if not is_url(name))
        return tuple(
            dict.fromkeys(("defaults", *self.multichannels, *self.named, *self.mirrors, *plain))
        )

    def choose_names(self, names: Sequence[str]) -> tuple[str, ...]:
        """Say which channels a spec with these names uses, in order; `nodefaults` is dropped.

        URLs come back as they were written, secrets included: only for `resolve`.
        """
        wanted = [name for name in names if name != "nodefaults"]
        if not wanted or (self.append_configured and "nodefaults" not in names):
            wanted += self.configured
        return tuple(dict.fromkeys(wanted))

    def resolve(self, names: Sequence[str], *, directory: Path | None = None) -> ResolvedChannels:
        """Turn names, URLs and paths into groups of addresses.

        Args:
            names: As in a spec; none at all means the configured channels. Nothing is expanded in
                them: `$NAME` in a spec would send a secret of this box to a stranger.
            directory: Where relative paths begin; the working directory by default.
        """
        problems: list[SettingProblem] = []
        credentials: dict[str, Credential] = {}
        groups: dict[str, ChannelGroup] = {}
        for name in self.choose_names(names):
            group = self._resolve_one(name, directory or Path.cwd(), credentials, problems)
            self._check_allowed(group, problems)
            groups.setdefault(group.name, group)
        hosts = {_host(url) for group in groups.values() for url in group.urls}
        for credential in self.credentials:
            if credential.host in hosts:
                credentials.setdefault(credential.host, credential)
        self._check_encrypted(groups.values(), credentials, problems)
        return ResolvedChannels(
            tuple(groups.values()), tuple(credentials.values()), tuple(problems)
        )

    def find(self, name: str) -> ChannelGroup:
        """Resolve one name, such as the left side of `NAME::package`; a secret in it is dropped."""
        return self._resolve_one(name, Path.cwd(), {}, [])

    def name_url(self, url: str) -> str:
        """Name the channel that an address belongs to; the address itself when it has no name.

        The inverse of `find`, as conda shows channels: members of a multichannel bear its name.
        """
        url = url.rstrip("/")
        for name, members in self.multichannels.items():
            if url in members:
                return name
        for name, address in (*self.mirrors.items(), *self.named.items()):
            if url == address or url.startswith(f"{address}/"):
                return name + url.removeprefix(address)
        return url.removeprefix(f"{self.alias}/") if url.startswith(f"{self.alias}/") else url

    def _resolve_one(
        self,
        name: str,
        directory: Path,
        credentials: dict[str, Credential],
        problems: list[SettingProblem],
    ) -> ChannelGroup:
        if is_local_path(name):
            return ChannelGroup(clean(name), (path_to_url(name, directory, self.home),))
        if is_url(name):
            return self._resolve_url(name, credentials, problems)
        name, subdir = strip_platform(name.strip("/"))
        if subdir:
            message = f"the platform {subdir} is not part of a channel's name; it is left out"
            problems.append(SettingProblem(SPEC, name, message))
        if name in self.multichannels:
            return ChannelGroup(name, self.multichannels[name])
        return ChannelGroup(clean(name), (self._locate(name),))

    def _resolve_url(
        self, url: str, credentials: dict[str, Credential], problems: list[SettingProblem]
    ) -> ChannelGroup:
        clean_url, credential, secret = split_credential(url)
        clean_url, subdir = strip_platform(clean_url.rstrip("/"))
        if subdir:
            message = f"the platform {subdir} is not part of a channel's address; it is left out"
            problems.append(SettingProblem(SPEC, clean_url, message))
        if not has_valid_host(clean_url):
            message = "this is no valid address"
            problems.append(SettingProblem(SPEC, clean(clean_url), message, None, Severity.ERROR))
        if secret is not None and (credential is None or token_is_inside_path(url)):
            message = "a secret at this place of a URL cannot be sent apart from it"
            problems.append(SettingProblem(SPEC, clean_url, message, severity=Severity.ERROR))
        if credential:
            other = credentials.setdefault(credential.host, credential)
            if other != credential:
                message = f"another secret for {credential.host} comes first; one is used"
                problems.append(SettingProblem(SPEC, clean_url, message))
        for old in self.migrated_aliases:
            if clean_url.startswith(f"{old}/"):
                return ChannelGroup(clean_url, (join_url(self.alias, clean_url[len(old) :]),))
        return ChannelGroup(clean(clean_url), (clean_url,))

    def _locate(self, name: str) -> str:
        """Find the address of a bare name, trying ever shorter prefixes of it."""
        parts = name.split("/")
        for count in range(len(parts), 0, -1):
            head, tail = "/".join(parts[:count]), "/".join(parts[count:])
            address = self.mirrors.get(head) or self.named.get(head)
            if address:
                return join_url(address, tail)
        return join_url(self.alias, name)

    def _check_encrypted(
        self,
        groups: Iterable[ChannelGroup],
        credentials: Mapping[str, Credential],
        problems: list[SettingProblem],
    ) -> None:
        """Credentials go by host, whatever the scheme: also where everybody can read them."""
        for group in groups:
            for url in group.urls:
                host = _host(url) if url.startswith("http://") else None
                if host in credentials and host not in _LOOPBACK:
                    message = f"a secret is sent to {host} without encryption (http)"
                    problems.append(SettingProblem(SPEC, group.name, message))

    def _check_allowed(self, group: ChannelGroup, problems: list[SettingProblem]) -> None:
        for url in group.urls:
            denied = url in self.denied
            if denied or (self.allowed and url not in self.allowed):
                which = "denylist_channels" if denied else "allowlist_channels"
                message = f"the channel {group.name} ({url}) is excluded by {which}"
                problems.append(SettingProblem("condarc", which, message, None, Severity.ERROR))


def _host(url: str) -> str | None:
    try:
        return urlsplit(url).hostname
    except ValueError:
        return None
