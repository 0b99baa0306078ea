"""The channels of a lock: its own names in its own order, and where its packages really lie."""

from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urlsplit

from envbench.envs.installed import name_channel
from envbench.model.channel import ChannelGroup
from envbench.model.errors import UsageError
from envbench.model.plan import PackageRecord
from envbench.model.problem import Severity
from envbench.settings.credentials import Credential, store_credentials
from envbench.settings.load import Settings


def arrange_channels(
    names: Sequence[str], packages: Sequence[PackageRecord], settings: Settings, lock: Path
) -> tuple[ChannelGroup, ...]:
    """Find the channels of a lock, and put what they need of secrets where the engine looks.

    Args:
        names: As the lock lists them, in their order; may be none.
        packages: Of the lock, in its order.
        settings: Channel names, denied addresses, credentials.
        lock: Relative channel paths start at its directory.

    Raises:
        UsageError: A channel may not be used on this box.
    """
    addresses = tuple(dict.fromkeys(p.channel_url for p in packages if p.channel_url))
    # Those of `channel::package` that are not listed come last, as in a spec.
    said_by_name = (p.channel for p in packages if p.channel and not p.channel_url)
    all_names = tuple(dict.fromkeys((*names, *said_by_name)))
    # What this box would add to a spec is no part of a lock.
    listed = (
        _resolve((*all_names, "nodefaults"), settings, lock) if all_names or not addresses else ()
    )
    # By their addresses too: what the box forbids is forbidden whatever a lock calls it.
    if addresses:
        _resolve(("nodefaults", *addresses), settings, lock)
        _put_aside(_configured_credentials(addresses, settings), settings)
    known = {url: group.name for group in listed for url in group.urls}
    members = {group.name: list(group.urls) for group in listed}
    said = {p.channel_url: p.channel for p in packages if p.channel in members}
    for url in addresses:
        name = known.get(url) or said.get(url) or _name(url, tuple(members), settings)
        if url not in members.setdefault(name, []):
            members[name].append(url)
    return tuple(ChannelGroup(name, tuple(urls)) for name, urls in members.items())


def _name(url: str, known: Sequence[str], settings: Settings) -> str:
    guessed = name_channel(url, known, {})
    return guessed if guessed in known else settings.channels.name_url(url)


def _resolve(names: Sequence[str], settings: Settings, lock: Path) -> tuple[ChannelGroup, ...]:
    resolved = settings.channels.resolve(names, directory=lock.absolute().parent)
    for problem in resolved.problems:
        if problem.severity is Severity.ERROR:
            raise UsageError(problem.message, where=str(lock))
    _put_aside(resolved.credentials, settings)
    return resolved.groups


def _configured_credentials(addresses: Sequence[str], settings: Settings) -> tuple[Credential, ...]:
    """Find what the configured channels hold of secrets for the hosts of a lock, by host.

    A lock holds none itself; those of the configuration are read when its channels are used.
    """
    hosts = {urlsplit(url).hostname for url in addresses}
    held = settings.channels.resolve(()).credentials
    return tuple(credential for credential in held if credential.host in hosts)


def _put_aside(credentials: Sequence[Credential], settings: Settings) -> None:
    if credentials:
        user_file = settings.user_auth_file
        store_credentials(
            settings.paths.credentials_file,
            credentials,
            base_files=(user_file,) if user_file else (),
        )
