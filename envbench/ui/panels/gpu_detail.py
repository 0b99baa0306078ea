"""One GPU in full: every reading with its unit, and the reason in words where there is none."""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, NamedTuple

from envbench.ui.gpu_choice import mig_key, users_of
from envbench.ui.ink import Line, Part, cut, ink, pad, wrap
from envbench.ui.pane_view import PaneView, Row
from envbench.ui.panels.gpu_marks import draw_bar
from envbench.ui.panels.gpu_processes import name_environment, say_generation
from envbench.ui.panels.gpu_words import (
    DASH,
    age_of,
    describe_state,
    is_bad,
    memory_percent,
    name_fault,
    say_why,
    show_gib,
    show_name,
    show_span,
)
from envbench.ui.sizes import show_bytes

if TYPE_CHECKING:
    from envbench.model.gpu import GpuReading, Sample
    from envbench.ui.state import ScreenState

LABEL = 15
BAR = 20
KEYS = "h history  i idle  p probe  u use  c copy  Esc all GPUs"


class Reading(NamedTuple):
    """One line of the detail."""

    label: str
    fields: tuple[str, ...]
    """Of `GpuReading`; the first that is not read gives the reason."""
    say: "Callable[[GpuReading], str]"
    """Called when at least one of them is known."""
    unless: str = ""
    """A line that is left out when the card says that it does not have it: `not_supported`."""


def _or_dash(value: float | None) -> str:
    return DASH if value is None else f"{value:.0f}"


def _say_utilization(gpu: "GpuReading") -> str:
    busy = gpu.utilization_percent
    return f"{_or_dash(busy)} %  {draw_bar(busy, BAR)}".rstrip()


def _say_memory(gpu: "GpuReading") -> str:
    share = memory_percent(gpu)
    said = f"{show_gib(gpu.memory_used_bytes)} of {show_gib(gpu.memory_total_bytes)} GiB"
    said += f"  {share:.0f} %" if share is not None else ""
    return f"{said}, unified: this is the memory of the box" if gpu.is_memory_unified else said


def _say_power(gpu: "GpuReading") -> str:
    return f"{_or_dash(gpu.power_w)} of {_or_dash(gpu.power_limit_w)} W"


def _say_clock(now: int | None, most: int | None) -> str:
    return f"{_or_dash(now)} of {_or_dash(most)} MHz"


def _say_pcie(gpu: "GpuReading") -> str:
    now = f"generation {_or_dash(gpu.pcie_generation)} x{_or_dash(gpu.pcie_width)}"
    most = f"of at most {_or_dash(gpu.pcie_generation_max)} x{_or_dash(gpu.pcie_width_max)}"
    return f"{now} {most}"


def _say_rates(gpu: "GpuReading") -> str:
    rates = ((gpu.pcie_rx_bytes_s, "in"), (gpu.pcie_tx_bytes_s, "out"))
    return ", ".join(
        f"{word} {DASH if rate is None else show_bytes(rate) + '/s'}" for rate, word in rates
    )


def _say_ecc(gpu: "GpuReading") -> str:
    if gpu.ecc_is_on is False:
        return "off"
    counts = f"{_or_dash(gpu.ecc_corrected)} corrected, {_or_dash(gpu.ecc_uncorrected)} uncorrected"
    return f"on, {counts} since the driver was loaded"


def _say_retired(gpu: "GpuReading") -> str:
    pending = ", a restart is needed to replace some" if gpu.is_retirement_pending else ""
    return f"{_or_dash(gpu.retired_pages)} pages or rows{pending}"


READINGS: tuple[Reading, ...] = (
    Reading("utilisation", ("utilization_percent",), _say_utilization),
    Reading("memory", ("memory_used_bytes", "memory_total_bytes"), _say_memory),
    Reading("kept by driver", ("memory_reserved_bytes",),
            lambda gpu: f"{show_gib(gpu.memory_reserved_bytes)} GiB"),
    Reading("memory busy", ("memory_utilization_percent",),
            lambda gpu: f"{_or_dash(gpu.memory_utilization_percent)} % of the time"),
    Reading("temperature", ("temperature_c",), lambda gpu: f"{_or_dash(gpu.temperature_c)} °C"),
    Reading("power", ("power_w", "power_limit_w"), _say_power),
    Reading("energy", ("energy_j",),
            lambda gpu: f"{(gpu.energy_j or 0) / 3.6e6:.2f} kWh since the driver was loaded"),
    Reading("SM clock", ("sm_clock_mhz", "sm_clock_max_mhz"),
            lambda gpu: _say_clock(gpu.sm_clock_mhz, gpu.sm_clock_max_mhz)),
    Reading("memory clock", ("memory_clock_mhz", "memory_clock_max_mhz"),
            lambda gpu: _say_clock(gpu.memory_clock_mhz, gpu.memory_clock_max_mhz)),
    Reading("slowed by", ("throttle_reasons",),
            lambda gpu: ", ".join(gpu.throttle_reasons or ()) or "nothing"),
    Reading("state", ("performance_state",), lambda gpu: f"P{gpu.performance_state}, 0 is the fastest"),
    Reading("fan", ("fan_percent",), lambda gpu: f"{_or_dash(gpu.fan_percent)} %"),
    Reading("PCIe", ("pcie_generation", "pcie_width"), _say_pcie),
    Reading("PCIe rates", ("pcie_rx_bytes_s", "pcie_tx_bytes_s"), _say_rates),
    Reading("ECC", ("ecc_is_on", "ecc_uncorrected"), _say_ecc),
    Reading("retired", ("retired_pages",), _say_retired),
    Reading("persistence", ("is_persistent",), lambda gpu: "on" if gpu.is_persistent else "off"),
    Reading("compute mode", ("compute_mode",), lambda gpu: gpu.compute_mode or DASH),
    Reading("MIG", ("is_mig_on",), lambda gpu: "on" if gpu.is_mig_on else "off"),
)  # fmt: skip
"""In the order in which they are shown."""


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


def _row(key: str, label: str, width: int, *parts: Part, selectable: bool = False) -> Row:
    room = max(2, width - LABEL - 1)
    lines: list[Line] = []
    for number, line in enumerate(wrap(ink(*parts), room) or ((),)):
        head = pad(ink((label if not number else "", "dim")), LABEL)
        lines.append(cut(ink(head, " ", line), width))
    return Row(f"detail:{key}", tuple(lines), selectable)


def _say(reading: Reading, gpu: "GpuReading") -> Part:
    missing = [name for name in reading.fields if getattr(gpu, name) is None]
    reasons = dict.fromkeys(
        say_why(gpu.unread.get(name), gpu.unread_codes.get(name)) for name in missing
    )
    if len(missing) == len(reading.fields):
        return (f"{DASH}  {', '.join(reasons)}", "dim")
    role = "error" if reading.label == "ECC" and gpu.ecc_uncorrected else "text"
    why = (f"   ({', '.join(reasons)})", "dim") if missing else ""
    return ink((reading.say(gpu), role), why)


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
        made = _row("", f"MIG {instance.index}", width, said, selectable=True)
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
        made = _row("", "used by" if not number else "", width, *parts, selectable=True)
        yield made._replace(key=user.key)


def write_gpu(state: "ScreenState", sample: "Sample", gpu: "GpuReading") -> str:
    """Write everything about a GPU as text to paste."""
    view = describe_gpu(state, sample, gpu, 100)
    head = f"{view.title}  {view.badge}".rstrip()
    return "\n".join((head, *(row.plain for row in view.rows))) + "\n"
