"""Makes the moves of a fix in a text, one after the other, each read again before the next."""

from collections import Counter
from collections.abc import Sequence

from packaging.utils import canonicalize_name

from envbench.formats.channel_order import raise_channel
from envbench.formats.edit_check import (
    SpecContents,
    check_outcome,
    contents_of,
    not_edited,
    refuse_unusual,
)
from envbench.formats.edit_splices import (
    insert_channel,
    insert_conda,
    insert_pip,
    remove_conda,
    remove_pip,
)
from envbench.formats.edit_texts import require_match, require_requirement
from envbench.formats.move_places import (
    comment_behind,
    find_channel,
    find_item,
    stands_in_pip,
)
from envbench.formats.sequence_edits import LayoutError, replace_scalar
from envbench.formats.spec_layout import Place, SpecLayout, read_layout
from envbench.formats.tracked_text import TrackedText
from envbench.model.cleaning import clean
from envbench.model.errors import UsageError
from envbench.model.matchspec import MatchSpecError, parse_match_spec
from envbench.model.pip_lines import classify_pip_item
from envbench.model.problem import Edit, Replacement
from envbench.model.repair import Move, MoveKind
from envbench.model.spec import SpecText

_REWRITES = frozenset(
    {
        MoveKind.PIN,
        MoveKind.RELEASE,
        MoveKind.DROP_BUILD,
        MoveKind.DROP_CHANNEL,
        MoveKind.SET_CHANNEL,
        MoveKind.RENAME,
    }
)
"""Moves that put another text in the place of an item."""
_LEAVES = frozenset({MoveKind.REMOVE, MoveKind.TO_PIP, MoveKind.TO_CONDA})
"""Moves by which an item goes from its place."""


class MoveWriter:
    """Makes moves in one text; afterwards `replacements` say what they come to."""

    def __init__(self, source: SpecText) -> None:
        """Take the text, which all moves speak of.

        Raises:
            UsageError: It is no mapping that the guard lets through.
        """
        self._tracked = TrackedText(source.text)
        self._original = read_layout(source)
        self._source = source
        self._layout: SpecLayout = self._original
        self._contents: SpecContents | None = None

    def replacements(self) -> tuple[Replacement, ...]:
        """Say all that was made as one edit of the text taken, in its offsets."""
        return self._tracked.replacements()

    def make(self, moves: Sequence[Move]) -> None:
        """Make moves.

        Raises:
            UsageError: As for `spec_moves.apply_moves`.
        """
        # All are looked up before the first is made: their lines are those of the original.
        places = [
            (move, find_item(self._original, move))
            for move in moves
            if move.kind in _REWRITES | _LEAVES
        ]
        self._refuse_twice([place for _, place in places])
        raised = [
            find_channel(self._original, m) for m in moves if m.kind is MoveKind.RAISE_CHANNEL
        ]
        for move, place in places:
            if move.kind in _REWRITES:
                self._rewrite(move, place)
        # What comes is written before what goes: an emptied list has no layout to go by.
        for move in moves:
            leaving = next((place for other, place in places if other is move), None)
            self._add(move, leaving)
        for move, place in places:
            if move.kind in _LEAVES:
                self._remove(move, place)
        for scalar in reversed(raised):
            self._raise(scalar.span.start)
        self._refuse_doubles(moves)

    def _refuse_twice(self, places: Sequence[Place]) -> None:
        for start, count in Counter(place.scalar.span.start for place in places).items():
            if count > 1:
                line = self._original.lines.span(start, start).line
                where = f"{self._source.path}:{line}"
                raise UsageError("two moves concern one item", where=where, hint="make one of them")

    # -- steps -----------------------------------------------------------------------------------

    def _expect(self) -> SpecContents:
        """Give what the text says now, to be changed to what the next step makes of it."""
        contents = self._contents or contents_of(self._source)
        self._contents = None
        return contents

    def _step(self, expected: SpecContents, *changes: Replacement) -> None:
        self._tracked.apply(Edit("", tuple(sorted(changes))))
        self._source = self._source.with_text(self._tracked.text)
        self._contents = check_outcome(self._source, expected)
        self._layout = read_layout(self._source)

    def _now(self, layout: SpecLayout, place: Place, *, is_pip: bool) -> Place:
        """Find an item of the original in the text as it is now."""
        start = self._tracked.find(place.scalar.span.start)
        places = layout.pip if is_pip else layout.conda
        found = [each for each in places if each.scalar.span.start == start]
        if not found:
            raise UsageError("two moves concern one item", where=self._source.path)
        return found[0]

    def _rewrite(self, move: Move, place: Place) -> None:
        _require(move.new, is_pip=move.is_pip)
        layout = self._layout
        now = self._now(layout, place, is_pip=move.is_pip)
        wanted = move.new.strip()
        change = refuse_unusual(
            self._source, lambda: replace_scalar(now.scalar, wanted, flow=now.parent.flow)
        )
        expected = self._expect()
        expected.replace(now.scalar.span, wanted)
        self._step(expected, change)

    def _add(self, move: Move, leaving: Place | None) -> None:
        if move.kind is MoveKind.ADD_CHANNEL:
            self._add_channel((move.new or move.name).strip())
        elif move.kind is MoveKind.ADD:
            self._insert(move.new.strip(), is_pip=move.is_pip, leaving=None)
        elif move.kind in {MoveKind.TO_PIP, MoveKind.TO_CONDA}:
            is_pip = move.kind is MoveKind.TO_PIP
            self._insert(move.new.strip(), is_pip=is_pip, leaving=leaving)

    def _insert(self, text: str, *, is_pip: bool, leaving: Place | None) -> None:
        _require(text, is_pip=is_pip)
        layout = self._layout
        insert = insert_pip if is_pip else insert_conda
        change = refuse_unusual(self._source, lambda: insert(layout, text))
        expected = self._expect()
        if is_pip:
            expected.added_pip = text
        else:
            expected.added_conda = text
        self._step(expected, change)
        comment = "" if leaving is None else comment_behind(self._original, leaving)
        if comment:
            self._carry(comment, change)

    def _carry(self, comment: str, change: Replacement) -> None:
        """Write the comment of an item that moves behind the new item, where that has a line."""
        written = change.text.rstrip("\r\n")
        end = change.start + len(written)
        is_row = written.lstrip("\r\n ").startswith("-") or "\n" in written
        if is_row and self._source.text[end : end + 1] in {"", "\r", "\n"}:
            self._step(self._expect(), Replacement(end, end, comment))

    def _remove(self, move: Move, place: Place) -> None:
        layout = self._layout
        is_pip = stands_in_pip(move)
        now = self._now(layout, place, is_pip=is_pip)
        remove = remove_pip if is_pip else remove_conda
        change = refuse_unusual(self._source, lambda: remove(layout, now))
        expected = self._expect()
        expected.drop(now.scalar.span)
        self._step(expected, change)

    # -- channels --------------------------------------------------------------------------------

    def _add_channel(self, channel: str) -> None:
        expected = self._expect()
        if channel in expected.channels:
            shown = clean(channel, limit=80)
            raise UsageError(f"`{shown}` is listed already", where=self._source.path)
        layout = self._layout
        change = refuse_unusual(self._source, lambda: insert_channel(layout, channel, first=False))
        expected.channels.append(channel)
        self._step(expected, change)

    def _raise(self, original_start: int) -> None:
        layout, start = self._layout, self._tracked.find(original_start)
        expected = self._expect()
        channels = layout.list_of("channels")
        index = next(
            (i for i, c in enumerate(channels.items if channels else ()) if c.span.start == start),
            0,
        )
        if channels is None or index == 0:
            return
        try:
            changes = raise_channel(layout, channels, index)
        except LayoutError as error:
            raise not_edited(self._source, error) from error
        expected.channels.insert(0, expected.channels.pop(index))
        self._step(expected, *changes)

    def _refuse_doubles(self, moves: Sequence[Move]) -> None:
        """What a move lists must not be listed a second time: the two would be asked for at once."""
        layout = self._layout
        for move in moves:
            if move.kind not in {MoveKind.ADD, MoveKind.TO_PIP, MoveKind.TO_CONDA}:
                continue
            is_pip = move.kind is MoveKind.TO_PIP or (move.kind is MoveKind.ADD and move.is_pip)
            places = layout.pip if is_pip else layout.conda
            names = [_name_of(place.scalar.value, is_pip=is_pip) for place in places]
            name = _name_of(move.new, is_pip=is_pip)
            if names.count(name) > 1:
                where = " in the pip section" if is_pip else ""
                raise UsageError(f"`{name}` is listed{where} already", where=self._source.path)


def _require(text: str, *, is_pip: bool) -> None:
    if is_pip:
        require_requirement(text)
    else:
        require_match(text)


def _name_of(text: str, *, is_pip: bool) -> str:
    if is_pip:
        requirement = classify_pip_item(text).requirement
        return canonicalize_name(requirement.name) if requirement else text.strip()
    try:
        return parse_match_spec(text).name
    except MatchSpecError:
        return text.strip()
