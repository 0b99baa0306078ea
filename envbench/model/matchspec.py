"""Conda's match specs, parsed leniently as conda does, without any solver at hand."""

from dataclasses import dataclass


class MatchSpecError(ValueError):
    """The text is no match spec; the message says which part is wrong and why."""


@dataclass(frozen=True, slots=True)
class MatchSpec:
    """What a dependency line asks for.

    Source: conda's MatchSpec syntax (`channel::name version build`, `name=version=build`,
    `name[key=value,...]`).
    """

    name: str
    """Lower case."""
    version: str | None = None
    """The version constraint in conda's own notation (`1.23.*`, `>=1.20,<2`, `==1.2`), or None.

    `name=1.23` (one equals sign) is fuzzy and is held as `1.23.*`.
    """
    build: str | None = None
    channel: str | None = None
    """As written before `::`, or from `[channel=...]`; a name or a URL, without the subdir."""
    subdir: str | None = None
    brackets: tuple[tuple[str, str], ...] = ()
    """Further `[key=value]` pairs, in order, keys lower case (`md5`, `url`, `when`, ...)."""
