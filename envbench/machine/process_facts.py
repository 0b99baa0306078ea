"""All that is told of one process beside its use of a GPU, each field with a reason where it is None."""

import os
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import TypeVar

from envbench.machine.containers import GroupPlace, parse_groups
from envbench.machine.process_environment import VARIABLES, ProgramFacts, find_environment
from envbench.machine.process_files import EndedError, ProcessFiles, ProcessStat, UnreadError
from envbench.machine.user_names import UserNames
from envbench.model.cleaning import clean
from envbench.model.gpu_process import ProcessEnvironment
from envbench.model.redaction import MASK, redact

DEVICES_VARIABLE = "CUDA_VISIBLE_DEVICES"
SLURM_VARIABLES = ("SLURM_JOB_ID", "SLURM_JOBID")
_READ_VARIABLES = frozenset({*VARIABLES, "PATH", DEVICES_VARIABLE, *SLURM_VARIABLES})
_NAME_LIMIT = 64
_COMMAND_LIMIT = 1000
_VALUE_LIMIT = 400
_PATH_LIMIT = 4096
_KERNEL_NAME_LENGTH = 15
_INTERPRETER = re.compile(r"(?:python|pypy)[0-9.]*t?d?")
_SECRET_OPTION = re.compile(
    r"--?(?:[\w-]*[_-])?(?:token|password|passwd|secret|api[_-]?key|access[_-]?key)", re.IGNORECASE
)
_Value = TypeVar("_Value")


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessFacts:
    """One process, as far as it may be looked at; fields as in `GpuProcess`."""

    is_own: bool = False
    user: str | None = None
    name: str | None = None
    command: str | None = None
    container: str | None = None
    environment: ProcessEnvironment | None = None
    visible_devices: str | None = None
    slurm_job: str | None = None
    unread: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Place:
    """From where processes are looked at."""

    mount_namespace: str | None
    container: str | None


def read_place(proc: str) -> Place:
    """Read the place of this process itself."""
    files = ProcessFiles(proc, os.getpid())
    try:
        namespace, _ = _attempt(lambda: files.read_namespace("mnt"))
        groups, _ = _attempt(files.read_groups)
    except EndedError:
        # This `/proc` belongs to other processes than this one.
        return Place(None, None)
    return Place(namespace, parse_groups(groups or "").container)


def read_facts(
    files: ProcessFiles, stat: ProcessStat, *, names: UserNames, place: Place
) -> ProcessFacts:
    """Read what there is to know of a process.

    Args:
        files: Its files.
        stat: Its state, as it was read.
        names: The names of users.
        place: From where it is looked at.

    Raises:
        EndedError: It is gone, or its number belongs to another one by now.
    """
    reading = _Reading()
    uid = reading.take("user", files.read_uid)
    if stat.has_ended:
        return _describe_ended(stat, uid, names)
    arguments = reading.take("command", files.read_arguments) or ()
    groups = parse_groups(reading.take("container", files.read_groups) or "")
    variables = reading.take("visible_devices", lambda: files.read_variables(_READ_VARIABLES))
    environment, reason = _read_environment(files, arguments, variables, groups.container, place)
    facts = ProcessFacts(
        is_own=uid == os.geteuid(),
        user=None if uid is None else names.name(uid),
        name=_choose_name(stat.name, arguments),
        command=reading.note("command", _show_command(arguments), "it has none"),
        container=reading.note("container", groups.container, "its control groups name none"),
        environment=reading.note("environment", environment, reason),
        visible_devices=reading.note(
            "visible_devices",
            _show_variable(variables or {}, DEVICES_VARIABLE),
            "was not set when its program was started",
        ),
        slurm_job=_find_slurm_job(reading, variables, groups),
        unread=reading.unread,
    )
    # All of it must be of one and the same process.
    if files.read_stat().start_ticks != stat.start_ticks:
        raise EndedError
    return facts


def _describe_ended(stat: ProcessStat, uid: int | None, names: UserNames) -> ProcessFacts:
    """Describe what only waits for its parent: its memory, and all that lay in it, is gone."""
    lost = ("command", "container", "environment", "visible_devices", "slurm_job")
    return ProcessFacts(
        is_own=uid == os.geteuid(),
        user=None if uid is None else names.name(uid),
        name=clean(stat.name, limit=_NAME_LIMIT),
        unread=dict.fromkeys(lost, "it has ended")
        | ({"user": "it has ended"} if uid is None else {}),
    )


class _Reading:
    """Takes one fact after the other, and keeps why some could not be taken."""

    def __init__(self) -> None:
        self.unread: dict[str, str] = {}

    def take(self, name: str, read: Callable[[], _Value]) -> _Value | None:
        """Read one fact; None when it is refused."""
        value, reason = _attempt(read)
        if reason:
            self.unread[name] = reason
        return value

    def note(self, name: str, value: _Value | None, reason: str) -> _Value | None:
        """Keep a reason for a value that is None, unless a better one is known."""
        if value is None:
            self.unread.setdefault(name, reason)
        return value


def _attempt(read: Callable[[], _Value]) -> tuple[_Value | None, str]:
    """Read one fact: its value, or None and why not."""
    try:
        return read(), ""
    except EndedError:
        raise
    except UnreadError as fault:
        return None, str(fault)


def _read_environment(
    files: ProcessFiles,
    arguments: tuple[str, ...],
    variables: dict[str, str] | None,
    container: str | None,
    place: Place,
) -> tuple[ProcessEnvironment | None, str]:
    """Find the environment, or None and why there is none."""
    executable, refused = _attempt(files.read_executable)
    if _is_elsewhere(files, executable, container, place):
        return None, "it runs in a container, whose files are not those of here"
    directory, _ = _attempt(files.read_directory)
    found = find_environment(
        ProgramFacts(
            arguments=arguments,
            executable=executable,
            variables=variables or {},
            directory=directory,
            list_mapped=files.list_mapped_files,
        )
    )
    if found is not None:
        return replace(found, prefix=clean(found.prefix, limit=_PATH_LIMIT)), ""
    if refused:
        return None, f"its command line names none; of its program: {refused}"
    return None, "it runs in none"


def _is_elsewhere(
    files: ProcessFiles, executable: str | None, container: str | None, place: Place
) -> bool:
    """Tell whether the paths of a process mean other files than they do here."""
    namespace, _ = _attempt(lambda: files.read_namespace("mnt"))
    if namespace is None or place.mount_namespace is None:
        return container != place.container
    if namespace == place.mount_namespace:
        return False
    # Services and sandboxes have mounts of their own, too, and mostly the same files.
    return executable is None or not files.runs(executable)


def _find_slurm_job(
    reading: _Reading, variables: dict[str, str] | None, groups: GroupPlace
) -> str | None:
    shown = (_show_variable(variables or {}, name) for name in SLURM_VARIABLES)
    job = groups.slurm_job or next((value for value in shown if value), None)
    reason = "neither its control groups nor its variables name one"
    if variables is None:
        reason = f"its control groups name none; its variables: {reading.unread['visible_devices']}"
    return reading.note("slurm_job", job, reason)


def _choose_name(kernel_name: str, arguments: tuple[str, ...]) -> str:
    """Choose the name: the kernel's, but not where it is cut, or a thread's instead of Python's."""
    first = arguments[0].rpartition("/")[2] if arguments else ""
    is_cut = len(kernel_name) == _KERNEL_NAME_LENGTH and first.startswith(kernel_name)
    name = first if is_cut or _INTERPRETER.fullmatch(first) else kernel_name
    return clean(name, limit=_NAME_LIMIT)


def _show_command(arguments: tuple[str, ...]) -> str | None:
    if not arguments:
        return None
    # Redacted before it is cut: half of an address would not be known as one.
    line = " ".join(" ".join(_mask_options(arguments)).split())
    return clean(redact(line), limit=_COMMAND_LIMIT)


def _mask_options(arguments: Iterable[str]) -> Iterable[str]:
    """Mask what follows an option such as `--api-key`; with a `=` in between `redact` sees it."""
    is_secret = False
    for argument in arguments:
        yield MASK if is_secret and not argument.startswith("-") else argument
        is_secret = _SECRET_OPTION.fullmatch(argument) is not None


def _show_variable(variables: dict[str, str], name: str) -> str | None:
    value = variables.get(name)
    return None if value is None else clean(redact(value), limit=_VALUE_LIMIT)
