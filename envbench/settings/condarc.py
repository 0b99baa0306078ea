"""condarc as conda reads it: files and environment variables, merged, each value with its source."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from envbench.files import read_text_file
from envbench.model.cleaning import clean
from envbench.model.errors import UsageError
from envbench.model.lazy_patterns import lazy_pattern
from envbench.model.severity import Severity
from envbench.settings.condarc_files import find_condarc_files
from envbench.settings.condarc_keys import (
    CONDA_KEYS,
    KEY_BY_WORD,
    BadCondaValueError,
    CondaKey,
    Shape,
    read_value,
)
from envbench.settings.keys import show_value
from envbench.settings.values import SettingProblem, SettingValue, show_key

if TYPE_CHECKING:
    from envbench.settings.condarc_text import RawEntry

_VARIABLE = lazy_pattern(r"\$(?:(\w+)|\{(\w+)\})")


@dataclass(frozen=True, slots=True)
class CondaValue:
    """One merged value."""

    value: Any
    """In the shape of its key, with secrets: never show it as it is."""
    source: str


@dataclass(frozen=True, slots=True)
class CondaConfig:
    """Everything that condarc says."""

    found: Mapping[str, CondaValue]
    """One entry for each of `CONDA_KEYS`."""
    files: tuple[Path, ...]
    """Those that were read, lowest priority first."""
    problems: tuple[SettingProblem, ...]

    def __getitem__(self, name: str) -> Any:
        """Return the merged value of a key."""
        return self.found[name].value

    def source(self, name: str) -> str:
        """Say where the value of a key came from."""
        return self.found[name].source

    def values(self) -> tuple[SettingValue, ...]:
        """List every key, for `envbench config`."""
        return tuple(
            SettingValue(f"conda.{name}", show_value(value.value), value.source)
            for name, value in self.found.items()
        )


@dataclass(frozen=True, slots=True)
class _Layer:
    """One value of one key from one source."""

    source: str
    value: Any
    final: bool = False


def load_condarc(environ: Mapping[str, str], home: Path) -> CondaConfig:
    """Read all condarc files and the `CONDA_...` variables.

    What is wrong becomes a problem and counts as not said; keys that envbench has no use for
    become a problem of severity `info`.
    """
    problems: list[SettingProblem] = []
    layers: dict[str, list[_Layer]] = {key.name: [] for key in CONDA_KEYS}
    files = find_condarc_files(environ, home)
    for path in files:
        for key, layer in _read_file(path, environ, problems):
            layers[key.name].append(layer)
    for key, layer in _read_variables(environ, problems):
        layers[key.name].append(layer)
    found = {key.name: _merge(key, layers[key.name]) for key in CONDA_KEYS}
    return CondaConfig(found, files, tuple(problems))


def _read_file(
    path: Path, environ: Mapping[str, str], problems: list[SettingProblem]
) -> list[tuple[CondaKey, _Layer]]:
    # Without any condarc there is no YAML to read, and no reader of it to load.
    from envbench.settings.condarc_text import CondarcTextError, parse_condarc

    source = clean(str(path))
    try:
        entries = parse_condarc(read_text_file(path, what="condarc").text)
    except UsageError as fault:
        problems.append(SettingProblem(source, "", fault.why, severity=Severity.ERROR))
        return []
    except CondarcTextError as fault:
        why = clean(str(fault), limit=300)
        problems.append(SettingProblem(source, "", why, fault.line, Severity.ERROR))
        return []
    found: list[tuple[CondaKey, _Layer]] = []
    for entry in entries:
        layer = _read_entry(entry, source, environ, problems)
        if layer:
            found.append((KEY_BY_WORD[entry.key], layer))
    return found


def _read_entry(
    entry: "RawEntry", source: str, environ: Mapping[str, str], problems: list[SettingProblem]
) -> _Layer | None:
    name = show_key(entry.key)
    key = KEY_BY_WORD.get(entry.key)
    if key is None:
        why = "envbench has no use for this key"
        problems.append(SettingProblem(source, name, why, entry.line, Severity.INFO))
        return None
    try:
        value = read_value(key, entry.value)
    except BadCondaValueError as fault:
        problems.append(SettingProblem(source, name, str(fault), entry.line, Severity.ERROR))
        return None
    if value is None:
        return None
    return _Layer(source, _expand(value, environ) if key.expand else value, entry.final)


def _read_variables(
    environ: Mapping[str, str], problems: list[SettingProblem]
) -> Iterable[tuple[CondaKey, _Layer]]:
    for word, key in KEY_BY_WORD.items():
        variable = f"CONDA_{word.upper()}"
        text = environ.get(variable, "").strip()
        if not text or key.shape not in {Shape.SCALAR, Shape.LIST}:
            continue
        try:
            value: object = (
                tuple(part.strip() for part in text.split(key.delimiter) if part.strip())
                if key.shape is Shape.LIST
                else key.parse(text)
            )
        except BadCondaValueError as fault:
            problems.append(SettingProblem(variable, key.name, str(fault), None, Severity.ERROR))
            continue
        yield key, _Layer(variable, _expand(value, environ) if key.expand else value)


def _expand(value: Any, environ: Mapping[str, str]) -> Any:
    """Replace `$NAME` in texts; unknown names stay, as conda leaves them."""
    if isinstance(value, str):
        return _VARIABLE.sub(lambda m: environ.get(m[1] or m[2], m[0]), value)
    if isinstance(value, tuple):
        return tuple(_expand(item, environ) for item in value)
    if isinstance(value, dict):
        return {name: _expand(item, environ) for name, item in value.items()}
    return value


def _merge(key: CondaKey, layers: list[_Layer]) -> CondaValue:
    """Make one value of several, given lowest priority first."""
    final = next((i for i, layer in enumerate(layers) if layer.final), None)
    counted = layers if final is None else layers[: final + 1]
    if not counted:
        return CondaValue(key.default, "default")
    strongest_first = counted[::-1]
    if key.shape is Shape.SCALAR:
        return CondaValue(strongest_first[0].value, strongest_first[0].source)
    if key.shape is Shape.LIST:
        # An empty list says nothing, as in conda.
        value: Any = _join(layer.value for layer in strongest_first) or key.default
    elif key.shape is Shape.MAP:
        value = dict(key.default) if isinstance(key.default, dict) else {}
        for layer in counted:
            value.update(layer.value)
    else:
        names = dict.fromkeys(name for layer in counted for name in layer.value)
        value = {
            name: _join(layer.value.get(name, ()) for layer in strongest_first) for name in names
        }
    sources = dict.fromkeys(layer.source for layer in strongest_first)
    return CondaValue(value, ", ".join(sources))


def _join(lists: Iterable[tuple[str, ...]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(item for items in lists for item in items))
