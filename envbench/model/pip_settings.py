"""How pip sections reach the world."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class PipSettings:
    """How the pip section may reach the world; nothing here is secret."""

    index_url: str | None = None
    """None means the installer's own default."""
    extra_index_urls: tuple[str, ...] = ()
    find_links: tuple[str, ...] = ()
    no_index: bool = False
    only_binary: bool = True
    """Refuse everything whose installation would run code of the package."""
    offline: bool = False
