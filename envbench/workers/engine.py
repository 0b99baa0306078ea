"""From the user's settings to what the engine must know of them."""

from pathlib import Path
from urllib.parse import urlsplit

from envbench.engine.engine_settings import EngineSettings
from envbench.engine.pip_section import IndexCredential
from envbench.model.build import PipSettings
from envbench.settings.credentials import read_credentials
from envbench.settings.load import Settings


def describe_engine(settings: Settings, *, offline: bool = False) -> EngineSettings:
    """Give the engine its places, its network and its limits.

    Args:
        settings: The user's settings.
        offline: Never ask the network, whatever the settings say.
    """
    paths, network = settings.paths, settings.network
    auth_file = paths.credentials_file
    return EngineSettings(
        pkgs_dir=str(paths.pkgs_dir),
        repodata_dir=str(paths.repodata_dir),
        auth_file=str(auth_file) if auth_file.exists() else None,
        max_retries=network.max_retries,
        read_timeout_s=network.read_timeout_s,
        ssl_verify=network.ssl_verify,
        ca_file=network.ca_file,
        proxies=network.proxies,
        no_proxy=network.no_proxy,
        offline=offline or network.offline,
    )


def index_credentials(pip: PipSettings, credentials_file: Path) -> tuple[IndexCredential, ...]:
    """Pair each package index of the pip section with what its host asks for.

    Args:
        pip: The indexes, without secrets.
        credentials_file: Where the secrets of package indexes wait, by host.

    Raises:
        PreventedError: The file cannot be read.
    """
    entries = read_credentials(credentials_file)
    found = []
    for url in (*((pip.index_url,) if pip.index_url else ()), *pip.extra_index_urls):
        entry = entries.get(urlsplit(url).hostname or "")
        basic = entry.get("BasicHTTP") if isinstance(entry, dict) else None
        if isinstance(basic, dict):
            user, password = str(basic.get("username", "")), str(basic.get("password", ""))
            found.append(IndexCredential(url, user, password))
    return tuple(found)
