"""Making a channel: the one entrance to this package."""

import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from envbench.engine.local_channel.collection import Collection, Collector
from envbench.engine.local_channel.distribution_package import package_distribution
from envbench.engine.local_channel.index import index_channel
from envbench.engine.local_channel.interpreter import InterpreterFacts, ask_interpreter
from envbench.engine.local_channel.lock import hold_channel
from envbench.engine.local_channel.package import (
    STAGING_PREFIX,
    MadePackage,
    PackageContent,
    choose_archive,
    write_package,
)
from envbench.engine.local_channel.proof import prove_python
from envbench.engine.local_channel.python_package import package_python
from envbench.engine.local_channel.report import ChannelReport, ChannelStep
from envbench.model.errors import PreventedError

Progress = Callable[[ChannelStep], None]


def make_channel(
    directory: Path,
    *,
    python: bool,
    distributions: Sequence[str],
    wheels: Sequence[Path],
    with_dependencies: bool = True,
    interpreter: Path | None = None,
    progress: Progress | None = None,
) -> ChannelReport:
    """Put packages into a channel folder, and write its index. No network is used.

    A folder that holds a channel already is extended; the same package is not written twice. The
    same inputs give the same bytes. Everything is checked before the first package is written; a
    run that is killed leaves packages that the next run puts into the index.

    Args:
        directory: The channel; made when missing.
        python: Whether to package the interpreter itself.
        distributions: Names of distributions that are installed for the interpreter.
        wheels: Files of wheels that fit the interpreter.
        with_dependencies: Whether to package what distributions and wheels depend on, as far as it
            is installed; what is not is listed in the report.
        interpreter: The Python to take all this from, in a virtual environment or not; the
            running one when None.
        progress: Told about each step before it starts, in this thread.

    Raises:
        UsageError: A distribution is not installed; a wheel is damaged, hostile or made for another
            Python or platform; the interpreter cannot be packaged.
        PreventedError: The folder cannot be written.
    """
    facts = ask_interpreter(interpreter or Path(sys.executable))
    tell = progress or _ignore
    try:
        directory = directory.absolute()
        directory.mkdir(parents=True, exist_ok=True)
        waiting = ChannelStep("waiting for another run in this channel", 0, 0)
        with hold_channel(directory, lambda: tell(waiting)):
            _sweep(directory)
            with _make_folder(directory) as folder:
                tell(ChannelStep("reading distributions", 0, 0))
                collection = _collect(facts, folder, distributions, wheels, with_dependencies)
                packages = _write_all(facts, directory, python, collection, tell)
            index_paths = index_channel(directory, (facts.subdir,))
    except OSError as error:
        raise PreventedError(
            "the channel cannot be written",
            where=str(directory),
            why=f"{error.filename}: {error.strerror}" if error.filename else str(error),
        ) from error
    return ChannelReport(
        directory=directory,
        packages=packages,
        skipped=collection.skipped,
        index_paths=index_paths,
    )


def _ignore(step: ChannelStep) -> None:
    """Take a step when nobody asked for progress."""


def _sweep(directory: Path) -> None:
    """Remove what killed runs left; the lock says that no other run is at work."""
    for leftover in [
        *directory.glob(f"{STAGING_PREFIX}*"),
        *directory.glob(f"*/{STAGING_PREFIX}*"),
    ]:
        if leftover.is_dir() and not leftover.is_symlink():
            shutil.rmtree(leftover)
        else:
            leftover.unlink()


@contextmanager
def _make_folder(directory: Path) -> Iterator[Path]:
    """Lend a folder in the channel, where there has to be room for the packages anyway."""
    with tempfile.TemporaryDirectory(prefix=STAGING_PREFIX, dir=directory) as name:
        yield Path(name)


def _collect(
    facts: InterpreterFacts,
    folder: Path,
    distributions: Sequence[str],
    wheels: Sequence[Path],
    with_dependencies: bool,
) -> Collection:
    collector = Collector(facts, folder)
    for wheel in wheels:
        collector.add_wheel(wheel)
    for name in distributions:
        collector.add_installed(name)
    if with_dependencies:
        collector.follow_requirements()
    return collector.finish()


def _write_all(
    facts: InterpreterFacts,
    directory: Path,
    python: bool,
    collection: Collection,
    tell: Progress,
) -> tuple[MadePackage, ...]:
    made: list[MadePackage] = []
    total = len(collection.members) + python
    if python:
        tell(ChannelStep(f"packaging python {facts.version}", 0, total))
        content = package_python(facts)
        _prove_if_new(content, facts, directory)
        made.append(write_package(content, directory))
    for distribution, needs in collection.members:
        tell(ChannelStep(f"packaging {distribution.name} {distribution.version}", len(made), total))
        content = package_distribution(distribution, needs, facts)
        made.append(write_package(content, directory))
    tell(ChannelStep("writing the index", len(made), total))
    return tuple(sorted(made, key=lambda package: (package.name, package.version)))


def _prove_if_new(content: PackageContent, facts: InterpreterFacts, directory: Path) -> None:
    if choose_archive(content, directory)[1]:
        prove_python(content, facts, directory)
