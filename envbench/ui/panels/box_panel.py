"""This box: processor, memory, disks, driver, and whether the plan fits here."""

from typing import TYPE_CHECKING, Any, cast

from envbench.ui.ink import Line, Part, cut, ink, spread, wrap
from envbench.ui.pane_view import PaneView, Row
from envbench.ui.panels.box_driver import is_driver_missing, say_fault
from envbench.ui.panels.box_figures import (
    describe_fit,
    share_out,
    show_about,
    show_load,
    show_tenths,
)
from envbench.ui.panels.panel import Panel
from envbench.ui.state import ScreenState

if TYPE_CHECKING:
    from envbench.model.gpu import BoxReading
    from envbench.ui.bench import Bench
    from envbench.workbench.values.box_facts import BoxDisk, BoxReport

LOOK_EVERY_S = 30.0


class BoxPanel(Panel):
    """Processors, memory, disks, driver; looked at anew while it is seen."""

    reads = ("box", "gpus", "solve", "spec")

    def describe(self, state: ScreenState, width: int) -> PaneView:
        """List them."""
        return describe_box(state, width)

    def on_mount(self) -> None:
        """Look again every now and then; figures that show the same are not painted again."""
        super().on_mount()
        self.set_interval(LOOK_EVERY_S, self._look_again)

    def _look_again(self) -> None:
        if not (self.size.height and self.is_on_screen and self.screen.is_current):
            return
        from envbench.ui.flows.box import look_again

        bench = cast("Bench", cast(Any, self.app))
        bench.begin("box", look_again(bench))


def describe_box(state: ScreenState, width: int) -> PaneView:
    """Say what the box has, in figures so round that an idle box shows the same ones."""
    width = max(2, width)
    fact = state.box
    box = fact.value
    if box is None:
        empty = say_fault(fact, width) if fact.fault else (ink((fact.working or "-", "dim")),)
        return PaneView("Host", empty=empty)
    lines: list[Line] = list(say_fault(fact, width)) if fact.fault else []
    lines += _say_processor(box, state.gpus.value.box if state.gpus.value else None, width)
    for disk in box.disks:
        lines += _say_disk(disk, width, is_only=len(box.disks) == 1)
    lines += [cut(ink(*parts), width) for parts in _say_system(box)]
    lines += _say_jobs(box, width)
    lines += _say_fit(state, width)
    rows = tuple(Row(f"line:{n}", (line,), selectable=False) for n, line in enumerate(lines))
    badge = "old" if fact.fault else ""
    return PaneView(f"Host {box.name}", badge=badge, badge_role="warning", rows=rows)


def _say_processor(box: "BoxReport", live: "BoxReading | None", width: int) -> tuple[Line, ...]:
    """Say how busy the box is; what is read live is newer than what was looked at."""
    cores = f"{box.cores} core" if box.cores == 1 else f"{box.cores} cores"
    load = box.load[0] if box.load is not None else None
    available = box.memory_available_bytes
    if live is not None:
        cores += f"  cpu {show_tenths(live.cpu_percent)}" if live.cpu_percent is not None else ""
        load = live.load_1 if live.load_1 is not None else load
        # In a container the box tells of more memory than there is for it.
        is_same = live.memory_total_bytes == box.memory_bytes
        available = (live.memory_available_bytes if is_same else None) or available
    said = f"load {show_load(load)}" if load is not None else ""
    busy = load is not None and load > box.cores
    first = spread(ink(cores), ink((said, "warning" if busy else "text")), width)
    memory = share_out(box.memory_bytes - available, box.memory_bytes)
    mark = ("  ▲ nearly full", "warning") if available < box.memory_bytes / 20 else ""
    return first, cut(ink(("ram ", "dim"), memory, mark, *_say_swap(live)), width)


def _say_swap(live: "BoxReading | None") -> tuple[Part, ...]:
    """Name swap that is in use; mostly there is none."""
    used = live.swap_used_bytes if live is not None else None
    if live is None or not used or not live.swap_total_bytes or used < live.swap_total_bytes / 20:
        return ()
    return (("  swap ", "dim"), share_out(used, live.swap_total_bytes))


def _say_disk(disk: "BoxDisk", width: int, *, is_only: bool) -> tuple[Line, ...]:
    kind = disk.file_system or "unknown file system"
    if disk.is_network:
        kind = "NFS" if kind.startswith("nfs") else f"{kind}, over the network"
    kind += ", lost at a restart" if disk.is_in_memory else ""
    scarce = disk.free_bytes < disk.total_bytes / 50
    free: Part = (f"{show_about(disk.free_bytes)} free", "warning" if scarce else "text")
    mark = ("▲ ", "warning") if scarce else ""
    uses = "disk" if is_only else " ".join(disk.uses)
    line = spread(ink((uses, "dim")), ink(mark, free, (f" {kind}", "dim")), width)
    if not disk.warning:
        return (line,)
    return (line, *wrap(ink(("▲ ", "warning"), (disk.warning, "dim")), width))


def _say_system(box: "BoxReport") -> list[list[Part]]:
    lines: list[list[Part]] = []
    if box.driver is not None:
        cuda = f"  CUDA {box.cuda}" if box.cuda else ""
        lines.append([("driver ", "dim"), f"{box.driver}{cuda}"])
    else:
        lines.append([("driver ", "dim"), "none" if is_driver_missing(box) else "not known"])
    glibc = f"glibc {box.glibc}" if box.glibc else "glibc not known"
    lines.append([(f"{glibc}  {box.archspec or ''}".rstrip(), "dim")])
    return lines


def _say_jobs(box: "BoxReport", width: int) -> tuple[Line, ...]:
    if box.jobs_outlive_logout and "known to end jobs" in box.jobs_note:
        return wrap(ink(("● ", "ok"), "supervisor ok: jobs outlive SSH"), width)
    return wrap(ink(("▲ ", "warning"), box.jobs_note), width)


def _say_fit(state: ScreenState, width: int) -> tuple[Line, ...]:
    view, box, spec = state.solve.value, state.box.value, state.spec
    if view is None or box is None or spec is None or view.path != spec.path:
        return ()
    mark, role, words = describe_fit(view.report, box)
    return wrap(ink((f"{mark} ", role), words), width) if words else ()
