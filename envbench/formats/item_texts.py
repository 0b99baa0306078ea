"""Items of a spec made from the fields of a form; what is wrong is said of the field.

Source: conda's MatchSpec syntax, PEP 508.
"""

import re

from packaging.requirements import InvalidRequirement

from envbench.model.channel_names import ChannelForm, read_channel
from envbench.model.cleaning import clean
from envbench.model.errors import UsageError
from envbench.model.matchspec import MatchSpec, MatchSpecError, parse_match_spec
from envbench.model.pip_lines import PipVerdict, classify_pip_item
from envbench.model.requirement import read_requirement
from envbench.model.version_spec import VersionSpecError, read_version_spec

_BUILD = re.compile(r"[A-Za-z0-9_.*+-]+")
_SINGLE_EXACT = re.compile(r"==[^,|()]+")


def write_conda(name: str, version: str = "", build: str = "", channel: str = "") -> str:
    """Write a conda dependency.

    Args:
        name: The package.
        version: `1.26` (that series), `==1.26.4`, `>=1.20,<2`; empty or `*` for any.
        build: A pattern such as `cuda*`; empty for any.
        channel: The only channel that it may come from; empty for any of the list.

    Raises:
        UsageError: A field is wrong; `where` names it.
    """
    name, version, build, channel = (part.strip() for part in (name, version, build, channel))
    require_name(name)
    version = "" if version == "*" else version
    if version:
        _require_version(version)
    if build and not _BUILD.fullmatch(build):
        raise _wrong("build", build, "a build holds letters, digits and `_ . + - *` only")
    if channel:
        require_channel(channel)
    written = _join(name, version, "" if build == "*" else build, channel)
    return _require_same(written, name, channel)


def require_name(name: str) -> None:
    """Make sure that a text is the name of a package and nothing more.

    Raises:
        UsageError: It is not; `where` says `name`.
    """
    try:
        match = parse_match_spec(name)
    except MatchSpecError as fault:
        raise _wrong("name", name, str(fault)) from None
    if match != MatchSpec(name.lower()):
        raise _wrong("name", name, "version, build and channel have fields of their own")


def require_channel(text: str) -> None:
    """Make sure that a text names a channel, and holds no secret.

    Raises:
        UsageError: It does not, or does; `where` says `channel`.
    """
    channel = read_channel(text)
    if channel.secret is not None:
        why = "a password or token in a spec is read by everybody who gets it"
        hint = "put it into condarc or .netrc, and the plain address here"
        raise UsageError("the address holds a secret", where="channel", why=why, hint=hint)
    if channel.form is ChannelForm.INVALID or re.search(r"[\s\[\]]", text):
        raise _wrong("channel", text, "a channel is a name such as conda-forge, a URL or a folder")


def _require_version(version: str) -> None:
    try:
        _, rest = read_version_spec(version)
    except VersionSpecError as fault:
        raise _wrong("version", version, str(fault)) from None
    if rest is not None:
        raise _wrong("version", version, f"`{rest}` is no part of a version")


def _join(name: str, version: str, build: str, channel: str) -> str:
    head = f"{channel}::{name}" if channel else name
    if not build:
        joint = "=" if version[:1].isalnum() else " " if version.startswith("(") else ""
        return f"{head}{joint}{version}"
    if not version:
        return f"{head}=*={build}"
    if _SINGLE_EXACT.fullmatch(version):
        version = version.removeprefix("==").strip()
    is_single = version[:1].isalnum() and not re.search(r"[,|()\s]", version)
    return f"{head}={version}={build}" if is_single else f"{head} {version} {build}"


def _require_same(written: str, name: str, channel: str) -> str:
    """Read back what was joined: field by field it was sound, and together it must be, too."""
    try:
        match = parse_match_spec(written)
    except MatchSpecError as fault:
        raise _wrong("dependency", written, str(fault)) from None
    place = match.channel or ""
    if match.subdir:
        place += f"/{match.subdir}"
    if (match.name, place) != (name.lower(), channel.rstrip("/")) or match.brackets:
        raise _wrong("dependency", written, "it would be read as something else")
    return written


def write_requirement(name: str, version: str = "", extras: str = "", marker: str = "") -> str:
    """Write an item of the pip section.

    Args:
        name: The distribution.
        version: A specifier such as `>=1.20,<2`; a bare version is taken as exact.
        extras: Names with commas between them.
        marker: Such as `sys_platform == "linux"`.

    Raises:
        UsageError: A field is wrong; `where` names it.
    """
    name, version, extras, marker = (part.strip() for part in (name, version, extras, marker))
    if version[:1].isdigit():
        version = f"=={version}"
    listed = f"[{','.join(part.strip() for part in extras.split(','))}]" if extras else ""
    if not re.fullmatch(r"[A-Za-z0-9._-]*", name):
        raise _wrong("name", name, "a name holds letters, digits and `. _ -` only")
    _require("name", name, name)
    _require("version", version, f"{name}{version}", r"[^@;\[\]#]*")
    _require("extras", extras, f"{name}{listed}", r"[A-Za-z0-9._,\s-]*")
    _require("marker", marker, f"{name}; {marker}" if marker else name, r"[^#;]*")
    written = f"{name}{listed}{version}" + (f"; {marker}" if marker else "")
    line = classify_pip_item(written)
    if line.verdict is not PipVerdict.ACCEPTED or line.requirement is None:
        raise _wrong("requirement", written, line.reason)
    return written


def _require(field: str, value: str, whole: str, allowed: str = ".*") -> None:
    if not re.fullmatch(allowed, value):
        raise _wrong(field, value, f"the {field} holds a character that means something else")
    try:
        read_requirement(whole)
    except InvalidRequirement as fault:
        raise _wrong(field, value, str(fault).partition("\n")[0]) from None


def _wrong(field: str, value: str, why: str) -> UsageError:
    what = f"`{clean(value, limit=80)}` is no {field}" if value else f"the {field} is missing"
    return UsageError(what, where=field, why=clean(why, limit=200) if value else "")
