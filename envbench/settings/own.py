"""envbench's own settings file, `config.toml`: read, validated, with defaults."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from envbench.files import read_text_file
from envbench.model.cleaning import clean
from envbench.model.errors import UsageError
from envbench.model.severity import Severity
from envbench.settings.keys import BY_NAME, KEYS, BadValueError, SettingKey, show_value
from envbench.settings.values import SettingProblem, SettingValue, show_key


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnSettings:
    """The values of envbench's own keys; `settings.keys` says what each means.

    Addresses are as they were written, secrets included: take them from the other settings.
    """

    envs_dir: str = ""
    cache_dir: str = ""
    state_dir: str = ""
    channels: tuple[str, ...] = field(default=(), repr=False)
    append_condarc_channels: bool = True
    offline: bool = False
    solve_timeout_s: float = 600.0
    theme: str = ""
    glyphs: str = "auto"
    notify: str = "bell"
    link: str = "auto"
    editor: str = ""
    mouse: bool = True
    build_probes: tuple[str, ...] = ()
    keep_generations: int = 3
    link_scripts: bool = False
    backend: str = "rattler"
    build_priority: str = "low"
    pip_index_url: str = field(default="", repr=False)
    pip_extra_index_urls: tuple[str, ...] = field(default=(), repr=False)
    pip_find_links: tuple[str, ...] = field(default=(), repr=False)
    pip_no_index: bool = False
    pip_allow_source_builds: bool = False
    pip_allow: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class OwnReading:
    """What came of reading the file and the environment variables."""

    settings: OwnSettings
    sources: Mapping[str, str]
    """Key name to file or variable; keys at their default are absent."""
    problems: tuple[SettingProblem, ...]

    def values(self) -> tuple[SettingValue, ...]:
        """List every key, for `envbench config`."""
        return tuple(
            SettingValue(
                key.name,
                show_value(getattr(self.settings, key.field)),
                self.sources.get(key.name, "default"),
            )
            for key in KEYS
        )


def read_own_settings(path: Path, environ: Mapping[str, str]) -> OwnReading:
    """Read the settings file, which need not exist, and the variables `ENVBENCH_...`.

    A bad value or an unknown key is a problem with file and key; the default is used instead.
    """
    problems: list[SettingProblem] = []
    found: dict[str, tuple[object, str]] = {}
    for name, value, source in (*_read_file(path, problems), *_read_variables(environ)):
        if name in BY_NAME:
            _take(BY_NAME[name], value, source, found, problems)
        else:
            problems.append(SettingProblem(source, name, _say_unknown(name)))
    fields: dict[str, Any] = {BY_NAME[name].field: value for name, (value, _) in found.items()}
    sources = {name: source for name, (_, source) in found.items()}
    return OwnReading(OwnSettings(**fields), sources, tuple(problems))


def _take(
    key: SettingKey,
    value: object,
    source: str,
    found: dict[str, tuple[object, str]],
    problems: list[SettingProblem],
) -> None:
    try:
        found[key.name] = (key.check(value), source)
    except BadValueError as fault:
        problems.append(SettingProblem(source, key.name, str(fault), severity=Severity.ERROR))


def _read_file(path: Path, problems: list[SettingProblem]) -> list[tuple[str, object, str]]:
    if not path.exists():
        return []
    # Most users have no such file.
    import tomllib

    source = clean(str(path))
    try:
        table = tomllib.loads(read_text_file(path, what="settings file").text)
    except UsageError as fault:
        problems.append(SettingProblem(source, "", fault.why, severity=Severity.ERROR))
    except (tomllib.TOMLDecodeError, RecursionError) as fault:
        why = f"this is no valid TOML: {clean(str(fault), limit=200)}"
        problems.append(SettingProblem(source, "", why, severity=Severity.ERROR))
    else:
        return [(show_key(name), value, source) for name, value in _flatten(table)]
    return []


def _flatten(table: Mapping[str, object]) -> Iterator[tuple[str, object]]:
    for name, value in table.items():
        if isinstance(value, dict):
            yield from ((f"{name}.{inner}", item) for inner, item in value.items())
        else:
            yield name, value


def _read_variables(environ: Mapping[str, str]) -> list[tuple[str, object, str]]:
    return [
        (key.name, environ[key.variable], key.variable) for key in KEYS if environ.get(key.variable)
    ]


def _say_unknown(name: str) -> str:
    from difflib import get_close_matches

    near = get_close_matches(name, BY_NAME, n=1)
    return "no such key" + (f"; did you mean {near[0]}?" if near else "")
