"""What the configured indexes offer of exact versions: addresses, digests, sizes."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from envbench.engine.pip_section.errors import PipNoSolutionError, PipOfflineError, PipRunsCodeError
from envbench.engine.pip_section.failures import explain_failure
from envbench.engine.pip_section.index_annotations import add_indexes
from envbench.engine.pip_section.request import PipTask
from envbench.engine.pip_section.uv_environment import compose_reach
from envbench.engine.pip_section.uv_process import UvRunner
from envbench.engine.pip_section.workspace import open_workspace, write_lines
from envbench.formats.pylock_part import PylockPackage, read_pylock
from envbench.model.build import PipSettings
from envbench.model.errors import EnvbenchError

_OF_ONE_PACKAGE = (PipNoSolutionError, PipOfflineError, PipRunsCodeError)
"""Failures that another package need not share."""


@dataclass(frozen=True, slots=True)
class Offers:
    """What came of asking."""

    packages: dict[str, PylockPackage]
    """By name; with the wheels for all platforms."""
    refused: dict[str, str]
    """Name to the reason why nothing is known of it."""


def ask_indexes(pins: Sequence[tuple[str, str]], python_version: str, task: PipTask) -> Offers:
    """Ask the indexes for exact versions; one call of uv when they have all of them.

    Args:
        pins: Normalised name and version.
        python_version: `3.11`.
        task: Its settings, credentials and directories count; source is never built.

    Raises:
        PreventedError: uv cannot be started.
        CancelledWorkError: The caller wanted it stopped.
    """
    offers = Offers({}, {})
    sound = [pin for pin in pins if _is_sound(*pin)]
    for name, _ in set(pins) - set(sound):
        offers.refused[name] = "its version is none that an index can have"
    task = replace(task, settings=replace(task.settings, only_binary=True))
    with open_workspace(task.work_dir) as directory:
        runner = UvRunner(compose_reach(task), directory, task.timeout_s)
        _ask(sound, _Question(runner, directory, python_version, task.settings), offers)
    return offers


@dataclass(frozen=True, slots=True)
class _Question:
    """What all calls for one Python have in common."""

    runner: UvRunner
    directory: Path
    python_version: str
    settings: PipSettings


def _ask(pins: Sequence[tuple[str, str]], question: "_Question", offers: Offers) -> bool:
    """Ask for some pins, and for ever smaller parts of them when one spoils the rest.

    Returns:
        False when asking further is of no use.
    """
    if not pins:
        return True
    lines = [f"{name}=={version}" for name, version in pins]
    arguments = (
        "--python", sys.executable, "--python-version", question.python_version, "--universal",
        "--no-deps", "--no-header", str(write_lines(question.directory / "pins.txt", lines)),
    )  # fmt: skip
    outcome = question.runner.call(
        ("pip", "compile"), (*arguments, "--format", "pylock.toml"), quiet=True
    )
    if outcome.status == 0:
        found = add_indexes(
            read_pylock(outcome.stdout), question.runner, arguments, question.settings
        )
        offers.packages.update({package.name: package for package in found})
        return True
    fault = explain_failure(outcome, (), "")
    if not isinstance(fault, _OF_ONE_PACKAGE):
        offers.refused.update({name: _say(fault) for name, _ in pins})
        return False
    if len(pins) == 1:
        offers.refused[pins[0][0]] = _say_refused(fault, *pins[0])
        return True
    middle = len(pins) // 2
    halves = (pins[:middle], pins[middle:])
    for number, half in enumerate(halves):
        if not _ask(half, question, offers):
            why = next(iter(offers.refused[name] for name, _ in half if name in offers.refused))
            for rest in halves[number + 1 :]:
                offers.refused.update({name: why for name, _ in rest})
            return False
    return True


def _say(fault: EnvbenchError) -> str:
    lines = [line.strip() for line in (fault.why or "").splitlines() if "cause:" in line]
    cause = lines[-1].partition("cause:")[2].strip() if lines else ""
    return f"{fault.what}{f' ({cause})' if cause else ''}"


def _say_refused(fault: EnvbenchError, name: str, version: str) -> str:
    if isinstance(fault, PipRunsCodeError):
        return "the index has no wheel of this version: it was built from source"
    if isinstance(fault, PipOfflineError):
        return "the network is switched off"
    local = version.partition("+")[2]
    hint = ""
    if local.startswith(("cu", "cpu", "rocm", "xpu")):
        hint = f"; add the index of +{local} builds to pip.extra_index_urls"
    return f"no configured index has {name} {version}{hint}"


def _is_sound(name: str, version: str) -> bool:
    try:
        Version(version)
    except InvalidVersion:
        return False
    return version.isascii() and version == version.strip() and canonicalize_name(name) == name
