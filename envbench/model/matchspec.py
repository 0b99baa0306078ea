"""Conda's match specs, parsed leniently as conda does, without any solver at hand.

Source: conda's MatchSpec syntax and the lenient reading of rattler, which the tests use as oracle.
"""

import re
from dataclasses import dataclass

from envbench.model.version_spec import VersionSpecError, read_version_spec


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

    @property
    def is_pinned(self) -> bool:
        """Whether a version, a build or an archive is asked for, not just any."""
        if self.build is not None or any(
            key in {"url", "md5", "sha256", "fn"} for key, _ in self.brackets
        ):
            return True
        return self.version is not None and self.version != "*"


BRACKET_KEYS = frozenset(
    {
        "version",
        "build",
        "build_number",
        "fn",
        "channel",
        "subdir",
        "namespace",
        "md5",
        "sha256",
        "url",
        "license",
        "license_family",
        "track_features",
        "extras",
        "when",
        "flags",
    }
)

_KNOWN_SUBDIRS = re.compile(
    "noarch|linux-(?:32|64|aarch64|armv6l|armv7l|loongarch64|ppc64|ppc64le|riscv32|riscv64|s390x)"
    "|osx-(?:64|arm64)|win-(?:32|64|arm64)|emscripten-wasm32|wasi-wasm32|freebsd-64|zos-z"
)
_ARCHIVE = re.compile(r"(?:[A-Za-z][A-Za-z0-9+.-]*://|/)\S*\.(?:conda|tar\.bz2)(?:#\S*)?")
_ARCHIVE_NAME = re.compile(r"([^/]+)-[^-/]+-[^-/]+\.(?:conda|tar\.bz2)(?:#\S*)?")
_NAME = re.compile(r"[A-Za-z0-9._-]+")
_NAME_END = re.compile(r"[\s=<>!~]|$")
_BRACKETS = re.compile(r"(?P<head>[^\[]*)\[(?P<body>.*)\]", re.DOTALL)
_PAIR = re.compile(
    r"\s*(?P<key>[A-Za-z_0-9]+)\s*=\s*"
    r"(?:\"(?P<double>[^\"]*)\"|'(?P<single>[^']*)'|(?P<list>\[[^\]]*\])|(?P<bare>[^,\[\]'\"]*?))"
    r"(?:,(?=.)|\s*$)",
    re.DOTALL,
)
_DIGEST_LENGTHS = {"md5": 32, "sha256": 64}


def parse_match_spec(text: str) -> MatchSpec:
    """Read a match spec as conda reads it.

    Args:
        text: One item of a dependency list, without YAML quotes; a comment behind `#` is dropped.

    Raises:
        MatchSpecError: The text is no match spec.
    """
    body = strip_comment(text)
    if not body:
        raise MatchSpecError("the package name is missing")
    if body.startswith("-"):
        # Solvers take `-c conda-forge` for a package called `-c`.
        raise MatchSpecError(f"`{body}` begins with `-`, as an option does")
    head, pairs = _split_brackets(body)
    if _ARCHIVE.fullmatch(head):
        return _archive_spec(head, pairs)
    channel, subdir, namespace, rest = _split_channel(head)
    name, constraint = _split_name(rest)
    version, build = _read_constraint(constraint)
    spec = MatchSpec(name, version, build, channel, subdir, namespace)
    return _apply_brackets(spec, pairs)


def strip_comment(text: str) -> str:
    """Drop a `# comment` that stands in the text itself, but no `#` inside brackets or addresses."""
    body = text.strip()
    if _ARCHIVE.fullmatch(body):
        return body
    depth = 0
    for index, character in enumerate(body):
        depth += {"[": 1, "]": -1}.get(character, 0)
        if character == "#" and depth <= 0:
            return body[:index].strip()
    return body


def _split_brackets(body: str) -> tuple[str, tuple[tuple[str, str], ...]]:
    if not body.endswith("]"):
        return body, ()
    match = _BRACKETS.fullmatch(body)
    if match is None:
        raise MatchSpecError("`]` without `[`")
    return match["head"].strip(), _read_pairs(match["body"])


def _read_pairs(body: str) -> tuple[tuple[str, str], ...]:
    pairs: list[tuple[str, str]] = []
    position = 0
    while position < len(body):
        match = _PAIR.match(body, position)
        if match is None or match.end() == position:
            raise MatchSpecError(f"`[{body}]` is no list of `key=value`")
        key = match["key"]
        if key not in BRACKET_KEYS:
            raise MatchSpecError(f"the key `{key}` in brackets is unknown")
        value = next(v for v in match.group("double", "single", "list", "bare") if v is not None)
        pairs.append((key, value))
        position = match.end()
    return tuple(pairs)


def _archive_spec(head: str, pairs: tuple[tuple[str, str], ...]) -> MatchSpec:
    address = head.partition("#")[0]
    file_name = _ARCHIVE_NAME.fullmatch(address.rpartition("/")[2])
    if file_name is None:
        raise MatchSpecError("the archive is not called `name-version-build.conda`")
    return _apply_brackets(MatchSpec(file_name[1].lower()), (("url", head), *pairs))


def _split_channel(
    head: str,
) -> tuple[str | None, str | None, tuple[tuple[str, str], ...], str]:
    """Split `channel/subdir:namespace:name...`; the namespace comes back as a bracket pair."""
    before, colon, rest = head.rpartition(":")
    if not colon:
        return None, None, (), head
    channel, separator, namespace = before.rpartition(":")
    if not separator:
        channel, namespace = "", before
    channel, namespace = channel.strip(), namespace.strip()
    if re.search(r"[\[\]]", before):
        raise MatchSpecError(f"`{before}` is no channel")
    # An address may hold one colon for its port, and one behind its scheme.
    if channel.endswith(":") or "::" in channel or (namespace and not channel and "//" in rest):
        raise MatchSpecError(f"`{before}` is no channel")
    extra = (("namespace", namespace),) if namespace else ()
    if not channel:
        return None, None, extra, rest.strip()
    parent, slash, last = channel.rstrip("/").rpartition("/")
    if slash and _KNOWN_SUBDIRS.fullmatch(last):
        return parent, last, extra, rest.strip()
    return channel, None, extra, rest.strip()


def _split_name(rest: str) -> tuple[str, str]:
    end = _NAME_END.search(rest)
    index = end.start() if end else len(rest)
    name = rest[:index]
    if not name:
        raise MatchSpecError("the package name is missing")
    if "*" in name and _NAME.fullmatch(name.replace("*", "_")):
        raise MatchSpecError(f"`{name}` is a pattern; a package is asked for by its exact name")
    if "[" in name:
        raise MatchSpecError("the brackets are not closed, or something stands behind them")
    if not _NAME.fullmatch(name):
        raise MatchSpecError(f"`{name}` is no package name; it may hold `A-Z a-z 0-9 . _ -` only")
    return name.lower(), rest[index:].strip()


def _read_constraint(constraint: str) -> tuple[str | None, str | None]:
    if not constraint:
        return None, None
    if "[" in constraint:
        raise MatchSpecError("there is more than one pair of brackets, or one that is not closed")
    try:
        version, build = read_version_spec(constraint)
    except VersionSpecError as error:
        raise MatchSpecError(str(error)) from error
    if build is not None and "**" in build and not build.startswith("^"):
        raise MatchSpecError(f"`{build}` is no pattern: two stars stand together")
    return version, build


def _apply_brackets(spec: MatchSpec, pairs: tuple[tuple[str, str], ...]) -> MatchSpec:
    version, build = spec.version, spec.build
    channel, subdir = spec.channel, spec.subdir
    others = list(spec.brackets)
    for key, value in pairs:
        if key == "version":
            version = _bracket_version(value)
        elif key == "build":
            build = value
        elif key == "channel":
            channel = value
        elif key == "subdir":
            subdir = value
        else:
            _check_bracket(key, value)
            others.append((key, value))
    return MatchSpec(spec.name, version, build, channel, subdir, tuple(others))


def _bracket_version(value: str) -> str:
    try:
        version, build = read_version_spec(value)
    except VersionSpecError as error:
        raise MatchSpecError(str(error)) from error
    if build is not None or version is None:
        raise MatchSpecError(f"`[version={value}]` is no version")
    return version


def _check_bracket(key: str, value: str) -> None:
    length = _DIGEST_LENGTHS.get(key)
    if length is not None and not re.fullmatch(rf"[0-9A-Fa-f]{{{length}}}", value):
        raise MatchSpecError(f"`{key}` must have {length} hexadecimal digits")
    if key == "url" and not _ARCHIVE.fullmatch(value):
        raise MatchSpecError(f"`{value}` is no address of a conda package")
