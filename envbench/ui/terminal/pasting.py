"""Takes pasted text out of what the terminal sends, so that nothing in it is taken for a key.

A terminal puts marks around what is pasted. Textual looks for keys between them all the same: a
pasted escape sequence would run verbs. Careful terminals take control characters out of what is
pasted; tmux and others do not.

Source: xterm's control sequences, "Bracketed Paste Mode"; kitty's `replace-dangerous-control-codes`.
"""

import re
from typing import Final, NamedTuple

_BEGIN: Final = "\x1b[200~"
_END: Final = "\x1b[201~"
_PART_OF_BEGIN: Final = re.compile(r"\x1b\[2(?:0(?:0)?)?\Z")
_CONTROL: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")


class Pasted(NamedTuple):
    """One pasted text, without control characters but tabs and line ends."""

    text: str


class PasteSieve:
    """Splits input into what was typed and what was pasted, over any number of reads."""

    def __init__(self) -> None:
        """Begin outside of a paste."""
        self._held = ""
        self._pasting: list[str] | None = None

    def feed(self, data: str) -> list[str | Pasted]:
        """Take what was read; give what is whole, in its order."""
        data, self._held = self._held + data, ""
        parts: list[str | Pasted] = []
        while data:
            if self._pasting is None:
                typed, begins, data = data.partition(_BEGIN)
                if begins:
                    self._pasting = []
                else:
                    typed = self._hold(typed)
                parts += [typed] if typed else []
            else:
                data = self._collect(data, parts)
        return parts

    def release(self) -> str:
        """Give what was held back as a possible beginning: nothing came behind it."""
        held, self._held = self._held, ""
        return held

    def _hold(self, typed: str) -> str:
        begun = _PART_OF_BEGIN.search(typed)
        if begun is None:
            return typed
        self._held = begun[0]
        return typed[: begun.start()]

    def _collect(self, data: str, parts: list[str | Pasted]) -> str:
        """Take pasted text up to its end; give what stands behind that."""
        pasting = self._pasting or []
        # The mark of the end may have come in two reads.
        before = pasting.pop() if pasting else ""
        text, ends, rest = (before + data).partition(_END)
        if not ends:
            keep = max(0, len(text) - len(_END))
            self._pasting = [*pasting, text[:keep], text[keep:]]
            return ""
        self._pasting = None
        parts.append(Pasted(_CONTROL.sub("", "".join((*pasting, text)))))
        return rest
