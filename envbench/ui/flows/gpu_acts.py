"""What is done to processes on GPUs and with GPUs: signal, jump, pick, probe, copy."""

import time
from dataclasses import replace
from typing import TYPE_CHECKING

from envbench.ui.bench import Bench
from envbench.ui.command_lines import quote
from envbench.ui.environment_choice import row_key, show_name
from envbench.ui.flows.gpu_report import write_gpu, write_user
from envbench.ui.gpu_choice import (
    GpuUser,
    chosen_gpu,
    chosen_instance,
    chosen_user,
    gpu_key,
    owner_of,
    reference_of,
)
from envbench.ui.gpu_face import GpuFace
from envbench.ui.gpu_words import show_gib, show_running
from envbench.ui.state import ENVIRONMENTS, GPUS, LOCK, Fact, ScreenState

if TYPE_CHECKING:
    from envbench.model.gpu import GpuReading

LEAVE = "leave"
SIGNALS = (
    ("TERM", "it may end in order, and save what it has to save"),
    ("INT", "as Ctrl-C in its terminal; Python programs raise KeyboardInterrupt"),
    ("KILL", "it ends at once, and nothing of it is saved"),
)
_DEFAULT_IS_NO = "No, leave it be"


async def signal_user(bench: Bench, user: GpuUser) -> None:
    """Ask which signal a process shall get, naming what is lost; none is the default."""
    process = user.process
    title = f"Send a signal to pid {process.pid} {process.name or ''}".rstrip() + "?"
    options = [(LEAVE, _DEFAULT_IS_NO)]
    options += [(name, f"{name:<5} {what}") for name, what in SIGNALS]
    chosen = await bench.choose(title, options, describe_loss(bench.state, user))
    if chosen is None or chosen == LEAVE or process.started_s is None:
        return
    bench.note(f"kill -{chosen} {process.pid}")
    await bench.desk.signal_process(process.pid, process.started_s, chosen)
    bench.tell(f"pid {process.pid} was sent {chosen}", "ok")


def describe_loss(state: ScreenState, user: GpuUser) -> list[str]:
    """Say what a process is, and what ends with it."""
    process, owner = user.process, owner_of(state, user)
    lines = [process.command or process.name or "its command is not known"]
    where = ", ".join(map(str, user.gpus))
    several = "s" if len(user.gpus) > 1 else ""
    memory = show_gib(user.memory_bytes)
    now = state.gpus.value.at_s if state.gpus.value is not None else time.time()
    lines.append(
        f"On GPU{several} {where} with {memory} GiB, for {show_running(process.started_s, now)}."
        " What it has not saved is lost."
    )
    if owner is not None and owner.name:
        generation = f" generation {owner.generation}" if owner.generation is not None else ""
        lines.append(f"It runs in {owner.name}{generation}, which stays as it is.")
    return lines


async def jump_to_environment(bench: Bench, user: GpuUser) -> None:
    """Go to the environment of a process; `Enter` leads on to its lock from there."""
    reference = reference_of(bench.state, user)
    bench.change(
        environment=reference,
        comparison=Fact(),
        preview=Fact(),
        gpu_face=_with_jump(bench.state.gpu_face, reference),
    )
    bench.select(ENVIRONMENTS, row_key(reference))
    # Only once the place is there does Enter mean what the line says.
    await bench.go_and_wait(ENVIRONMENTS)
    bench.tell(_say_where(bench.state, user, show_name(bench.state, reference)))


def _say_where(state: ScreenState, user: GpuUser, shown: str) -> str:
    """Say where a process runs; of an old generation, that the panes are about the live one."""
    owner = owner_of(state, user)
    start = f"pid {user.process.pid} runs in {shown}"
    if owner is None or not owner.is_old:
        return f"{start}; Enter again shows its lock"
    live = owner.live_generation
    return (
        f"{start} generation {owner.generation}, and {live} is live; Enter again shows the lock"
        f" of {live}"
    )


def jump_to_lock(bench: Bench) -> None:
    """Go on from the environment of a process to its lock."""
    bench.change(gpu_face=_with_jump(bench.state.gpu_face, ""))
    bench.go(LOCK)


def _with_jump(face: GpuFace, reference: str) -> GpuFace:
    return replace(face, jumped=reference)


def pick_idle(bench: Bench) -> None:
    """Put the cursor on the GPU that has the least to do, and say why it is that one."""
    from envbench.model.gpu_choice import pick_idle as choose
    from envbench.model.gpu_choice import rank_idle, say_why_busy

    sample = bench.state.gpus.value
    if sample is None:
        return
    gpu = choose(sample)
    if gpu is None:
        best = rank_idle(sample)[0]
        why = say_why_busy(sample, best)
        bench.tell(f"No GPU is idle for certain; GPU {best.index} comes nearest: {why}", "warning")
        return
    if not bench.state.gpu_face.is_list:
        from envbench.ui.flows import gpus

        gpus.close_detail(bench)
    bench.select(GPUS, gpu_key(gpu.index))
    bench.go(GPUS)
    bench.tell(f"GPU {gpu.index} is idle{_say_room(gpu)}: u copies how to use it", "ok")


def _say_room(gpu: "GpuReading") -> str:
    used, total = gpu.memory_used_bytes, gpu.memory_total_bytes
    if used is None or total is None:
        return ""
    return f" and has {show_gib(total - used)} of {show_gib(total)} GiB free"


async def probe_here(bench: Bench, gpu: "GpuReading", reference: str) -> None:
    """Probe the environment that the panes are about on one GPU."""
    from envbench.ui.flows import probing

    await probing.probe(bench, reference, gpu=gpu.uuid or "")


def copy_row(bench: Bench) -> None:
    """Copy what is under the cursor: the UUID of an instance, a process, a GPU."""
    state, sample = bench.state, bench.state.gpus.value
    if sample is None:
        return
    instance, user, gpu = chosen_instance(state), chosen_user(state), chosen_gpu(state)
    if instance is not None and instance.uuid:
        bench.copy(instance.uuid, f"the UUID of MIG instance {instance.name or instance.index}")
    elif user is not None:
        bench.copy(write_user(state, user), f"pid {user.process.pid}")
    elif gpu is not None:
        bench.copy(write_gpu(sample, gpu), f"GPU {gpu.index}")


def write_use(state: ScreenState) -> str:
    """Write the line that lets a command see just the GPU or MIG instance that is meant."""
    instance, gpu = chosen_instance(state), chosen_gpu(state)
    uuid = (instance.uuid if instance is not None else None) or (gpu.uuid if gpu else None)
    if not uuid:
        return ""
    run = f" envbench run {quote(state.environment)} -- " if state.environment else " "
    return f"CUDA_VISIBLE_DEVICES={uuid}{run}"


def copy_use(bench: Bench) -> None:
    """Copy that line."""
    bench.copy(write_use(bench.state), "how to run a command on it alone")
