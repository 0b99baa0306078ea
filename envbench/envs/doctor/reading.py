"""Reading an environment for the doctor; nothing of it is run or imported."""

import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from envbench.envs.distributions import list_site_directories
from envbench.envs.doctor.installed_distributions import list_leftovers, read_distributions
from envbench.envs.doctor.libraries import read_libraries
from envbench.envs.doctor.view import Distribution, DriverState, PrefixView
from envbench.envs.prefix_records import PrefixRecords, read_prefix_records
from envbench.files import read_bytes
from envbench.model.cleaning import clean
from envbench.model.errors import UsageError

_CONFIG_LIMIT_BYTES = 64 * 1024
_PYTHON_FOLDER = re.compile(r"lib/python(\d+\.\d+)t?/")
_OUTER_SITES = (
    "lib/python{}/site-packages",
    "lib/python{}/dist-packages",
    "lib/python3/dist-packages",
)


def read_view(
    prefix: Path,
    *,
    environ: Mapping[str, str],
    home: Path,
    driver: DriverState | None = None,
    cache_dir: Path | None = None,
) -> PrefixView:
    """Read an environment.

    Args:
        prefix: The environment; links are resolved.
        environ: The environment variables of whoever asks: leaks come in by them.
        home: The home directory of whoever asks.
        driver: What the driver said.
        cache_dir: Where costly readings are remembered.
    """
    prefix = prefix.resolve()
    records = read_prefix_records(prefix)
    owners = {p.path: each.record.name for each in records.packages for p in each.paths}
    sites = list_site_directories(prefix)
    config = _read_config(prefix)
    python = _find_python(records, config, sites)
    return PrefixView(
        prefix=prefix,
        python=python,
        sites=sites,
        records=records,
        distributions=tuple(
            each for site in sites for each in read_distributions(prefix, site, owners)
        ),
        outer=_read_outer(config, python),
        leftovers=tuple(path for site in sites for path in list_leftovers(prefix, site)),
        libraries=read_libraries(prefix),
        is_venv=bool(config),
        sees_system=_sees_system(config),
        base=str(Path(config["home"]).parent) if config.get("home") else "",
        environ=dict(environ),
        home=home,
        driver=driver or DriverState(reason="the driver was not asked"),
        cache_dir=cache_dir,
    )


def _read_config(prefix: Path) -> dict[str, str]:
    try:
        data = read_bytes(prefix / "pyvenv.cfg", limit_bytes=_CONFIG_LIMIT_BYTES)
    except UsageError:
        return {}
    lines = (line.partition("=") for line in data.decode("utf-8", "replace").splitlines())
    return {key.strip().lower(): value.strip() for key, mark, value in lines if mark}


def _find_python(records: PrefixRecords, config: Mapping[str, str], sites: tuple[str, ...]) -> str:
    """Tell the version of the Python: by conda's record, the venv's note, or its directory."""
    recorded = next((p.record.version for p in records.packages if p.record.name == "python"), "")
    noted = config.get("version_info") or config.get("version") or ""
    plain = re.match(r"\d+(\.\d+){1,2}", recorded or noted)
    if plain:
        return plain[0]
    found = next((m[1] for site in sites if (m := _PYTHON_FOLDER.match(f"{site}/"))), "")
    return clean(found, limit=20)


def _sees_system(config: Mapping[str, str]) -> bool:
    return config.get("include-system-site-packages", "").lower() == "true"


def _read_outer(config: Mapping[str, str], python: str) -> tuple[Distribution, ...]:
    """Read what a virtual environment with system packages sees besides its own."""
    home = config.get("home", "")
    if not _sees_system(config) or not home:
        return ()
    base = Path(home).parent
    short = ".".join(python.split(".")[:2])
    sites = [(root, each.format(short)) for root in (base / "local", base) for each in _OUTER_SITES]
    found = (each for root, site in sites for each in read_distributions(root, site, {}))
    return tuple(replace(each, paths=()) for each in found)
