"""The settings panel: every setting with where it comes from, and writing one of them."""

import json
from difflib import get_close_matches

from envbench.files import read_text_file, write_atomically
from envbench.formats.toml_edits import set_toml_key
from envbench.model.cleaning import clean
from envbench.model.errors import PreventedError, UsageError
from envbench.settings.condarc_keys import CONDA_KEYS
from envbench.settings.keys import BY_NAME, BadValueError, SettingKey
from envbench.settings.load import Settings
from envbench.settings.values import SettingValue
from envbench.workbench.path_texts import show_path
from envbench.workbench.values.preferences import SettingRow as SettingRow
from envbench.workbench.values.preferences import WrittenPreference as WrittenPreference

_VALUE_LIMIT = 2000


def set_preference(
    key: str, value: str | bool | float | list[str], settings: Settings
) -> WrittenPreference:
    """Write one key into the user's settings file; comments and all other keys stay.

    Args:
        key: One of envbench's own keys.
        value: The new value; texts are taken as `ENVBENCH_...` variables are.
        settings: They say where the file is. They do not change: load them again.

    Raises:
        UsageError: There is no such key, the value does not fit, or the file is no TOML.
        PreventedError: The system refused; the old file is still there.
    """
    checked = _check(_find_key(key), value)
    file = settings.paths.config_file
    where = show_path(file)
    text, mark = "", ""
    if file.exists() or file.is_symlink():
        found = read_text_file(file, what="settings file")
        text, mark = found.text, "\ufeff" if found.has_bom else ""
    edited = set_toml_key(text, key, checked, path=where)
    if edited != text:
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
        except OSError as fault:
            why = fault.strerror or ""
            what = "the settings are not saved"
            raise PreventedError(what, where=where, why=why) from fault
        write_atomically(file, (mark + edited).encode())
    return WrittenPreference(key=key, file=where, overridden_by=_override_of(key, settings))


def describe_settings(settings: Settings) -> tuple[SettingRow, ...]:
    """List every setting with its value and where it comes from, envbench's own first."""
    own_file = clean(str(settings.paths.config_file))
    problems: dict[str, str] = {}
    for problem in settings.problems:
        # The same word may be a key of ours and one of conda.
        is_own = problem.source == own_file or problem.source.startswith("ENVBENCH_")
        problems.setdefault(problem.key if is_own else f"conda.{problem.key}", problem.message)
    return tuple(_describe(value, problems.get(value.key, "")) for value in settings.values)


def _find_key(name: str) -> SettingKey:
    key = BY_NAME.get(name)
    if key is None:
        near = get_close_matches(name, BY_NAME, n=1)
        hint = f"did you mean {near[0]}?" if near else "envbench config lists them"
        raise UsageError(f"there is no setting {clean(name, limit=60)!r}", hint=hint)
    return key


def _check(key: SettingKey, value: object) -> object:
    try:
        checked = key.check(value)
    except BadValueError as fault:
        raise UsageError(f"{key.name} {fault}", where=key.name, hint=key.meaning) from None
    return list(checked) if isinstance(checked, tuple) else checked


def _override_of(key: str, settings: Settings) -> str:
    variable = BY_NAME[key].variable
    sources = (value.source for value in settings.values if value.key == key)
    return variable if variable in sources else ""


def _describe(value: SettingValue, problem: str) -> SettingRow:
    key = BY_NAME.get(value.key)
    return SettingRow(
        key=value.key,
        value=clean(_show(value.value), limit=_VALUE_LIMIT),
        source=clean(value.source, limit=1000),
        meaning=key.meaning if key else _OTHER_MEANINGS.get(value.key, ""),
        kind=key.kind if key else "",
        variable=key.variable if key else "",
        problem=clean(problem, limit=300),
    )


_OTHER_MEANINGS = {f"conda.{key.name}": key.meaning for key in CONDA_KEYS} | {
    "config_file": "the file with envbench's own settings",
    "network.ca_file": "certificates that are trusted, as condarc and the usual variables say",
    "network.proxies": "proxies, as condarc and the usual variables say; secrets left out",
    "network.no_proxy": "hosts that are reached without a proxy",
}


def _show(value: object) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, list | tuple) and all(isinstance(item, str) for item in value):
        return ", ".join(value)
    return json.dumps(value, ensure_ascii=False, default=str)
