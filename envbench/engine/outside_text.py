"""Outside text on its way to the user: clean, without secrets, cut to size."""

from envbench.model.cleaning import clean
from envbench.model.redaction import redact


def show_text(text: str, *, limit: int = 4000, multiline: bool = False) -> str:
    """Make a text fit to be shown.

    Escape sequences go first, since one in the middle would hide a secret from redaction; the
    cut comes last, since half a secret is recognised by nobody.
    """
    whole = clean(text, limit=len(text) + 1, multiline=multiline)
    return clean(redact(whole), limit=limit, multiline=multiline)
