"""One line of a spec written anew, in the style in which the user wrote it."""

import re
from dataclasses import dataclass

from envbench.model.matchspec import MatchSpec, MatchSpecError, parse_match_spec, strip_comment

_LINE = re.compile(
    r"(?P<channel>[^\s\[\]=<>!~|,]+?::)?(?P<name>[A-Za-z0-9._-]+)(?P<rest>[^\[]*)(?P<brackets>\[.*\])?",
    re.DOTALL,
)
_TERM = re.compile(r"(?P<operator>==|!=|>=|<=|~=|=|>|<)?\s*(?P<version>[^\s,|=<>!~]+)")
_KEPT_BRACKETS = frozenset({"subdir", "extras", "when"})
_LOWER, _UPPER = frozenset({">=", ">"}), frozenset({"<", "<="})


@dataclass(frozen=True, slots=True)
class LineText:
    """A conda dependency as written, taken apart."""

    text: str
    match: MatchSpec
    head: str
    """`channel::`, or empty."""
    name: str
    """As spelled by the user."""
    joint: str
    """Blanks between name and constraint."""
    version: str
    """The version part as written, operator included: `=2.13.0`, `>=1.20,<2`, `2.*`."""
    build: str
    tail: str
    """Brackets that stay whatever the version is."""

    def write(self, version: str, *, build: str = "", head: str | None = None) -> str:
        """Write the line with another version part, build or channel.

        Args:
            version: With its operator; empty for any.
            build: Pattern of a build; empty for any.
            head: `channel::`; the user's own when None.
        """
        before = self.head if head is None else head
        if not version:
            bare = f"{before}{self.name}"
            return f'{bare}[build="{build}"]' if build else bare + self.tail
        if not build:
            return f"{before}{self.name}{self._joint(version)}{version}{self.tail}"
        if self.joint or not version.startswith("=") or version.startswith("=="):
            return f"{before}{self.name} {version.removeprefix('=')} {build}{self.tail}"
        return f"{before}{self.name}{version}={build}{self.tail}"

    def _joint(self, version: str) -> str:
        # A bare version must not be glued to the name.
        return self.joint or ("" if version[0] in "=<>!~" else " ")


def read_line(text: str) -> LineText | None:
    """Take a conda dependency apart; None when it is none, or asks for one archive."""
    body = strip_comment(text)
    try:
        match = parse_match_spec(body)
    except MatchSpecError:
        return None
    found = _LINE.fullmatch(body)
    if found is None or any(key in {"url", "fn", "md5", "sha256"} for key, _ in match.brackets):
        return None
    rest = found["rest"] or ""
    joint = rest[: len(rest) - len(rest.lstrip())]
    constraint = rest.strip()
    build = match.build or ""
    version = constraint
    if build and constraint.endswith(build):
        version = constraint[: -len(build)].rstrip()
        # `=1.2=build` and `==1.2=build`, but not the `=` of `name=`.
        version = version[:-1].rstrip() if len(version) > 1 and version.endswith("=") else version
    head = found["channel"] or ""
    if not head and match.channel is not None:
        head = f"{match.channel}::"
    tail = ",".join(f'{key}="{value}"' for key, value in match.brackets if key in _KEPT_BRACKETS)
    return LineText(
        body,
        match,
        head,
        found["name"],
        joint if constraint else "",
        version,
        build,
        f"[{tail}]" if tail else "",
    )


_FLAVOUR = re.compile(r"(?:^|[^a-z])(cuda|cpu|cu(?=\d))(?![a-z])")


def flavour_pattern(build: str) -> str:
    """Give the pattern that keeps what a build computes with, `*cuda*` for `py39_cuda11.7_0`.

    Empty where the build does not say.
    """
    found = _FLAVOUR.search(build)
    return f"*{found[1]}*" if found else ""


def build_for_other_versions(build: str) -> str:
    """Give the build pattern that still makes sense for another version; empty for any build.

    A pattern that begins with a star is no build of one version; of a whole build string its
    flavour is kept.
    """
    if build.startswith("*") and len(build) > 1:
        return build
    return flavour_pattern(build)


@dataclass(frozen=True, slots=True)
class Style:
    """How a version part is written."""

    operator: str
    """`=`, `==`, empty for a bare version, `range` for bounds, or `other`."""
    components: int
    """Of the version, 2 for `2.13`."""
    starred: bool


def read_style(version: str) -> Style:
    """Tell how a version part is written."""
    if re.search(r"[,|<>~!]", version):
        terms = version.split(",")
        bounds = [found for term in terms if (found := _TERM.fullmatch(term.strip()))]
        is_range = len(bounds) == len(terms) and all(
            found["operator"] in _LOWER | _UPPER | {"!="} for found in bounds
        )
        is_range = is_range and any(found["operator"] != "!=" for found in bounds)
        return Style("range" if is_range else "other", 0, starred=False)
    found = _TERM.fullmatch(version.strip())
    if found is None:
        return Style("other", 0, starred=False)
    number = found["version"].removesuffix("*").removesuffix(".")
    starred = found["version"].endswith("*")
    return Style(found["operator"] or "", len(re.split(r"[._]", number)), starred)


def write_series(version: str, series: str, *, starred: bool = True) -> str:
    """Write a pin to a series in the style of a version part: `=2.14.*` for `=2.13.0`.

    Args:
        version: The user's version part.
        series: `2.14`.
        starred: Whether a star is needed whatever the style, as before a build.
    """
    style = read_style(version)
    components = len(re.split(r"[._]", series))
    bare = style.operator == "" and bool(version)
    fuzzy = style.operator == "=" and not style.starred and style.components <= components
    star = "" if fuzzy and not starred else ".*"
    return f"{'' if bare else '='}{series}{star}"


def move_bound(version: str, series: str, following: str, *, newer: bool) -> str | None:
    """Widen bounds until they let a series in; None when no bound on that side keeps it out.

    Args:
        version: `>=1.20,<2`.
        series: The series to let in.
        following: The first version that must stay out above it, `2.2` for the series `2.1`.
        newer: Whether the series lies above the bounds.
    """
    wanted = _UPPER if newer else _LOWER
    terms, changed = [], False
    for term in version.split(","):
        found = _TERM.fullmatch(term.strip())
        if found is not None and (found["operator"] or "") in wanted:
            if changed:
                continue
            changed = True
            terms.append(f"<{following}" if newer else f">={series}")
        else:
            terms.append(term.strip())
    return ",".join(terms) if changed else None
