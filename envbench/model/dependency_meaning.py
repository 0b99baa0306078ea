"""What one line of a spec means, said in words for whoever stands on it."""

from envbench.model.cleaning import clean
from envbench.model.matchspec import MatchSpec
from envbench.model.pip_lines import PipKind, PipLine
from envbench.model.redaction import redact_url

_LIMIT = 300


def say_match(match: MatchSpec) -> str:
    """Say what a conda dependency allows: `numpy: version 1.26.*, any build, any channel`."""
    archive = dict(match.brackets).get("url")
    if archive:
        return _short(f"{match.name}: exactly the file {redact_url(archive)}")
    version = match.version if match.version not in {None, "*"} else None
    parts = [f"version {version}" if version else "any version"]
    if match.build not in {None, "*"}:
        parts.append(f"builds {match.build} only")
    channel = redact_url(match.channel) if match.channel else ""
    parts.append(f"channel {channel} only" if channel else "any channel of the list")
    if match.subdir:
        parts.append(f"for {match.subdir}")
    parts += [f"{key} {value}" for key, value in match.brackets]
    return _short(f"{match.name}: {', '.join(parts)}")


def say_pip(line: PipLine) -> str:
    """Say what an item of the pip section asks for."""
    requirement = line.requirement
    if requirement is None or line.kind is not PipKind.REQUIREMENT:
        name = f"{requirement.name}: " if requirement else ""
        return _short(f"{name}{line.reason}")
    parts = [f"version {requirement.specifier}" if requirement.specifier else "any version"]
    if requirement.extras:
        parts.append(f"with extras {', '.join(sorted(requirement.extras))}")
    if requirement.marker:
        parts.append(f"only where {requirement.marker}")
    return _short(f"{requirement.name}: {', '.join(parts)}, from the package index")


def _short(text: str) -> str:
    return clean(text, limit=_LIMIT)
