"""The version part of a match spec: terms, joined by `,` and `|`, and the build behind them.

Source: conda's version specs in the lenient reading of rattler: `=1.2` is `1.2.*`, a bare `1.2` is
`==1.2`, `>=1.*` is `>=1`; a bare or single-equals version with a build behind it is exact.
"""

import re
from dataclasses import dataclass


class VersionSpecError(ValueError):
    """The text is no version constraint; the message says which part is wrong."""


# `1!2.0+cpu`: an epoch, letters, digits and separators, a local part.
_VERSION = r"(?:[0-9]+!)?[0-9A-Za-z][0-9A-Za-z._-]*(?:\+[0-9A-Za-z][0-9A-Za-z._-]*)?"
_TERM = re.compile(
    rf"(?P<operator>===|==|=|!=|>=|<=|~=|>|<)?\s*(?P<version>\*(?:\.\*)*|{_VERSION}(?P<star>\*?[0-9A-Za-z._*-]*))"
)
_STRICT_VERSION = re.compile(
    r"(?:[0-9]+!)?[0-9a-z]+(?:[._-][0-9a-z]+)*[_-]?(?:\+[0-9a-z]+(?:[._-][0-9a-z]+)*[_-]?)?"
)
_STARRED = re.compile(r"(?P<version>.*?)(?:\.?\*)(?:\.\*)*")
_LARGEST_NUMBER = 2**64 - 1
_DEEPEST = 32
"""Most parentheses in each other; the reader calls itself for each one."""


@dataclass(frozen=True, slots=True)
class VersionTerm:
    """One term such as `>=1.2` or `1.2.*`."""

    operator: str
    """One of `== = != >= <= ~= > <`, or empty for a bare version."""
    version: str
    """Lower case, without a trailing star; `*` for any version."""
    starred: bool
    """Whether `*` or `.*` ended the version as written."""

    def render(self, *, keeps_star: bool, exact: bool) -> str:
        """Write the term in conda's own notation.

        Args:
            keeps_star: `==1.2.*` means `1.2.*`, not `==1.2`.
            exact: `=1.2` means `==1.2`, not `1.2.*`.
        """
        if self.version == "*":
            return "*"
        if self._means_prefix(keeps_star=keeps_star, exact=exact):
            return f"{'!=' if self.operator == '!=' else ''}{self.version}.*"
        return f"{self._plain_operator()}{self.version}"

    def _means_prefix(self, *, keeps_star: bool, exact: bool) -> bool:
        if self.operator == "=":
            return self.starred or not exact
        return self.starred and (
            self.operator in {"", "!="} or (self.operator == "==" and keeps_star)
        )

    def _plain_operator(self) -> str:
        if self.operator in {"", "="}:
            return "=="
        return ">=" if self.operator == ">" and self.starred else self.operator


def read_version_spec(text: str) -> tuple[str | None, str | None]:
    """Split `>=1.2,<2 build` or `=1.2=build` into version constraint and build.

    Returns:
        The constraint in conda's own notation, and the build or None.

    Raises:
        VersionSpecError: The text does not begin with a version constraint.
    """
    reader = _Reader(text.strip())
    tree = reader.read_group()
    rest = text.strip()[reader.position :]
    build = _build_of(rest)
    return tree.render(has_build=build is not None), build


def _build_of(rest: str) -> str | None:
    """Take what follows the version: behind one `=`, behind blanks, or stuck to it."""
    if rest.startswith(("+", "!")):
        raise VersionSpecError(f"`{rest}` does not belong behind a version")
    build = rest.strip() if rest[:1].isspace() else rest.removeprefix("=").strip()
    return build or None


@dataclass(frozen=True, slots=True)
class _Group:
    """Terms and joints in turn: `>=1`, `,`, `<2`; a part may be a group in parentheses."""

    parts: tuple["VersionTerm | _Group", ...]
    joints: tuple[str, ...]

    def render(self, *, has_build: bool, first: bool = True) -> str:
        # A star behind `==` survives only in the first term of a spec without a build, and
        # `=1.2` is exact only as the single term of a spec with one.
        texts = [
            part.render(
                keeps_star=first and index == 0 and not has_build,
                exact=has_build and not self.joints,
            )
            if isinstance(part, VersionTerm)
            else self._render_inner(part, has_build=has_build, first=first and index == 0)
            for index, part in enumerate(self.parts)
        ]
        joined = [joint + text for joint, text in zip(self.joints, texts[1:], strict=True)]
        return "".join((texts[0], *joined))

    def _render_inner(self, part: "_Group", *, has_build: bool, first: bool) -> str:
        text = part.render(has_build=has_build, first=first)
        return f"({text})" if "|" in part.joints and "," in self.joints else text


class _Reader:
    """Reads terms from left to right and stops where none goes on."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.position = 0
        self._depth = 0

    def read_group(self) -> _Group:
        parts: list[VersionTerm | _Group] = [self._read_part()]
        joints: list[str] = []
        while joint := self._take_joint():
            joints.append(joint)
            parts.append(self._read_part())
        return _Group(tuple(parts), tuple(joints))

    def _skip_blanks(self) -> None:
        while self.text[self.position : self.position + 1].isspace():
            self.position += 1

    def _take_joint(self) -> str:
        start = self.position
        self._skip_blanks()
        joint = self.text[self.position : self.position + 1]
        if joint in {",", "|"}:
            self.position += 1
            self._skip_blanks()
            return joint
        self.position = start
        return ""

    def _read_part(self) -> "VersionTerm | _Group":
        if not self.text.startswith("(", self.position):
            return self._read_term()
        if self._depth == _DEEPEST:
            raise VersionSpecError(f"more than {_DEEPEST} parentheses stand in each other")
        self._depth += 1
        self.position += 1
        self._skip_blanks()
        group = self.read_group()
        self._depth -= 1
        self._skip_blanks()
        if not self.text.startswith(")", self.position):
            raise VersionSpecError(f"`{self.text}`: a parenthesis is not closed")
        self.position += 1
        return group

    def _read_term(self) -> VersionTerm:
        match = _TERM.match(self.text, self.position)
        if match is None or match["operator"] == "===":
            raise VersionSpecError(_no_term(self.text, self.position))
        self.position = match.end()
        if match["version"].startswith("*") and re.match(r"[\w.*]", self.text[self.position :]):
            raise VersionSpecError(f"`{self.text}`: a `*` may stand at the end of a version only")
        return _make_term(match["operator"] or "", match["version"])


_WRONG_OPERATORS = ("=>", "=<", "===", "=~", "<>", "^", "~", "!")


def _no_term(text: str, position: int) -> str:
    rest = text[position:]
    for operator in _WRONG_OPERATORS:
        if rest.startswith(operator):
            return f"`{operator}` in `{text}` is no operator of conda"
    if rest:
        return f"`{text}` is no version constraint: no version begins at `{rest}`"
    return f"`{text}` is no version constraint: a version is missing at its end"


def _make_term(operator: str, written: str) -> VersionTerm:
    version = written.lower()
    if set(version) <= {"*", "."}:
        if operator in {"<", ">", "!="}:
            raise VersionSpecError(f"`{operator}*` excludes every version")
        return VersionTerm(operator, "*", starred=True)
    starred = _STARRED.fullmatch(version)
    if starred:
        version = starred["version"]
    if "*" in version:
        raise VersionSpecError(f"`{written}`: a `*` may stand at the end of a version only")
    _check_version(version, written)
    return VersionTerm(operator, version, starred is not None)


def _check_version(version: str, written: str) -> None:
    if not _STRICT_VERSION.fullmatch(version):
        raise VersionSpecError(f"`{written}` is no version")
    # Length first: numbers of thousands of digits must never be made.
    for digits in re.findall("[0-9]+", version):
        if len(digits) > 20 or int(digits) > _LARGEST_NUMBER:
            raise VersionSpecError(f"`{digits[:20]}...` is too large for a version number")
