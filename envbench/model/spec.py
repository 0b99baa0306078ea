"""The values that an `environment.yml` is made of, each with its place in the text.

Source: CEP 24 (environment.yml), with the keys `platforms` and `category` of its extensions.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from packaging.requirements import Requirement

from envbench.model.matchspec import MatchSpec
from envbench.model.problem import Problem
from envbench.model.span import Span

BYTE_ORDER_MARK = "\ufeff"


@dataclass(frozen=True, slots=True)
class SpecText:
    """The text of a spec as the user wrote it."""

    text: str
    """Decoded, line ends kept as they are, without a byte order mark."""
    path: str = "<text>"
    """How messages name the file; not necessarily a path that exists."""
    has_bom: bool = False
    """Whether the file began with a UTF-8 byte order mark, to be written back on save."""

    @classmethod
    def from_decoded(cls, text: str, path: str = "<text>") -> "SpecText":
        """Take a decoded text that may still begin with its byte order mark."""
        has_bom = text.startswith(BYTE_ORDER_MARK)
        return cls(text.removeprefix(BYTE_ORDER_MARK), path, has_bom)

    def with_text(self, text: str) -> "SpecText":
        """Give the same file with another text."""
        return SpecText(text, self.path, self.has_bom)

    def to_bytes(self) -> bytes:
        """Give the bytes to save, with the byte order mark when the file had one."""
        return ((BYTE_ORDER_MARK if self.has_bom else "") + self.text).encode("utf-8")


@dataclass(frozen=True, slots=True)
class ChannelEntry:
    """One item of `channels:`."""

    name: str
    """As written: a name, `name/label/x`, or a URL (secrets included: redact before showing)."""
    span: Span


class SelectorStyle(StrEnum):
    """The two ways in which tools mark a line as meant for some platforms only."""

    COMMENT = "comment"
    """`- foo  # [linux]`: conda-lock reads it, conda and micromamba use the line everywhere."""
    KEY = "key"
    """`- sel(linux): foo`: micromamba reads it, conda refuses it."""


@dataclass(frozen=True, slots=True)
class Selector:
    """The platforms that a dependency line is meant for."""

    expression: str
    """`linux`, `osx`, `win`, `unix`, or what stands in a `# [...]` comment."""
    style: SelectorStyle
    span: Span


_SELECTED_PREFIXES = {
    "linux": ("linux-",),
    "osx": ("osx-",),
    "win": ("win-",),
    "unix": ("linux-", "osx-"),
}


@dataclass(frozen=True, slots=True)
class CondaDependency:
    """One conda item of `dependencies:`."""

    text: str
    """The scalar's value, comments and quotes gone."""
    span: Span
    """The scalar's place, quotes included."""
    match: MatchSpec | None
    """None when the text is no valid match spec (a problem then says why)."""
    selector: Selector | None = None
    """Set when the line is marked for some platforms."""

    def applies_to(self, platform: str) -> bool:
        """Tell whether the line counts on a platform such as `linux-64`.

        Only `sel(...)` keys leave a line out; selector comments are comments, as for conda.
        """
        if self.selector is None or self.selector.style is SelectorStyle.COMMENT:
            return True
        prefixes = _SELECTED_PREFIXES.get(self.selector.expression, ("",))
        return platform.startswith(prefixes)


@dataclass(frozen=True, slots=True)
class PipItem:
    """One item of the `pip:` list."""

    text: str
    """The scalar's value; `envbench.model.pip_lines.classify_pip_item` judges it."""
    span: Span
    requirement: Requirement | None
    """None for options, paths, bare URLs and what cannot be parsed."""


@dataclass(frozen=True, slots=True)
class Variable:
    """One entry of `variables:`; the value is text, whatever YAML makes of it."""

    name: str
    value: str
    span: Span
    """The place of the name."""
    value_span: Span | None = None


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
    channels_span: Span | None = None
    """The `channels:` key, when there is one."""
    dependencies_span: Span | None = None
    """The `dependencies:` key, when there is one."""
    platforms_span: Span | None = None

    def dependencies_on(self, platform: str) -> tuple[CondaDependency, ...]:
        """Give the conda dependencies that count on a platform such as `linux-64`."""
        return tuple(item for item in self.dependencies if item.applies_to(platform))


@dataclass(frozen=True, slots=True)
class ParsedSpec:
    """The outcome of reading a text: the spec, when there is one, and what was found on the way."""

    spec: EnvironmentSpec | None
    problems: tuple[Problem, ...]

    @property
    def errors(self) -> Sequence[Problem]:
        """The problems that keep the spec from being solved or built."""
        return tuple(problem for problem in self.problems if problem.is_error)
