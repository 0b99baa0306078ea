"""The moves of a fix as one edit of the user's text.

Every move names its line and what stood there when it was thought out: where the text says
something else by now, nothing is written. Each step is read again before the next one is made.
"""

from collections.abc import Sequence

from envbench.formats.diff_rows import diff_rows as diff_rows
from envbench.formats.move_writer import MoveWriter
from envbench.model.cleaning import clean
from envbench.model.problem import Edit
from envbench.model.repair import SETTINGS, Move, MoveKind
from envbench.model.spec import SpecText


def apply_moves(source: SpecText, moves: Sequence[Move], title: str = "") -> Edit:
    """Write the moves of a fix into the user's text.

    Comments, order, quotes, line ends and flow lists stay; a comment behind an item goes where the
    item goes. Moves that are options of the solve change nothing here.

    Args:
        source: The text to edit.
        moves: All lines are those of `source`; one move an item.
        title: What the edit does, in the imperative; made of the moves when empty.

    Returns:
        The edit, a replacement for each place; without replacements when nothing is to change.

    Raises:
        UsageError: A line does not say any more what the move expects there, two moves concern one
            item, a new item is none or would be listed twice, or the layout is not edited.
    """
    writer = MoveWriter(source)
    writer.make([move for move in moves if move.kind not in SETTINGS])
    shown = title or "; ".join(map(describe_move, moves)) or "change nothing"
    return Edit(shown, writer.replacements())


def describe_move(move: Move) -> str:
    """Say a move in the imperative, in one line."""
    place = f" in line {move.line}" if move.line else ""
    name, new = clean(move.name, limit=80), clean(move.new, limit=120)
    words = {
        MoveKind.REMOVE: f"remove {name}{place}",
        MoveKind.TO_PIP: f"move {name} to the pip section",
        MoveKind.TO_CONDA: f"move {name} to the conda dependencies",
        MoveKind.ADD: f"add {new}",
        MoveKind.ADD_CHANNEL: f"add the channel {new or name}",
        MoveKind.RAISE_CHANNEL: f"put the channel {new or name} first",
        MoveKind.PRIORITY: f"use {new} channel priority",
        MoveKind.HOST: f"solve for a host with {new or name}",
    }
    return words.get(move.kind, f"write {new}{place}")
