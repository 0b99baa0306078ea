"""What a move of a fix speaks of: found in the text by line, and held to what stood there."""

import re
from collections.abc import Iterable

from envbench.formats.spec_layout import Place, SpecLayout
from envbench.formats.spec_scalars import content_of
from envbench.formats.yaml_tree import Scalar
from envbench.model.cleaning import clean
from envbench.model.errors import UsageError
from envbench.model.redaction import MASK, redact
from envbench.model.repair import Move, MoveKind

_LIMIT = 4000
_COMMENT = re.compile(r"[ \t]+#[^\r\n]*")


def find_item(layout: SpecLayout, move: Move) -> Place:
    """Find the dependency or pip item that a move changes.

    Raises:
        UsageError: The text says something else there by now, or the new text would write a mask
            in the place of a secret.
    """
    places = layout.pip if stands_in_pip(move) else layout.conda
    here = [place for place in places if _is_on(layout, place.scalar, move.line)]
    found = [place for place in here if says(place.scalar, move.old)]
    if not found:
        raise _moved_on(layout, move, [place.scalar for place in here])
    if len({place.scalar.span.line for place in found}) > 1:
        rows = ", ".join(str(place.scalar.span.line) for place in found)
        raise _refused(layout, move, f"`{_shown(move.old)}` stands on the lines {rows}")
    _refuse_mask(layout, move, found[0].scalar)
    return found[0]


def find_channel(layout: SpecLayout, move: Move) -> Scalar:
    """Find the channel that a move speaks of.

    Raises:
        UsageError: The file does not list it, or not on this line any more.
    """
    channels = layout.list_of("channels")
    scalars = [i for i in channels.items if isinstance(i, Scalar)] if channels is not None else []
    here = [scalar for scalar in scalars if _is_on(layout, scalar, move.line)]
    wanted = move.old or move.new or move.name
    found = [scalar for scalar in here if says(scalar, wanted)]
    if not found:
        raise _moved_on(layout, move, here)
    return found[0]


def stands_in_pip(move: Move) -> bool:
    """Tell whether the item of a move stands in the pip section before the move."""
    fixed = {MoveKind.TO_CONDA: True, MoveKind.TO_PIP: False}
    return fixed.get(move.kind, move.is_pip)


def comment_behind(layout: SpecLayout, place: Place) -> str:
    """Give the comment on the line of an item with the blanks before it; empty when there is none."""
    text, end = layout.source.text, place.scalar.span.end
    if place.parent.flow:
        return ""
    found = _COMMENT.match(text, end)
    return found[0].rstrip() if found else ""


def says(scalar: Scalar, wanted: str) -> bool:
    """Tell whether a scalar is this item, as written or as it is shown without its secrets."""
    value = content_of(scalar).strip()
    return wanted.strip() in {value, _shown(value)}


def _is_on(layout: SpecLayout, scalar: Scalar, line: int | None) -> bool:
    if line is None:
        return True
    inside = layout.source.text[scalar.span.start : scalar.span.end].rstrip()
    return scalar.span.line <= line <= scalar.span.line + inside.count("\n")


def _refuse_mask(layout: SpecLayout, move: Move, scalar: Scalar) -> None:
    """A move is made from what was shown: what was masked there must not get into the file."""
    if MASK in move.new and MASK not in scalar.value:
        raise _refused(layout, move, "the line holds a password or token, which is not written")


def _moved_on(layout: SpecLayout, move: Move, here: Iterable[Scalar]) -> UsageError:
    wanted = _shown(move.old or move.new or move.name)
    rows = [f"`{_shown(content_of(scalar).strip())}`" for scalar in here]
    where = f"{layout.source.path}:{move.line}" if move.line else layout.source.path
    if move.line is None:
        why = "the file does not list it"
    else:
        why = f"it says {' and '.join(rows)}" if rows else "no such item stands there"
    return UsageError(
        f"`{wanted}` is not there any more",
        where=where,
        why=why,
        hint="the file has changed since the fix was solved: solve again",
    )


def _refused(layout: SpecLayout, move: Move, why: str) -> UsageError:
    where = f"{layout.source.path}:{move.line}" if move.line else layout.source.path
    return UsageError("this edit is not made", where=where, why=why, hint="edit the file by hand")


def _shown(text: str) -> str:
    return redact(clean(text, limit=_LIMIT))
