"""The editor of a spec: text, problems, offers, and messages for the screen around it."""

import re
from collections.abc import Iterator, Sequence
from typing import ClassVar, Literal

from rich.style import Style
from textual import events
from textual.binding import BindingType
from textual.document._document import EditResult, Location, Selection
from textual.document._edit import Edit as AreaEdit
from textual.geometry import Region
from textual.strip import Strip

from envbench.model.problem import Edit
from envbench.ui.ink import Line, Part, Role, ink
from envbench.ui.ink_styles import to_strip
from envbench.ui.widgets.spec_editor import visible
from envbench.ui.widgets.spec_editor.completion import Completion, Offers
from envbench.ui.widgets.spec_editor.debounce import Debounce
from envbench.ui.widgets.spec_editor.editor_bindings import EDITOR_BINDINGS
from envbench.ui.widgets.spec_editor.exact_area import same_at_start
from envbench.ui.widgets.spec_editor.finding import Finder, Match
from envbench.ui.widgets.spec_editor.marked_area import MarkedArea
from envbench.ui.widgets.spec_editor.messages import (
    CompletionWanted,
    CursorMoved,
    EditorWanted,
    FixWanted,
    FormWanted,
    InspectWanted,
    LeaveWanted,
    Refused,
    SaveWanted,
    TextEdited,
)
from envbench.ui.widgets.spec_editor.painting import Stretch
from envbench.ui.widgets.spec_editor.popup import PopupPlace, place_popup, popup_rows

CURSOR_DELAY_S = 0.05
COMPLETION_DELAY_S = 0.08
INSPECTION_DELAY_S = 0.15
_STRIP_FROM = 8
"""From this height on the last row is kept for inspection, search and refusals."""
_INDENT = "  "
_CHANGING_KEYS = frozenset(("enter", "backspace", "delete"))
_IN_COMMENT = re.compile(r"(?:^|\s)#")


class SpecEditor(MarkedArea):
    """A text with problems, offers and a search; letters are text, and no key waits for anything."""

    DEFAULT_CSS = """
    SpecEditor {
        border: none;
        padding: 0;
        background: transparent;
        scrollbar-size: 1 0;
        scrollbar-size-horizontal: 0;
    }
    SpecEditor:focus { border: none; }
    """
    BINDINGS: ClassVar[list[BindingType]] = EDITOR_BINDINGS

    path = ""
    """What the screen calls the file; the editor does not touch it."""
    debounce_s = 0.15
    """`TextEdited` is posted when no key came for so long."""

    _reason = ""
    _finding = False
    _inspection: Line = ()
    _inspected: tuple[int, str] | None = None
    _offers: Offers | None = None
    _place: PopupPlace | None = None
    _offers_wanted = False
    _is_editing = False

    def __init__(self, text: str = "", *, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        """Make an editor for a text."""
        self._finder = Finder()
        self._find_from: Location = (0, 0)
        super().__init__(text, id=id)
        self._edited = Debounce(self, self._tell_text)
        self._moved = Debounce(self, self._tell_cursor)
        self._inspect = Debounce(self, self._tell_line)
        self._complete = Debounce(self, self._ask_offers)

    # What the screen calls

    def load(self, text: str, path: str = "") -> int:
        """Edit another text: history, problems and offers of the old one are forgotten.

        Returns:
            The version to check the text as; `TextEdited` is not posted for it.
        """
        self.path = path
        self.load_text(text)
        return self.version

    def load_text(self, text: str) -> None:
        """Edit another text, see `load`."""
        self._close_offers()
        self._close_find()
        self._edited.cancel()
        super().load_text(text)
        self.version += 1
        self.marks = type(self.marks)()
        self._colours_stale = True
        self._drawn_colours.clear()
        self.update_note()
        self._after_move()

    def replace_text(self, text: str) -> int:
        """Take over a text that was changed elsewhere; it can be undone, and the cursor stays.

        Returns:
            The new version; the same as before when the text is the same.
        """
        old, new = self.text.split("\n"), text.split("\n")
        if old != new:
            most = min(len(old), len(new)) - 1
            head = min(most, same_at_start(old, new))
            tail = min(most - head, same_at_start(old[::-1], new[::-1]))
            inserted = "\n".join(new[head : len(new) - tail]) + ("\n" if tail else "")
            end = (len(old) - tail, 0) if tail else self.exact.end
            self.edit(AreaEdit(inserted, (head, 0), end, maintain_selection_offset=True))
        return self.version

    def apply_edit(self, edit: Edit, *, version: int | None = None) -> bool:
        """Make an edit as one step that can be undone.

        Args:
            edit: What to change.
            version: The version that the edit was made for; nothing happens when the text is
                another one by now.

        Returns:
            Whether it was made; when not, `Refused` says why.
        """
        try:
            text = edit.apply(self.text)
        except ValueError:
            text = None
        if self.read_only:
            return self._refuse_change()
        if text is None or version not in (None, self.version):
            self.refuse("the text was changed since this fix was found; wait for the next check")
            return False
        offset = _offset_after(edit, self.exact.offset_of(self.selection.end))
        self.replace_text(text)
        self.move_cursor(self.exact.location_of(offset))
        return True

    @property
    def read_only_reason(self) -> str:
        """Why the text cannot be changed; empty when it can."""
        return self._reason

    @read_only_reason.setter
    def read_only_reason(self, reason: str) -> None:
        self._reason = reason
        self.read_only = bool(reason)
        self._close_offers()
        self._refresh_size()
        self.update_note()
        self.refresh()

    def show_completions(self, items: Sequence[Completion], version: int) -> None:
        """Offer something at the cursor; an answer for another version is left out."""
        row, column = self.selection.end
        if version != self.version or not self._offers_wanted or not self.has_focus:
            return
        line = self.document.get_line(row)
        fitting = [
            one
            for one in items
            if 0 <= one.start_column <= column and line[one.start_column : column] != one.insert
        ]
        self._set_offers(Offers(fitting, row) if fitting else None)

    @property
    def shows_completions(self) -> bool:
        """Whether offers are seen."""
        return self._offers is not None

    def show_inspection(self, line_number: int, *parts: Part) -> None:
        """Say at the bottom what a line means; left out when the cursor is elsewhere by now."""
        line = ink(*parts)
        if line_number == self.row + 1 and line != self._inspection:
            self._inspection = line
            self._refresh_strip()

    def go_to_problem(self, step: int = 1) -> bool:
        """Put the cursor on the next problem, or the one before; False when there is none."""
        placed = self.marks.step(*self.selection.end, step)
        if placed is None:
            self.refuse("no problems found")
            return False
        self._close_offers()
        self.move_cursor((placed.row, placed.start))
        return True

    def flush(self) -> None:
        """Post `TextEdited` now, if it is still to come."""
        self._edited.flush()

    # Keys

    def action_leave(self) -> None:
        """Close what is open over the text, or leave the editor."""
        if self._offers is not None:
            self._close_offers()
        elif self._finding:
            self._close_find()
        else:
            self._close_offers()
            self.post_message(LeaveWanted())

    def action_save(self) -> None:
        """Have the text saved."""
        self._edited.flush()
        self.post_message(SaveWanted(self.text, self.version))

    def action_fix(self) -> None:
        """Take the fix of the problem at the cursor."""
        problem = self.problem_at_cursor
        if self.read_only:
            self._refuse_change()
        elif problem is None:
            self.refuse("no problem on this line; ^G goes to the next one")
        elif problem.edit is None:
            self.refuse("no certain fix is known for this problem")
        elif not self.marks_are_fresh:
            self.refuse("the text was changed since the last check; wait a moment")
        else:
            self._close_offers()
            self.post_message(FixWanted(problem, self.version))

    def action_next_problem(self, step: int) -> None:
        """Go to a problem."""
        self.go_to_problem(step)

    def action_complete(self) -> None:
        """Ask for offers at the cursor."""
        if self.read_only:
            self._refuse_change()
            return
        self._complete.cancel()
        self._ask_offers(explicit=True)

    def action_form(self, kind: Literal["insert", "edit"]) -> None:
        """Have a dependency put in or changed by a form."""
        if self.read_only:
            self._refuse_change()
            return
        self._close_offers()
        self.post_message(FormWanted(kind, self.row + 1))

    def action_editor(self) -> None:
        """Have the file opened in another editor."""
        self.post_message(EditorWanted(self.row + 1))

    def action_find(self) -> None:
        """Look for a text, or for its next match."""
        if self._finding:
            self._go_to(self._finder.step(1))
            return
        self._close_offers()
        self._finding = True
        self._find_from = self.selection.end
        self._finder = Finder()
        self._refresh_size()
        self.refresh()

    def action_undo(self) -> None:
        """Take back the last step."""
        if not (self.read_only and not self._refuse_change()):
            self._close_offers()
            self.undo()

    def action_redo(self) -> None:
        """Do again what was taken back."""
        if not (self.read_only and not self._refuse_change()):
            self._close_offers()
            self.redo()

    def check_consume_key(self, key: str, character: str | None = None) -> bool:
        """Keep letters away from the verbs of the screen, unless the text is read only."""
        if self._finding:
            return bool(character and character.isprintable())
        if not self.read_only and key in {"tab", "shift+tab"}:
            return True
        return super().check_consume_key(key, character)

    async def _on_key(self, event: events.Key) -> None:
        taken = (
            (self._finding and self._find_key(event))
            or (self._offers is not None and self._offer_key(event.key))
            or self._text_key(event.key)
        )
        if taken:
            event.stop()
            event.prevent_default()

    async def _on_paste(self, event: events.Paste) -> None:
        if self._finding:
            event.prevent_default()
            self._look(self._finder.wanted + event.text.partition("\n")[0])
        elif self.read_only:
            event.prevent_default()
            self._refuse_change()
        event.stop()

    def on_mouse_scroll_down(self) -> None:
        """Close the offers: their place scrolls away."""
        self._close_offers()

    def on_mouse_scroll_up(self) -> None:
        """Close the offers: their place scrolls away."""
        self._close_offers()

    def on_resize(self) -> None:
        """Close the offers: their place is another one."""
        self._close_offers()

    def on_blur(self) -> None:
        """Close the offers: their keys go elsewhere."""
        self._close_offers()

    def _text_key(self, key: str) -> bool:
        if self.read_only:
            return key in _CHANGING_KEYS and not self._refuse_change()
        if key == "enter":
            row, column = min(self.selection)
            line = self.document.get_line(row)[:column]
            indent = line[: len(line) - len(line.lstrip(" "))]
            self._replace_via_keyboard("\n" + indent, *self.selection)
            return True
        if key in {"tab", "shift+tab"}:
            self._indent(1 if key == "tab" else -1)
            return True
        return False

    def _indent(self, by: int) -> None:
        """Put two blanks at the cursor, or shift the lines of the selection, or this one back."""
        (first, _), (last, _) = sorted(self.selection)
        if by > 0 and first == last:
            blanks = self._find_columns_to_next_tab_stop()
            self._replace_via_keyboard(" " * blanks, *self.selection)
            return
        rows = range(first, last + 1)
        old = [self.document.get_line(row) for row in rows]
        new = [_shift(line, by) for line in old]
        if old == new:
            return
        moved = [len(after) - len(before) for before, after in zip(old, new, strict=True)]
        start, end = self.selection
        begin, stop = (first, 0), (last, len(old[-1]))
        lines = self.exact.get_text_range(begin, stop).split("\n")
        self.edit(AreaEdit("\n".join(_shift(line, by) for line in lines), begin, stop, False))
        self.selection = Selection(
            (start[0], max(0, start[1] + moved[start[0] - first])),
            (end[0], max(0, end[1] + moved[end[0] - first])),
        )

    # Offers

    def _offer_key(self, key: str) -> bool:
        offers = self._offers
        assert offers is not None
        if key in {"down", "up"}:
            if not offers.step(1 if key == "down" else -1):
                self._close_offers()
                return False
            self._refresh_popup()
            return True
        if key == "tab" or (key == "enter" and offers.is_chosen):
            self._take(offers.best)
            return True
        return False

    def _take(self, item: Completion) -> None:
        row, column = self.selection.end
        self._close_offers()
        self.edit(AreaEdit(item.insert, (row, item.start_column), (row, column), False))

    def _ask_offers(self, *, explicit: bool = False) -> None:
        row, column = self.selection.end
        self._offers_wanted = True
        line = self.document.get_line(row)
        self.post_message(CompletionWanted(self.version, row + 1, column, line, explicit))

    def _set_offers(self, offers: Offers | None) -> None:
        self._refresh_popup()
        self._offers, self._place = None, None
        if offers is not None and offers.items:
            row, _ = self.selection.end
            start = visible.x_of(self.document.get_line(row), offers.best.start_column)
            self._place = place_popup(
                offers,
                x=self.gutter_width + start - self.scroll_offset.x,
                y=row - self.scroll_offset.y,
                width=self.view_size.width,
                height=self.text_height,
            )
            self._offers = offers if self._place else None
            self._refresh_popup()

    def _close_offers(self) -> None:
        self._offers_wanted = False
        if self._offers is not None:
            self._set_offers(None)

    def _refresh_popup(self) -> None:
        if self._place is not None:
            self.refresh(Region(0, self._place.y, self.size.width, self._place.rows))

    def _replace_via_keyboard(
        self, insert: str, start: Location, end: Location
    ) -> EditResult | None:
        result = super()._replace_via_keyboard(insert, start, end)
        if result is not None:
            self._after_typing(asks=len(insert) == 1 and not insert.isspace())
        return result

    def _delete_via_keyboard(self, start: Location, end: Location) -> EditResult | None:
        result = super()._delete_via_keyboard(start, end)
        if result is not None:
            self._after_typing(asks=self._offers is not None)
        return result

    def _after_typing(self, *, asks: bool) -> None:
        row, column = self.selection.end
        line = self.document.get_line(row)
        if self._offers is not None:
            self._set_offers(self._offers.narrow(line, column))
        if asks and not _IN_COMMENT.search(line[:column]):
            self._offers_wanted = True
            self._complete.request(COMPLETION_DELAY_S)
        else:
            self._close_offers()
            self._complete.cancel()

    # Search

    def _find_key(self, event: events.Key) -> bool:
        wanted = self._finder.wanted
        if event.key in {"enter", "down"}:
            self._go_to(self._finder.step(1))
        elif event.key == "up":
            self._go_to(self._finder.step(-1))
        elif event.key == "backspace":
            self._look(wanted[:-1])
        elif event.key == "ctrl+u":
            self._look("")
        elif event.is_printable and event.character:
            self._look(wanted + event.character)
        else:
            if event.key in {"tab", "shift+tab", "left", "right", "pageup", "pagedown"}:
                self._close_find()
            return event.key in {"tab", "shift+tab", "delete"}
        return True

    def _look(self, wanted: str) -> None:
        match = self._finder.look(self.exact.lines, wanted, *self._find_from)
        if match is None:
            self.selection = Selection.cursor(self._find_from)
        self._go_to(match)
        self.refresh()

    def _go_to(self, match: Match | None) -> None:
        if match is not None:
            self.selection = Selection((match.row, match.start), (match.row, match.end))
            self.record_cursor_width()
        self._refresh_strip()

    def _close_find(self) -> None:
        if self._finding:
            self._finding = False
            self._finder = Finder()
            # A selection left behind would be lost to the next letter.
            self.selection = Selection.cursor(self.selection.start)
            self._refresh_size()
            self.refresh()

    # Drawing

    @property
    def strip_height(self) -> int:
        """One row where there is room for it, or where it is needed."""
        needed = self._finding or bool(self._reason)
        height = self.view_size.height
        return 1 if height >= _STRIP_FROM or (needed and height >= 2) else 0

    def strip_line(self) -> Line:
        """Give the search, the reason for being read only, or what the line means."""
        if self._finding:
            finder = self._finder
            count = (f"   {finder.count}   Enter next  Up before  Esc done", Role.DIM)
            return ink(("find ", Role.ACCENT), finder.wanted, (" ", Role.CURSOR), count)
        if self._reason:
            return ink((" read only: ", Role.WARNING), self._reason)
        return self._inspection

    def render_line(self, y: int) -> Strip:
        """Draw one row, with the offers over it."""
        strip = super().render_line(y)
        place, offers = self._place, self._offers
        if place is None or offers is None or not place.y <= y < place.y + place.rows:
            return strip
        row = popup_rows(offers, place)[y - place.y]
        over = to_strip(row, place.width, self.ink_styles())
        right = strip.crop(place.x + place.width, strip.cell_length)
        return Strip.join((strip.crop(0, place.x), over, right))

    def extra_layers(self, row: int) -> Iterator[Stretch]:
        """Give the matches of the search."""
        if self._finding:
            style = self.role_style(Role.ACCENT) + Style(bold=True, underline=True)
            for match in self._finder.on(row):
                yield match.start, match.end, style

    def _refresh_strip(self) -> None:
        if self.strip_height:
            self.refresh(Region(0, self.view_size.height - 1, self.size.width, 1))

    # Changes

    def refuse(self, reason: str) -> None:
        """Say why nothing happens."""
        self.post_message(Refused(reason))

    def text_changed(self, top: int, old_bottom: int, new_bottom: int) -> None:
        """Tell of it when no key comes for a moment."""
        super().text_changed(top, old_bottom, new_bottom)
        self._edited.request(self.debounce_s)
        self._after_move()

    def cursor_changed(self, before: Selection, now: Selection) -> None:
        """Tell of it soon; offers belong to one line."""
        super().cursor_changed(before, now)
        offers = self._offers
        if offers is not None and (now.end[0] != offers.row or not self._is_editing):
            self._close_offers()
        if now.end[0] != before.end[0]:
            self._offers_wanted = False
            if self._inspection:
                self._inspection = ()
                self._refresh_strip()
        self._after_move()

    def edit(self, edit: AreaEdit) -> EditResult:
        """Change the text, as one step that can be undone."""
        self._is_editing = True
        try:
            return super().edit(edit)
        finally:
            self._is_editing = False

    def problems_changed(self) -> None:
        """Tell which of them the cursor is on."""
        self._moved.request(CURSOR_DELAY_S)

    def _after_move(self) -> None:
        if self.is_mounted:
            self._moved.request(CURSOR_DELAY_S)
            self._inspect.request(INSPECTION_DELAY_S)

    def _refuse_change(self) -> Literal[False]:
        self.refuse(f"read only: {self._reason}" if self._reason else "read only")
        return False

    def _tell_text(self) -> None:
        self.repaint_changed_colours()
        self.post_message(TextEdited(self.text, self.version))

    def _tell_cursor(self) -> None:
        row, column = self.selection.end
        number = self.marks.number(self.placed_at_cursor)
        place = (number, len(self.marks.placed))
        self.post_message(CursorMoved(row + 1, column + 1, place))

    def _tell_line(self) -> None:
        here = (self.row + 1, self.document.get_line(self.row))
        if here != self._inspected or not self._inspection:
            self._inspected = here
            self.post_message(InspectWanted(*here))


def _shift(line: str, by: int) -> str:
    if by > 0:
        return _INDENT + line if line.strip() else line
    return line[len(line[: len(_INDENT)]) - len(line[: len(_INDENT)].lstrip(" ")) :]


def _offset_after(edit: Edit, offset: int) -> int:
    """Find where a character of the text stands after an edit."""
    shift = 0
    for one in edit.replacements:
        if one.end <= offset:
            shift += len(one.text) - (one.end - one.start)
        elif one.start < offset:
            return one.start + shift + min(len(one.text), offset - one.start)
    return offset + shift
