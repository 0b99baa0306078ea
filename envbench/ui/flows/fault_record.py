"""Keeps the traceback of a fault of envbench itself, for whoever reports it."""

import os
import tempfile
import traceback

from envbench.model.cleaning import clean


def record_fault(fault: BaseException) -> str:
    """Write the traceback into a private file; give the line that says so."""
    text = "".join(traceback.format_exception(fault))
    named = f"{type(fault).__name__}: {clean(str(fault), limit=200)}"
    try:
        handle, path = tempfile.mkstemp(prefix="envbench-fault-", suffix=".txt")
        with os.fdopen(handle, "w", encoding="utf-8", errors="replace") as file:
            file.write(text)
    except OSError:
        return f"A fault of envbench: {named}"
    return f"A fault of envbench: {named}. Please report it with {path}"
