"""The values that an `environment.yml` is made of, each with its place in the text.

Source: CEP 24 (environment.yml), with the keys `platforms` and `category` of its extensions.
"""

from dataclasses import dataclass

from packaging.requirements import Requirement

from envbench.model.matchspec import MatchSpec
from envbench.model.problem import Problem
from envbench.model.span import Span


@dataclass(frozen=True, slots=True)
class SpecText:
    """The text of a spec as the user wrote it."""

    text: str
    """Decoded, line ends kept as they are, without a byte order mark."""
    path: str = "<text>"
    """How messages name the file; not necessarily a path that exists."""
    has_bom: bool = False
    """Whether the file began with a UTF-8 byte order mark, to be written back on save."""


@dataclass(frozen=True, slots=True)
class ChannelEntry:
    """One item of `channels:`."""

    name: str
    """As written: a name, `name/label/x`, or a URL (secrets included: redact before showing)."""
    span: Span


@dataclass(frozen=True, slots=True)
class CondaDependency:
    """One conda item of `dependencies:`."""

    text: str
    """The scalar's value, comments and quotes gone."""
    span: Span
    """The scalar's place, quotes included."""
    match: MatchSpec | None
    """None when the text is no valid match spec (a problem then says why)."""


@dataclass(frozen=True, slots=True)
class PipItem:
    """One item of the `pip:` list."""

    text: str
    span: Span
    requirement: Requirement | None
    """None for options, paths, bare URLs and what cannot be parsed."""


@dataclass(frozen=True, slots=True)
class Variable:
    """One entry of `variables:`; the value is text, whatever YAML makes of it."""

    name: str
    value: str
    span: Span


@dataclass(frozen=True, slots=True)
class UnknownKey:
    """A key that no reader of environment.yml knows."""

    path: str
    """Dotted, such as `dependencies.npm` or `foo`."""
    span: Span


@dataclass(frozen=True, slots=True)
class EnvironmentSpec:
    """A parsed `environment.yml`."""

    source: SpecText
    name: str | None = None
    name_span: Span | None = None
    channels: tuple[ChannelEntry, ...] = ()
    """In the order of the file, which is their priority."""
    dependencies: tuple[CondaDependency, ...] = ()
    pip: tuple[PipItem, ...] = ()
    """The items of all `pip:` sections, in order."""
    pip_span: Span | None = None
    """The `pip:` key, when there is a pip section (it may be empty)."""
    variables: tuple[Variable, ...] = ()
    prefix: str | None = None
    prefix_span: Span | None = None
    platforms: tuple[str, ...] = ()
    unknown_keys: tuple[UnknownKey, ...] = ()


@dataclass(frozen=True, slots=True)
class ParsedSpec:
    """The outcome of reading a text: the spec, when there is one, and what was found on the way."""

    spec: EnvironmentSpec | None
    problems: tuple[Problem, ...]
