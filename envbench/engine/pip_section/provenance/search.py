"""Where installed wheels came from, found again: no installer keeps their addresses and digests.

The indexes are asked for the exact version, and a wheel of theirs counts only when the RECORD
inside it is the one that was installed. What cannot be proven stays unknown.
"""

import csv
import re
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import urlsplit

from packaging.utils import InvalidWheelFilename, parse_wheel_filename

from envbench.engine.pip_section.index_annotations import index_of
from envbench.engine.pip_section.provenance.artefact_client import ArtefactClient, ArtefactError
from envbench.engine.pip_section.provenance.candidates import Offers, ask_indexes
from envbench.engine.pip_section.provenance.record_proof import find_disproof
from envbench.engine.pip_section.provenance.remote_archive import WheelLook, look_into_wheel
from envbench.engine.pip_section.records import (
    InstalledDistribution,
    list_distributions,
    read_record,
    read_wheel_tags,
)
from envbench.engine.pip_section.request import PipTask
from envbench.formats.pylock_part import PylockFile, PylockPackage
from envbench.model.lock import PipPackage
from envbench.model.redaction import split_url_secrets

_LOOKS_AT_ONCE = 8
_MOST_CANDIDATES = 12
_TIMEOUT_S = 20.0


@dataclass(frozen=True, slots=True)
class SourceSearch:
    """What was found of the packages that were asked about."""

    found: tuple[PipPackage, ...]
    """With address, digest, size and index, each proven."""
    unknown: tuple[tuple[str, str], ...]
    """Name, and why its source stays unknown."""


def search_sources(
    prefix: Path,
    packages: Sequence[PipPackage],
    task: PipTask,
    *,
    limit_s: float = 300.0,
    should_stop: Callable[[], bool] | None = None,
) -> SourceSearch:
    """Find the wheels that packages were installed from.

    Args:
        prefix: The environment; only read.
        packages: Those whose source is not known.
        task: Settings, credentials and directories by which indexes are reached.
        limit_s: For looking into wheels, all together.
        should_stop: Asked while servers are; what is not known by then stays unknown.

    Raises:
        PreventedError: uv cannot be started.
    """
    there = {dist.name: dist for dist in list_distributions(prefix)}
    wanted = [p for p in packages if p.name in there]
    unknown = {p.name: "it is not installed" for p in packages if p.name not in there}
    named = [p for p in wanted if p.direct_url is None]
    offers = _ask_by_python(named, there, task)
    unknown |= offers.refused
    client = None
    if not task.settings.offline:
        deadline = time.monotonic() + limit_s
        client = ArtefactClient(
            task.credentials, task.environ,
            deadline=deadline, timeout_s=_TIMEOUT_S, should_stop=should_stop,
        )  # fmt: skip
    found: list[PipPackage] = []
    known = [p for p in wanted if p.direct_url is not None or p.name in offers.packages]
    with ThreadPoolExecutor(_LOOKS_AT_ONCE) as pool:
        proofs = pool.map(
            lambda p: _prove(p, there[p.name], offers.packages.get(p.name), client), known
        )
        for package, proof in zip(known, proofs, strict=True):
            if isinstance(proof, PipPackage):
                found.append(proof)
            else:
                unknown[package.name] = proof
    return SourceSearch(tuple(found), tuple(sorted(unknown.items())))


def _ask_by_python(
    wanted: Sequence[PipPackage], there: dict[str, InstalledDistribution], task: PipTask
) -> Offers:
    """Ask for the packages of each Python of the prefix; there is one, nearly always."""
    by_python: dict[str, list[tuple[str, str]]] = {}
    for package in wanted:
        folder = there[package.name].site_packages.parent.name
        match = re.match(r"python(3\.\d+)", folder)
        version = match[1] if match else "3.11"
        by_python.setdefault(version, []).append((package.name, package.version))
    every = Offers({}, {})
    for version, pins in by_python.items():
        offers = ask_indexes(sorted(pins), version, task)
        every.packages.update(offers.packages)
        every.refused.update(offers.refused)
    return every


def _prove(
    package: PipPackage,
    dist: InstalledDistribution,
    offered: PylockPackage | None,
    client: ArtefactClient | None,
) -> PipPackage | str:
    """Find the wheel whose RECORD was installed; else say why there is none."""
    rows = [(row.path, row.digest, row.size) for row in read_record(dist.info)]
    if not rows:
        return "its RECORD is missing or empty, so nothing can be compared"
    if offered is None:
        return _prove_direct(package, rows, client)
    candidates = _sort_candidates(offered, read_wheel_tags(dist.info))
    if not candidates:
        return "the index has no wheel of this version: it was built from source"
    whys: list[str] = []
    for wheel in candidates:
        try:
            look = look_into_wheel(wheel.url, client, whole=wheel.sha256 is None)
            why = find_disproof(look.record, rows) or _judge_digests(wheel, look)
        except (ArtefactError, csv.Error) as fault:
            why = str(fault)
        else:
            if not why:
                return replace(
                    package,
                    url=split_url_secrets(wheel.url)[0],
                    sha256=wheel.sha256 or look.sha256,
                    size_bytes=look.size_bytes,
                    index_url=index_of(offered),
                )
        whys.append(f"{wheel.name}: {why}")
    return f"no wheel of the index is the one that was installed ({whys[0]})"


def _judge_digests(wheel: PylockFile, look: WheelLook) -> str:
    """Say what is wrong with the digests of a wheel that fits."""
    if wheel.sha256 is None and look.sha256 is None:
        return "it fits, but nobody tells its digest"
    if wheel.sha256 and look.sha256 not in {None, wheel.sha256}:
        return "it fits, but its digest is not the one that the index tells"
    return ""


def _prove_direct(
    package: PipPackage, rows: Sequence[tuple[str, str, str]], client: ArtefactClient | None
) -> PipPackage | str:
    """Digest the wheel at the address of a direct reference, if it still is the installed one."""
    url = package.url or ""
    if not urlsplit(url).path.endswith(".whl"):
        return "it was built from what lies at its address, and nobody kept the digest of that"
    try:
        look = look_into_wheel(url, client, whole=True)
        why = find_disproof(look.record, rows)
    except (ArtefactError, csv.Error) as fault:
        return f"its address: {fault}"
    if why:
        return f"another wheel lies at its address by now: {why}"
    if look.sha256 is None:
        return "its server sends it in parts only, and nobody kept its digest"
    return replace(package, sha256=look.sha256, size_bytes=look.size_bytes)


def _sort_candidates(offered: PylockPackage, tags: Sequence[str]) -> list[PylockFile]:
    """Put the wheels with the installed tags first; the others may have been named otherwise."""
    wanted = frozenset(tags)
    scored = [(_score(wheel.name, wanted), wheel.name, wheel) for wheel in offered.wheels]
    fitting = sorted((each for each in scored if each[0] > 0), key=lambda e: (-e[0], e[1]))
    exact = [wheel for score, _, wheel in fitting if score == _EXACT]
    others = [wheel for score, _, wheel in fitting if score != _EXACT]
    # Names and WHEEL differ where a wheel was retagged without writing it anew.
    return (exact or others)[:_MOST_CANDIDATES]


_EXACT = 3


def _score(file_name: str, wanted: frozenset[str]) -> int:
    try:
        tags = frozenset(map(str, parse_wheel_filename(file_name)[3]))
    except InvalidWheelFilename:
        return 0
    if tags == wanted:
        return _EXACT
    if tags & wanted:
        return 2
    pythons = {tag.split("-")[0] for tag in wanted}
    return 1 if any(tag.split("-")[0] in pythons for tag in tags) else 0
