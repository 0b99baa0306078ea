"""Host profiles as files: `envbench host > box.toml` there, `--host box.toml` here."""

import json
import re
import tomllib
from difflib import get_close_matches
from pathlib import Path

from envbench.files import read_text_file
from envbench.machine.host_fields import HOST_FIELDS, SUBDIR, HostField
from envbench.model.cleaning import clean
from envbench.model.errors import UsageError
from envbench.model.host import HostProfile

SCHEMA = 1
_PLATFORM = HostField("platform", "conda's name of the platform", "linux-64", "", pattern=SUBDIR)
_FIELDS = {field.name: field for field in (_PLATFORM, *HOST_FIELDS)}


def write(profile: HostProfile) -> str:
    """Write a profile as TOML, each line with its meaning and where the value came from."""
    lines = ["# The box that environments are solved for: envbench solve SPEC --host THIS-FILE", ""]
    lines.append(f"schema = {SCHEMA}")
    for name, field in _FIELDS.items():
        value = getattr(profile, name)
        note = clean(profile.origin.get(name, ""), limit=100)
        comment = field.meaning + (f" ({note})" if note else "")
        if value is None:
            lines.append(f"# {name} = {json.dumps(field.example)}  # none here: {comment}")
        else:
            lines.append(f"{name} = {json.dumps(value)}  # {comment}")
    return "\n".join(lines) + "\n"


def read(path: Path) -> HostProfile:
    """Read a profile.

    Raises:
        UsageError: The file cannot be read, or does not hold a profile; names line and key.
    """
    return parse(read_text_file(path, limit_bytes=64 * 1024, what="host profile").text, str(path))


def parse(text: str, where: str) -> HostProfile:
    """Read the text of a profile.

    Args:
        text: TOML.
        where: How messages name the file.

    Raises:
        UsageError: No profile; names line and key.
    """
    where = clean(where, limit=1000)
    try:
        table = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as fault:
        raise UsageError(
            "the host profile is no valid TOML", where=where, why=clean(str(fault), limit=200)
        ) from None
    if table.pop("schema", None) != SCHEMA:
        why = f"schema = {SCHEMA} is expected"
        raise _bad(text, where, "schema", why)
    if "platform" not in table:
        raise _bad(text, where, "platform", "it is missing")
    values: dict[str, str] = {}
    for name, value in table.items():
        values[name] = _check(text, where, name, value)
    origin = dict.fromkeys(values, where)
    return HostProfile(origin=origin, **values)


def _check(text: str, where: str, name: str, value: object) -> str:
    if name not in _FIELDS:
        near = get_close_matches(name, _FIELDS, n=1)
        raise _bad(
            text, where, name, "no such key" + (f"; did you mean {near[0]}?" if near else "")
        )
    field = _FIELDS[name]
    if not isinstance(value, str) or not field.pattern.fullmatch(value):
        why = f"it must be the {field.meaning} as text, such as {field.example!r}"
        raise _bad(text, where, name, why)
    return value


def _bad(text: str, where: str, name: str, why: str) -> UsageError:
    shown = clean(name, limit=100)
    match = re.search(rf"^[ \t]*\"?{re.escape(name)}\"?[ \t]*=", text, re.MULTILINE)
    line = f":{text.count(chr(10), 0, match.start()) + 1}" if match else ""
    return UsageError(f"the host profile's key {shown!r} is wrong", where=where + line, why=why)
