"""Which index served each package: uv's `pylock.toml` does not say, its requirements file does."""

import re
from collections.abc import Sequence
from dataclasses import replace
from urllib.parse import urlsplit

from packaging.utils import canonicalize_name

from envbench.engine.pip_section.uv_process import UvRunner
from envbench.formats.pylock_part import PylockPackage
from envbench.model.pip_settings import PipSettings
from envbench.model.redaction import split_url_secrets

DEFAULT_INDEX = "https://pypi.org/simple"
_PINNED = re.compile(r"(?P<name>[A-Za-z0-9][\w.-]*)==")
_SERVED = re.compile(r"\s+# from (?P<index>\S+)")


def add_indexes(
    packages: Sequence[PylockPackage],
    runner: UvRunner,
    arguments: Sequence[str],
    settings: PipSettings,
) -> tuple[PylockPackage, ...]:
    """Put the index that served it into the table of each package, where it is known.

    With one index there is nothing to ask. With several, uv is asked once more for the same pins;
    it has the answers in its cache.

    Args:
        packages: What `uv pip compile` gave.
        runner: uv, as it was asked before.
        arguments: Those of that call, the file of pins included, without its format.
        settings: The indexes in use.
    """
    if settings.no_index or not packages:
        return tuple(packages)
    if not settings.extra_index_urls:
        only = _bare(settings.index_url or DEFAULT_INDEX)
        return tuple(_with_index(package, only) for package in packages)
    outcome = runner.call(
        ("pip", "compile"),
        (*arguments, "--no-annotate", "--emit-index-annotation", "--format", "requirements.txt"),
        quiet=True,
    )
    served = _read_annotations(outcome.stdout) if outcome.status == 0 else {}
    return tuple(_with_index(package, served.get(package.name, "")) for package in packages)


def index_of(package: PylockPackage) -> str | None:
    """Give the index that served a package; None when it is unknown, or PyPI.

    A lock names an index only where a consumer would not ask it by itself.
    """
    index = package.table.get("index")
    bare = _bare(index) if isinstance(index, str) else ""
    return None if bare in {"", DEFAULT_INDEX} else bare


def _with_index(package: PylockPackage, index: str) -> PylockPackage:
    # What lies in a folder of wheels was served by no index.
    is_served = any(urlsplit(wheel.url).scheme in {"http", "https"} for wheel in package.wheels)
    is_served = is_served or index.startswith("file:")
    if package.direct or not index or not is_served or "index" in package.table:
        return package
    return replace(package, table={**package.table, "index": index})


def _read_annotations(text: str) -> dict[str, str]:
    found: dict[str, str] = {}
    name = ""
    for line in text.splitlines():
        if match := _PINNED.match(line):
            name = canonicalize_name(match["name"])
        elif name and (match := _SERVED.fullmatch(line)):
            found[name] = _bare(match["index"])
    return found


def _bare(url: str) -> str:
    return split_url_secrets(url)[0].rstrip("/")
