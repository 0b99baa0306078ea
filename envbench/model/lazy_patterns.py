"""Regular expressions that are compiled when they are first used.

Python compiles a pattern in a few tenths of a millisecond and keeps none of it between runs; a
verb meets a few of the patterns that its modules know.
"""

import re
from typing import Any, cast


class _LazyPattern:
    """Stands in for a pattern until somebody asks it for anything."""

    def __init__(self, source: str, flags: int) -> None:
        self._source = source
        self._flags = flags

    def __getattr__(self, name: str) -> Any:
        found = getattr(re.compile(self._source, self._flags), name)
        # The next look-up finds it without coming here: as quick as a pattern's own.
        setattr(self, name, found)
        return found


def lazy_pattern(source: str, flags: int = 0) -> re.Pattern[str]:
    """Give what can be asked like `re.compile(source, flags)`; a wrong pattern fails at first use."""
    return cast("re.Pattern[str]", _LazyPattern(source, flags))
