"""What an edit writes: dependency lines and requirements, made from one another."""

import re

from envbench.model.cleaning import clean
from envbench.model.errors import UsageError
from envbench.model.known_names import conda_name_of, pypi_name_of
from envbench.model.matchspec import MatchSpec, MatchSpecError, parse_match_spec
from envbench.model.pip_lines import classify_pip_item


def require_match(text: str) -> MatchSpec:
    """Read a match spec that is about to be written.

    Raises:
        UsageError: It is none, or an option or a comment in disguise.
    """
    try:
        match = parse_match_spec(text)
    except MatchSpecError as error:
        raise UsageError(f"`{clean(text, limit=80)}` is no match spec", why=str(error)) from error
    if match.name.startswith("-") or "#" in text:
        raise UsageError(f"`{clean(text, limit=80)}` is no dependency")
    return match


def require_requirement(text: str) -> None:
    """Make sure that a text about to be written is a requirement.

    Raises:
        UsageError: It is none, or a comment in disguise.
    """
    line = classify_pip_item(text)
    if line.requirement is None or "#" in text.partition("://")[0]:
        shown = clean(text, limit=80)
        raise UsageError(f"`{shown}` is no requirement", why=clean(line.reason, limit=200))


_HEAD = re.compile(r"\s*(?:[^\[\]]*::\s*)?[A-Za-z0-9._-]+")
_KEPT_BRACKETS = frozenset({"channel", "subdir", "url", "extras", "when"})


def pinned_text(old: str, constraint: str) -> str:
    """Write the dependency with another constraint; channel and plain spelling of the name stay."""
    head = _HEAD.match(old)
    before = require_match(old)
    constraint = constraint.strip()
    joint = "=" if constraint[:1].isalnum() else ""
    kept = [f'{key}="{value}"' for key, value in before.brackets if key in _KEPT_BRACKETS]
    if before.channel is not None and "::" not in old:
        kept.insert(0, f'channel="{before.channel}"')
    if before.subdir is not None and "::" not in old:
        kept.append(f'subdir="{before.subdir}"')
    brackets = f"[{','.join(kept)}]" if kept else ""
    wanted = f"{head[0].strip() if head else before.name}{joint}{constraint}{brackets}"
    after = require_match(wanted)
    if (after.name, after.channel) != (before.name, before.channel):
        raise UsageError(f"`{clean(constraint, limit=80)}` is no version constraint")
    return wanted


def requirement_of(match: MatchSpec) -> str:
    """Say a match spec in pip's words; the build is left out.

    Raises:
        UsageError: The version has no counterpart.
    """
    version = match.version
    if version is None or version == "*":
        return pypi_name_of(match.name)
    if "|" in version or "(" in version:
        raise UsageError(
            f"`{match.name} {version}` cannot be said in a requirement",
            why="pip has no `or` between versions",
            hint="give the requirement yourself",
        )
    terms = [
        f"=={t}" if t.endswith(".*") and t[0] not in "!<>=~" else t for t in version.split(",")
    ]
    wanted = pypi_name_of(match.name) + ",".join(term for term in terms if term != "*")
    require_requirement(wanted)
    return wanted


def match_of(text: str) -> str:
    """Say a pip item in conda's words.

    Raises:
        UsageError: It has an address, extras or a marker.
    """
    requirement = classify_pip_item(text).requirement
    if requirement is None or requirement.url or requirement.extras or requirement.marker:
        raise UsageError(
            f"`{clean(text, limit=80)}` cannot be said in a match spec",
            why="conda knows no extras, markers and addresses",
            hint="give the match spec yourself",
        )
    terms = sorted(str(term) for term in requirement.specifier)
    name = conda_name_of(requirement.name)
    if len(terms) == 1 and terms[0].startswith("==") and terms[0].endswith(".*"):
        return f"{name}={terms[0][2:]}"
    plain = [t[2:] if t.startswith("==") and t.endswith(".*") else t for t in terms]
    return name + (" " if plain and plain[0][0].isalnum() else "") + ",".join(plain)
