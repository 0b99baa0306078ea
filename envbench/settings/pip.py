"""How pip sections reach their package indexes: people behind mirrors keep their mirrors.

Own settings come first, then uv's variables, pip's variables, and pip's configuration files.

Source: pip's documentation of its configuration (`pip.conf`, `PIP_...`) and uv's of `UV_...`.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from envbench.files import read_text_file
from envbench.model.cleaning import clean
from envbench.model.errors import UsageError
from envbench.model.lazy_patterns import lazy_pattern
from envbench.model.pip_settings import PipSettings
from envbench.model.severity import Severity
from envbench.settings.credentials import Credential, split_credential
from envbench.settings.keys import show_value
from envbench.settings.own import OwnReading
from envbench.settings.paths import expand_path
from envbench.settings.values import SettingProblem, SettingValue

if TYPE_CHECKING:
    import configparser

_SECTIONS = ("global", "install")
_UV = {
    "index-url": ("UV_DEFAULT_INDEX", "UV_INDEX_URL"),
    "extra-index-url": ("UV_INDEX", "UV_EXTRA_INDEX_URL"),
    "find-links": ("UV_FIND_LINKS",),
    "no-index": ("UV_NO_INDEX",),
}
_REFUSED = ("trusted-host", "pre", "no-binary", "config-settings", "global-option")
_SCHEME = lazy_pattern(r"[A-Za-z][A-Za-z0-9+.-]*:")
_INDEX_NAME = lazy_pattern(r"^[\w.-]+=(?=[a-z]+://)")


@dataclass(frozen=True, slots=True)
class PipChoices:
    """Everything that a pip section needs from the configuration."""

    settings: PipSettings
    """Without secrets; fit for job files."""
    allowed_options: frozenset[str] = frozenset()
    """Kinds of lines (`PipKind`) that a pip section may hold beyond plain requirements."""
    ca_file: str | None = None
    """A bundle of certificates in PEM."""
    credentials: tuple[Credential, ...] = field(default=(), repr=False)
    """For the indexes; handed over by a private file or the environment of a child. A detached
    job does not inherit variables that hold secrets: store these in the settings' file of index
    credentials first, where the job's own settings find them again."""


@dataclass(frozen=True, slots=True)
class PipReading:
    """The choices, where they came from, and what was noticed on the way."""

    choices: PipChoices
    values: tuple[SettingValue, ...]
    problems: tuple[SettingProblem, ...]


@dataclass(frozen=True, slots=True)
class _Said:
    """What one source says of one option."""

    value: str
    source: str


def read_pip(
    own: OwnReading,
    environ: Mapping[str, str],
    home: Path,
    *,
    stored: Sequence[Credential] = (),
    offline: bool,
) -> PipReading:
    """Join own settings, variables and pip's files.

    Args:
        own: envbench's own settings.
        environ: The environment variables.
        home: The home directory.
        stored: Credentials kept earlier; those of URLs come first.
        offline: Use only what is cached.
    """
    problems: list[SettingProblem] = []
    said = _read_files(environ, home, problems) | _read_variables(environ)
    credentials: dict[str, Credential] = {}
    sources: dict[str, str] = {}

    def choose(field_name: str, option: str) -> tuple[str, ...]:
        key = f"pip.{field_name}"
        mine = getattr(own.settings, f"pip_{field_name}")
        if mine:
            texts = mine if isinstance(mine, tuple) else (mine,)
            sources[key] = own.sources[key]
        else:
            found = said.get(option)
            texts = _split_words(found.value) if found else ()
            sources[key] = found.source if found else "default"
        found_secrets = [_take_secret(text, credentials) for text in texts]
        if not all(is_carried for _, is_carried in found_secrets):
            message = "a token in an address does not reach the job; use https://USER:TOKEN@HOST/"
            problems.append(SettingProblem(sources[key], key, message))
        return tuple(text for text, _ in found_secrets)

    index = choose("index_url", "index-url")
    settings = PipSettings(
        index_url=index[0] if index else None,
        extra_index_urls=choose("extra_index_urls", "extra-index-url"),
        find_links=tuple(_expand_link(link, home) for link in choose("find_links", "find-links")),
        no_index=own.settings.pip_no_index or _says_yes(said.get("no-index")),
        only_binary=not own.settings.pip_allow_source_builds,
        offline=offline,
    )
    for credential in stored:
        credentials.setdefault(credential.host, credential)
    ca = said.get("cert")
    choices = PipChoices(
        settings,
        frozenset(own.settings.pip_allow),
        str(expand_path(ca.value, home)) if ca else None,
        tuple(credentials.values()),
    )
    for option in _REFUSED:
        if option in said:
            message = "this option of pip is not honoured"
            found = said[option]
            problems.append(SettingProblem(found.source, option, message, severity=Severity.INFO))
    values = tuple(
        SettingValue(key, show_value(getattr(settings, key.removeprefix("pip."))), source)
        for key, source in sources.items()
    )
    return PipReading(choices, values, tuple(problems))


def _read_variables(environ: Mapping[str, str]) -> dict[str, _Said]:
    found: dict[str, _Said] = {}
    options = ("index-url", "extra-index-url", "find-links", "no-index", "cert", *_REFUSED)
    for option in options:
        variables = (*_UV.get(option, ()), f"PIP_{option.replace('-', '_').upper()}")
        for variable in variables:
            if environ.get(variable):
                found[option] = _Said(environ[variable], variable)
                break
    return found


def _read_files(
    environ: Mapping[str, str], home: Path, problems: list[SettingProblem]
) -> dict[str, _Said]:
    found: dict[str, _Said] = {}
    files = _find_files(environ, home)
    if not files:
        return found
    import configparser

    for path in files:
        source = clean(str(path))
        parser = configparser.RawConfigParser(strict=False)
        try:
            parser.read_string(read_text_file(path, what="pip configuration").text)
        except UsageError as fault:
            problems.append(SettingProblem(source, "", fault.why))
            continue
        except configparser.Error as fault:
            # Its own text quotes the line, which may hold a password.
            problems.append(SettingProblem(source, "", "this is no valid INI", _line_of(fault)))
            continue
        for section in _SECTIONS:
            if parser.has_section(section):
                options = parser.items(section)
                found |= {
                    name.replace("_", "-"): _Said(text, source) for name, text in options if text
                }
    return found


def _line_of(fault: "configparser.Error") -> int | None:
    import configparser

    if isinstance(fault, configparser.MissingSectionHeaderError):
        return fault.lineno
    if isinstance(fault, configparser.ParsingError) and fault.errors:
        return int(fault.errors[0][0])
    return None


def _find_files(environ: Mapping[str, str], home: Path) -> list[Path]:
    """List pip's files that exist, the weakest first."""
    given = environ.get("PIP_CONFIG_FILE")
    if given == "/dev/null":
        return []
    directories = (environ.get("XDG_CONFIG_DIRS") or "/etc/xdg").split(":")
    config = environ.get("XDG_CONFIG_HOME", "")
    user = Path(config) if config.startswith("/") else home / ".config"
    paths = [Path(directory) / "pip/pip.conf" for directory in reversed(directories) if directory]
    paths += [Path("/etc/pip.conf"), home / ".pip/pip.conf", user / "pip/pip.conf"]
    if given:
        paths.append(expand_path(given, home))
    return [path for path in paths if path.exists()]


def _split_words(text: str) -> tuple[str, ...]:
    return tuple(_INDEX_NAME.sub("", word) for word in re.split(r"[\s,]+", text) if word)


def _take_secret(text: str, credentials: dict[str, Credential]) -> tuple[str, bool]:
    """Take the secret out of an address; tell whether a credential carries it from now on."""
    clean_url, credential, secret = split_credential(text)
    if credential is not None and credential.conda_token is None:
        credentials.setdefault(credential.host, credential)
        return clean_url, True
    return clean_url, secret is None


def _expand_link(link: str, home: Path) -> str:
    """Make a path absolute: the job that reads it runs elsewhere. Addresses stay as they are."""
    return link if _SCHEME.match(link) else str(expand_path(link, home))


def _says_yes(said: _Said | None) -> bool:
    return said is not None and said.value.strip().lower() in {"1", "true", "yes", "on", "y", "t"}
