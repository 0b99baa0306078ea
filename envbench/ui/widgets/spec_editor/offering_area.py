"""A searchable text area that offers what may be typed next.

The list is drawn into the rows it covers rather than being a widget of its own: opening it paints
those rows and nothing else, and it cannot take the keys away from typing.
"""

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from textual import events
from textual.document._document import EditResult, Location, Selection
from textual.document._edit import Edit as AreaEdit
from textual.geometry import Region
from textual.strip import Strip

from envbench.ui.ink_styles import to_strip
from envbench.ui.widgets.spec_editor import visible
from envbench.ui.widgets.spec_editor.debounce import Debounce
from envbench.ui.widgets.spec_editor.messages import CompletionWanted
from envbench.ui.widgets.spec_editor.searching_area import SearchingArea

if TYPE_CHECKING:
    from envbench.ui.widgets.spec_editor.completion import Completion, Offers
    from envbench.ui.widgets.spec_editor.popup import PopupPlace

COMPLETION_DELAY_S = 0.08


class OfferingArea(SearchingArea):
    """Text with offers at the cursor."""

    _offers: "Offers | None" = None
    _place: "PopupPlace | None" = None
    _offers_wanted = False
    _chooses_first = False
    _is_editing = False

    def __init__(self, text: str = "", *, id: str | None = None) -> None:
        """Make an editor for a text."""
        super().__init__(text, id=id)
        self._ask_soon = Debounce(self, self.ask_offers)

    def show_completions(self, items: "Sequence[Completion]", version: int) -> None:
        """Offer something at the cursor; an answer for another version is left out."""
        if version != self.version or not self._offers_wanted or not self.has_focus:
            return
        from envbench.ui.widgets.spec_editor.completion import Offers  # not needed to start

        row, column = self.selection.end
        line = self.document.get_line(row)
        fitting = [
            one
            for one in items
            if 0 <= one.start_column <= column and line[one.start_column : column] != one.insert
        ]
        offers = Offers(fitting, row)
        if fitting and self._chooses_first:
            offers.step(1)
        self._set_offers(offers)

    @property
    def shows_completions(self) -> bool:
        """Whether offers are seen."""
        return self._offers is not None

    def ask_offers(self, *, explicit: bool = False) -> None:
        """Ask the screen for offers at the cursor; Enter takes one of those that were called for."""
        self._ask_soon.cancel()
        self._chooses_first = explicit
        row, column = self.selection.end
        self._offers_wanted = True
        line = self.document.get_line(row)
        self.post_message(CompletionWanted(self.version, row + 1, column, line, explicit=explicit))

    def close_offers(self) -> None:
        """Take the offers away, and want no answer that is still to come."""
        self._offers_wanted = False
        if self._offers is not None:
            self._set_offers(None)

    def take_key(self, event: events.Key) -> bool:
        """Take a key; tells whether it was meant for the offers or the search."""
        return super().take_key(event) or self._choose_by(event.key)

    def edit(self, edit: AreaEdit) -> EditResult:
        """Change the text, as one step that can be undone."""
        self._is_editing = True
        try:
            return super().edit(edit)
        finally:
            self._is_editing = False

    def cursor_changed(self, before: Selection, now: Selection) -> None:
        """Close the offers when the cursor leaves by itself: they belong to one word."""
        super().cursor_changed(before, now)
        if now.end[0] != before.end[0] or not self._is_editing:
            self.close_offers()
            self._ask_soon.cancel()

    def render_line(self, y: int) -> Strip:
        """Draw one row, with the offers over it."""
        strip = super().render_line(y)
        place, offers = self._place, self._offers
        if place is None or offers is None or not place.y <= y < place.y + place.rows:
            return strip
        from envbench.ui.widgets.spec_editor.popup import popup_rows  # loaded by now

        over = to_strip(popup_rows(offers, place)[y - place.y], place.width, self.ink_styles())
        right = strip.crop(place.x + place.width, strip.cell_length)
        return Strip.join((strip.crop(0, place.x), over, right))

    def on_mouse_scroll_down(self) -> None:
        """Close the offers: their place scrolls away."""
        self.close_offers()

    def on_mouse_scroll_up(self) -> None:
        """Close the offers: their place scrolls away."""
        self.close_offers()

    def on_resize(self) -> None:
        """Close the offers: their place is another one."""
        self.close_offers()

    def on_blur(self) -> None:
        """Close the offers: their keys go elsewhere."""
        self.close_offers()

    def _choose_by(self, key: str) -> bool:
        offers = self._offers
        if offers is None:
            return False
        if key in {"down", "up"}:
            if offers.step(1 if key == "down" else -1):
                self._refresh_popup()
                return True
            self.close_offers()
        elif key == "tab" or (key == "enter" and offers.is_chosen):
            self._take(offers.best)
            return True
        return False

    def _take(self, item: "Completion") -> None:
        row, column = self.selection.end
        self.close_offers()
        self.edit(AreaEdit(item.insert, (row, item.start_column), (row, column), False))

    def _set_offers(self, offers: "Offers | None") -> None:
        self._refresh_popup()
        self._offers, self._place = None, None
        if offers is None or not offers.items:
            return
        from envbench.ui.widgets.spec_editor.popup import place_popup  # not needed to start

        row = self.row
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
        shown = self._offers is not None
        result = super()._delete_via_keyboard(start, end)
        if result is not None:
            self._after_typing(asks=shown)
        return result

    def _after_typing(self, *, asks: bool) -> None:
        row, column = self.selection.end
        line = self.document.get_line(row)
        if not asks or re.search(r"(?:^|\s)#", line[:column]):
            self.close_offers()
            self._ask_soon.cancel()
            return
        if self._offers is not None:
            self._set_offers(self._offers.narrow(line, column))
        self._offers_wanted = True
        self._ask_soon.request(COMPLETION_DELAY_S)
