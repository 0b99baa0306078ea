"""Records of the solver's library to and from the values of the model, without loss.

A record travels as JSON in both directions: the library has no constructor that sets all of
its fields, but it reads them all from repodata. What the model has no field for is carried in
`PackageRecord.extra`, so that a prefix record written later says what the channel said.
"""

import json
import os
import re
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any

from envbench.engine.errors import HostileRecordError
from envbench.model.cleaning import clean
from envbench.model.plan import PackageRecord
from envbench.model.redaction import split_url_secrets

if TYPE_CHECKING:
    from rattler import RepoDataRecord

ChannelNamer = Callable[[str], str]
"""From the base address of a channel to the name that the user knows it by."""

_MODELLED = {
    "name": "name",
    "version": "version",
    "build": "build",
    "build_number": "build_number",
    "subdir": "subdir",
    "md5": "md5",
    "sha256": "sha256",
    "size": "size_bytes",
    "noarch": "noarch",
    "timestamp": "timestamp_ms",
    "license": "license",
    "python_site_packages_path": "python_site_packages_path",
}
"""Name in repodata to name in the model, for plain values."""
_PLACE = frozenset({"fn", "url", "channel", "depends", "constrains"})
_EXTRA_TEXT_LIMIT = 20_000

# What conda's own tools accept (CEP 26), case-blind; everything else is refused, not repaired:
# these fields become file names, command lines and lines of a terminal.
_PLAIN = {
    "name": re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_-]|\.(?!\.)){0,127}"),
    "version": re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_+!*-]|\.(?!\.)){0,127}"),
    "build": re.compile(r"(?:[A-Za-z0-9_+-]|\.(?!\.)){0,127}"),
    "subdir": re.compile(r"[a-z0-9]+(?:-[a-z0-9_]+)?"),
    "fn": re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_+!-]|\.(?!\.)){0,400}\.(?:conda|tar\.bz2)"),
    "noarch": re.compile(r"python|generic"),
    "md5": re.compile(r"[0-9a-f]{32}"),
    "sha256": re.compile(r"[0-9a-f]{64}"),
}


def find_base_url(url: str, subdir: str) -> str:
    """Cut `/SUBDIR/FILE` off the address of an archive.

    Returns:
        The address of the channel without a trailing slash; of the directory when the archive
        does not lie in its subdir.
    """
    directory = url.rsplit("/", 1)[0]
    return directory.removesuffix(f"/{subdir}")


def from_rattler(record: "RepoDataRecord", name_channel: ChannelNamer) -> PackageRecord:
    """Turn a record of the library into a value of the model.

    Args:
        record: As the solver chose it.
        name_channel: Gives the user's name for a base address without trailing slash.

    Raises:
        HostileRecordError: A field that becomes a path or is shown as a name is no plain text.
    """
    return from_record_json(json.loads(record.to_json()), name_channel)


def from_record_json(fields: dict[str, Any], name_channel: ChannelNamer) -> PackageRecord:
    """Turn the JSON of a repodata record with `url`, `fn` and `channel` into a value.

    Raises:
        HostileRecordError: As in `from_rattler`.
    """
    url = split_url_secrets(fields["url"])[0]
    base = (fields.get("channel") or find_base_url(url, fields["subdir"])).rstrip("/")
    base = split_url_secrets(base)[0].rstrip("/")
    fields = fields | {"fn": fields.get("fn") or url.rsplit("/", 1)[-1]}
    _refuse_hostile(fields, base)
    _refuse_local_escape(url, base, fields["name"])
    known = {ours: _clean_value(fields.get(theirs)) for theirs, ours in _MODELLED.items()}
    extra = {
        key: _clean_value(value)
        for key, value in fields.items()
        if key not in _MODELLED and key not in _PLACE
    }
    return PackageRecord(
        **known,
        file_name=fields["fn"],
        url=clean(url),
        channel=name_channel(base),
        channel_url=clean(base),
        depends=tuple(map(clean, fields.get("depends", ()))),
        constrains=tuple(map(clean, fields.get("constrains", ()))),
        extra=extra,
    )


def to_record_json(record: PackageRecord) -> dict[str, Any]:
    """Write a value as the JSON of its repodata record, without its place (`url`, `fn`)."""
    known = {theirs: getattr(record, ours) for theirs, ours in _MODELLED.items()}
    fields = {key: value for key, value in known.items() if value is not None}
    fields |= {"depends": list(record.depends), "constrains": list(record.constrains)}
    return {**record.extra, **fields}


def to_rattler(records: Sequence[PackageRecord]) -> list["RepoDataRecord"]:
    """Turn values into records of the library, in the same order, all fields kept.

    Raises:
        HostileRecordError: The library refuses a record.
    """
    if not records:
        return []
    made = _load_as_repodata([to_record_json(record) for record in records])
    for ours, theirs in zip(records, made, strict=True):
        theirs.file_name = ours.file_name
        theirs.url = ours.url
        base = ours.channel_url or find_base_url(ours.url, ours.subdir)
        # The library writes base addresses with a trailing slash into conda-meta.
        theirs.channel = f"{base}/"
    return made


def _load_as_repodata(records: Sequence[dict[str, Any]]) -> list["RepoDataRecord"]:
    # Keys of our own, since two records may well share a file name.
    import rattler  # 80 MB of library, only for processes that solve or link
    from rattler.exceptions import IoError

    packages = {f"r-{index}-0.conda": fields for index, fields in enumerate(records)}
    document = {"info": {}, "packages": {}, "packages.conda": packages, "repodata_version": 1}
    descriptor = os.memfd_create("records", os.MFD_CLOEXEC)
    try:
        with os.fdopen(descriptor, "wb", closefd=False) as writer:
            writer.write(json.dumps(document).encode())
        repodata = rattler.RepoData.from_path(f"/proc/self/fd/{descriptor}")
    except IoError as error:
        raise HostileRecordError("a package record cannot be read", why=clean(str(error))) from None
    finally:
        os.close(descriptor)
    made = repodata.into_repo_data(rattler.Channel("file:///records"))
    by_key = {record.file_name: record for record in made}
    return [by_key[key] for key in packages]


def _refuse_hostile(fields: dict[str, Any], channel: str) -> None:
    for key, pattern in _PLAIN.items():
        value = fields.get(key)
        if value is None and key not in {"name", "version", "build", "subdir", "fn"}:
            continue
        if not isinstance(value, str) or not pattern.fullmatch(value):
            shown = clean(str(value), limit=120)
            name = clean(str(fields.get("name")), limit=120)
            raise HostileRecordError(
                f"the {_SPOKEN.get(key, key)} of package {name!r} is no plain text: {shown!r}",
                where=clean(channel),
                why="Names, versions and file names of packages may hold letters, digits and"
                " `._-+!` only; this record is broken or made to do harm.",
                hint="Remove the channel, or tell whoever runs it.",
            )


def _refuse_local_escape(url: str, channel: str, name: str) -> None:
    """Refuse archives on this box that a channel from elsewhere points to (CEP 15 allows it)."""
    if url.startswith(("http://", "https://")) or url.split(":", 1)[0] == channel.split(":", 1)[0]:
        return
    raise HostileRecordError(
        f"package {name!r} is said to lie at {clean(url, limit=200)!r}",
        where=clean(channel),
        why="A channel may not send anybody to the files of this box.",
        hint="Remove the channel, or tell whoever runs it.",
    )


_SPOKEN = {"fn": "file name", "build": "build string"}


def _clean_value(value: Any) -> Any:
    match value:
        case str():
            return clean(value, limit=_EXTRA_TEXT_LIMIT, multiline=True)
        case list():
            return [_clean_value(item) for item in value]
        case dict():
            return {clean(str(key)): _clean_value(item) for key, item in value.items()}
        case _:
            return value


def sort_for_linking(records: Iterable["RepoDataRecord"]) -> list["RepoDataRecord"]:
    """Put dependencies before dependents; the same order for the same set of records."""
    import rattler

    ordered = rattler.PackageRecord.sort_topologically(list(records))
    return [rattler.RepoDataRecord._from_py_record(record._record) for record in ordered]  # noqa: SLF001 - the library sorts down to the base class
