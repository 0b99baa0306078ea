"""The keys of envbench's own settings file: one row each, from which all else is made."""

from collections.abc import Callable
from dataclasses import dataclass

from envbench.model.pip_kinds import CONSENT_KINDS
from envbench.model.redaction import redact_url


class BadValueError(ValueError):
    """A value that does not fit its key; the message says what would."""


@dataclass(frozen=True, slots=True)
class SettingKey:
    """One documented key."""

    name: str
    """Dotted: `pip.index_url` is `index_url` of the table `[pip]`."""
    kind: str
    """What may stand there, for people: `true or false`, `a number from 1 to 100`."""
    default: object
    meaning: str
    """One line."""
    check: Callable[[object], object]
    """Turns a TOML value into the value kept; raises `BadValueError`."""

    @property
    def field(self) -> str:
        """The name of the field of `OwnSettings`."""
        return self.name.replace(".", "_")

    @property
    def variable(self) -> str:
        """The environment variable that overrides the key."""
        return "ENVBENCH_" + self.field.upper()


def _check_bool(value: object) -> object:
    if isinstance(value, str) and value.lower() in {"1", "true", "yes", "on"}:
        return True
    if isinstance(value, str) and value.lower() in {"0", "false", "no", "off"}:
        return False
    if isinstance(value, bool):
        return value
    raise BadValueError("must be true or false")


def _check_text(value: object) -> object:
    if isinstance(value, str) and value.isprintable() and len(value) <= 4000:
        return value
    raise BadValueError("must be text without control characters")


def _check_path(value: object) -> object:
    text = _check_text(value)
    if isinstance(text, str) and text.startswith(("/", "~")):
        return text
    raise BadValueError("must be an absolute path, or begin with ~")


def _check_texts(value: object) -> object:
    if isinstance(value, str):
        value = [part.strip() for part in value.split(",") if part.strip()]
    if isinstance(value, list) and len(value) <= 1000:
        return tuple(_check_text(item) for item in value)
    raise BadValueError("must be a list of texts")


def _check_kinds(value: object) -> object:
    names = _check_texts(value)
    if isinstance(names, tuple) and CONSENT_KINDS.issuperset(names):
        return names
    raise BadValueError(f"must be a list of: {', '.join(sorted(CONSENT_KINDS))}")


def _check_choice(*choices: str) -> Callable[[object], object]:
    def check(value: object) -> object:
        if value in choices:
            return value
        raise BadValueError(f"must be one of {', '.join(choices)}")

    return check


def _check_number(low: float, high: float, *, whole: bool) -> Callable[[object], object]:
    def check(value: object) -> object:
        number = _parse_number(value, whole=whole)
        if number is not None and low <= number <= high:
            return number
        raise BadValueError(f"must be a number from {low:g} to {high:g}")

    return check


def _parse_number(value: object, *, whole: bool) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    if not whole:
        return number
    return int(number) if number.is_integer() else None


_BOOL = "true or false"
_TEXTS = "a list of texts"
_PATH = "an absolute path"

KEYS: tuple[SettingKey, ...] = (
    SettingKey("envs_dir", _PATH, "", "where environments are built", _check_path),
    SettingKey(
        "cache_dir", _PATH, "", "packages and repodata that can be fetched again", _check_path
    ),
    SettingKey("state_dir", _PATH, "", "jobs, logs and credentials", _check_path),
    SettingKey(
        "channels", _TEXTS, (), "channels of a spec that names none; else condarc's", _check_texts
    ),
    SettingKey(
        "append_condarc_channels",
        _BOOL,
        True,
        "search the channels that condarc lists behind those of a spec, unless it has `nodefaults`:"
        " as `conda env create` does",
        _check_bool,
    ),
    SettingKey("offline", _BOOL, False, "use only what is cached", _check_bool),
    SettingKey(
        "solve_timeout_s",
        "a number from 1 to 86400",
        600.0,
        "how long one solve may take, in seconds",
        _check_number(1, 86400, whole=False),
    ),
    SettingKey("theme", "the name of a theme", "", "colours of the screen", _check_text),
    SettingKey(
        "glyphs",
        "auto, unicode or ascii",
        "auto",
        "which characters borders and marks are drawn with; auto asks the locale",
        _check_choice("auto", "unicode", "ascii"),
    ),
    SettingKey(
        "notify",
        "off, bell, osc9 or both",
        "bell",
        "how the terminal tells of a job that ended while you looked elsewhere; osc9 is a message"
        " that some terminals show on the desktop",
        _check_choice("off", "bell", "osc9", "both"),
    ),
    SettingKey(
        "link",
        "auto, fast or slow",
        "auto",
        "how often the screen is drawn anew over a slow connection; auto measures it",
        _check_choice("auto", "fast", "slow"),
    ),
    SettingKey(
        "editor",
        "a command",
        "",
        "the program that opens a spec outside the screen; else $VISUAL or $EDITOR",
        _check_text,
    ),
    SettingKey("mouse", _BOOL, True, "let the screen see clicks and the wheel", _check_bool),
    SettingKey(
        "build_probes",
        _TEXTS,
        (),
        "probes that a build must pass before it goes live",
        _check_texts,
    ),
    SettingKey(
        "keep_generations",
        "a number from 1 to 100",
        3,
        "generations kept of each environment, the one in use included",
        _check_number(1, 100, whole=True),
    ),
    SettingKey("link_scripts", _BOOL, False, "run the post-link scripts of packages", _check_bool),
    SettingKey(
        "backend", "rattler", "rattler", "what builds environments", _check_choice("rattler")
    ),
    SettingKey(
        "build_priority",
        "low or normal",
        "low",
        "low leaves the processor and the disk to training runs; a build on a busy box takes long",
        _check_choice("low", "normal"),
    ),
    SettingKey("pip.index_url", "a URL", "", "the package index of pip sections", _check_text),
    SettingKey("pip.extra_index_urls", _TEXTS, (), "further package indexes", _check_texts),
    SettingKey("pip.find_links", _TEXTS, (), "folders or pages with distributions", _check_texts),
    SettingKey("pip.no_index", _BOOL, False, "ask no package index at all", _check_bool),
    SettingKey(
        "pip.allow_source_builds",
        _BOOL,
        False,
        "install source distributions, which runs code of the package while building",
        _check_bool,
    ),
    SettingKey(
        "pip.allow",
        "a list of: " + ", ".join(sorted(CONSENT_KINDS)),
        (),
        "what lines of pip sections may ask for beyond plain requirements",
        _check_kinds,
    ),
)

BY_NAME = {key.name: key for key in KEYS}


def show_value(value: object) -> object:
    """Turn a value into JSON builtins without secrets."""
    if isinstance(value, str):
        return redact_url(value)
    if isinstance(value, tuple | list):
        return [show_value(item) for item in value]
    if isinstance(value, dict):
        return {str(name): show_value(item) for name, item in value.items()}
    return value
