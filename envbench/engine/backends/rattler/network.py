"""The engine's settings as the library wants them: a client, a gateway, environment variables."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from envbench.engine.engine_settings import EngineSettings

if TYPE_CHECKING:
    from rattler import Gateway
    from rattler.networking import Client

REQUEST_TIMEOUT_FACTOR = 10
"""The library's limit is for a request as a whole, ours (`read_timeout_s`) for silence."""


def write_config(settings: EngineSettings) -> str:
    """Write the library's configuration as TOML; it may hold secrets of proxies."""
    lines = []
    if settings.auth_file:
        lines.append(f"authentication-override-file = {json.dumps(settings.auth_file)}")
    if not settings.ssl_verify:
        lines.append("tls-no-verify = true")
    if settings.ca_file:
        # Read from SSL_CERT_FILE, which counts for the system's store only.
        lines.append('tls-root-certs = "system"')
    if settings.proxies or settings.no_proxy:
        lines.append("[proxy-config]")
        lines += [f"{kind} = {json.dumps(url)}" for kind, url in sorted(settings.proxies.items())]
        lines.append(f"non-proxy-hosts = {json.dumps(list(settings.no_proxy))}")
    return "\n".join(lines) + "\n"


def list_variables(settings: EngineSettings) -> dict[str, str]:
    """List the environment variables that must be set before the library is loaded."""
    variables = {}
    if settings.auth_file:
        variables["RATTLER_AUTH_FILE"] = settings.auth_file
    if settings.ca_file:
        variables["SSL_CERT_FILE"] = settings.ca_file
    return variables


def build_client(settings: EngineSettings) -> "Client":
    """Make the HTTP client with retries, credentials, proxies and certificates."""
    from rattler import Config
    from rattler.networking import Client

    return Client.from_config(
        Config.from_toml(write_config(settings)),
        max_retries=settings.max_retries,
        user_agent="envbench",
        timeout=max(1, round(settings.read_timeout_s * REQUEST_TIMEOUT_FACTOR)),
    )


def build_gateway(
    settings: EngineSettings,
    *,
    offline: bool,
    client: "Client | None" = None,
    unsharded: frozenset[str] = frozenset(),
) -> "Gateway":
    """Make a gateway: the library's store of channel indexes, in memory and on disk.

    Args:
        settings: Says where the cache lies.
        offline: Use the cache whatever its age, and never the network.
        client: For all requests; made from the settings when missing.
        unsharded: Base addresses whose sharded index is not to be asked for.
    """
    from rattler import Gateway, SourceConfig

    action: Literal["force-cache-only", "cache-or-fetch"]
    action = "force-cache-only" if offline else "cache-or-fetch"
    return Gateway(
        cache_dir=Path(settings.repodata_dir),
        default_config=SourceConfig(cache_action=action),
        per_channel_config={
            url: SourceConfig(cache_action=action, sharded_enabled=False) for url in unsharded
        },
        client=client or build_client(settings),
        show_progress=False,
    )
