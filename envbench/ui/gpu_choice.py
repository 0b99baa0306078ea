"""Which GPU or process is meant: by the cursor, by what is shown in full; pure rules.

Row keys are `gpu:INDEX`, `mig:INDEX:INSTANCE`, `process:PID` and, for processes of a host that are
seen from within a container, `outside:PID`.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from envbench.ui.state import GPUS, SIDE_GPU_USERS, SIDE_GPUS, ScreenState

if TYPE_CHECKING:
    from envbench.model.gpu import GpuReading, MigInstance, Sample
    from envbench.model.gpu_process import GpuProcess
    from envbench.workbench.values.gpu_owners import KnownEnvironment

PANES = (GPUS, SIDE_GPUS, SIDE_GPU_USERS)


@dataclass(frozen=True, slots=True)
class GpuUser:
    """One process with all the GPUs that it is on."""

    entries: "tuple[GpuProcess, ...]"
    """One a GPU or MIG instance, at least one."""

    @property
    def process(self) -> "GpuProcess":
        """What is the same in all entries."""
        return self.entries[0]

    @property
    def key(self) -> str:
        """Key of its row."""
        return f"{'process' if self.process.is_here else 'outside'}:{self.process.pid}"

    @property
    def gpus(self) -> tuple[int, ...]:
        """The GPUs, in order."""
        return tuple(sorted({entry.gpu for entry in self.entries}))

    @property
    def memory_bytes(self) -> int | None:
        """All it holds; None when the driver tells that of none of its GPUs."""
        known = [e.memory_used_bytes for e in self.entries if e.memory_used_bytes is not None]
        return sum(known) if known else None

    @property
    def sm_percent(self) -> int | None:
        """Of the GPU that it uses most."""
        return max((e.sm_percent for e in self.entries if e.sm_percent is not None), default=None)


def merge_processes(processes: "Iterable[GpuProcess]") -> tuple[GpuUser, ...]:
    """Put the entries of each process together, in the order of the GPUs."""
    found: dict[tuple[int, bool], list[GpuProcess]] = {}
    for each in sorted(processes, key=lambda p: (p.gpu, p.gpu_instance or 0)):
        found.setdefault((each.pid, each.is_here), []).append(each)
    return tuple(GpuUser(tuple(entries)) for entries in found.values())


def gpu_key(index: int) -> str:
    """Give the key of a GPU's row."""
    return f"gpu:{index}"


def mig_key(index: int, instance: int) -> str:
    """Give the key of the row of a MIG instance."""
    return f"mig:{index}:{instance}"


def row_under_cursor(state: ScreenState) -> str:
    """Give the key of the row that is meant."""
    pane = state.focus if state.focus in PANES else GPUS
    return state.selected.get(pane, "")


def chosen_user(state: ScreenState) -> GpuUser | None:
    """Give the process under the cursor."""
    sample, key = state.gpus.value, row_under_cursor(state)
    if sample is None or not key.startswith(("process:", "outside:")):
        return None
    pid = key.partition(":")[2]
    same = (p for p in sample.processes if str(p.pid) == pid)
    return next((user for user in merge_processes(same) if user.key == key), None)


def chosen_gpu(state: ScreenState) -> "GpuReading | None":
    """Give the GPU that is meant: under the cursor, the process's, or the one shown in full."""
    sample = state.gpus.value
    if sample is None:
        return None
    user = chosen_user(state)
    if user is not None:
        return find_gpu(sample, user.gpus[0])
    kind, _, rest = row_under_cursor(state).partition(":")
    number = rest.partition(":")[0]
    if kind in {"gpu", "mig"} and number.isascii() and number.isdecimal():
        return find_gpu(sample, int(number))
    in_full = state.focus not in {SIDE_GPUS, SIDE_GPU_USERS}
    return find_gpu(sample, state.gpu_face.detail) if in_full else None


def chosen_instance(state: ScreenState) -> "MigInstance | None":
    """Give the MIG instance under the cursor."""
    kind, _, rest = row_under_cursor(state).partition(":")
    gpu = chosen_gpu(state)
    if kind != "mig" or gpu is None:
        return None
    number = rest.rpartition(":")[2]
    return next((each for each in gpu.mig if str(each.index) == number), None)


def find_gpu(sample: "Sample", index: int) -> "GpuReading | None":
    """Give the GPU of an index."""
    return next((gpu for gpu in sample.gpus if gpu.index == index), None)


def users_of(sample: "Sample", index: int) -> tuple[GpuUser, ...]:
    """Give the processes on a GPU, each with that GPU only, who holds most of it first."""
    found = merge_processes(each for each in sample.processes if each.gpu == index)
    return tuple(sorted(found, key=lambda user: -(user.memory_bytes or 0)))


def owner_of(state: ScreenState, user: GpuUser) -> "KnownEnvironment | None":
    """Give what is known of the environment that a process runs in."""
    environment = user.process.environment
    return state.gpu_owners.get(environment.prefix) if environment is not None else None


def reference_of(state: ScreenState, user: GpuUser) -> str:
    """Name the environment of a process as verbs take it; empty when none is known."""
    environment, owner = user.process.environment, owner_of(state, user)
    if environment is None:
        return ""
    if owner is not None and owner.kind == "envbench" and owner.live_generation is not None:
        return owner.name
    rows = state.environments.value or ()
    known = next((row for row in rows if environment.prefix in {row.key, row.path}), None)
    return known.key if known is not None else environment.prefix
