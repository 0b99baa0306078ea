"""Byte code of noarch Python packages, compiled after an environment has gone live.

Packages that are bound to one Python bring their byte code; those that are not would have it
compiled at the first import, by every process that cannot write into the prefix again and again.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from envbench.envs.prefix_records import PrefixRecords, read_prefix_records


@dataclass(frozen=True, slots=True)
class CompileTask:
    """What to start, at low priority, with what on its standard input."""

    argv: tuple[str, ...]
    stdin: bytes
    """Paths of sources, one a line."""
    files: int


def plan_compilation(
    generation: Path, stable_path: Path, *, records: PrefixRecords | None = None
) -> CompileTask | None:
    """Work out how to compile the byte code of noarch packages.

    The generation's own directory is written to, so that a later flip does no harm; the byte code
    names the stable path, as everything else in the prefix does. Its exit code is 1 when some file
    could not be compiled (templates, code of other versions): that is no fault.

    Args:
        generation: The generation's own directory.
        stable_path: The path under which the environment is known.
        records: What was read already.

    Returns:
        None when there is no Python or nothing to compile.
    """
    python = generation / "bin" / "python"
    if not python.exists():
        return None
    sources = _list_sources(records or read_prefix_records(generation))
    # A line end in a path would make two of it.
    paths = [f"{generation}/{path}" for path in sources if "\n" not in path and "\r" not in path]
    if not paths:
        return None
    argv = (
        str(python),
        "-I",
        "-m",
        "compileall",
        *("-q", "-q", "-i", "-"),
        *("-s", str(generation), "-p", str(stable_path)),
    )
    return CompileTask(argv, "".join(f"{path}\n" for path in paths).encode(), len(paths))


def _list_sources(records: PrefixRecords) -> Sequence[str]:
    return sorted(
        each.path
        for package in records.packages
        if package.record.noarch == "python"
        for each in package.paths
        if each.path.endswith(".py") and "/site-packages/" in each.path
    )
