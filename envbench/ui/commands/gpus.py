"""Verbs of the GPUs and of the processes on them."""

from envbench.ui.bench import Bench
from envbench.ui.command_lines import quote
from envbench.ui.commands.command import Command
from envbench.ui.environment_choice import refuse_unbuilt
from envbench.ui.gpu_choice import (
    PANES,
    GpuUser,
    chosen_gpu,
    chosen_user,
    reference_of,
    row_under_cursor,
)
from envbench.ui.state import GPUS, SIDE_GPUS, ScreenState

NOBODY = "no process is under the cursor"


def need_gpus(state: ScreenState) -> str:
    """Say that GPUs must have been read."""
    sample = state.gpus.value
    if sample is None:
        return state.gpus.fault or "the GPUs were not read yet"
    if sample.gpus:
        return ""
    return sample.absence.words if sample.absence is not None else "there is no GPU"


def need_gpu(state: ScreenState) -> str:
    """Say that a GPU must be meant."""
    return need_gpus(state) or ("" if chosen_gpu(state) is not None else "no GPU is chosen")


class OpenGpuRow(Command):
    """Show a GPU in full; from a process go to its environment, and from there on to its lock."""

    title = "details"
    key = "enter"
    group = "GPUs"
    panes = PANES
    footer = 1

    def refuse(self, state: ScreenState) -> str:
        """A GPU or a process whose environment is known must be under the cursor."""
        if need_gpus(state):
            return need_gpus(state)
        user = chosen_user(state)
        if user is not None:
            return "" if reference_of(state, user) else _say_no_environment(user)
        if not state.gpu_face.is_list and state.focus == GPUS:
            return "Esc goes back to all GPUs"
        return "" if chosen_gpu(state) is not None else "nothing is under the cursor"

    def twin(self, state: ScreenState) -> str:  # noqa: ARG002 - it shows all of them
        """`envbench gpus`."""
        return "envbench gpus"

    async def run(self, bench: Bench) -> None:
        """Show it."""
        from envbench.ui.flows import gpu_acts, gpus

        user, gpu = chosen_user(bench.state), chosen_gpu(bench.state)
        if user is not None:
            await gpu_acts.jump_to_environment(bench, user)
        elif gpu is not None:
            gpus.open_detail(bench, gpu.index)


def _say_no_environment(user: GpuUser) -> str:
    process = user.process
    if not process.is_here:
        return "it runs outside this container: nothing of it can be read here"
    why = process.unread.get("environment", "")
    return f"its environment is not known{f': {why}' if why else ''}"


class SignalProcess(Command):
    """Send a signal to the process under the cursor, if it is yours; it asks, and no is the default."""

    title = "signal"
    key = "K"
    group = "GPUs"
    panes = PANES
    footer = 2

    def refuse(self, state: ScreenState) -> str:
        """It must be one's own process."""
        user = chosen_user(state)
        if user is None:
            return need_gpus(state) or NOBODY
        process = user.process
        if not process.is_here:
            return "it runs outside this container"
        if not process.is_own:
            return f"it belongs to {process.user or 'somebody else'}"
        return "" if process.started_s is not None else "it is not known when it was started"

    def twin(self, state: ScreenState) -> str:
        """`kill`."""
        user = chosen_user(state)
        return f"kill -TERM {user.process.pid}" if user is not None else ""

    async def run(self, bench: Bench) -> None:
        """Ask, then send it."""
        from envbench.ui.flows import gpu_acts

        user = chosen_user(bench.state)
        if user is not None:
            await gpu_acts.signal_user(bench, user)


class ShowGpuHistory(Command):
    """Plot the last hour of the GPU: utilisation, memory and power; again goes back."""

    title = "history"
    key = "h"
    group = "GPUs"
    panes = PANES
    footer = 3

    def refuse(self, state: ScreenState) -> str:
        """A GPU must be meant."""
        return need_gpu(state)

    async def run(self, bench: Bench) -> None:
        """Turn it on or off."""
        from envbench.ui.flows import gpus

        gpu = chosen_gpu(bench.state)
        if gpu is not None:
            gpus.toggle_plots(bench, gpu.index)


class PickIdleGpu(Command):
    """Put the cursor on the GPU that has the least to do."""

    title = "idle one"
    key = "i"
    group = "GPUs"
    panes = PANES
    footer = 4

    def refuse(self, state: ScreenState) -> str:
        """GPUs must be there."""
        return need_gpus(state)

    async def run(self, bench: Bench) -> None:
        """Find it."""
        from envbench.ui.flows import gpu_acts

        gpu_acts.pick_idle(bench)


class ProbeOnGpu(Command):
    """Probe the environment in use on the GPU under the cursor alone."""

    title = "probe on it"
    key = "p"
    group = "GPUs"
    panes = (GPUS, SIDE_GPUS)
    footer = 5

    def refuse(self, state: ScreenState) -> str:
        """A GPU that answers and a built environment must be there."""
        gpu = chosen_gpu(state)
        if gpu is None:
            return need_gpu(state)
        if gpu.fault is not None:
            return f"GPU {gpu.index} is {gpu.state.value}: {gpu.fault.words}"
        if not gpu.uuid:
            return f"the driver does not tell the UUID of GPU {gpu.index}"
        from envbench.ui.commands.probes import find_running

        return refuse_unbuilt(state, state.environment) or (
            "it is being probed already: x in Jobs stops that" if find_running(state) else ""
        )

    def twin(self, state: ScreenState) -> str:
        """`envbench probe --gpu`."""
        gpu = chosen_gpu(state)
        if gpu is None or not state.environment:
            return ""
        return f"envbench probe {quote(state.environment)} --gpu {gpu.index}"

    async def run(self, bench: Bench) -> None:
        """Start the job."""
        from envbench.ui.flows import gpu_acts

        gpu = chosen_gpu(bench.state)
        if gpu is not None:
            await gpu_acts.probe_here(bench, gpu, bench.state.environment)


class UseGpu(Command):
    """Copy the line that runs a command on the GPU or MIG instance under the cursor alone."""

    title = "use"
    key = "u"
    group = "GPUs"
    panes = PANES
    footer = 6

    def refuse(self, state: ScreenState) -> str:
        """Its UUID must be known."""
        gpu = chosen_gpu(state)
        if gpu is None:
            return need_gpu(state)
        return "" if gpu.uuid else f"the driver does not tell the UUID of GPU {gpu.index}"

    async def run(self, bench: Bench) -> None:
        """Copy it."""
        from envbench.ui.flows import gpu_acts

        gpu_acts.copy_use(bench)


class CopyGpuRow(Command):
    """Copy what is under the cursor: all of a GPU, a process, the UUID of a MIG instance."""

    title = "copy"
    key = "c"
    group = "GPUs"
    panes = PANES
    footer = 7

    def refuse(self, state: ScreenState) -> str:
        """Something must be under the cursor."""
        if need_gpus(state):
            return need_gpus(state)
        is_there = row_under_cursor(state) or not state.gpu_face.is_list
        return "" if is_there else "nothing is under the cursor"

    async def run(self, bench: Bench) -> None:
        """Copy it."""
        from envbench.ui.flows import gpu_acts

        gpu_acts.copy_row(bench)


class GroupProcesses(Command):
    """Put the processes together by user, by environment, or not at all."""

    title = "group processes"
    key = "G"
    group = "GPUs"
    panes = PANES

    def refuse(self, state: ScreenState) -> str:
        """GPUs must be there."""
        return need_gpus(state)

    async def run(self, bench: Bench) -> None:
        """Take the next way."""
        from envbench.ui.flows import gpus

        gpus.turn_grouping(bench)


class OrderProcesses(Command):
    """Sort the processes by memory, GPU, use of the GPU, or start."""

    title = "sort processes"
    key = "O"
    group = "GPUs"
    panes = PANES

    def refuse(self, state: ScreenState) -> str:
        """GPUs must be there."""
        return need_gpus(state)

    async def run(self, bench: Bench) -> None:
        """Take the next one."""
        from envbench.ui.flows import gpus

        gpus.turn_order(bench)


COMMANDS: tuple[Command, ...] = (
    OpenGpuRow(),
    SignalProcess(),
    ShowGpuHistory(),
    PickIdleGpu(),
    ProbeOnGpu(),
    UseGpu(),
    CopyGpuRow(),
    GroupProcesses(),
    OrderProcesses(),
)
