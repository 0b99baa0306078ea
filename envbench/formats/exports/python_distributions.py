"""Which conda packages are Python distributions, and what PyPI calls them.

Source: the `purls` of repodata and pixi.lock (CEP 46); conda-forge's mapping of names.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from packaging.utils import canonicalize_name

from envbench.model.known_names import PYPI_OF_CONDA
from envbench.model.package_needs import name_of
from envbench.model.plan import PackageRecord

_NAME = re.compile(r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?")
"""What PyPI takes for a name: conda's `_...` names would be options to pip."""
_PURL = re.compile(r"pkg:pypi/(?P<name>[A-Za-z0-9._-]+)(?:@(?P<version>[^?#]+))?")


@dataclass(frozen=True, slots=True)
class Distribution:
    """One name of PyPI that a conda package stands for."""

    name: str
    """Normalised."""
    version: str
    is_certain: bool
    """Whether the record or the table of names says so; else it is taken to be the same name."""


def distributions_of(record: PackageRecord) -> tuple[Distribution, ...]:
    """List the distributions in a conda package; empty for libraries, compilers, data.

    A record with an empty list of purls says that PyPI has nothing of it.
    """
    purls = record.extra.get("purls")
    if isinstance(purls, Iterable) and not isinstance(purls, str):
        return tuple(_of_purls(purls, record.version))
    name = canonicalize_name(record.name)
    if name in PYPI_OF_CONDA:
        return (Distribution(PYPI_OF_CONDA[name], record.version, is_certain=True),)
    if not is_python(record) or not _NAME.fullmatch(name):
        return ()
    # conda-forge cuts what needs a screen from a project, and calls the rest `-base`.
    return (Distribution(name.removesuffix("-base"), record.version, is_certain=False),)


def is_python(record: PackageRecord) -> bool:
    """Tell whether a package is written for Python, as far as its record tells without purls.

    Compiled packages called `lib...` are libraries, even where they are linked with Python.
    """
    if record.noarch == "python":
        return True
    if record.name == "python" or record.name.startswith("lib"):
        return False
    return any(name_of(text) == "python" for text in record.depends)


def _of_purls(purls: Iterable[object], version: str) -> Iterable[Distribution]:
    seen: set[str] = set()
    for purl in sorted(map(str, purls)):
        match = _PURL.match(purl)
        name = canonicalize_name(match["name"]) if match else ""
        if match and name not in seen:
            seen.add(name)
            yield Distribution(name, match["version"] or version, is_certain=True)
