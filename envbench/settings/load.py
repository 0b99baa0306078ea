"""The front of this room: everything that is configured, read once."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from envbench.model.errors import PreventedError
from envbench.settings.channel_reading import read_channels
from envbench.settings.channels import ChannelSettings
from envbench.settings.condarc import load_condarc
from envbench.settings.credentials import recall_credentials
from envbench.settings.network import NetworkSettings, read_network
from envbench.settings.own import OwnSettings, read_own_settings
from envbench.settings.paths import Paths, choose_paths, expand_path, find_config_file
from envbench.settings.pip import PipChoices, read_pip
from envbench.settings.values import SettingProblem, SettingValue


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """All settings. Holds secrets in `network` and in credentials: show `values` only."""

    own: OwnSettings
    paths: Paths
    channels: ChannelSettings
    network: NetworkSettings
    pip: PipChoices
    conda_pkgs_dirs: tuple[Path, ...]
    """conda's package caches as condarc names them."""
    conda_envs_dirs: tuple[Path, ...]
    """Where else condarc says that environments lie."""
    user_auth_file: Path | None
    """The user's own `RATTLER_AUTH_FILE`, to be merged into ours before ours takes its place."""
    condarc_files: tuple[Path, ...]
    """Those that were read, lowest priority first."""
    values: tuple[SettingValue, ...]
    """Every value with its source, redacted, for `envbench config`."""
    problems: tuple[SettingProblem, ...]


def load_settings(
    environ: Mapping[str, str] | None = None, *, home: Path | None = None
) -> Settings:
    """Read envbench's own file, condarc, pip's configuration and the environment variables.

    The secrets of stored credentials are remembered for redaction in this process. Nothing is
    written and no directory is made. What is wrong in a file becomes a problem, and
    the default is used in its place: a broken file never keeps envbench from starting.

    Args:
        environ: The environment variables; those of this process by default.
        home: The home directory; `$HOME` by default.

    Raises:
        PreventedError: Nobody knows where this user's home is.
    """
    environ = os.environ if environ is None else environ
    home = home or _find_home(environ)
    own = read_own_settings(find_config_file(environ, home), environ)
    conda = load_condarc(environ, home)
    envs_dirs = tuple(expand_path(text, home) for text in conda["envs_dirs"])
    paths = choose_paths(environ, home, own.settings, str(envs_dirs[0]) if envs_dirs else None)
    network = read_network(conda, environ, home, offline=own.settings.offline)
    recall_credentials(paths.credentials_file)
    stored = recall_credentials(paths.index_credentials_file)
    pip = read_pip(own, environ, home, stored=stored, offline=network.settings.offline)
    channels, channel_problems = read_channels(conda, own, home)
    envs_source = own.sources.get("envs_dir") or conda.source("envs_dirs")
    return Settings(
        own=own.settings,
        paths=paths,
        channels=channels,
        network=network.settings,
        pip=pip.choices,
        conda_pkgs_dirs=tuple(expand_path(text, home) for text in conda["pkgs_dirs"]),
        conda_envs_dirs=envs_dirs,
        user_auth_file=_find_auth_file(environ, paths),
        condarc_files=conda.files,
        values=_list_values(
            own.values(), _show_paths(paths, own.sources, envs_source), pip.values, network.values,
            conda.values(),
        ),
        problems=(
            *own.problems, *conda.problems, *channel_problems, *network.problems, *pip.problems,
        ),
    )  # fmt: skip


def _find_home(environ: Mapping[str, str]) -> Path:
    given = environ.get("HOME", "")
    if given.startswith("/"):
        return Path(given)
    try:
        return Path.home()
    except RuntimeError:
        why = "HOME is not set, and the system knows no home of this user"
        hint = "set HOME to a directory of yours"
        raise PreventedError("there is no home directory", why=why, hint=hint) from None


def _find_auth_file(environ: Mapping[str, str], paths: Paths) -> Path | None:
    given = environ.get("RATTLER_AUTH_FILE", "")
    if not given.startswith("/") or Path(given) == paths.credentials_file:
        return None
    return Path(given)


def _show_paths(
    paths: Paths, sources: Mapping[str, str], envs_source: str
) -> tuple[SettingValue, ...]:
    return (
        SettingValue("config_file", str(paths.config_file), "default"),
        SettingValue("envs_dir", str(paths.envs_dir), envs_source),
        SettingValue("cache_dir", str(paths.cache_dir), sources.get("cache_dir", "default")),
        SettingValue("state_dir", str(paths.state_dir), sources.get("state_dir", "default")),
    )


def _list_values(*groups: tuple[SettingValue, ...]) -> tuple[SettingValue, ...]:
    """Join the lists; a later value of the same key takes the place of an earlier one."""
    return tuple({value.key: value for group in groups for value in group}.values())
