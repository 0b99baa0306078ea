"""Which condarc files there are, in conda's order: later ones override earlier ones.

Source: conda's documented search path for Linux and macOS.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path

from envbench.settings.paths import expand_path

_NAMES = (".condarc", "condarc", "condarc.d")


def find_condarc_files(environ: Mapping[str, str], home: Path) -> tuple[Path, ...]:
    """List the files that exist, lowest priority first, each once."""
    found: dict[Path, None] = {}
    for place in _search_path(environ, home):
        for path in _expand_directory(place):
            found.pop(path, None)
            found[path] = None
    return tuple(found)


def _search_path(environ: Mapping[str, str], home: Path) -> Iterator[Path]:
    root = _find_root(environ)
    bases = [Path("/etc/conda"), Path("/var/lib/conda"), *([root] if root else [])]
    config_home = environ.get("XDG_CONFIG_HOME", "")
    if config_home.startswith("/"):
        bases.append(Path(config_home) / "conda")
    bases += [home / ".config/conda", home / ".conda"]
    for base in bases:
        yield from (base / name for name in _NAMES)
    yield home / ".condarc"
    prefix = environ.get("CONDA_PREFIX", "")
    if prefix.startswith("/"):
        yield from (Path(prefix) / name for name in _NAMES)
    if environ.get("CONDARC"):
        yield expand_path(environ["CONDARC"], home)


def _find_root(environ: Mapping[str, str]) -> Path | None:
    """Find conda's own prefix; `CONDA_EXE` is set by every activated shell."""
    for variable in ("CONDA_ROOT", "MAMBA_ROOT_PREFIX"):
        if environ.get(variable, "").startswith("/"):
            return Path(environ[variable])
    executable = Path(environ.get("CONDA_EXE", ""))
    return executable.parent.parent if executable.is_absolute() else None


def _expand_directory(place: Path) -> list[Path]:
    try:
        if place.is_dir():
            return sorted(
                path
                for path in place.iterdir()
                if path.suffix in {".yml", ".yaml"} or "condarc" in path.name
            )
        return [place] if place.exists() or place.is_symlink() else []
    except (OSError, ValueError):  # no permission to look: as if it were not there, like conda
        return []
