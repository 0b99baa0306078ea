"""From condarc's keys to `ChannelSettings`: secrets taken out, names joined to addresses."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from envbench.model.cleaning import clean
from envbench.model.severity import Severity
from envbench.settings.channel_urls import (
    has_valid_host,
    is_local_path,
    is_url,
    join_url,
    path_to_url,
)
from envbench.settings.channels import ChannelSettings
from envbench.settings.condarc import CondaConfig
from envbench.settings.credentials import Credential, split_credential
from envbench.settings.own import OwnReading
from envbench.settings.values import SettingProblem

FREE_CHANNEL = "https://repo.anaconda.com/pkgs/free"
NO_ADDRESS = "https://not-valid.invalid"
"""Stands for an address that cannot be taken apart; the name never resolves (RFC 2606)."""


@dataclass(slots=True)
class _Collector:
    """Takes the secrets out of addresses on their way in."""

    home: Path
    credentials: dict[str, Credential] = field(default_factory=dict)
    problems: list[SettingProblem] = field(default_factory=list)

    def take(self, url: str, key: str, source: str) -> str:
        """Return the address without secrets and without a slash at its end."""
        if is_local_path(url):
            return path_to_url(url, self.home, self.home)
        clean_url, credential, secret = split_credential(url)
        if not has_valid_host(clean_url):
            message = f"{clean(clean_url, limit=200)} is no valid address"
            self.problems.append(SettingProblem(source, key, message, severity=Severity.ERROR))
            return NO_ADDRESS
        if secret is not None and credential is None:
            message = "a secret at this place of a URL cannot be sent apart from it"
            self.problems.append(SettingProblem(source, key, message))
        if credential:
            self.credentials.setdefault(credential.host, credential)
        return clean_url.rstrip("/")


def read_channels(
    conda: CondaConfig, own: OwnReading, home: Path
) -> tuple[ChannelSettings, tuple[SettingProblem, ...]]:
    """Build the channel settings from condarc and envbench's own file."""
    collect = _Collector(home)
    alias = collect.take(conda["channel_alias"], "channel_alias", conda.source("channel_alias"))
    multichannels = _read_multichannels(conda, alias, collect)
    configured, source = _choose_configured(conda, own)
    settings = ChannelSettings(
        alias=alias,
        configured=configured,
        configured_source=source,
        priority=conda["channel_priority"],
        multichannels=multichannels,
        named=_read_named(conda, alias, multichannels, collect),
        mirrors=_read_mirrors(conda, collect),
        migrated_aliases=tuple(
            collect.take(url, "migrated_channel_aliases", conda.source("migrated_channel_aliases"))
            for url in conda["migrated_channel_aliases"]
        ),
        # Only what a condarc really lists: conda no longer adds its built-in `defaults` either.
        append_configured=own.settings.append_condarc_channels
        and conda.source("channels") != "default"
        and not own.settings.channels,
        credentials=tuple(collect.credentials.values()),
        home=home,
    )
    return _limit(settings, conda), tuple(collect.problems)


def _choose_configured(conda: CondaConfig, own: OwnReading) -> tuple[tuple[str, ...], str]:
    if own.settings.channels:
        return own.settings.channels, own.sources.get("channels", "default")
    if conda["channels"]:
        return conda["channels"], conda.source("channels")
    return ("defaults",), "default"


def _read_multichannels(
    conda: CondaConfig, alias: str, collect: _Collector
) -> Mapping[str, tuple[str, ...]]:
    found = {
        name: _join_members(members, "custom_multichannels", conda, alias, collect)
        for name, members in conda["custom_multichannels"].items()
        if members
    }
    defaults = list(conda["default_channels"])
    if conda["restore_free_channel"]:
        defaults.insert(1, FREE_CHANNEL)
    # conda lets nobody redefine `defaults` other than by `default_channels`.
    found["defaults"] = _join_members(defaults, "default_channels", conda, alias, collect)
    local = [str(collect.home / "conda-bld")] if (collect.home / "conda-bld").is_dir() else []
    if local:
        found["local"] = tuple(path_to_url(path, collect.home, collect.home) for path in local)
    return found


def _join_members(
    members: Iterable[str], key: str, conda: CondaConfig, alias: str, collect: _Collector
) -> tuple[str, ...]:
    source = conda.source(key)
    urls = (
        collect.take(member, key, source)
        if is_url(member) or is_local_path(member)
        else join_url(alias, member)
        for member in members
    )
    return tuple(dict.fromkeys(urls))


def _read_named(
    conda: CondaConfig,
    alias: str,
    multichannels: Mapping[str, tuple[str, ...]],
    collect: _Collector,
) -> dict[str, str]:
    found: dict[str, str] = {}
    for members in multichannels.values():
        for url in members:
            # Members bear their path as a name: `pkgs/main` of `https://repo.anaconda.com/pkgs/main`.
            name = (
                url.removeprefix(alias)
                if url.startswith(f"{alias}/")
                else url.partition("://")[2].partition("/")[2]
            )
            if name.strip("/"):
                found[name.strip("/")] = url
    source = conda.source("custom_channels")
    for name, base in conda["custom_channels"].items():
        bare = not (is_url(base) or is_local_path(base))
        location = alias if bare else collect.take(base, "custom_channels", source)
        found[name.strip("/")] = join_url(location, name)
    return found


def _read_mirrors(conda: CondaConfig, collect: _Collector) -> dict[str, str]:
    found: dict[str, str] = {}
    source = conda.source("mirrored_channels")
    for name, mirrors in conda["mirrored_channels"].items():
        usable = [url for url in mirrors if url.startswith(("http://", "https://", "file:"))]
        if usable:
            found[name] = collect.take(usable[0], "mirrored_channels", source)
        if len(mirrors) > 1 or not usable:
            used = found.get(name, "none of them")
            message = f"of the mirrors of {name} only one is used: {used}"
            collect.problems.append(SettingProblem(source, "mirrored_channels", message))
    return found


def _limit(settings: ChannelSettings, conda: CondaConfig) -> ChannelSettings:
    """Add the lists of allowed and denied channels, which are written as names."""

    def locate(names: Iterable[str]) -> tuple[str, ...]:
        return tuple(url for name in names for url in settings.find(name).urls)

    return replace(
        settings,
        allowed=locate(conda["allowlist_channels"]),
        denied=locate(conda["denylist_channels"]),
    )
