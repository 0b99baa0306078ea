"""A text that is changed step by step, and the one edit that all steps come to."""

from dataclasses import dataclass

from envbench.model.problem import Edit, Replacement


@dataclass(frozen=True, slots=True)
class _Piece:
    """A stretch of the text as it is now."""

    text: str
    start: int | None
    """Where it stood in the original; None for what was put in."""


class TrackedText:
    """Remembers which stretches of the original a changed text still holds."""

    __slots__ = ("_original", "_pieces")

    def __init__(self, text: str) -> None:
        """Begin with the original text."""
        self._original = text
        self._pieces = [_Piece(text, 0)]

    @property
    def text(self) -> str:
        """The text as it is now."""
        return "".join(piece.text for piece in self._pieces)

    def apply(self, edit: Edit) -> None:
        """Make the next step; its offsets are those of the text as it is now."""
        for replacement in reversed(edit.replacements):
            before, rest = _split(self._pieces, replacement.start)
            _, after = _split(rest, replacement.end - replacement.start)
            put_in = [_Piece(replacement.text, None)] if replacement.text else []
            self._pieces = [*before, *put_in, *after]

    def find(self, offset: int) -> int | None:
        """Tell where a character of the original stands now; None when it is gone."""
        position = 0
        for piece in self._pieces:
            if piece.start is not None and 0 <= offset - piece.start < len(piece.text):
                return position + offset - piece.start
            position += len(piece.text)
        return None

    def replacements(self) -> tuple[Replacement, ...]:
        """Say all steps as one, in offsets of the original."""
        found: list[Replacement] = []
        position, put_in = 0, ""
        for piece in [*self._pieces, _Piece("", len(self._original))]:
            if piece.start is None:
                put_in += piece.text
                continue
            if put_in or piece.start > position:
                found.append(Replacement(position, piece.start, put_in))
            position, put_in = piece.start + len(piece.text), ""
        return tuple(found)


def invert_edit(edit: Edit, text: str) -> Edit:
    """Make the edit that takes another one back.

    Args:
        edit: What was done.
        text: The text to which it was done.

    Returns:
        An edit of the edited text, whose outcome is `text` again, byte for byte.
    """
    shift = 0
    back: list[Replacement] = []
    for replacement in edit.replacements:
        start = replacement.start + shift
        end = start + len(replacement.text)
        back.append(Replacement(start, end, text[replacement.start : replacement.end]))
        shift += len(replacement.text) - (replacement.end - replacement.start)
    return Edit(f"take back: {edit.title}", tuple(back))


def _split(pieces: list[_Piece], offset: int) -> tuple[list[_Piece], list[_Piece]]:
    before: list[_Piece] = []
    for index, piece in enumerate(pieces):
        if offset < len(piece.text):
            if offset == 0:
                return before, pieces[index:]
            behind = None if piece.start is None else piece.start + offset
            first, second = (
                _Piece(piece.text[:offset], piece.start),
                _Piece(piece.text[offset:], behind),
            )
            return [*before, first], [second, *pieces[index + 1 :]]
        before.append(piece)
        offset -= len(piece.text)
    return before, []
