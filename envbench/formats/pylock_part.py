"""The pip part of an environment as `pylock.toml`.

Source: PEP 751.
"""

import re
import tomllib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, unquote

from packaging.utils import InvalidWheelFilename, canonicalize_name, parse_wheel_filename

from envbench.formats.toml_text import write_toml
from envbench.model.errors import UsageError
from envbench.model.redaction import split_url_secrets

_URL_KEYS = frozenset({"url", "index"})
_IN_PATHS = "/!$&'()*+,:;=@~"
"""What stands in a path of an address as it is. Source: RFC 3986."""


@dataclass(frozen=True, slots=True)
class PylockFile:
    """One artefact of a package."""

    url: str
    """Its address, or a `file://` one."""
    name: str
    """File name."""
    sha256: str | None
    hashes: tuple[str, ...]
    """`sha256:...` and others, sorted."""
    size_bytes: int | None = None


@dataclass(frozen=True, slots=True)
class PylockPackage:
    """One `[[packages]]` table."""

    name: str
    """Normalised."""
    version: str
    """Empty when the file does not say (source trees)."""
    wheels: tuple[PylockFile, ...] = ()
    sdist: PylockFile | None = None
    direct: str | None = None
    """A direct reference: `git+https://...@<commit>`, the address of an archive, a `file://` one."""
    direct_hashes: tuple[str, ...] = ()
    editable: bool = False
    """A source tree that is imported where it lies."""
    index: str | None = None
    """Base address of the package index that served the files."""
    requires_python: str = ""
    table: Mapping[str, Any] = field(default_factory=dict, repr=False, compare=False)
    """The whole table, as it is written back."""

    @property
    def hashes(self) -> tuple[str, ...]:
        """Every hash by which an artefact of this package is accepted."""
        files = (*self.wheels, *((self.sdist,) if self.sdist else ()))
        return self.direct_hashes or tuple(h for file in files for h in file.hashes)


def read_pylock(text: str) -> tuple[PylockPackage, ...]:
    """Read the packages of a `pylock.toml`.

    Raises:
        UsageError: No TOML, an unknown version, or a package without a name, or named twice.
    """
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise UsageError("this is no TOML", where="pylock.toml", why=str(error)) from error
    version = str(document.get("lock-version", ""))
    if version.partition(".")[0] != "1":
        raise UsageError(f"lock-version {version!r} is unknown", where="pylock.toml")
    tables = document.get("packages", [])
    try:
        packages = tuple(_read_package(table) for table in tables)
    except (KeyError, TypeError, AttributeError) as error:
        raise UsageError(
            "a package has not the shape of PEP 751", where="pylock.toml", why=repr(error)
        ) from error
    _refuse_doubles(packages)
    return packages


def write_pylock(packages: Iterable[PylockPackage], *, requires_python: str | None = None) -> str:
    """Write packages as `pylock.toml`, sorted by name, without secrets in addresses."""
    tables = [_scrub(package.table) for package in sorted(packages, key=lambda p: p.name)]
    head: dict[str, Any] = {"lock-version": "1.0", "created-by": "envbench"}
    if requires_python:
        head["requires-python"] = requires_python
    return write_toml({**head, "packages": tables})


def read_requires_python(text: str) -> str | None:
    """Return the `requires-python` of a `pylock.toml`."""
    value = tomllib.loads(text).get("requires-python")
    return value if isinstance(value, str) else None


def choose_wheel(package: PylockPackage, tags: Collection[str]) -> PylockFile | None:
    """Return the wheel that was installed.

    Args:
        package: With all wheels that the index offers.
        tags: The `Tag:` lines of the installed distribution's WHEEL file.

    Returns:
        None when no wheel, or more than one, has exactly these tags.
    """
    if len(package.wheels) == 1:
        return package.wheels[0]
    fitting = [wheel for wheel in package.wheels if _tags(wheel.name) == frozenset(tags)]
    return fitting[0] if len(fitting) == 1 else None


def _tags(file_name: str) -> frozenset[str]:
    try:
        return frozenset(map(str, parse_wheel_filename(file_name)[3]))
    except InvalidWheelFilename:
        return frozenset()


def _read_package(table: Mapping[str, Any]) -> PylockPackage:
    direct, hashes = _read_direct(table)
    return PylockPackage(
        name=canonicalize_name(table["name"]),
        version=str(table.get("version", "")),
        wheels=tuple(_read_file(entry) for entry in table.get("wheels", ())),
        sdist=_read_file(table["sdist"]) if "sdist" in table else None,
        direct=direct,
        direct_hashes=hashes,
        editable=bool(table.get("directory", {}).get("editable", False)),
        index=table.get("index"),
        requires_python=str(table.get("requires-python", "")),
        table=table,
    )


def _read_file(entry: Mapping[str, Any]) -> PylockFile:
    url = _address(entry)
    hashes = _hashes(entry)
    name = entry.get("name") or file_name_of(url)
    sha256 = next((h.partition(":")[2] for h in hashes if h.startswith("sha256:")), None)
    return PylockFile(url, str(name), sha256, hashes, entry.get("size"))


def file_name_of(url: str) -> str:
    """Return the file name that an address ends in."""
    return unquote(re.split(r"[?#]", url, maxsplit=1)[0].rpartition("/")[2])


def path_to_url(path: str) -> str:
    """Write an absolute path as an address; a relative one stays as it is."""
    return f"file://{quote(path, safe=_IN_PATHS)}" if path.startswith("/") else path


def url_to_path(url: str) -> str | None:
    """Return the absolute path of a `file://` address; None when it is no such address."""
    match = re.fullmatch(r"file://(?:localhost)?(/[^?#]*)", url)
    return unquote(match[1]) if match else None


def _address(entry: Mapping[str, Any]) -> str:
    return str(entry["url"]) if "url" in entry else path_to_url(str(entry["path"]))


def _hashes(entry: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(sorted(f"{kind}:{digest}" for kind, digest in entry.get("hashes", {}).items()))


def _read_direct(table: Mapping[str, Any]) -> tuple[str | None, tuple[str, ...]]:
    if "archive" in table:
        archive = table["archive"]
        return _address(archive) + _subdirectory(archive), _hashes(archive)
    if "directory" in table:
        directory = table["directory"]
        return _address(directory) + _subdirectory(directory), ()
    if "vcs" in table:
        vcs = table["vcs"]
        return f"{vcs['type']}+{_address(vcs)}@{vcs['commit-id']}{_subdirectory(vcs)}", ()
    return None, ()


def _subdirectory(source: Mapping[str, Any]) -> str:
    return f"#subdirectory={source['subdirectory']}" if source.get("subdirectory") else ""


def _refuse_doubles(packages: tuple[PylockPackage, ...]) -> None:
    seen: set[str] = set()
    for package in packages:
        if package.name in seen:
            raise UsageError(f"{package.name} is locked twice", where="pylock.toml")
        seen.add(package.name)


def _scrub(value: Any, key: str = "") -> Any:
    if isinstance(value, Mapping):
        return {name: _scrub(entry, name) for name, entry in value.items()}
    if isinstance(value, list):
        return [_scrub(entry) for entry in value]
    if key in _URL_KEYS and isinstance(value, str):
        return split_url_secrets(value)[0]
    return value
