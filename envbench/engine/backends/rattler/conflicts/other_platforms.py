"""Whether a package that is missing here exists for other platforms."""

from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from envbench.engine.backends.rattler.attempt import Attempt
from envbench.engine.channels import normalise_url

if TYPE_CHECKING:
    from rattler.platform import SubdirLiteral

PLATFORMS: "tuple[SubdirLiteral, ...]" = (
    "linux-64",
    "linux-aarch64",
    "linux-ppc64le",
    "osx-64",
    "osx-arm64",
    "win-64",
)


async def find_other_platforms(attempt: Attempt, name: str) -> tuple[str, ...]:
    """List the platforms for which the channels have a name.

    Only channels on disk are looked into: the indexes of other platforms are as large as the
    platform's own, and fetching them for one sentence would cost more than the sentence is worth.
    """
    own = attempt.request.host.platform
    return tuple(
        [other for other in PLATFORMS if other != own and await _has_name(attempt, name, other)]
    )


async def _has_name(attempt: Attempt, name: str, platform: "SubdirLiteral") -> bool:
    from rattler import Channel, MatchSpec, Subdir
    from rattler.exceptions import GatewayError

    urls = [
        url
        for group in attempt.request.channels
        for url in map(normalise_url, group.urls)
        if _has_index(url, platform)
    ]
    if not urls:
        return False
    try:
        lists = await attempt.gateway.query(
            [Channel(url) for url in urls],
            [Subdir(platform)],
            [MatchSpec(name)],
            recursive=False,
            channel_relations="disabled",
        )
    except GatewayError:
        return False
    return any(lists)


def _has_index(url: str, platform: str) -> bool:
    if not url.startswith("file:"):
        return False
    return (Path(unquote(urlsplit(url).path)) / platform / "repodata.json").is_file()
