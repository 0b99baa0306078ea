"""What YAML makes of an unquoted text: the number, date or truth value that other tools get.

Source: YAML 1.1 as PyYAML resolves it.
"""

from dataclasses import dataclass
from typing import Any

import yaml

MAX_LENGTH = 60
"""Longer texts are no number that anyone means; converting them could take for ever."""

_RESOLVER: Any = yaml.resolver.Resolver()
_CONSTRUCTOR = yaml.constructor.SafeConstructor
_KINDS = {
    "tag:yaml.org,2002:float": "the number",
    "tag:yaml.org,2002:int": "the number",
    "tag:yaml.org,2002:bool": "the truth value",
    "tag:yaml.org,2002:timestamp": "the date",
    "tag:yaml.org,2002:null": "nothing",
}


@dataclass(frozen=True, slots=True)
class YamlReading:
    """Another value than the text that was written."""

    kind: str
    """`the number`, `the truth value`, `the date` or `nothing`."""
    shown: str
    """The value as other tools print it; empty for nothing."""

    def describe(self) -> str:
        """Say it in words: `the number 3.1`."""
        return f"{self.kind} {self.shown}".rstrip()


def read_plain(text: str) -> YamlReading | None:
    """Tell what an unquoted scalar becomes; None when it stays a text."""
    if len(text) > MAX_LENGTH:
        return None
    tag = _RESOLVER.resolve(yaml.ScalarNode, text, (True, False))
    kind = _KINDS.get(tag)
    if kind is None:
        return None
    if kind == "nothing":
        return YamlReading(kind, "")
    node = yaml.ScalarNode(tag, text)
    try:
        value = _CONSTRUCTOR.yaml_constructors[tag](_CONSTRUCTOR(), node)
    except (ValueError, OverflowError, AttributeError):
        # `2024-99-99` looks like a date and is none: the other tools stop here.
        return YamlReading(kind, "that does not exist")
    return YamlReading(kind, str(value).lower() if isinstance(value, bool) else str(value))
