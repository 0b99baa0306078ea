"""Under which name the user knows a channel of which records only hold the address."""

from collections.abc import Mapping, Sequence
from urllib.parse import unquote, urlsplit

_KNOWN_HOSTS = ("conda.anaconda.org", "conda-static.anaconda.org", "prefix.dev", "repo.prefix.dev")
_DEFAULTS_HOST = "repo.anaconda.com"


def name_channel(base_url: str, known: Sequence[str], names: Mapping[str, str]) -> str:
    """Tell under which name the user knows a channel.

    Args:
        base_url: Address without subdir and secrets.
        known: Names or addresses of the user's spec.
        names: Address to name, from the channel settings of the time; wins.

    Returns:
        A name of `known` where one fits; else the usual name of a well-known channel, else the
        address.
    """
    url = base_url.rstrip("/")
    if url in names:
        return names[url]
    for candidate in known:
        if candidate.rstrip("/") == url:
            return candidate
    parts = urlsplit(url)
    path = unquote(parts.path).strip("/")
    if parts.hostname == _DEFAULTS_HOST and path.startswith("pkgs/"):
        return "defaults" if "defaults" in known and path not in known else path
    if path in known or parts.hostname in _KNOWN_HOSTS:
        return path or url
    # A mirror, or a channel on disk: its last part is its name, if the user used that name.
    last = path.rpartition("/")[2]
    return last if last in known else url
