"""The environments on this box, whoever made them; found by reading files, never by running any.

Damaged ones are listed too, with what is wrong with them.
"""

import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path

from envbench.envs.distributions import list_site_directories, read_pip_part
from envbench.envs.generations import EnvironmentStore
from envbench.envs.paths import GENERATIONS, LOCKS, read_generation_link
from envbench.envs.prefix_records import list_record_files, read_prefix_records
from envbench.envs.registration import read_registered
from envbench.files import read_bytes
from envbench.model.cleaning import clean
from envbench.model.errors import UsageError

_CONFIG_LIMIT_BYTES = 64 * 1024
_DEPTH = 3
_FOLDERS_LIMIT = 20_000
_ROOT_NAMES = (
    "miniconda3",
    "anaconda3",
    "miniforge3",
    "mambaforge",
    "micromamba",
    ".micromamba",
    ".local/share/mamba",
    "opt/miniconda3",
    "opt/anaconda3",
)
_SYSTEM_ROOTS = ("/opt/conda", "/opt/miniconda3", "/opt/anaconda3", "/opt/miniforge3")
_SKIPPED = frozenset({"node_modules", "__pycache__", "site-packages", "pkgs"})
_PYTHON_RECORD = re.compile(r"python-(?P<version>\d[^-]*)-[^-]+\.json")


class EnvironmentKind(StrEnum):
    """Who made an environment."""

    ENVBENCH = "envbench"
    CONDA = "conda"
    """conda, mamba, micromamba: their environments look the same."""
    CONDA_BASE = "conda base"
    """An installation of conda itself."""
    PIXI = "pixi"
    VENV = "venv"
    """venv, virtualenv, uv."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundEnvironment:
    """One environment on this box."""

    name: str
    """The last part of its path, cleaned; for envbench's own, the environment's name."""
    path: Path
    """The stable path."""
    kind: EnvironmentKind
    python: str = ""
    """Version of its Python; empty when it has none."""
    conda_packages: int = 0
    generations: tuple[int, ...] = ()
    """Numbers of its complete generations; envbench's own only."""
    live_generation: int | None = None
    sources: tuple[str, ...] = ()
    """Where it was found: `envs directory`, `environments.txt`, `conda installation`, ..."""
    fault: str = ""
    """What is wrong with it; empty when nothing is."""

    @property
    def is_writable_by_us(self) -> bool:
        """Whether envbench may change it: its own only."""
        return self.kind is EnvironmentKind.ENVBENCH


@dataclass(frozen=True, slots=True)
class EnvironmentDetails:
    """What takes a closer look: reading all records."""

    conda_packages: int
    pip_packages: int
    damage: tuple[str, ...]
    """One line for each damaged record."""


def discover_environments(
    envs_dir: Path,
    *,
    conda_envs_dirs: Sequence[Path] = (),
    roots: Sequence[Path] = (),
    folders: Sequence[Path] = (),
    environ: Mapping[str, str],
) -> tuple[FoundEnvironment, ...]:
    """Find the environments of all tools, each once, by kind and path.

    Args:
        envs_dir: envbench's own envs directory.
        conda_envs_dirs: condarc's `envs_dirs`.
        roots: Installations of conda and its kin beyond those in the usual places.
        folders: Project folders, to be looked through for `.venv` and `.pixi`.
        environ: For `~/.conda/environments.txt`, `CONDA_EXE`, `MAMBA_ROOT_PREFIX`, ...
    """
    found: dict[str, FoundEnvironment] = {}
    for candidate in (
        *_own(envs_dir),
        *_in_roots((*roots, *conda_roots(environ))),
        *_in_envs_dirs(conda_envs_dirs, "envs directory of condarc"),
        *_in_envs_dirs((envs_dir,), "envs directory"),
        *_in_registry(environ),
        *_in_folders(folders),
    ):
        key = os.path.realpath(candidate.path)
        found[key] = _merge(found[key], candidate) if key in found else candidate
    order = list(EnvironmentKind)
    return tuple(sorted(found.values(), key=lambda e: (order.index(e.kind), str(e.path))))


def inspect_environment(prefix: Path) -> EnvironmentDetails:
    """Read all records of an environment: counts, and what is damaged."""
    records = read_prefix_records(prefix)
    pip = read_pip_part(records)
    return EnvironmentDetails(
        conda_packages=len(records.packages),
        pip_packages=len(pip.distributions),
        damage=(
            *(str(damaged) for damaged in records.damaged),
            *(f"{info}: {why}" for info, why in pip.damaged),
        ),
    )


def conda_roots(environ: Mapping[str, str]) -> tuple[Path, ...]:
    """List the directories where an installation of conda, mamba or micromamba may be."""
    roots: list[Path] = []
    if environ.get("MAMBA_ROOT_PREFIX"):
        roots.append(Path(environ["MAMBA_ROOT_PREFIX"]))
    programs = (environ.get(name) for name in ("CONDA_EXE", "MAMBA_EXE", "CONDA_PYTHON_EXE"))
    roots += [Path(program).parent.parent for program in programs if program]
    if environ.get("CONDA_PREFIX"):
        prefix = Path(environ["CONDA_PREFIX"])
        roots += [prefix, prefix.parent.parent] if prefix.parent.name == "envs" else [prefix]
    home = Path(environ["HOME"]) if environ.get("HOME") else Path.home()
    roots += [home / name for name in _ROOT_NAMES]
    roots += [Path(root) for root in _SYSTEM_ROOTS]
    return tuple(dict.fromkeys(roots))


def _own(store: Path) -> Iterator[FoundEnvironment]:
    for stored in EnvironmentStore(store).list():
        prefix = stored.path
        yield FoundEnvironment(
            name=stored.name,
            path=prefix,
            kind=EnvironmentKind.ENVBENCH,
            python=_python_of(prefix),
            conda_packages=len(list_record_files(prefix)),
            generations=tuple(g.generation.number for g in stored.generations),
            live_generation=stored.live.generation.number if stored.live else None,
            sources=("envs directory",),
            fault=stored.fault or _conda_fault(prefix),
        )


def _in_roots(roots: Iterable[Path]) -> Iterator[FoundEnvironment]:
    for root in dict.fromkeys(roots):
        yield from _in_root(root)


def _in_root(root: Path) -> Iterator[FoundEnvironment]:
    source = "conda installation"
    if (root / "conda-meta").is_dir():
        kind = EnvironmentKind.CONDA
        if (root / "condabin").is_dir() or (root / "bin" / "conda").exists():
            kind = EnvironmentKind.CONDA_BASE
        yield _describe(root, kind, source)
    yield from _in_envs_dir(root / "envs", source)


def _in_envs_dirs(folders: Iterable[Path], source: str) -> Iterator[FoundEnvironment]:
    for folder in folders:
        yield from _in_envs_dir(folder, source)


def _in_envs_dir(folder: Path, source: str) -> Iterator[FoundEnvironment]:
    for path in _subfolders(folder):
        if path.name in {GENERATIONS, LOCKS} or read_generation_link(path) is not None:
            continue
        if (path / "conda-meta").is_dir():
            yield _describe(path, EnvironmentKind.CONDA, source)
        elif (path / "pyvenv.cfg").is_file():
            yield _describe(path, EnvironmentKind.VENV, source)


def _in_registry(environ: Mapping[str, str]) -> Iterator[FoundEnvironment]:
    for prefix in read_registered(environ):
        yield from _registered(prefix)


def _registered(prefix: Path) -> Iterator[FoundEnvironment]:
    # The list keeps paths of environments that are long gone: conda drops them silently, too.
    if not prefix.is_absolute() or not (prefix / "conda-meta").is_dir():
        return
    store = prefix.parent
    if read_generation_link(prefix) is not None:
        yield from (e for e in _own(store) if e.path == prefix)
    else:
        yield _describe(prefix, EnvironmentKind.CONDA, "environments.txt")


def _in_folders(folders: Sequence[Path]) -> Iterator[FoundEnvironment]:
    left = _FOLDERS_LIMIT
    level: list[Path] = list(folders)
    for _ in range(_DEPTH + 1):
        deeper: list[Path] = []
        for folder in level:
            if (folder / "pyvenv.cfg").is_file():
                yield _describe(folder, EnvironmentKind.VENV, "project folder")
                continue
            for path in _subfolders(folder / ".pixi" / "envs"):
                if (path / "conda-meta").is_dir():
                    yield _describe(path, EnvironmentKind.PIXI, "project folder")
            deeper += [p for p in _subfolders(folder) if _may_hold(p)]
        left -= len(deeper)
        level = deeper[: max(left, 0)]


def _may_hold(path: Path) -> bool:
    if path.name in _SKIPPED or path.is_symlink():
        return False
    return not path.name.startswith(".") or path.name in {".venv", ".venvs", ".virtualenvs"}


def _describe(prefix: Path, kind: EnvironmentKind, source: str) -> FoundEnvironment:
    venv = kind is EnvironmentKind.VENV
    return FoundEnvironment(
        name=clean(prefix.name, limit=120),
        path=prefix,
        kind=kind,
        python=_venv_version(prefix) if venv else _python_of(prefix),
        conda_packages=0 if venv else len(list_record_files(prefix)),
        sources=(source,),
        fault=_venv_fault(prefix) if venv else _conda_fault(prefix),
    )


def _merge(first: FoundEnvironment, second: FoundEnvironment) -> FoundEnvironment:
    return replace(first, sources=tuple(dict.fromkeys((*first.sources, *second.sources))))


def _python_of(prefix: Path) -> str:
    """Read the version of conda's Python off the name of its record."""
    for path in list_record_files(prefix):
        match = _PYTHON_RECORD.fullmatch(path.name)
        if match:
            return clean(match["version"], limit=40)
    return ""


def _conda_fault(prefix: Path) -> str:
    meta = prefix / "conda-meta"
    if not meta.is_dir():
        return "it has no conda-meta directory"
    if not os.access(meta, os.R_OK | os.X_OK):
        return "its conda-meta directory cannot be read"
    if not (meta / "history").is_file():
        return "conda-meta/history is missing, so other clients do not take it for an environment"
    if not list_record_files(prefix):
        return "" if _is_empty(prefix) else "it has no package records"
    if _python_of(prefix) and not (prefix / "bin" / "python").exists():
        return "its python is gone"
    return ""


def _is_empty(prefix: Path) -> bool:
    """Tell whether an environment without packages is just that: freshly made by conda."""
    return {path.name for path in _children(prefix)} <= {"conda-meta"}


def _venv_version(prefix: Path) -> str:
    config = _venv_config(prefix)
    return clean(config.get("version") or config.get("version_info") or "", limit=40)


def _venv_fault(prefix: Path) -> str:
    if not _venv_config(prefix):
        return "its pyvenv.cfg cannot be read"
    if not (prefix / "bin" / "python").exists():
        return "its python is gone: what it was made from was removed"
    if not list_site_directories(prefix):
        return "it has no site-packages"
    return ""


def _venv_config(prefix: Path) -> dict[str, str]:
    try:
        data = read_bytes(prefix / "pyvenv.cfg", limit_bytes=_CONFIG_LIMIT_BYTES)
    except UsageError:
        return {}
    lines = (line.partition("=") for line in data.decode("utf-8", "replace").splitlines())
    return {key.strip().lower(): value.strip() for key, mark, value in lines if mark}


def _subfolders(folder: Path) -> tuple[Path, ...]:
    return tuple(sorted(path for path in _children(folder) if path.is_dir()))


def _children(folder: Path) -> Iterable[Path]:
    try:
        return tuple(folder.iterdir())
    except OSError:
        return ()
