"""A glance at the settings file, for what must be known before the settings are worth reading.

Reading all settings costs more than the first paint of the screen may take. Only plain lines before
the first table are seen; the settings proper follow at once, and have the last word.
"""

import os
import re
from collections.abc import Mapping
from pathlib import Path

GLANCE_BYTES = 16 * 1024
_TABLE = re.compile(r"^\[", re.MULTILINE)
_LINE = re.compile(
    r"""^(?P<key>[a-z_]{1,40})[ \t]*=[ \t]*(?:(?P<quote>["'])(?P<text>[a-z0-9-]{1,64})(?P=quote)|(?P<word>true|false))[ \t]*(?:\#.*)?$""",
    re.MULTILINE,
)


def glance_at(config_file: Path, environ: Mapping[str, str]) -> dict[str, str]:
    """Guess values of the settings file: short names, `true` and `false`.

    Args:
        config_file: The file, which need not exist.
        environ: The environment variables, which come before the file.

    Returns:
        Key to value, of those that are plain to see.
    """
    seen = {
        found["key"]: found["text"] or found["word"] for found in _LINE.finditer(_read(config_file))
    }
    return seen | {
        name.removeprefix("ENVBENCH_").lower(): value
        for name, value in environ.items()
        if name.startswith("ENVBENCH_") and value
    }


def _read(config_file: Path) -> str:
    try:
        # A pipe in the place of the file must not keep the screen waiting.
        descriptor = os.open(config_file, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        try:
            text = os.read(descriptor, GLANCE_BYTES).decode("utf-8", "replace")
        finally:
            os.close(descriptor)
    except (OSError, ValueError):
        return ""
    table = _TABLE.search(text)
    return text[: table.start()] if table else text
