"""JSON documents: typed values with a schema number, as they cross borders and reach disk."""

import sys
from typing import Any, TypeVar

import msgspec

T = TypeVar("T")


def to_builtins(value: object) -> Any:
    """Turn a value into JSON builtins (dicts, lists, text, numbers)."""
    return msgspec.to_builtins(value, str_keys=True, enc_hook=_encode_foreign)


def _encode_foreign(value: object) -> str:
    """Write paths and pip requirements as text; this room knows paths by their protocol only."""
    if hasattr(value, "__fspath__") or _is_requirement(value):
        return str(value)
    raise NotImplementedError(f"{type(value).__name__} has no form in JSON")


def _is_requirement(value: object) -> bool:
    """Look without loading `packaging`, which whoever made the requirement has done."""
    module = sys.modules.get("packaging.requirements")
    return module is not None and isinstance(value, module.Requirement)


def make_foreign(kind: type, data: Any) -> Any:
    """Make a path or a pip requirement again from its text: the `dec_hook` of whoever decodes."""
    if kind is object:
        return data
    if hasattr(kind, "__fspath__"):
        return kind(data)
    if (kind.__module__, kind.__name__) == ("packaging.requirements", "Requirement"):
        return kind(data)
    raise NotImplementedError(f"{kind.__name__} cannot be read from JSON")


def from_builtins(data: object, kind: type[T]) -> T:
    """Turn JSON builtins into a value.

    Raises:
        msgspec.ValidationError: The data does not have the shape of `kind`.
    """
    return msgspec.convert(data, kind)


def encode(value: object, *, schema: str) -> bytes:
    """Write a value as one JSON object that begins with its schema, such as `envbench.plan/1`."""
    return msgspec.json.encode({"schema": schema, **to_builtins(value)})


def decode(data: bytes | str, kind: type[T], *, schema: str) -> T:
    """Read what `encode` wrote.

    Raises:
        msgspec.ValidationError: Another schema, or not the shape of `kind`.
        msgspec.DecodeError: No JSON.
    """
    document = msgspec.json.decode(data, type=dict[str, Any])
    found = document.pop("schema", None)
    if found != schema:
        raise msgspec.ValidationError(f"expected schema {schema!r}, found {found!r}")
    return from_builtins(document, kind)
