"""From the user's settings to what the engine must know of them."""

from envbench.engine.engine_settings import EngineSettings
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
