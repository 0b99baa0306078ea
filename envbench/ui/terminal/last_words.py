"""What is said when the program itself fails: short on the terminal, whole in a private file.

Textual prints the failure with all local variables: pages of text from anywhere, secrets among it.
"""

import contextlib
import os
import sys
import time
import traceback
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, cast

from envbench.model.cleaning import clean
from envbench.model.redaction import redact

if TYPE_CHECKING:
    from rich.console import Console
    from textual.app import App

_MOST_CHARACTERS: Final = 400


def install_last_words(app: "App[Any]", folder: Path) -> None:
    """Make failures of the program readable and private.

    Args:
        app: An app that does not run yet.
        folder: Where reports go.
    """
    # Textual prints what it has to say at the end through this console, and nothing else.
    app.error_console = cast("Console", LastWords(app, folder))


class LastWords:
    """Stands where Textual expects the console that it prints failures on."""

    def __init__(self, app: "App[Any]", folder: Path) -> None:
        self._app, self._folder = app, folder
        self._has_told = False

    def print(self, *things: object, **_: object) -> None:
        """Tell the first failure: a few lines here, the whole in a report. Later ones follow from it."""
        if self._has_told:
            return
        self._has_told = True
        # Textual hands over finished pages with all local variables; the exception itself it keeps.
        error: BaseException | None = self._app._exception  # noqa: SLF001 - see above
        told = self._tell(error) if error is not None else "\n".join(map(_join_segments, things))
        _write_error(f"{redact(told)}\n")

    def _tell(self, error: BaseException) -> str:
        message = clean(f"{type(error).__name__}: {error}", limit=_MOST_CHARACTERS)
        frames = traceback.extract_tb(error.__traceback__)
        where = f"  at {frames[-1].filename}:{frames[-1].lineno}\n" if frames else ""
        path = self._write(describe_failure(error))
        kept = f"  The whole report: {path}\n" if path else ""
        return (
            f"envbench: the screen ended on an error of its own.\n  {message}\n{where}{kept}"
            "  Jobs go on; open the screen again to see them."
        )

    def _write(self, text: str) -> Path | None:
        stamp = time.strftime("%Y%m%d-%H%M%S")
        path = self._folder / f"failure-{stamp}-{os.getpid()}.txt"
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(handle, "w", encoding="utf-8", errors="replace") as file:
                file.write(redact(text))
        except OSError:
            return None
        return path


def describe_failure(error: BaseException) -> str:
    """Write an exception and what led to it as plain text, without the values of variables."""
    lines = traceback.TracebackException.from_exception(error, capture_locals=False).format()
    return clean("".join(lines), limit=100_000, multiline=True)


def _join_segments(thing: object) -> str:
    parts = getattr(thing, "segments", None)
    text = str(thing) if parts is None else "".join(part.text for part in parts)
    return clean(text, limit=20_000, multiline=True)


def _write_error(text: str) -> None:
    stream = sys.__stderr__
    if stream is None:
        return
    encoding = stream.encoding or "ascii"
    # A terminal that is gone takes no last words.
    with contextlib.suppress(OSError):
        stream.write(text.encode(encoding, "replace").decode(encoding))
        stream.flush()
