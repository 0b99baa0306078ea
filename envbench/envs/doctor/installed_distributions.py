"""Every Python distribution of a site-packages directory, with what it asks for.

Source: the "Recording installed projects" and "Core metadata" specifications.
"""

import csv
import os
import re
from collections.abc import Mapping
from pathlib import Path

from envbench.envs.distributions import normalise_name
from envbench.envs.doctor.view import Distribution
from envbench.envs.record_paths import join_inside, stays_inside
from envbench.files import read_bytes
from envbench.model.cleaning import clean
from envbench.model.errors import UsageError

_LIMIT_BYTES = 32 * 1024 * 1024
_MOST_REQUIREMENTS = 2000
_INFOS = (".dist-info", ".egg-info")


def read_distributions(
    prefix: Path, site: str, owners: Mapping[str, str]
) -> tuple[Distribution, ...]:
    """Read the distributions of one site-packages directory, by name.

    Args:
        prefix: The environment.
        site: The directory, relative to it.
        owners: Each file that a conda record names, with its package.
    """
    found = [
        distribution
        for name in _list(prefix / site)
        if name.endswith(_INFOS) and not name.startswith("~")
        if (distribution := _read(prefix, site, name, owners)) is not None
    ]
    return tuple(sorted(found, key=lambda each: (each.name, each.info)))


def list_leftovers(prefix: Path, site: str) -> tuple[str, ...]:
    """List what pip leaves behind when it cannot finish a removal: names that begin with `~`."""
    return tuple(
        f"{site}/{name}"
        for name in _list(prefix / site)
        if name.startswith("~") and (prefix / site / name).is_dir()
    )


def read_digests(prefix: Path, distribution: Distribution) -> dict[str, str]:
    """Read the digests of a RECORD: path relative to the prefix to `sha256=...`."""
    site = distribution.info.rpartition("/")[0]
    lines = _read_text(prefix / distribution.info / "RECORD").splitlines()
    rows = (line.rsplit(",", 2) for line in lines)
    return {f"{site}/{row[0]}": row[1] for row in rows if len(row) == 3 and row[1]}


def _list(folder: Path) -> tuple[str, ...]:
    try:
        with os.scandir(folder) as entries:
            return tuple(sorted(entry.name for entry in entries))
    except OSError:
        return ()


def _read(prefix: Path, site: str, folder: str, owners: Mapping[str, str]) -> Distribution | None:
    info = f"{site}/{folder}"
    names = ("METADATA", "PKG-INFO", "")
    found = next((n for n in names if (prefix / info / n).is_file()), None)
    if found is None:
        return None
    path = f"{info}/{found}" if found else info
    headers = _read_headers(prefix / path)
    name, version = _first(headers, "name"), _first(headers, "version")
    if not name or not version:
        return None
    owner = owners.get(path, "") or owners.get(f"{info}/RECORD", "")
    return Distribution(
        name=clean(normalise_name(name), limit=200),
        version=clean(version, limit=200),
        info=info,
        requires=tuple(clean(r, limit=1000) for r in headers.get("requires-dist", ())),
        requires_python=clean(_first(headers, "requires-python"), limit=200),
        tags=tuple(
            clean(t, limit=200) for t in _read_headers(prefix / info / "WHEEL").get("tag", ())
        ),
        installer=clean(_read_text(prefix / info / "INSTALLER").strip(), limit=40),
        paths=_read_paths(prefix, site, info),
        conda_package=owner,
    )


def _read_headers(path: Path) -> dict[str, list[str]]:
    """Read the header lines of a METADATA or WHEEL file; the description behind them is left."""
    head = re.split(r"\r?\n\r?\n", _read_text(path), maxsplit=1)[0]
    found: dict[str, list[str]] = {}
    for line in head.splitlines():
        key, mark, value = line.partition(":")
        if not mark or line[:1].isspace():
            continue
        values = found.setdefault(key.strip().lower(), [])
        if len(values) < _MOST_REQUIREMENTS:
            values.append(value.strip())
    return found


def _first(headers: Mapping[str, list[str]], name: str) -> str:
    return next(iter(headers.get(name, ())), "")


def _read_paths(prefix: Path, site: str, info: str) -> tuple[str, ...]:
    """List the files of a RECORD that lie inside the prefix, without reading digests."""
    text = _read_text(prefix / info / "RECORD")
    if '"' in text:
        try:
            rows = [row[0] for row in csv.reader(text.splitlines()) if row]
        except csv.Error:
            return ()
    else:
        rows = [line.partition(",")[0] for line in text.splitlines() if line]
    inner = os.fspath(prefix) + "/"
    plain = (row.removeprefix(inner) if row.startswith(inner) else f"{site}/{row}" for row in rows)
    joined = (
        path if ".." not in path and "./" not in path else join_inside("", path) for path in plain
    )
    return tuple(path for path in joined if path and stays_inside(path))


def _read_text(path: Path) -> str:
    try:
        return read_bytes(path, limit_bytes=_LIMIT_BYTES).decode("utf-8", "replace")
    except UsageError:
        return ""
