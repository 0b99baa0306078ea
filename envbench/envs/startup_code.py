"""Code that an environment runs by itself: on activation, and at each start of its Python.

Listed for people to see; nothing is judged, and nothing is run.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from envbench.envs.distributions import list_site_directories, read_pip_part
from envbench.envs.prefix_records import PrefixRecords
from envbench.files import read_bytes
from envbench.model.cleaning import clean
from envbench.model.errors import UsageError

_LIMIT_BYTES = 1024 * 1024
_CUSTOMISERS = ("sitecustomize.py", "usercustomize.py")


class StartupKind(StrEnum):
    """When the code runs."""

    ACTIVATION = "activation"
    DEACTIVATION = "deactivation"
    PYTHON_START = "start of python"
    LINKING = "installation or removal"
    """Link scripts, left in `bin`; envbench runs them only when told to."""


@dataclass(frozen=True, slots=True)
class StartupCode:
    """One file with code that runs unasked."""

    path: str
    """Relative to the prefix, cleaned."""
    kind: StartupKind
    package: str
    """Who brought it; empty when no record names it."""


def list_startup_code(records: PrefixRecords) -> tuple[StartupCode, ...]:
    """List the files of a prefix whose code runs unasked, by path."""
    owners = {e.path: p.record.name for p in records.packages for e in p.paths}
    pip = read_pip_part(records)
    owners |= {e.path: d.package.name for d in pip.distributions for e in d.paths}
    found = [*_shell_scripts(records), *_python_hooks(records)]
    return tuple(
        StartupCode(clean(path, limit=400), kind, owners.get(path, ""))
        for path, kind in sorted(found)
    )


def _shell_scripts(records: PrefixRecords) -> Iterator[tuple[str, StartupKind]]:
    kinds = {
        "etc/conda/activate.d/*": StartupKind.ACTIVATION,
        "etc/conda/deactivate.d/*": StartupKind.DEACTIVATION,
        "bin/.*-post-link.sh": StartupKind.LINKING,
        "bin/.*-pre-link.sh": StartupKind.LINKING,
        "bin/.*-pre-unlink.sh": StartupKind.LINKING,
    }
    for pattern, kind in kinds.items():
        for path in records.prefix.glob(pattern):
            if path.is_file():
                yield path.relative_to(records.prefix).as_posix(), kind


def _python_hooks(records: PrefixRecords) -> Iterator[tuple[str, StartupKind]]:
    for site in list_site_directories(records.prefix):
        for path in (records.prefix / site).glob("*.pth"):
            if _runs_code(path):
                yield f"{site}/{path.name}", StartupKind.PYTHON_START
        for name in _CUSTOMISERS:
            if (records.prefix / site / name).exists():
                yield f"{site}/{name}", StartupKind.PYTHON_START


def _runs_code(path: Path) -> bool:
    """Tell whether a `.pth` file holds a line that Python executes (it begins with `import`).

    Source: the documentation of Python's `site` module.
    """
    try:
        data = read_bytes(path, limit_bytes=_LIMIT_BYTES)
    except UsageError:
        # It cannot be looked into, so it is not called harmless.
        return True
    return any(line.startswith((b"import ", b"import\t")) for line in data.splitlines())
