"""The rules for names of environments, which become names of directories."""

import re

from envbench.model.cleaning import clean, describe_characters
from envbench.model.errors import UsageError
from envbench.model.lazy_patterns import lazy_pattern

MAX_LENGTH = 100
RESERVED = frozenset({"base", "root"})
"""conda's own installation; compared without regard to case."""

_NAME = lazy_pattern(r"[A-Za-z0-9_][A-Za-z0-9._+-]*")


def broken_name_rule(name: str) -> str | None:
    """Tell which rule a name breaks, in plain words; None when it may be used."""
    if _NAME.fullmatch(name) and len(name) <= MAX_LENGTH and not name.endswith("."):
        reserved = is_reserved_name(name)
        return f"`{name}` is reserved for conda's own installation" if reserved else None
    return _shape_rule(name) or _character_rule(name)


def _shape_rule(name: str) -> str | None:
    if not name:
        return "a name must not be empty"
    if len(name) > MAX_LENGTH:
        return f"the name has {len(name)} characters; at most {MAX_LENGTH} are allowed"
    if name[0] in "-.+":
        return f"a name must not begin with `{name[0]}`"
    return "a name must not end with a dot" if name.endswith(".") else None


def _character_rule(name: str) -> str:
    odd = describe_characters(name)
    if not odd:
        bad = next(c for c in name if not re.fullmatch(r"[A-Za-z0-9._+-]", c))
        odd = "a blank" if bad == " " else f"`{bad}`"
    return f"the name holds {odd}; only `A-Z a-z 0-9 . _ + -` are allowed"


def is_reserved_name(name: str) -> bool:
    """Tell whether a name belongs to conda itself."""
    return name.lower() in RESERVED


def require_environment_name(name: str) -> str:
    """Return the name when it may become a directory.

    Raises:
        UsageError: It breaks a rule; nothing has been touched.
    """
    rule = broken_name_rule(name)
    if rule is None:
        return name
    raise UsageError(
        f"no environment can be called {clean(name, limit=60)!r}",
        why=clean(rule, limit=300),
        hint="choose a name such as `torch-2.5` or `my_env`",
    )
