"""What the doctor looks at: an environment and its surroundings, read once."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from envbench.envs.doctor.libraries import LibrarySet
from envbench.envs.doctor.library_search import LibrarySearch
from envbench.envs.prefix_records import PrefixPackage, PrefixRecords


@dataclass(frozen=True, slots=True, kw_only=True)
class Distribution:
    """One Python distribution, whoever installed it."""

    name: str
    """Normalised (PEP 503)."""
    version: str
    info: str
    """Its `.dist-info` or `.egg-info`, relative to the prefix."""
    requires: tuple[str, ...] = ()
    """The `Requires-Dist` lines of its METADATA."""
    requires_python: str = ""
    tags: tuple[str, ...] = ()
    """Of its WHEEL file: `cp311-cp311-manylinux_2_17_x86_64`."""
    installer: str = ""
    """`pip`, `uv`, `conda`, ...; empty when nobody signed."""
    paths: tuple[str, ...] = field(default=(), repr=False)
    """The files of its RECORD, relative to the prefix."""
    conda_package: str = ""
    """The conda package that brought it; empty for pip's."""

    @property
    def label(self) -> str:
        """`numpy 1.26.4`."""
        return f"{self.name} {self.version}"


@dataclass(frozen=True, slots=True, kw_only=True)
class GpuFacts:
    """One GPU, as the doctor must know it."""

    name: str
    uuid: str
    capability: str | None
    """Compute capability, `9.0`; None when the driver did not tell."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DriverState:
    """The driver of this box, as the doctor must know it."""

    version: str | None = None
    """`550.54.15`; None without a driver, or when it did not answer."""
    cuda: str | None = None
    """Highest CUDA version that it serves, `12.4`."""
    gpus: tuple[GpuFacts, ...] = ()
    reason: str = ""
    """Why nothing is known; empty when the driver answered."""


@dataclass(frozen=True, kw_only=True)
class PrefixView:
    """An environment and its surroundings. Equal contents give equal findings."""

    prefix: Path
    """The real path."""
    python: str
    """Full version of its Python, `3.11.7`; empty when it has none."""
    sites: tuple[str, ...]
    """Its site-packages directories, relative to it."""
    records: PrefixRecords
    """What conda's clients wrote."""
    distributions: tuple[Distribution, ...]
    """All that lies in its own site-packages, by name."""
    outer: tuple[Distribution, ...] = ()
    """What a virtual environment sees of the Python it was made from; mostly nothing."""
    leftovers: tuple[str, ...] = ()
    """Directories that broken-off removals left (`~umpy`), relative to the prefix."""
    libraries: LibrarySet = field(default_factory=lambda: LibrarySet((), {}))
    """Its shared libraries."""
    is_venv: bool = False
    sees_system: bool = False
    """A virtual environment that shows the packages of its Python, and the user site with them."""
    base: str = ""
    """The installation that a virtual environment was made from; empty for any other."""
    environ: Mapping[str, str] = field(default_factory=dict, repr=False)
    """The environment variables of whoever asks."""
    home: Path = Path("/nonexistent")
    """Where a user site would be looked for."""
    driver: DriverState = DriverState()
    cache_dir: Path | None = None
    """Where costly readings are remembered; None remembers nothing."""

    @cached_property
    def visible(self) -> dict[str, Distribution]:
        """Each distribution by name: of two of the same name, the one that Python finds first."""
        found = {each.name: each for each in (*reversed(self.outer), *reversed(self.distributions))}
        return dict(sorted(found.items()))

    @cached_property
    def conda(self) -> dict[str, PrefixPackage]:
        """Each conda package by name."""
        return {package.record.name: package for package in self.records.packages}

    @cached_property
    def owners(self) -> dict[str, str]:
        """Each file that a conda record names, with the name of its package."""
        return {p.path: each.record.name for each in self.records.packages for p in each.paths}

    @cached_property
    def search(self) -> LibrarySearch:
        """Looks up what libraries need, as the loader of this box would."""
        leaked = self.environ.get("LD_LIBRARY_PATH", "").split(":")
        folders = [folder for folder in leaked if folder.startswith("/")]
        if self.base:
            folders.append(f"{self.base}/lib")
        return LibrarySearch(
            str(self.prefix),
            self.libraries,
            has_own_python=not self.is_venv,
            extra_folders=tuple(folders),
            machine=os.uname().machine,
        )

    @cached_property
    def brought_by(self) -> dict[str, str]:
        """Each file of a Python distribution, with the distribution's name."""
        return {path: each.name for each in self.distributions for path in each.paths}

    @property
    def python_short(self) -> str:
        """`3.11`; empty without a Python."""
        return ".".join(self.python.split(".")[:2])
