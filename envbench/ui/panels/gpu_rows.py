"""GPUs as rows: one line each, MIG instances below theirs, a bad one as one line of words."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from envbench.model.gpu_mig import name_instance, runs_on
from envbench.ui.columns import Column, lay_out
from envbench.ui.gpu_choice import gpu_key, mig_key, users_of
from envbench.ui.gpu_face import SHORT_POINTS, Points
from envbench.ui.gpu_words import (
    DASH,
    describe_fault,
    describe_state,
    is_bad,
    memory_percent,
    name_fault,
    show_name,
    show_number,
    show_power,
    show_share,
)
from envbench.ui.ink import Line, Part, cut, ink, width_of
from envbench.ui.pane_view import Row
from envbench.ui.panels.gpu_marks import draw_bar, draw_trend

if TYPE_CHECKING:
    from envbench.model.gpu import GpuReading, MigInstance, Sample

BAR, SHORT_BAR = 8, 4
TREND_FROM = 100
"""Narrower places have no line of the last minutes."""
_COLUMNS = (
    Column("#", "right", 1),
    Column("name", least=6, most=26, gives=2),
    Column("util", least=4 + 1 + BAR),
    Column("last 2 min", least=SHORT_POINTS, drops=5),
    Column("mem GiB", "right", 7),
    Column("W", "right", 7, drops=3),
    Column("°C", "right", 3, drops=1),
    Column("link", drops=4, least=4),
    Column("state", least=10, gives=3, drops=2),
)
_TREND = 3
_SHORT = (
    Column("#", "right", 1),
    Column("util", least=4 + 1 + SHORT_BAR),
    Column("GiB", "right", 5),
    Column("°C", "right", 3, drops=1),
    Column("by", least=4, gives=1),
)


def list_gpus(
    sample: "Sample", trends: Mapping[int, Points] | None, width: int
) -> tuple[Line, tuple[Row, ...]]:
    """Give the line of headings, and the rows of all GPUs.

    Args:
        sample: What was read last.
        trends: GPU to its last minutes; None leaves them out.
        width: In cells.
    """
    columns = list(_COLUMNS)
    if trends is None or width < TREND_FROM:
        del columns[_TREND]
    sound = [gpu for gpu in sample.gpus if not is_bad(gpu)]
    cells = [_cells(gpu, sample, trends, len(columns)) for gpu in sound]
    heading, lines = lay_out(columns, cells, width)
    laid = {gpu.index: line for gpu, line in zip(sound, lines, strict=True)}
    return heading, tuple(_rows(sample, laid, width))


def _rows(sample: "Sample", laid: Mapping[int, Line], width: int) -> Iterator[Row]:
    for gpu in sample.gpus:
        line = laid.get(gpu.index) or _bad_line(gpu, sample, width)
        yield Row(gpu_key(gpu.index), (line,))
        for number, instance in enumerate(gpu.mig, 1):
            branch = "└" if number == len(gpu.mig) else "├"
            yield _instance_row(gpu, instance, branch, sample, width)


def _cells(
    gpu: "GpuReading", sample: "Sample", trends: Mapping[int, Points] | None, count: int
) -> list[Part]:
    state, role = describe_state(gpu, sample)
    util = (
        f"{show_number(gpu.utilization_percent, '%'):>4} {draw_bar(gpu.utilization_percent, BAR)}"
    )
    used, total = gpu.memory_used_bytes, gpu.memory_total_bytes
    cells: list[Part] = [
        (str(gpu.index), role),
        (show_name(gpu), "bold" if role != "dim" else role),
        (util, role),
        (show_share(used, total), role),
        (show_power(gpu.power_w, gpu.power_limit_w), role),
        (show_number(gpu.temperature_c), role),
        (say_links(gpu), "dim"),
        (state, role if role != "ok" else "text"),
    ]
    if count == len(cells) + 1:
        points = (trends or {}).get(gpu.index, ())
        cells.insert(_TREND, (draw_trend(points, 100, SHORT_POINTS), role))
    return cells


def _bad_line(gpu: "GpuReading", sample: "Sample", width: int) -> Line:
    words = describe_fault(gpu, sample)
    name = ("" if gpu.name is None else f"{show_name(gpu)}  ", "dim")
    return cut(
        ink((f"{gpu.index}", "error"), "  ", (name_fault(gpu), "error"), "  ", name, words), width
    )


def _instance_row(
    gpu: "GpuReading", instance: "MigInstance", branch: str, sample: "Sample", width: int
) -> Row:
    old = describe_state(gpu, sample)[1] == "dim"
    share = show_share(instance.memory_used_bytes, instance.memory_total_bytes)
    ids = f"gi {show_number(instance.gpu_instance)} ci {show_number(instance.compute_instance)}"
    users = [process for process in sample.processes if runs_on(process, gpu, instance)]
    used_by = f"  pid {', '.join(str(process.pid) for process in users)}" if users else ""
    uuid = f"  {instance.uuid}" if instance.uuid else ""
    role = "dim" if old else "text"
    line = ink(
        (f"   {branch} ", "faint"), f"{name_instance(gpu.index, instance.index)}  ",
        (instance.name or DASH, "bold" if not old else role),
        (f"  {share} GiB", role), (f"  {ids}{used_by}{uuid}", "dim"),
    )  # fmt: skip
    return Row(mig_key(gpu.index, instance.index), (cut(line, width),))


def say_links(gpu: "GpuReading") -> str:
    """Say how many NVLinks are active: `nv12`; `nv11/12` where some are not."""
    if not gpu.nvlinks:
        return ""
    active = sum(link.is_active for link in gpu.nvlinks)
    return f"nv{active}" if active == len(gpu.nvlinks) else f"nv{active}/{len(gpu.nvlinks)}"


def list_shortly(
    sample: "Sample", names: Mapping[int, str], width: int
) -> tuple[Line, tuple[Row, ...]]:
    """Give the line of headings and one line a GPU for a narrow pane.

    Args:
        sample: What was read last.
        names: GPU to who uses it most, in a word.
        width: In cells.
    """
    sound = [gpu for gpu in sample.gpus if not is_bad(gpu)]
    heading, lines = lay_out(_SHORT, [_short_cells(gpu, sample, names) for gpu in sound], width)
    laid = {gpu.index: line for gpu, line in zip(sound, lines, strict=True)}
    return heading, tuple(
        Row(gpu_key(gpu.index), (laid.get(gpu.index) or _bad_line(gpu, sample, width),))
        for gpu in sample.gpus
    )


def _short_cells(gpu: "GpuReading", sample: "Sample", names: Mapping[int, str]) -> list[Part]:
    state, role = describe_state(gpu, sample)
    util = f"{show_number(gpu.utilization_percent, '%'):>4} {draw_bar(gpu.utilization_percent, SHORT_BAR)}"
    # What is wrong stands in full in the place of the GPUs.
    trouble = state.split(" ")[0].strip(",:") if role in {"error", "warning", "dim"} else ""
    by = trouble or names.get(gpu.index, "") or state
    return [
        (str(gpu.index), role),
        (util, role),
        (show_share(gpu.memory_used_bytes, gpu.memory_total_bytes), role),
        (show_number(gpu.temperature_c), role),
        (by, role if trouble else "text"),
    ]


def describe_strip(sample: "Sample", width: int) -> Line:
    """Say all GPUs in one line: `gpu  0 97%  1 95%  7 LOST   mem 197 of 560 GiB`."""
    parts: list[Part] = [(" gpu ", "dim")]
    for gpu in sample.gpus:
        word, role = _say_briefly(gpu, sample)
        parts += [(f"  {gpu.index}", "dim"), (f" {word:>3}", role)]
    known = [gpu for gpu in sample.gpus if memory_percent(gpu) is not None]
    left = ink(*parts)
    if not known:
        return cut(left, width)
    used = sum(gpu.memory_used_bytes or 0 for gpu in known)
    total = sum(gpu.memory_total_bytes or 0 for gpu in known)
    memory = ink(("  mem ", "dim"), f"{show_share(used, total)}", (" GiB", "dim"))
    whole = (*left, *memory)
    return whole if width_of(whole) <= width else cut(left, width)


def _say_briefly(gpu: "GpuReading", sample: "Sample") -> tuple[str, str]:
    if is_bad(gpu):
        return name_fault(gpu), "error"
    _, role = describe_state(gpu, sample)
    return show_number(gpu.utilization_percent, "%"), role


def name_users(sample: "Sample", name_of: "Mapping[str, str]") -> dict[int, str]:
    """Say in a word who uses each GPU most: the environment, else the user.

    Args:
        sample: What was read last.
        name_of: Prefix of an environment to its name.
    """
    found: dict[int, str] = {}
    for gpu in sample.gpus:
        users = users_of(sample, gpu.index)
        if not users:
            continue
        process = users[0].process
        environment = process.environment
        name = name_of.get(environment.prefix, "") if environment is not None else ""
        said = name or process.user or ("outside" if not process.is_here else process.name or "?")
        found[gpu.index] = f"{said} +{len(users) - 1}" if len(users) > 1 else said
    return found
