"""The private directory of one run, and the files that uv reads from it."""

import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def open_workspace(parent: Path) -> Iterator[Path]:
    """Make an empty directory of mode 0700 below `parent`, and remove it at the end."""
    parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    directory = Path(tempfile.mkdtemp(prefix="pip-", dir=parent))
    try:
        yield directory
    finally:
        shutil.rmtree(directory, ignore_errors=True)


def write_lines(path: Path, lines: Iterable[str]) -> Path:
    """Write a requirements or constraints file."""
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return path


def constraint_lines(owned: Mapping[str, str]) -> list[str]:
    """Pin every distribution that conda owns."""
    return [f"{name}=={version}" for name, version in sorted(owned.items())]
