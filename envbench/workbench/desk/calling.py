"""Runs a verb in the child: finds its function, reads its arguments, tells what it reports."""

import importlib
import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, get_type_hints

import msgspec

from envbench.model.document import make_foreign
from envbench.settings.load import Settings
from envbench.workbench.desk.verbs import LOAD, VERBS

Tell = Callable[[object], None]
"""Sends an update."""

SETTINGS, REPORT = "settings", "report"
"""Parameters that no question fills: the child loads the settings, and listens to reports."""


@dataclass(frozen=True, slots=True)
class Verb:
    """A function that can be asked for."""

    function: Callable[..., Any]
    hints: Mapping[str, Any]
    """Parameter name to the type of its values."""
    required: frozenset[str]
    """Parameters that every question has to fill."""

    @property
    def wants_settings(self) -> bool:
        """Whether it reads the settings."""
        return SETTINGS in self.hints


@cache
def load_verb(name: str) -> Verb:
    """Import what a verb needs.

    Args:
        name: One of `VERBS`, or a function of whoever extends them, as `module:function`.

    Raises:
        KeyError: There is no such verb.
    """
    module, _, function = (name if ":" in name else VERBS[name]).partition(":")
    found = getattr(importlib.import_module(module), function)
    parameters = inspect.signature(found).parameters.values()
    own = (SETTINGS, REPORT)
    required = [p.name for p in parameters if p.default is p.empty and p.name not in own]
    return Verb(found, get_type_hints(found), frozenset(required))


def call(name: str, arguments: Mapping[str, Any], load: Callable[[], Settings], tell: Tell) -> Any:
    """Run a verb and give what it returns.

    Args:
        name: See `verbs.VERBS`; `LOAD` imports what the verbs in `names` need.
        arguments: JSON builtins by parameter name.
        load: Gives the settings of now.
        tell: Hears what it reports, or yields.

    Raises:
        KeyError: There is no such verb.
        TypeError: An argument is missing, or is not one of the verb's.
        msgspec.ValidationError: An argument has not the right shape.
    """
    if name == LOAD:
        return [load_verb(each).function.__name__ for each in arguments["names"]]
    verb = load_verb(name)
    values = _read_arguments(verb, arguments)
    if verb.wants_settings:
        values[SETTINGS] = load()
    if REPORT in verb.hints:
        values[REPORT] = lambda *told: tell(told[0] if len(told) == 1 else told)
    value = verb.function(**values)
    return _drain(value, tell) if inspect.isgenerator(value) else value


def _read_arguments(verb: Verb, arguments: Mapping[str, Any]) -> dict[str, Any]:
    unknown = arguments.keys() - verb.hints.keys() | arguments.keys() & {SETTINGS, REPORT, "return"}
    missing = verb.required - arguments.keys()
    if unknown or missing:
        raise TypeError(f"unknown arguments {sorted(unknown)}, missing {sorted(missing)}")
    return {
        name: msgspec.convert(value, verb.hints[name], dec_hook=make_foreign)
        for name, value in arguments.items()
    }


def _drain(generator: Any, tell: Tell) -> Any:
    """Tell what a generator yields, and give what it returns."""
    while True:
        try:
            value = next(generator)
        except StopIteration as end:
            return end.value
        tell(value)
