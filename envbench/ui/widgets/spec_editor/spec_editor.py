"""The editor of a spec: text, problems, offers, and messages for the screen around it."""

from typing import TYPE_CHECKING, ClassVar, Literal

from textual import events
from textual.binding import BindingType
from textual.document._document import Selection
from textual.document._edit import Edit as AreaEdit

from envbench.ui.ink import Line, Part, Role, ink
from envbench.ui.widgets.spec_editor.debounce import Debounce
from envbench.ui.widgets.spec_editor.editor_bindings import EDITOR_BINDINGS
from envbench.ui.widgets.spec_editor.exact_area import same_at_start
from envbench.ui.widgets.spec_editor.indenting import indent_of, shift_line
from envbench.ui.widgets.spec_editor.messages import (
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
from envbench.ui.widgets.spec_editor.offering_area import OfferingArea

if TYPE_CHECKING:
    from envbench.model.problem import Edit

CURSOR_DELAY_S = 0.05
INSPECTION_DELAY_S = 0.15
_STRIP_FROM = 8
"""From this height on the last row is kept for the search and for what a line means."""
_CHANGING_KEYS = frozenset(("enter", "backspace", "delete"))


class SpecEditor(OfferingArea):
    """A text with problems, offers and a search; letters are text, and no key waits for anything."""

    DEFAULT_CSS = """
    SpecEditor {
        border: none;
        padding: 0;
        background: transparent;
        scrollbar-size-vertical: 1;
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
    _inspection: Line = ()
    _inspected: tuple[int, str] | None = None

    def __init__(self, text: str = "", *, id: str | None = None) -> None:
        """Make an editor for a text."""
        super().__init__(text, id=id)
        self._edited = Debounce(self, self._tell_text)
        self._moved = Debounce(self, self._tell_cursor)
        self._inspect = Debounce(self, self._tell_line)

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
        self.close_offers()
        self.close_find()
        self._edited.cancel()
        super().load_text(text)
        self.forget_problems()
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

    def apply_edit(self, edit: "Edit", *, version: int | None = None) -> bool:
        """Make an edit as one step that can be undone.

        Args:
            edit: What to change.
            version: The version that the edit was made for; nothing happens when the text is
                another one by now.

        Returns:
            Whether it was made; when not, `Refused` says why.
        """
        if self.read_only:
            return self._refuse_change()
        try:
            text = edit.apply(self.text) if version in (None, self.version) else None
        except ValueError:
            text = None
        if text is None:
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
        if reason == self._reason:
            return
        self._reason = reason
        self.read_only = bool(reason)
        self.close_offers()
        self._strip_changed()

    def show_inspection(self, line_number: int, *parts: Part) -> None:
        """Say at the bottom what a line means; left out when the cursor is elsewhere by now."""
        line = ink(*parts)
        if line_number == self.row + 1 and line != self._inspection:
            self._inspection = line
            self.refresh_strip()

    def go_to_problem(self, step: int = 1) -> bool:
        """Put the cursor on the next problem, or the one before; False when there is none."""
        placed = self.marks.step(*self.selection.end, step)
        if placed is None:
            self.refuse("no problems found")
            return False
        self.close_find()
        self.move_cursor((placed.row, placed.start))
        return True

    def flush(self) -> None:
        """Post `TextEdited` now, if it is still to come."""
        self._edited.flush()

    # Keys

    def action_leave(self) -> None:
        """Close what is open over the text, or leave the editor."""
        if self.shows_completions:
            self.close_offers()
        elif self.is_finding:
            self.close_find()
        else:
            self.close_offers()
            self.post_message(LeaveWanted())

    def action_save(self) -> None:
        """Have the text saved."""
        self._edited.flush()
        self.post_message(SaveWanted(self.text, self.version))

    def action_fix(self) -> None:
        """Take the fix of the problem at the cursor; where is none, show the next one first."""
        problem = self.problem_at_cursor
        if self.read_only:
            self._refuse_change()
        elif problem is None:
            if self.go_to_problem():
                self.refuse("no problem was on that line; this is the next one")
        elif problem.edit is None:
            self.refuse("no certain fix is known for this problem")
        elif not self.marks_are_fresh:
            self.refuse("the text was changed since the last check; wait a moment")
        else:
            self.close_offers()
            self.post_message(FixWanted(problem, self.version))

    def action_next_problem(self, step: int) -> None:
        """Go to a problem."""
        self.go_to_problem(step)

    def action_complete(self) -> None:
        """Ask for offers at the cursor."""
        if self.is_finding or (self.read_only and not self._refuse_change()):
            return
        self.ask_offers(explicit=True)

    def action_form(self, kind: Literal["insert", "edit"]) -> None:
        """Have a dependency put in or changed by a form."""
        if self.read_only:
            self._refuse_change()
            return
        self.close_offers()
        self.post_message(FormWanted(kind, self.row + 1))

    def action_editor(self) -> None:
        """Have the file opened in another editor."""
        self._edited.flush()
        self.post_message(EditorWanted(self.row + 1))

    def action_find(self) -> None:
        """Look for a text, or for its next match."""
        self.close_offers()
        self.open_find()

    def action_undo(self) -> None:
        """Take back the last step."""
        if not self.read_only or self._refuse_change():
            self.undo()

    def action_redo(self) -> None:
        """Do again what was taken back."""
        if not self.read_only or self._refuse_change():
            self.redo()

    def check_consume_key(self, key: str, character: str | None = None) -> bool:
        """Keep letters away from the verbs of the screen, unless the text is read only."""
        if self.is_finding:
            return bool(character and character.isprintable())
        if key in {"tab", "shift+tab"}:
            return not self.read_only
        return super().check_consume_key(key, character)

    async def _on_key(self, event: events.Key) -> None:
        if self.take_key(event) or self._text_key(event.key) or await self._run_binding(event.key):
            event.stop()
            event.prevent_default()

    async def _run_binding(self, key: str) -> bool:
        """Do at once what a key means here: on its way up to the app, letters would overtake it."""
        for binding in self._bindings.key_to_bindings.get(key, ()):
            if await self.app.run_action(binding.action, self):
                return True
        return False

    async def _on_paste(self, event: events.Paste) -> None:
        if self.take_paste(event.text) or (self.read_only and not self._refuse_change()):
            event.prevent_default()
        event.stop()

    def _text_key(self, key: str) -> bool:
        if self.read_only:
            return key in _CHANGING_KEYS and not self._refuse_change()
        if key == "enter":
            row, column = min(self.selection)
            indent = indent_of(self.document.get_line(row)[:column])
            self._replace_via_keyboard("\n" + indent, *self.selection)
        elif key in {"tab", "shift+tab"}:
            self._indent(1 if key == "tab" else -1)
        else:
            return False
        return True

    def _indent(self, by: int) -> None:
        """Put two blanks at the cursor, or shift the lines of the selection, or this one back."""
        (first, _), (last, _) = sorted(self.selection)
        if by > 0 and first == last:
            blanks = self._find_columns_to_next_tab_stop()
            self._replace_via_keyboard(" " * blanks, *self.selection)
            return
        begin, stop = (first, 0), (last, len(self.document.get_line(last)))
        old = self.exact.get_text_range(begin, stop).split("\n")
        new = [shift_line(line, by) for line in old]
        if old == new:
            return
        moved = [len(after) - len(before) for before, after in zip(old, new, strict=True)]
        (top, left), (bottom, right) = self.selection
        self.edit(AreaEdit("\n".join(new), begin, stop, maintain_selection_offset=False))
        self.selection = Selection(
            (top, max(0, left + moved[top - first])),
            (bottom, max(0, right + moved[bottom - first])),
        )

    # The row at the bottom

    @property
    def strip_height(self) -> int:
        """One row where there is room for it, or where it is needed."""
        needed = self.is_finding or bool(self._reason)
        height = self.view_size.height
        return 1 if height >= _STRIP_FROM or (needed and height >= 2) else 0

    def strip_line(self) -> Line:
        """Give the search, the reason for being read only, or what the line means."""
        if self.is_finding:
            return self.find_line()
        if self._reason:
            return ink((" read only: ", Role.WARNING), self._reason)
        return self._inspection

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
        """Tell of it soon."""
        super().cursor_changed(before, now)
        if now.end[0] != before.end[0] and self._inspection:
            self._inspection = ()
            self.refresh_strip()
        self._after_move()

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
        self.post_message(CursorMoved(row + 1, column + 1, (number, len(self.marks.placed))))

    def _tell_line(self) -> None:
        here = (self.row + 1, self.document.get_line(self.row))
        if here != self._inspected or not self._inspection:
            self._inspected = here
            self.post_message(InspectWanted(*here))


def _offset_after(edit: "Edit", offset: int) -> int:
    """Find where a character of the text stands after an edit."""
    shift = 0
    for one in edit.replacements:
        if one.end <= offset:
            shift += len(one.text) - (one.end - one.start)
        elif one.start < offset:
            return one.start + shift + min(len(one.text), offset - one.start)
    return offset + shift
