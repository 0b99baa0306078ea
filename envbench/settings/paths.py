"""Where envbench keeps what: one place that decides.

Source: the XDG base directory specification (relative values of its variables are ignored).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from envbench.settings.own import OwnSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class Paths:
    """Absolute paths; none of them needs to exist yet."""

    config_file: Path
    state_dir: Path
    """Private (0700): jobs, logs, credentials."""
    jobs_dir: Path
    cache_dir: Path
    """All that can be fetched again."""
    pkgs_dir: Path
    repodata_dir: Path
    uv_cache_dir: Path
    envs_dir: Path
    credentials_file: Path
    """Of channels; 0600, in the format of rattler's `RATTLER_AUTH_FILE`."""
    index_credentials_file: Path
    """Of package indexes; 0600, in the same format. Apart, because one host may serve channels
    and packages under different names."""


def find_config_file(environ: Mapping[str, str], home: Path) -> Path:
    """Say where the settings file would be."""
    directory = environ.get("ENVBENCH_CONFIG_DIR")
    if directory:
        return expand_path(directory, home) / "config.toml"
    return _base(environ, "XDG_CONFIG_HOME", home / ".config") / "config.toml"


def guess_state_dir(environ: Mapping[str, str], home: Path) -> Path:
    """Say where the state is when the settings file cannot be asked: it may be what is broken."""
    directory = environ.get("ENVBENCH_STATE_DIR")
    return (
        expand_path(directory, home)
        if directory
        else _base(environ, "XDG_STATE_HOME", home / ".local/state")
    )


def choose_paths(
    environ: Mapping[str, str],
    home: Path,
    own: "OwnSettings",
    conda_envs_dir: str | None,
) -> Paths:
    """Decide all paths.

    Args:
        environ: The environment variables.
        home: The home directory.
        own: envbench's own settings, its variables `ENVBENCH_...` included.
        conda_envs_dir: The first of condarc's `envs_dirs`, expanded.
    """
    state = _choose(own.state_dir, home) or _base(environ, "XDG_STATE_HOME", home / ".local/state")
    cache = _choose(own.cache_dir, home) or _base(environ, "XDG_CACHE_HOME", home / ".cache")
    data = _base(environ, "XDG_DATA_HOME", home / ".local/share")
    envs = _choose(own.envs_dir, home) or _choose(conda_envs_dir, home)
    return Paths(
        config_file=find_config_file(environ, home),
        state_dir=state,
        jobs_dir=state / "jobs",
        cache_dir=cache,
        pkgs_dir=cache / "pkgs",
        repodata_dir=cache / "repodata",
        uv_cache_dir=cache / "uv",
        envs_dir=envs or data / "envs",
        credentials_file=state / "credentials.json",
        index_credentials_file=state / "index-credentials.json",
    )


def expand_path(text: str, home: Path) -> Path:
    """Expand `~` and make a path absolute, without resolving links."""
    if text == "~" or text.startswith("~/"):
        return home / text[2:]
    return Path.cwd() / text if not text.startswith("/") else Path(text)


def _choose(text: str | None, home: Path) -> Path | None:
    return expand_path(text, home) if text else None


def _base(environ: Mapping[str, str], variable: str, fallback: Path) -> Path:
    value = environ.get(variable, "")
    return (Path(value) if value.startswith("/") else fallback) / "envbench"
