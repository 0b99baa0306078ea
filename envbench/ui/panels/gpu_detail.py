"""One GPU in full: every reading with its unit, and the reason in words where there is none."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from envbench.model.gpu_mig import name_instance
from envbench.ui.gpu_choice import mig_key, users_of
from envbench.ui.gpu_readings import READINGS, Reading, say_reading
from envbench.ui.gpu_words import (
    DASH,
    age_of,
    describe_state,
    is_bad,
    name_fault,
    show_gib,
    show_name,
    show_span,
)
from envbench.ui.ink import Line, Part, cut, ink, pad, wrap
from envbench.ui.pane_view import PaneView, Row
from envbench.ui.panels.gpu_processes import name_environment, say_generation

if TYPE_CHECKING:
    from envbench.model.gpu import GpuReading, Sample
    from envbench.ui.state import ScreenState

LABEL = 15
DETAIL = "detail:"
BAR = 20
KEYS = "h history  i idle  p probe  u use  c copy  Esc all GPUs"


def describe_gpu(state: "ScreenState", sample: "Sample", gpu: "GpuReading", width: int) -> PaneView:
    """Show everything that was read of one GPU."""
    word, role = _judge(gpu, sample)
    return PaneView(
        f"GPU {gpu.index}  {show_name(gpu)}",
        word,
        role,
        rows=tuple(_rows(state, sample, gpu, width)),
        keys=KEYS if width >= 70 else "Esc all GPUs",
    )


def _judge(gpu: "GpuReading", sample: "Sample") -> tuple[str, str]:
    if is_bad(gpu):
        return name_fault(gpu), "error"
    return describe_state(gpu, sample)


def _rows(state: "ScreenState", sample: "Sample", gpu: "GpuReading", width: int) -> Iterator[Row]:
    if gpu.fault is not None:
        since = sample.at_s - gpu.fault.since_s if gpu.fault.since_s else 0.0
        times = f", {gpu.fault.times} times in a row" if gpu.fault.times > 1 else ""
        call = f" in {gpu.fault.call}" if gpu.fault.call else ""
        code = f" (code {gpu.fault.code})" if gpu.fault.code is not None else ""
        yield _row("fault", "what is wrong", width, ("× ", "error"), gpu.fault.words)
        yield _row("where", "", width, (f"for {show_span(since)}{call}{code}{times}", "dim"))
        if gpu.fault.remedy:
            yield _row("remedy", "what to do", width, gpu.fault.remedy)
    age = age_of(gpu, sample)
    if age:
        yield _row(
            "age", "read", width, (f"▲ {show_span(age)} ago; what follows is old", "warning")
        )
    yield _row("uuid", "UUID", width, gpu.uuid or DASH)
    bus = gpu.pci_bus_id or DASH
    arch = f"   compute capability {gpu.capability}" if gpu.capability else ""
    yield _row("bus", "PCI bus", width, f"{bus}{arch}")
    for reading in READINGS:
        if is_bad(gpu) and all(getattr(gpu, name) is None for name in reading.fields):
            continue  # Nothing can be read of it: that is said once.
        yield _row(reading.label, reading.label, width, _say(reading, gpu))
    yield from _link_rows(gpu, width)
    yield from _instance_rows(gpu, width)
    yield from _user_rows(state, sample, gpu, width)


def _row(key: str, label: str, width: int, *parts: Part) -> Row:
    room = max(2, width - LABEL - 1)
    lines: list[Line] = []
    for number, line in enumerate(wrap(ink(*parts), room) or ((),)):
        head = pad(ink((label if not number else "", "dim")), LABEL)
        lines.append(cut(ink(head, " ", line), width))
    return Row(f"{DETAIL}{key}", tuple(lines))


def _say(reading: Reading, gpu: "GpuReading") -> Part:
    said, why = say_reading(reading, gpu)
    if said == DASH:
        return (f"{DASH}  {why}", "dim")
    role = "error" if reading.label == "ECC" and gpu.ecc_uncorrected else "text"
    return ink((said, role), (f"   ({why})" if why else "", "dim"))


def _link_rows(gpu: "GpuReading", width: int) -> Iterator[Row]:
    if not gpu.nvlinks:
        return
    active = [link for link in gpu.nvlinks if link.is_active]
    versions = sorted({link.version for link in active if link.version is not None})
    version = f", version {', '.join(map(str, versions))}" if versions else ""
    said = f"{len(active)} of {len(gpu.nvlinks)} active{version}"
    role = "text" if len(active) == len(gpu.nvlinks) else "warning"
    yield _row("nvlink", "NVLink", width, (said, role))
    remotes: dict[str, list[int]] = {}
    for link in active:
        remotes.setdefault(link.remote_pci_bus_id or "", []).append(link.index)
    for bus, links in remotes.items():
        if bus:
            yield _row(f"nvlink:{bus}", "", width, (f"{len(links)} to {bus}", "dim"))


def _instance_rows(gpu: "GpuReading", width: int) -> Iterator[Row]:
    for instance in gpu.mig:
        used, total = instance.memory_used_bytes, instance.memory_total_bytes
        said = f"{instance.name or DASH}  {show_gib(used)} of {show_gib(total)} GiB  {instance.uuid or ''}"
        made = _row("", f"MIG {name_instance(gpu.index, instance.index)}", width, said)
        yield made._replace(key=mig_key(gpu.index, instance.index))


def _user_rows(
    state: "ScreenState", sample: "Sample", gpu: "GpuReading", width: int
) -> Iterator[Row]:
    users = users_of(sample, gpu.index)
    if not users:
        yield _row("nobody", "used by", width, ("no process", "dim"))
    for number, user in enumerate(users):
        environment = user.process.environment
        owner = state.gpu_owners.get(environment.prefix) if environment is not None else None
        name = name_environment(user, state.gpu_owners)
        generation = ink("  ", say_generation(owner)) if owner is not None else ()
        what = (
            name or user.process.name or ("" if user.process.is_here else "outside this container")
        )
        parts: tuple[Part, ...] = (
            f"pid {user.process.pid}  {user.process.user or DASH}  ", (what, "bold"), generation,
            f"  {show_gib(user.memory_bytes)} GiB",
        )  # fmt: skip
        made = _row("", "used by" if not number else "", width, *parts)
        yield made._replace(key=user.key)
