"""A pinned `environment.yml`: channel, version and if wanted the build of every package.

A single `=` is fuzzy (`numpy=1.26` takes 1.26.4, and `numpy=1.26.4` takes 1.26.4.1), to micromamba
even before a build: versions are pinned with `==`.

`channel::` stands where the channel has a name. Of an address or a folder conda keeps the last part
only, and asks for a channel of that name elsewhere: these stand in a comment, which our reader takes.

Source: CEP 24, match specs of conda and libmamba, pip's requirements file format (the pip part is
one).
"""

from collections.abc import Iterator, Sequence
from functools import partial

from envbench.formats.lock_yaml import write_scalar
from envbench.formats.locks.addressing import with_hash
from envbench.formats.locks.environment_losses import find_consumer_losses
from envbench.model.channel_names import ChannelForm, read_channel
from envbench.model.errors import UsageError
from envbench.model.export_options import ExportOptions
from envbench.model.lock import ExportedFile, Lock, Loss, PipPackage
from envbench.model.locked_set import PYPI, LockAspect, list_indexes
from envbench.model.plan import PackageRecord

FILE_NAME = "environment.yml"
KEPT = frozenset(
    {
        LockAspect.NAME,
        LockAspect.CHANNEL_ORDER,
        LockAspect.CHANNEL_NAME,
        LockAspect.CHANNEL,
        LockAspect.CONDA,
        LockAspect.PIP,
        LockAspect.PIP_DIRECT,
        LockAspect.PIP_EDITABLE,
        LockAspect.INDEXES,
        LockAspect.VARIABLES,
    }
)
KEPT_WITH_BUILDS = KEPT | {LockAspect.BUILD}


def write_environment_pins(
    locks: Sequence[Lock], _options: ExportOptions, *, builds: bool = False
) -> tuple[ExportedFile, ...]:
    """Write a lock as an environment file in which everything is pinned.

    Args:
        locks: One; its channels are written in their order, which is their priority.
        builds: Pin the builds too, which ties the file to its platform.

    Raises:
        UsageError: The folder of an editable package is not known.
    """
    text = "\n".join(_write_lines(locks[0], builds=builds)) + "\n"
    return (ExportedFile(FILE_NAME, text),)


write_environment_builds = partial(write_environment_pins, builds=True)


def pin_package(package: PackageRecord, *, builds: bool = False) -> str:
    """Write a conda package so that this version of it, from a channel with a name, is taken."""
    channel = _name_of(package.channel)
    lead = f"{channel}::" if channel else ""
    build = f"={package.build}" if builds else ""
    return f"{lead}{package.name}=={package.version}{build}"


def find_losses(lock: Lock) -> tuple[Loss, ...]:
    """Tell whose channel stands in a comment, and what consumers do beyond the file."""
    first = next(iter(lock.channels), None)
    names = tuple(
        p.name
        for p in lock.packages
        if p.channel and p.channel != first and not _name_of(p.channel)
    )
    why = (
        "conda cuts a channel before `::` that is an address or a folder down to its last part, so it"
        " stands in a comment, which only envbench reads; a consumer takes the package from the first"
        " channel that has the version."
    )
    lost = (Loss("channel per package", names, why),) if names else ()
    return (*lost, *find_consumer_losses(lock))


def _name_of(channel: str) -> str:
    """Give the name of a channel that every consumer takes before `::`; empty when it has none."""
    text = read_channel(read_channel(channel).conda_name)
    return text.name if text.form is ChannelForm.NAME else ""


def _note_channel(channel: str) -> str:
    """Write a channel that is an address or a folder as a comment."""
    is_placed = read_channel(channel).form in {ChannelForm.ADDRESS, ChannelForm.FOLDER}
    is_line = channel.isprintable()
    return f"  # from {channel}" if is_placed and is_line and not _name_of(channel) else ""


def _write_lines(lock: Lock, *, builds: bool) -> Iterator[str]:
    yield "# created-by: envbench"
    yield f"name: {write_scalar(lock.name)}"
    if lock.channels:
        yield "channels:"
        yield from (f"  - {write_scalar(channel)}" for channel in lock.channels)
    yield "dependencies:" if lock.packages or lock.pip else "dependencies: []"
    for package in sorted(lock.packages, key=lambda package: package.name):
        pin = write_scalar(pin_package(package, builds=builds))
        yield f"  - {pin}{_note_channel(package.channel)}"
    if lock.pip:
        yield "  - pip:"
        yield from (f"      - {line}" for line in _write_pip(lock))
    if lock.variables:
        yield "variables:"
        for name, value in sorted(lock.variables):
            yield f"  {write_scalar(name)}: {write_scalar(value)}"


def _write_pip(lock: Lock) -> Iterator[str]:
    main, *more = list_indexes(lock) or (PYPI,)
    if main != PYPI:
        yield write_scalar(f"--index-url {main}")
    yield from (write_scalar(f"--extra-index-url {index}") for index in more)
    for package in sorted(lock.pip, key=lambda package: package.name):
        yield _pin_pip(package)


def _pin_pip(package: PipPackage) -> str:
    """Write a requirement; a direct reference says its version in a comment."""
    pin = f"{package.name}=={package.version}"
    if not package.direct_url and not package.editable:
        return write_scalar(pin)
    url = package.direct_url or ""
    if not url or any(mark in url for mark in (" ", "${", "\n", "\\")):
        raise UsageError(
            f"{FILE_NAME} cannot name {package.name}",
            why="Its folder or address is not known, or holds a blank or a variable.",
            hint="Install it again, or choose another format.",
        )
    pinned = f"{package.name} @ {with_hash(url, package.sha256)}"
    line = f"-e {url}" if package.editable else pinned
    return f"{write_scalar(line)}  # {pin}"
