"""An installed environment read back as a lock: what is really there."""

import platform
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from envbench.envs.channel_names import name_channel as name_channel
from envbench.envs.distributions import PipPart, read_pip_part
from envbench.envs.generation_files import read_generation
from envbench.envs.prefix_records import PrefixPackage, PrefixRecords, read_prefix_records
from envbench.envs.topology import sort_topologically as sort_topologically
from envbench.envs.variables import read_state_variables
from envbench.envs.venv_config import read_venv_config
from envbench.model.cleaning import clean
from envbench.model.generation import Generation
from envbench.model.lock import Lock
from envbench.model.package_record import PackageRecord

if TYPE_CHECKING:
    from envbench.envs.channel_order import ChannelOrder


@dataclass(frozen=True, slots=True, kw_only=True)
class InstalledReading:
    """What is installed, and what the disk did not say for sure."""

    lock: Lock
    records: PrefixRecords = field(repr=False)
    """As they were read, for whoever compares files next."""
    pip: PipPart = field(repr=False)
    assumed: tuple[str, ...] = ()
    """In words: `the order of the channels is not recorded: ...`."""

    @property
    def damaged(self) -> tuple[str, ...]:
        """Records that could not be read; what they describe is not in the lock."""
        return (
            *(str(record) for record in self.records.damaged),
            *(f"{info.rpartition('/')[2]}: {why}" for info, why in self.pip.damaged),
        )


def read_environment(
    prefix: Path,
    *,
    name: str | None = None,
    channels: Sequence[str] | None = None,
    channel_names: Mapping[str, str] | None = None,
) -> Lock:
    """Read what is installed in a prefix, whoever installed it.

    Damaged records are left out: `read_installed` tells of them.

    Args:
        prefix: The environment, by its stable path or its own.
        name: How to call it; None takes the generation's record, else the directory's name.
        channels: Channel names in the order of the spec; None takes those that the generation
            recorded, else what the installer of a foreign environment left. Channels found on
            packages but not named here follow, in order of their name.
        channel_names: Channel address to the name that the user knows it by, which wins over
            guessing from the address.
    """
    return read_installed(prefix, name=name, channels=channels, channel_names=channel_names).lock


def read_installed(
    prefix: Path,
    *,
    name: str | None = None,
    channels: Sequence[str] | None = None,
    channel_names: Mapping[str, str] | None = None,
) -> InstalledReading:
    """Read what is installed, once, with everything that was read; see `read_environment`."""
    records = read_prefix_records(prefix)
    return _interpret(records, name, channels, channel_names or {})


def lock_records(
    records: PrefixRecords,
    *,
    name: str | None = None,
    channels: Sequence[str] | None = None,
    channel_names: Mapping[str, str] | None = None,
) -> Lock:
    """Make a lock of records that have been read already; see `read_environment`."""
    return _interpret(records, name, channels, channel_names or {}).lock


def _interpret(
    records: PrefixRecords,
    name: str | None,
    channels: Sequence[str] | None,
    channel_names: Mapping[str, str],
) -> InstalledReading:
    prefix = records.prefix
    generation = read_generation(prefix)
    pip = read_pip_part(records)
    names = {url.rstrip("/"): known for url, known in channel_names.items()}
    if channels is None:
        channels = generation.channels if generation else ()
    told = None
    if not channels and records.packages:
        # Who builds here notes the order: only what others built has to be asked.
        from envbench.envs.channel_order import find_channel_order

        told = find_channel_order(prefix)
    order = list(told.names if told else channels)
    # Many packages come from few channels.
    bases = {package.base_url for package in records.packages} - {""}
    channel_of = {base: name_channel(base, order, names) for base in bases}
    packages = [_named(package, channel_of) for package in records.packages]
    used = {package.channel for package in packages} - {""}
    if told:
        # Those that brought nothing say nothing of what is installed.
        order = [channel for channel in order if channel in used]
    python = _foreign_python(prefix, packages)
    lock = Lock(
        name=name or (generation.environment if generation else prefix.name),
        platform=_platform_of(packages, generation),
        channels=(*order, *sorted(used - set(order))),
        packages=sort_topologically(packages),
        pip=pip.packages,
        variables=tuple(sorted(read_state_variables(prefix).items())),
        python_version=python,
        source=_source_of(generation),
    )
    assumed = (*_say_order(told, used, order), *_say_python(python))
    return InstalledReading(lock=lock, records=records, pip=pip, assumed=assumed)


def _say_order(told: "ChannelOrder | None", used: set[str], order: Sequence[str]) -> Iterator[str]:
    """Say what was taken for the order of channels, where no generation recorded it."""
    if told is None or len(used) < 2:  # one channel has no order
        return
    if order:
        yield f"the order of the channels is that of {told.told_by}: {', '.join(order)}"
    rest = sorted(used - set(order))
    if rest:
        yield (
            f"nothing says where {', '.join(rest)} {'stands' if len(rest) == 1 else 'stand'}"
            " in the order of the channels: taken last, by name"
            if order
            else f"nothing says in which order the channels were asked: by name, {', '.join(rest)}"
        )


def _say_python(version: str) -> Iterator[str]:
    if version:
        yield f"Python {version} is no conda package here, so that no conda format can carry it"


def _foreign_python(prefix: Path, packages: Sequence[PackageRecord]) -> str:
    """Give the version of a Python that conda did not bring; empty when it did, or there is none.

    Source: `version` as `venv` writes it, `version_info` as uv and virtualenv do.
    """
    if any(package.name == "python" for package in packages):
        return ""
    config = read_venv_config(prefix)
    match = re.match(r"\d+(\.\d+){1,2}", config.get("version") or config.get("version_info") or "")
    return match[0] if match else ""


def _source_of(generation: Generation | None) -> str:
    """Name the spec of a generation; a lock that was built says nothing of its spec."""
    kind, mark, place = (generation.reason if generation else "").partition("build ")
    if kind or not mark or place.startswith("--from "):
        return ""
    return clean(PurePosixPath(place).name, limit=200)


def _named(package: PrefixPackage, channel_of: Mapping[str, str]) -> PackageRecord:
    channel = channel_of.get(package.base_url, package.record.channel)
    if channel == package.record.channel:
        return package.record
    return replace(package.record, channel=channel)


def _platform_of(packages: Sequence[PackageRecord], generation: Generation | None) -> str:
    if generation and generation.platform:
        return generation.platform
    return next((p.subdir for p in packages if p.subdir not in {"noarch", ""}), _this_platform())


def _this_platform() -> str:
    """Name this box as conda does, for prefixes that say nothing themselves (venvs)."""
    system = {"linux": "linux", "darwin": "osx"}.get(sys.platform, sys.platform)
    machine = platform.machine().lower()
    word = {"x86_64": "64", "amd64": "64"}.get(machine, machine)
    return f"{system}-{word}"
