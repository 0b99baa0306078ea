"""Files that several packages bring: the library keeps one and puts the others aside.

The records of the prefix tell the truth about it, so verification finds nothing wrong; but a
package whose file was put aside may not work, and that has to be said.
"""

import os
from pathlib import Path

from envbench.model.cleaning import clean

ASIDE = "__clobbers__"
"""Where the library puts them in a prefix: `__clobbers__/PACKAGE/PATH`."""


def describe_clobbered(prefix: Path) -> tuple[str, ...]:
    """Say which packages of a freshly linked prefix lost files to others, one line each."""
    aside = prefix / ASIDE
    if aside.is_symlink() or not aside.is_dir():
        return ()
    lost = ((package, _list_files(package)) for package in sorted(aside.iterdir()))
    # Both sides of a clash have a folder there; that of the package that won is empty.
    return tuple(_describe(package.name, files) for package, files in lost if files)


def _list_files(package: Path) -> list[str]:
    return sorted(
        os.path.relpath(Path(folder, name), package)
        for folder, _, names in os.walk(package)
        for name in names
    )


def _describe(package: str, files: list[str]) -> str:
    first, name = clean(files[0], limit=200), clean(package, limit=100)
    more = f" and {len(files) - 1} more" if len(files) > 1 else ""
    return (
        f"{first!r}{more} of package {name} is also in another package"
        f" and was put aside under {ASIDE}"
    )
