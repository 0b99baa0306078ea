"""Scripts that name the interpreter of the staged prefix are pointed at the stable one."""

import base64
import csv
import hashlib
import io
import os
import re
from collections.abc import Iterable
from pathlib import Path

from envbench.engine.pip_section.records import InstalledDistribution, RecordRow, read_record

_MOST_SCRIPT_BYTES = 1024 * 1024
_LONGEST_SHEBANG = 127
"""What every Linux kernel in use accepts; a longer first line needs the `/bin/sh` form."""


def repoint_scripts(
    distributions: Iterable[InstalledDistribution], prefix: Path, target_prefix: Path
) -> tuple[str, ...]:
    """Rewrite the first lines of `bin/*` of these distributions, and their RECORDs with them.

    Args:
        distributions: Those that were just installed.
        prefix: The staged prefix, which the scripts name now.
        target_prefix: The stable path that they shall name.

    Returns:
        The names of the rewritten scripts.
    """
    rewritten: list[str] = []
    for distribution in distributions:
        rewritten += _repoint_distribution(distribution, prefix, target_prefix)
    return tuple(rewritten)


def repoint_script(content: bytes, prefix: str, target_prefix: str) -> bytes:
    """Return the content of a script with its interpreter moved to another prefix.

    Both forms that installers write are known: `#!/path/python`, and for paths with spaces or
    beyond the kernel's limit `#!/bin/sh` with `'''exec' '/path/python' "$0" "$@"`.
    """
    for pattern in (
        rb"\A#!(?P<python>" + re.escape(os.fsencode(prefix)) + rb"/bin/[^\n]*)\n",
        rb"\A#!/bin/sh\n'''exec' (?P<quote>['\"]?)(?P<python>"
        + re.escape(os.fsencode(prefix))
        + rb"/bin/[^\n'\"]*)(?P=quote) \"\$0\" \"\$@\"\n' '''\n",
    ):
        match = re.match(pattern, content)
        if match:
            python = match["python"].replace(os.fsencode(prefix), os.fsencode(target_prefix), 1)
            return _shebang(python) + content[match.end() :]
    return content


def replace_rows(info: Path, rows: Iterable[RecordRow]) -> None:
    """Write the RECORD of a distribution anew, as a file of its own."""
    record = "".join(map(_format_row, rows))
    _replace(info / "RECORD", record.encode("utf-8", "surrogateescape"))


def _shebang(python: bytes) -> bytes:
    if b" " in python or len(python) + 3 > _LONGEST_SHEBANG:
        return b"#!/bin/sh\n'''exec' '" + python + b"' \"$0\" \"$@\"\n' '''\n"
    return b"#!" + python + b"\n"


def _repoint_distribution(
    distribution: InstalledDistribution, prefix: Path, target_prefix: Path
) -> list[str]:
    rows = read_record(distribution.info)
    renewed: dict[str, RecordRow] = {}
    for row in rows:
        path = Path(os.path.normpath(distribution.site_packages / row.path))
        if path.parent != Path(os.path.normpath(prefix / "bin")) or not _is_script(path):
            continue
        old = path.read_bytes()
        new = repoint_script(old, str(prefix), str(target_prefix))
        if new != old:
            _replace(path, new)
            renewed[row.path] = RecordRow(row.path, _digest(new), str(len(new)))
    if renewed:
        replace_rows(distribution.info, [renewed.get(row.path, row) for row in rows])
    return [Path(path).name for path in renewed]


def _is_script(path: Path) -> bool:
    return path.is_file() and not path.is_symlink() and path.stat().st_size <= _MOST_SCRIPT_BYTES


def _replace(path: Path, content: bytes) -> None:
    # A new file, never an edit in place: uv hard-links from its cache.
    temporary = path.with_name(f".{path.name}.envbench")
    temporary.write_bytes(content)
    temporary.chmod(path.stat().st_mode & 0o777)
    temporary.replace(path)


def _digest(content: bytes) -> str:
    digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=")
    return f"sha256={digest.decode()}"


def _format_row(row: RecordRow) -> str:
    line = io.StringIO()
    csv.writer(line, lineterminator="\n").writerow((row.path, row.digest, row.size))
    return line.getvalue()
