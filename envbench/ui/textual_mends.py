"""What must be mended in Textual 8.2 itself, each with the reason; nothing where it is mended there."""

from functools import lru_cache
from typing import Any

from textual._styles_cache import StylesCache


def let_widgets_go() -> None:
    """Let the memory of widgets that were removed be freed.

    `StylesCache.get_inner_outer` remembers its answers together with the cache it was called on,
    and with it all lines of a widget that may be gone: closing a question a thousand times keeps
    a thousand pictures. The answer does not depend on the cache.
    """
    remembered: Any = StylesCache.__dict__["get_inner_outer"]
    find: Any = getattr(remembered, "__wrapped__", None)
    if not isinstance(remembered, classmethod | staticmethod) and find is not None:
        cached: Any = lru_cache(1024)(find)
        mended: Any = classmethod(cached)
        StylesCache.get_inner_outer = mended  # type: ignore[method-assign]
