"""The variables of an environment: those its user set, and those its packages bring.

Source: conda's `conda-meta/state` (`{"env_vars": {...}}`) and `etc/conda/env_vars.d/*.json`.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec

from envbench.files import read_bytes, write_atomically
from envbench.model.errors import UsageError
from envbench.model.lazy_patterns import lazy_pattern

_LIMIT_BYTES = 1024 * 1024
_NAME = lazy_pattern(r"[A-Za-z_][A-Za-z0-9_]{0,254}")

UNSET = "***unset***"
"""conda's sign for a variable that is to be removed on activation."""


def is_variable_name(name: str) -> bool:
    """Tell whether every shell accepts the name."""
    return _NAME.fullmatch(name) is not None


def write_state_variables(prefix: Path, variables: Sequence[tuple[str, str]]) -> None:
    """Write the user's variables as `conda env config vars set` does.

    Nothing is written when there are none and nothing was there.

    Args:
        prefix: The environment.
        variables: Names and values; the values stay as they are, whatever is in them.

    Raises:
        UsageError: A name that no shell accepts, or a NUL in a value.
        PreventedError: The system refused.
    """
    for name, value in variables:
        if not is_variable_name(name) or "\0" in value:
            raise UsageError(f"{name[:100]!r} cannot be set as an environment variable")
    path = prefix / "conda-meta" / "state"
    if variables or path.exists():
        data = msgspec.json.encode({"env_vars": dict(variables)})
        write_atomically(path, data, mode=0o644, durable=False)


def read_state_variables(prefix: Path) -> dict[str, str]:
    """Read the variables that the user set; damaged files count as empty."""
    state = _read_mapping(prefix / "conda-meta" / "state")
    found = state.get("env_vars")
    return _only_usable(found) if isinstance(found, dict) else {}


def read_package_variables(prefix: Path) -> dict[str, str]:
    """Read the variables that packages bring in `etc/conda/env_vars.d`, later files winning."""
    found: dict[str, str] = {}
    for path in sorted((prefix / "etc" / "conda" / "env_vars.d").glob("*.json")):
        found |= _only_usable(_read_mapping(path))
    return found


def read_variables(prefix: Path) -> dict[str, str]:
    """Read all variables that an activation sets; the user's win over the packages'."""
    return read_package_variables(prefix) | read_state_variables(prefix)


def _read_mapping(path: Path) -> dict[str, object]:
    try:
        data = read_bytes(path, limit_bytes=_LIMIT_BYTES, what="variables")
        return msgspec.json.decode(data, type=dict[str, object])
    except (UsageError, msgspec.MsgspecError, UnicodeDecodeError):
        return {}


def _only_usable(found: Mapping[str, object]) -> dict[str, str]:
    return {
        name: value
        for name, value in found.items()
        if isinstance(value, str) and is_variable_name(name) and "\0" not in value
    }
