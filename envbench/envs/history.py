"""What other conda clients expect beside the records: the history of requests.

conda, mamba and VS Code take a directory for an environment when `conda-meta/history` is there,
and `conda env export --from-history` reads what was asked for out of it.

Source: conda's `history.py`: `==> DATE <==`, `# cmd: ...`, `+channel/subdir::name-version-build`,
`# update specs: [...]` with a Python list of match specs. The line `# conda version:` is left out
on purpose: conda refuses to touch environments of a version newer than itself.
"""

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from envbench.files import read_bytes, write_atomically
from envbench.model.cleaning import clean
from envbench.model.errors import UsageError
from envbench.model.plan import PackageRecord
from envbench.model.redaction import redact

_LIMIT_BYTES = 16 * 1024 * 1024
_QUOTED = re.compile(r"'([^']*)'|\"([^\"]*)\"")
_DATE = "%Y-%m-%d %H:%M:%S"


def write_history(
    prefix: Path,
    *,
    specs: Sequence[str],
    packages: Sequence[PackageRecord],
    command: str,
    when: datetime | None = None,
) -> None:
    """Write the history of a fresh prefix: one revision that brings all its packages.

    Args:
        prefix: A staged generation; what is in its history already (nothing) is replaced.
        specs: The conda lines of the user's spec, as match specs.
        packages: What was installed.
        command: What the user ran, for people who read the file; secrets are masked.
        when: None means now.
    """
    moment = (when or datetime.now(UTC)).astimezone()
    lines = [
        f"==> {moment.strftime(_DATE)} <==",
        f"# cmd: {_one_line(command)}",
        *sorted(f"+{_place(package)}::{package.dist_name}" for package in packages),
        f"# update specs: {[_one_line(spec) for spec in specs]!r}",
    ]
    text = "\n".join(lines) + "\n"
    # A line end in the middle would begin a line of its own: nothing above holds one.
    write_atomically(prefix / "conda-meta" / "history", text.encode(), mode=0o644, durable=False)


def read_requested_specs(prefix: Path) -> tuple[str, ...]:
    """Read what was asked for last, as conda would; empty when nothing says.

    Source: conda's `History.get_requested_specs_map`, reduced to the last list of each package.
    """
    try:
        data = read_bytes(prefix / "conda-meta" / "history", limit_bytes=_LIMIT_BYTES)
    except UsageError:
        return ()
    wanted: dict[str, str] = {}
    for line in data.decode("utf-8", "replace").splitlines():
        action, mark, rest = line.removeprefix("#").strip().partition(" specs:")
        if not (line.startswith("#") and mark):
            continue
        for spec in _read_list(rest.strip()):
            name = _name_of(spec)
            if action in {"remove", "uninstall"}:
                wanted.pop(name, None)
            elif action in {"update", "install", "create"}:
                wanted[name] = spec
    return tuple(wanted.values())


def _read_list(text: str) -> list[str]:
    """Read a Python list of text, or conda's older form: items parted by commas."""
    if not text.startswith("["):
        return [part.strip() for part in text.split(",") if part.strip()]
    quoted = _QUOTED.findall(text)
    return [clean(one or two, limit=500) for one, two in quoted]


def _name_of(spec: str) -> str:
    word = spec.rpartition("::")[2]
    for mark in " =<>!~[":
        word = word.partition(mark)[0]
    return word.lower()


def _place(package: PackageRecord) -> str:
    return f"{_one_line(package.channel) or 'unknown'}/{package.subdir}"


def _one_line(text: str) -> str:
    return redact(clean(text, limit=2000))
