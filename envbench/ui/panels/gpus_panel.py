"""The GPUs of this box, live, and the processes on them with their environments."""

from typing import TYPE_CHECKING

from textual.events import Resize

from envbench.ui.gpu_choice import chosen_gpu, chosen_user
from envbench.ui.gpu_face import FLAT
from envbench.ui.gpu_words import DASH, is_bad
from envbench.ui.ink import Line, cut, ink, join, wrap
from envbench.ui.pane_view import PaneView, Row
from envbench.ui.panels.gpu_processes import describe_user, list_processes
from envbench.ui.panels.gpu_rows import list_gpus
from envbench.ui.panels.panel import Panel
from envbench.ui.state import ScreenState

if TYPE_CHECKING:
    from envbench.model.gpu import GpuAbsence, GpuReading, Sample

USUAL_HEIGHT = 20
KEYS = "Enter details  K signal  h history  i idle  u use  c copy"
_NO_GPU = (
    "Specs are solved as for a box without CUDA. To solve for a box with GPUs, make its profile"
    " there and use it here:"
)
_PROFILE = ("envbench host > box.toml", "envbench solve SPEC --host box.toml")
_ORDINARY = frozenset({"no_driver"})
_UNKNOWN_YET = frozenset({"starting"})


class GpusPanel(Panel):
    """One row a GPU, and the processes below; or one GPU in full, or its last hour."""

    reads = (
        "gpus",
        "gpu_trends",
        "gpu_owners",
        "gpu_face",
        "selected",
        "focus",
        "link",
        "box",
        "zoomed",
    )

    def describe(self, state: ScreenState, width: int) -> PaneView:
        """Show them."""
        return describe_gpus(state, width, self.size.height)

    def on_resize(self, event: Resize) -> None:
        """Use all of another height, too: plots are as high as there is room."""
        self._seen = ()
        super().on_resize(event)


def describe_gpus(state: ScreenState, width: int, height: int = USUAL_HEIGHT) -> PaneView:
    """Show all GPUs or one of them, or say why there are none and what to do about it."""
    width = max(2, width)
    sample = state.gpus.value
    if sample is None:
        return PaneView("GPUs", empty=say_unread(state, width))
    if not sample.gpus:
        return _describe_none(state, sample, width)
    gpu = None if state.gpu_face.is_list else _shown(state, sample)
    if gpu is None:
        return _describe_all(state, sample, width)
    if state.gpu_face.plots:
        from envbench.ui.panels.gpu_plots import describe_plots

        return describe_plots(state, gpu, width, height)
    from envbench.ui.panels.gpu_detail import describe_gpu

    return describe_gpu(state, sample, gpu, width)


def _shown(state: ScreenState, sample: "Sample") -> "GpuReading | None":
    return next((gpu for gpu in sample.gpus if gpu.index == state.gpu_face.detail), None)


def _describe_all(state: ScreenState, sample: "Sample", width: int) -> PaneView:
    is_fast = state.link is None or state.link.mode == "fast"
    heading, gpus = list_gpus(sample, state.gpu_trends.short if is_fast else None, width)
    processes = list_processes(sample, state.gpu_owners, state.gpu_face, width)
    rule = Row("rule", (ink(("─" * width, "faint")),), selectable=False)
    nobody = Row("nobody", (cut(ink(("no process is on them", "dim")), width),), selectable=False)
    badge, role = say_count(sample)
    return PaneView(
        name_place(state),
        f"{badge}  {say_pace(sample)}" if width >= 50 else badge,
        role,
        top=(*say_trouble(state, width), cut(say_totals(state, sample), width), heading),
        rows=(*gpus, rule, *(processes or (nobody,))),
        bottom=_say_foot(state, width),
        keys=KEYS if width >= 70 else "",
    )


def name_place(state: ScreenState) -> str:
    """Name the place, with the box where that is known."""
    return f"GPUs {state.box.value.name}" if state.box.value is not None else "GPUs"


def say_count(sample: "Sample") -> tuple[str, str]:
    """Say how many there are and how many of them are bad, with the role."""
    bad = sum(is_bad(gpu) for gpu in sample.gpus)
    count = str(len(sample.gpus))
    return (f"{count}, {bad} NOT OK", "error") if bad else (count, "dim")


def say_pace(sample: "Sample") -> str:
    """Say how often they are read."""
    return f"every {sample.period_s:g} s"


def say_totals(state: ScreenState, sample: "Sample") -> Line:
    """Name the driver and what it serves, and how processes stand."""
    driver, face = sample.driver, state.gpu_face
    parts = []
    if driver is not None:
        parts.append(f"driver {driver.version}" if driver.version else "")
        parts.append(f"CUDA {driver.cuda}" if driver.cuda else "")
    grouped = "" if face.grouping == FLAT else f", {face.grouping}"
    parts.append(f"processes by {face.order}{grouped}")
    return join("  ", [ink((part, "dim")) for part in parts if part])


def say_trouble(state: ScreenState, width: int) -> tuple[Line, ...]:
    """Say that nothing newer comes, or what went wrong beside the GPUs."""
    fact = state.gpus
    if fact.fault:
        return wrap(ink(("▲ old: ", "warning"), fact.fault), width)
    notes = fact.value.notes if fact.value is not None else ()
    return tuple(cut(ink(("▲ ", "warning"), (each, "dim")), width) for each in notes[-1:])


def _say_foot(state: ScreenState, width: int) -> tuple[Line, ...]:
    """Say more of the row under the cursor."""
    user = chosen_user(state)
    if user is not None:
        gpus = state.gpus.value.gpus if state.gpus.value is not None else ()
        return ((), *describe_user(user, state.gpu_owners, gpus, width))
    gpu = chosen_gpu(state)
    if gpu is None:
        return ()
    if gpu.fault is not None:
        remedy = gpu.fault.remedy or gpu.fault.words
        return ((), *wrap(ink((f"{gpu.index}: ", "accent"), remedy), width)[:2])
    facts = (gpu.name or "", gpu.uuid or "", f"bus {gpu.pci_bus_id}" if gpu.pci_bus_id else "")
    return ((), cut(ink((f"{gpu.index}: ", "accent"), (join_words(facts), "dim")), width))


def join_words(words: tuple[str, ...]) -> str:
    """Put what is known behind each other."""
    return "   ".join(word for word in words if word)


def say_unread(state: ScreenState, width: int) -> tuple[Line, ...]:
    """Say that nothing was read yet, or why nothing can be."""
    fact = state.gpus
    if fact.fault:
        lines = wrap(ink(("× ", "error"), fact.fault), width)
        return (*lines, *wrap(ink((fact.hint, "dim")), width)) if fact.hint else lines
    return (cut(ink((fact.working or DASH, "dim")), width),)


def say_absence(absence: "GpuAbsence | None", width: int, *, more: str = "") -> tuple[Line, ...]:
    """Say why no GPU is read, and what to do about it.

    Args:
        absence: What the sampler said.
        width: In cells.
        more: Stands behind what is said of a box that simply has no driver.
    """
    if absence is None:
        return (cut(ink(("no GPU is told of", "dim")), width),)
    if is_ordinary(absence):
        return wrap(ink((absence.words + more, "dim")), width)
    if absence.code.value in _UNKNOWN_YET:
        return wrap(ink((absence.words, "dim")), width)
    lines = wrap(ink(("× ", "error"), absence.words), width)
    remedy = wrap(ink((absence.remedy, "dim")), width) if absence.remedy else ()
    return (*lines, *remedy)


def is_ordinary(absence: "GpuAbsence") -> bool:
    """Tell whether this simply is a box without a driver, which is no fault."""
    return absence.code.value in _ORDINARY


def _describe_none(state: ScreenState, sample: "Sample", width: int) -> PaneView:
    absence = sample.absence
    badge = ("none", "dim") if absence is None or is_ordinary(absence) else ("not read", "warning")
    lines = [*say_trouble(state, width), *say_absence(absence, width)]
    for detail in absence.details if absence is not None else ():
        lines += wrap(ink((f"· {detail}", "dim")), width)
    lines += [(), *wrap(ink((_NO_GPU, "dim")), width)]
    lines += [ink("  ", *line) for text in _PROFILE for line in wrap(ink(text), max(2, width - 2))]
    return PaneView(name_place(state), badge[0], badge[1], empty=tuple(lines))
