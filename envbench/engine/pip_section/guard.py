"""The guard: what a dry run of uv would do, and whether that is allowed.

Source: the JSON of `uv pip install --dry-run --output-format json`, schema "preview".
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass

import msgspec
from packaging.utils import canonicalize_name

from envbench.engine.pip_section.errors import PipGuardError, UvError

_KNOWN_SCHEMA = "preview"
_KNOWN_ACTIONS = frozenset({"installed", "uninstalled"})


@dataclass(frozen=True, slots=True)
class PipChange:
    """One thing that the installation would do."""

    name: str
    """Normalised."""
    version: str
    action: str
    """`installed` or `uninstalled`; an upgrade is one of each."""


class _Schema(msgspec.Struct):
    version: str


class _Change(msgspec.Struct):
    name: str
    action: str
    version: str | None = None


class _DryRun(msgspec.Struct):
    schema: _Schema
    changes: list[_Change]
    dry_run: bool


def read_dry_run(text: str) -> tuple[PipChange, ...]:
    """Read the answer of a dry run; nothing that is unknown is passed over.

    Raises:
        UvError: Another schema, an unknown action, or no JSON of this shape.
    """
    try:
        answer = msgspec.json.decode(text, type=_DryRun)
    except (msgspec.DecodeError, msgspec.ValidationError) as error:
        raise _unknown(f"its answer has another shape ({error})") from error
    if answer.schema.version != _KNOWN_SCHEMA:
        raise _unknown(f"its answer has the schema {answer.schema.version!r}")
    unknown = sorted({change.action for change in answer.changes} - _KNOWN_ACTIONS)
    if unknown or not answer.dry_run:
        raise _unknown(f"it answers with {', '.join(unknown) or 'no dry run'}")
    return tuple(
        PipChange(canonicalize_name(change.name), change.version or "", change.action)
        for change in answer.changes
    )


def guard_changes(
    changes: Collection[PipChange],
    owned: Collection[str],
    *,
    locate: Callable[[str], str] = lambda _: "",
) -> tuple[PipChange, ...]:
    """Let through what only adds packages that conda does not own.

    Args:
        changes: What the dry run would do.
        owned: Normalised names of the distributions that conda installs.
        locate: Tells the place in the user's file that a name stands for.

    Returns:
        The installations, sorted by name.

    Raises:
        PipGuardError: Something owned would be installed or removed, or anything removed.
    """
    touched = sorted(
        (c for c in changes if c.name in owned or c.action != "installed"),
        key=lambda change: (change.name, change.action),
    )
    if touched:
        told = "; ".join(f"{c.name} {c.version} would be {c.action}" for c in touched)
        raise PipGuardError(
            "the pip section would touch packages that are already installed",
            where=locate(touched[0].name),
            why=f"{told}. Nothing was changed.",
            hint="Ask for these packages in the conda dependencies, or drop the pip item that"
            " pulls them.",
        )
    return tuple(sorted(changes, key=lambda change: change.name))


def _unknown(why: str) -> UvError:
    return UvError(
        "uv does not say what it would do in words that are known",
        why=f"{why}. Nothing was changed.",
        hint="Use a version of uv that this envbench knows, or report this.",
    )
