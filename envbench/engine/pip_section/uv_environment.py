"""The environment variables and index options that uv is started with.

uv reads dozens of variables and several configuration files; an inherited `UV_INDEX_URL` or a
`uv.toml` above the working directory would change what a spec means. So the environment is
written from nothing, and secrets go into it because every user can read an argument list.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit, urlunsplit

from envbench.engine.pip_section.errors import PipItemError
from envbench.engine.pip_section.request import PipTask
from envbench.model.redaction import register_secret, split_url_secrets

_INHERITED = (
    "PATH", "HOME", "USER", "LOGNAME", "NETRC", "LD_LIBRARY_PATH",
    "SSL_CERT_FILE", "SSL_CERT_DIR", "SSL_CLIENT_CERT",
    "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY",
    "http_proxy", "https_proxy", "all_proxy", "no_proxy",
    "UV_HTTP_TIMEOUT", "UV_HTTP_RETRIES", "UV_CONCURRENT_DOWNLOADS",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class UvReach:
    """How uv reaches the world for one task."""

    options: tuple[str, ...]
    """For the argument list; holds no secret."""
    variables: Mapping[str, str]
    """The whole environment of the child; indexes and their secrets are in here."""


def compose_reach(task: PipTask) -> UvReach:
    """Work out options and variables from the settings of a task.

    Raises:
        PipItemError: A find-links address holds a secret, which could only travel in argv.
    """
    settings = task.settings
    options = ["--index-strategy", "first-index"]
    for place in settings.find_links:
        options += ("--find-links", _plain_place(place))
    if settings.no_index:
        options.append("--no-index")
    if settings.only_binary:
        options += ("--only-binary", ":all:")
    if settings.offline:
        options.append("--offline")
    if task.exclude_newer:
        options += ("--exclude-newer", task.exclude_newer)
    return UvReach(tuple(options), _base_variables(task) | _index_variables(task))


def _base_variables(task: PipTask) -> dict[str, str]:
    inherited = {name: task.environ[name] for name in _INHERITED if task.environ.get(name)}
    return inherited | {
        "LC_ALL": "C.UTF-8",
        "NO_COLOR": "1",
        "UV_NO_CONFIG": "1",
        "UV_NO_PROGRESS": "1",
        "UV_NO_ENV_FILE": "1",
        "UV_PYTHON_DOWNLOADS": "never",
        "UV_CACHE_DIR": str(task.cache_dir),
        "PYTHONNOUSERSITE": "1",
        "GIT_TERMINAL_PROMPT": "0",
    }


def _index_variables(task: PipTask) -> dict[str, str]:
    """Name every index, so that its credentials can be handed over under that name."""
    settings = task.settings
    if settings.no_index:
        return {}
    variables: dict[str, str] = {}
    extras = [
        _name_index(f"envbench{number}", url, task, variables)
        for number, url in enumerate(settings.extra_index_urls, start=1)
    ]
    if extras:
        variables["UV_INDEX"] = " ".join(extras)
    if settings.index_url:
        variables["UV_DEFAULT_INDEX"] = _name_index(
            "envbench0", settings.index_url, task, variables
        )
    return variables


def _name_index(name: str, url: str, task: PipTask, variables: dict[str, str]) -> str:
    shown, secret = split_url_secrets(url)
    username, password = "", ""
    if secret:
        username, password = secret.username or "", secret.password or ""
    for credential in task.credentials:
        if credential.url.rstrip("/") == shown.rstrip("/"):
            username, password = credential.username, credential.password
    if username or password:
        variables[f"UV_INDEX_{name.upper()}_USERNAME"] = username
        variables[f"UV_INDEX_{name.upper()}_PASSWORD"] = password
    if password:
        register_secret(password)
    # A token in the path or the query has no other way than the URL; variables are not public.
    return f"{name}={_without_userinfo(url)}"


def _without_userinfo(url: str) -> str:
    parts = urlsplit(url)
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))


def _plain_place(place: str) -> str:
    shown, secret = split_url_secrets(place)
    if secret is not None:
        raise PipItemError(
            "a find-links address holds a secret",
            where=shown,
            hint="Move the user name and password to your netrc file.",
        )
    return place
