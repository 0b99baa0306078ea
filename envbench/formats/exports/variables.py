"""The variables of an environment, as far as a recipe that many read may hold them."""

import re
from dataclasses import dataclass

from envbench.formats.exports.quoting import is_one_line
from envbench.model.lock import Lock, Loss

Pairs = tuple[tuple[str, str], ...]

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_SECRET = re.compile(
    r"(?:^|_)(?:api_?key|access_?key|auth|credentials?|key|passw(?:or)?d|passphrase|pword|secret"
    r"|token)(?:_|$)",
    re.IGNORECASE,
)
_PUBLIC = re.compile(r"(?:^|_)public(?:_|$)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class SortedVariables:
    """The variables of an environment, each sorted by name."""

    said: Pairs
    """Fit to be written."""
    secret: tuple[str, ...]
    """Names that speak of a secret."""
    unsayable: tuple[str, ...]
    """No name for a shell, or a value of several lines."""


def sort_variables(lock: Lock) -> SortedVariables:
    """Part the variables of an environment into what a recipe says and what it leaves out."""
    said: list[tuple[str, str]] = []
    secret: list[str] = []
    unsayable: list[str] = []
    for name, value in sorted(lock.variables):
        if _SECRET.search(name) and not _PUBLIC.search(name):
            secret.append(name)
        elif not _NAME.fullmatch(name) or not is_one_line(value):
            unsayable.append(name)
        else:
            said.append((name, value))
    return SortedVariables(tuple(said), tuple(secret), tuple(unsayable))


def find_variable_losses(lock: Lock, place: str) -> tuple[Loss, ...]:
    """List the variables that a recipe leaves out.

    Args:
        lock: The environment.
        place: Where a secret belongs with this tool.
    """
    variables = sort_variables(lock)
    losses: list[Loss] = []
    if variables.secret:
        losses.append(
            Loss(
                "variables that look secret",
                variables.secret,
                "Their names speak of a secret, and whoever has the file would have it too: they are"
                f" left out. Set them {place}.",
            )
        )
    if variables.unsayable:
        losses.append(
            Loss(
                "variables",
                variables.unsayable,
                "Their names are none for a shell, or their values have several lines, which the"
                " file cannot say: they are left out and have to be set where the program starts.",
            )
        )
    return tuple(losses)
