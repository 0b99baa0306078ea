"""Settings as they are shown and written."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingRow:
    """One setting."""

    key: str
    """`theme`, `pip.index_url`; conda's own begin with `conda.`."""
    value: str
    """As it may be shown: cleaned, without secrets; empty for an empty text or list."""
    source: str
    """`default`, a file, or the name of an environment variable."""
    meaning: str = ""
    """One line; empty where nothing more is known."""
    kind: str = ""
    """What may stand there, in words; empty for what `set_preference` does not write."""
    variable: str = ""
    """The environment variable that overrides it."""
    problem: str = ""
    """What is wrong with the value that was given, in which case the default is used."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenPreference:
    """A setting that was written."""

    key: str
    file: str
    """The settings file, cleaned for showing."""
    overridden_by: str = ""
    """The environment variable that counts all the same; mostly empty."""
