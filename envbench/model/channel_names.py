"""What the text of a channel is: a name, an address or a path; and what is known about it."""

import ipaddress
import re
from dataclasses import dataclass
from enum import StrEnum

from envbench.model.lazy_patterns import lazy_pattern
from envbench.model.redaction import UrlSecret, split_url_secrets


class ChannelForm(StrEnum):
    """How a channel is written."""

    NAME = "name"
    """`conda-forge`, `nvidia/label/cuda-12.4.0`."""
    ADDRESS = "address"
    """`https://...`."""
    FOLDER = "folder"
    """`file://...` or a path."""
    INVALID = "invalid"


@dataclass(frozen=True, slots=True)
class ChannelText:
    """The text of a channel, taken apart."""

    form: ChannelForm
    name: str
    """The text without secrets, trailing slashes and subdir."""
    scheme: str = ""
    host: str = ""
    """Lower case, without port."""
    secret: UrlSecret | None = None
    variable: str = ""
    """The first `$NAME` or `%NAME%` in it."""

    @property
    def conda_name(self) -> str:
        """What conda calls it: channels of Anaconda's servers have one name and one address."""
        if self.form is ChannelForm.ADDRESS and self.host in _NAMED_HOSTS:
            return self.name.partition("://")[2].partition("/")[2] or self.name
        return self.name


NODEFAULTS = "nodefaults"
"""Not a channel: it says that the configured channels are not to be appended."""

ANACONDA_NAMES = frozenset({"defaults", "main", "r", "msys2", "anaconda", "free", "pro"})
_NAMED_HOSTS = frozenset({"conda.anaconda.org", "repo.anaconda.com"})
ANACONDA_HOSTS = frozenset({"repo.anaconda.com", "repo.continuum.io"})
PUBLIC_HOSTS = frozenset(
    {
        "conda.anaconda.org",
        "repo.anaconda.com",
        "repo.continuum.io",
        "repo.anaconda.cloud",
        "anaconda.org",
        "prefix.dev",
        "repo.prefix.dev",
        "conda.modular.com",
    }
)
RETIRED = {
    "pytorch": "PyTorch stopped publishing there after 2.5; conda-forge has `pytorch` for CPU and"
    " CUDA",
    "pytorch-nightly": "PyTorch stopped publishing there in 2024",
    "pytorch-lts": "PyTorch stopped publishing there in 2022",
    "free": "it has held nothing new since 2017",
    "fastchan": "it has been archived",
}
"""Channel name to what happened."""

_NAME = lazy_pattern(r"[A-Za-z0-9_.+-]+(?:/[A-Za-z0-9_.+-]+)*")
_ADDRESS = lazy_pattern(r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*)://(?P<rest>.*)", re.DOTALL)
_VARIABLE = lazy_pattern(r"\$(?:\{[^}]*\}|[A-Za-z_][A-Za-z0-9_]*)|%[A-Za-z_][A-Za-z_]+%")
_SUBDIR = lazy_pattern(r"/(?:noarch|(?:linux|osx|win)-[a-z0-9]+)$")


def read_channel(text: str) -> ChannelText:
    """Take the text of a channel apart; never raises."""
    bare, secret = split_url_secrets(text)
    bare = _SUBDIR.sub("", bare.rstrip("/"))
    variable = _VARIABLE.search(text)
    found = variable[0] if variable else ""
    match = _ADDRESS.fullmatch(bare)
    if match and match["scheme"].lower() != "file":
        host = _host_of(match["rest"])
        known = match["scheme"].lower() in {"http", "https", "s3", "gs", "oci"}
        form = ChannelForm.ADDRESS if known and host and " " not in bare else ChannelForm.INVALID
        return ChannelText(form, bare, match["scheme"].lower(), host, secret, found)
    if match or re.match(r"[/~]|\.{1,2}/|\.{1,2}$|[A-Za-z]:[/\\]|\\\\", bare):
        return ChannelText(ChannelForm.FOLDER, bare, "file", "", None, found)
    form = ChannelForm.NAME if _NAME.fullmatch(bare) and ".." not in bare else ChannelForm.INVALID
    return ChannelText(form, bare, variable=found)


def _host_of(rest: str) -> str:
    authority = re.split(r"[/?#]", rest, maxsplit=1)[0].rpartition("@")[2].lower()
    if authority.startswith("["):
        return authority[1:].partition("]")[0]
    return authority.partition(":")[0]


def is_anaconda(channel: ChannelText) -> bool:
    """Tell whether a channel comes under Anaconda's terms of service."""
    if channel.form is ChannelForm.ADDRESS:
        last = channel.name.rpartition("/")[2]
        is_main = channel.host == "conda.anaconda.org" and last in {"main", "anaconda"}
        return channel.host in ANACONDA_HOSTS or is_main
    return channel.name in ANACONDA_NAMES or channel.name.startswith("pkgs/")


def is_link_local(host: str) -> bool:
    """Tell whether a host is a link-local address or a name that leads to a metadata service."""
    if host in {"metadata", "metadata.google.internal", "instance-data"}:
        return True
    try:
        return ipaddress.ip_address(host.partition("%")[0]).is_link_local
    except ValueError:
        return False


def is_loopback(host: str) -> bool:
    """Tell whether a host is this machine."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
