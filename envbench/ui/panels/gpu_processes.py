"""Processes on GPUs as rows: who, in which environment and generation, holding how much."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import TYPE_CHECKING

from envbench.model.counting import count_of
from envbench.model.gpu_mig import name_place
from envbench.ui.columns import Column, lay_out
from envbench.ui.gpu_choice import GpuUser, merge_processes
from envbench.ui.gpu_face import BY_AGE, BY_GPU, BY_SM, BY_USER, FLAT, GpuFace
from envbench.ui.gpu_words import DASH, show_gib, show_number, show_running
from envbench.ui.ink import Line, Part, cut, ink, wrap
from envbench.ui.pane_view import Row

if TYPE_CHECKING:
    from envbench.model.gpu import GpuReading, Sample
    from envbench.workbench.values.gpu_owners import KnownEnvironment

OUTSIDE = "outside container"
MOST_FOOT = 3
_COLUMNS = (
    Column("gpu", least=3, most=11),
    Column("pid", "right", 5),
    Column("user", least=4, most=12, gives=3),
    Column("environment", least=17, most=30, gives=1),
    Column("gen", least=3, drops=3),
    Column("spec", least=4, most=7, drops=5),
    Column("lock", least=4, drops=4),
    Column("GiB", "right", 4),
    Column("sm%", "right", 4, drops=6),
    Column("since", "right", 5, drops=2),
    Column("command", least=14, most=40, gives=4, drops=7),
)
_DIM: Part = (DASH, "faint")


def list_processes(
    sample: "Sample", owners: "Mapping[str, KnownEnvironment]", face: GpuFace, width: int
) -> tuple[Row, ...]:
    """Give the heading and one row a process, grouped and sorted as is asked for; none for none."""
    users = sort_users(merge_processes(sample.processes), face.order)
    if not users:
        return ()
    groups = list(group_users(users, owners, face.grouping))
    ordered = [user for _, members in groups for user in members]
    cells = [_cells(user, owners, sample) for user in ordered]
    # Where it is narrow, which generation runs is worth more than the end of a name.
    columns = [c._replace(least=13) if c.gives == 1 and width < 70 else c for c in _COLUMNS]
    heading, lines = lay_out(columns, cells, width)
    laid = {user.key: line for user, line in zip(ordered, lines, strict=True)}
    rows = [Row("processes", (heading,), selectable=False)]
    for name, members in groups:
        if name:
            rows.append(
                Row(f"group:{name}", (_head_group(name, members, width),), selectable=False)
            )
        rows += [Row(user.key, (laid[user.key],)) for user in members]
    return tuple(rows)


def sort_users(users: Iterable[GpuUser], order: str) -> list[GpuUser]:
    """Sort processes; those of which it is not known come last."""
    return sorted(users, key=lambda user: (_rank(user, order), user.process.pid))


def _rank(user: GpuUser, order: str) -> float:
    if order == BY_GPU:
        return user.gpus[0]
    value = {BY_SM: user.sm_percent, BY_AGE: user.process.started_s}.get(order, user.memory_bytes)
    return 1.0 if value is None else -float(value)


def group_users(
    users: list[GpuUser], owners: "Mapping[str, KnownEnvironment]", grouping: str
) -> "Iterator[tuple[str, list[GpuUser]]]":
    """Put processes together, each group where its first one stands; flat is one without a name."""
    if grouping == FLAT:
        yield "", users
        return
    names = {
        user.key: (user.process.user or "user not known")
        if grouping == BY_USER
        else name_environment(user, owners) or "no environment known"
        for user in users
    }
    places: dict[str, int] = {}
    for user in users:
        places.setdefault(names[user.key], len(places))
    ordered = sorted(users, key=lambda user: places[names[user.key]])
    for name, members in groupby(ordered, key=lambda user: names[user.key]):
        yield name, list(members)


def _head_group(name: str, members: list[GpuUser], width: int) -> Line:
    known = [user.memory_bytes for user in members if user.memory_bytes is not None]
    memory = f"  {show_gib(sum(known))} GiB" if known else ""
    on = ",".join(map(str, sorted({gpu for user in members for gpu in user.gpus})))
    count = count_of(len(members), "process").replace("processs", "processes")
    return cut(ink((name, "accent"), (f"  {count}{memory} on {on}", "dim")), width)


def _cells(
    user: GpuUser, owners: "Mapping[str, KnownEnvironment]", sample: "Sample"
) -> tuple[Part, ...]:
    process = user.process
    owner = owners.get(process.environment.prefix) if process.environment is not None else None
    return (
        (say_gpus(user, sample.gpus), "text"),
        str(process.pid),
        (process.user or DASH, "text" if process.user else "faint"),
        _say_environment(user, owners),
        say_generation(owner),
        _say_spec(owner),
        _say_lock(owner),
        show_gib(user.memory_bytes),
        show_number(user.sm_percent),
        (show_running(process.started_s, sample.at_s), "dim"),
        (_shorten_program(process.command) or process.name or "", "dim"),
    )


def _shorten_program(command: str | None) -> str:
    """Leave the folders of the program out: the line at the foot has them."""
    program, space, rest = (command or "").partition(" ")
    return program.rpartition("/")[2] + space + rest


def say_gpus(user: GpuUser, gpus: "Sequence[GpuReading]") -> str:
    """Name the GPUs that a process is on, with their MIG instances."""
    return ",".join(dict.fromkeys(name_place(entry, gpus) for entry in user.entries))


def name_environment(user: GpuUser, owners: "Mapping[str, KnownEnvironment]") -> str:
    """Name the environment of a process: `ai_dev_env`, or `~vllm (guess)` where it is inferred."""
    environment = user.process.environment
    if environment is None:
        return ""
    owner = owners.get(environment.prefix)
    name = owner.name if owner is not None and owner.name else _last_part(environment.prefix)
    return f"~{name} (guess)" if environment.is_inferred else name


def _last_part(prefix: str) -> str:
    return prefix.rstrip("/").rpartition("/")[2] or prefix


def _say_environment(user: GpuUser, owners: "Mapping[str, KnownEnvironment]") -> Part:
    if not user.process.is_here:
        return (OUTSIDE, "dim")
    name = name_environment(user, owners)
    if not name:
        return _DIM
    return (name, "dim" if name.startswith("~") else "bold")


def say_generation(owner: "KnownEnvironment | None") -> Part:
    """Say which generation runs, and which one is live when that is another: `g3 ▲ g4`."""
    if owner is None or owner.generation is None:
        return _DIM
    if not owner.is_old:
        return f"g{owner.generation}"
    live = f" g{owner.live_generation}" if owner.live_generation is not None else " gone"
    return ink(f"g{owner.generation} ", (f"▲{live}", "warning"))


def _say_spec(owner: "KnownEnvironment | None") -> Part:
    if owner is None or not owner.spec_state or owner.spec_state == "no spec":
        return _DIM
    return "ok" if owner.spec_state == "ok" else ("changed", "warning")


def _say_lock(owner: "KnownEnvironment | None") -> Part:
    if owner is None or not owner.lock_path:
        return _DIM
    return ("stale", "warning") if owner.drift else "ok"


def describe_user(
    user: GpuUser,
    owners: "Mapping[str, KnownEnvironment]",
    gpus: "Sequence[GpuReading]",
    width: int,
) -> tuple[Line, ...]:
    """Say more of one process: the whole command, its variables, its container and job."""
    process = user.process
    command = process.command or process.name
    why = process.unread.get("command", "")
    said: Part = command or (f"command not known{f': {why}' if why else ''}", "dim")
    if not process.is_here:
        said = (
            "a process of the host, or of another container: nothing of it can be read here",
            "dim",
        )
    first = wrap(ink((f"{say_gpus(user, gpus)}: ", "accent"), said), width)[: MOST_FOOT - 1]
    facts = [
        ("CUDA_VISIBLE_DEVICES=", process.visible_devices),
        ("container ", process.container),
        ("slurm job ", process.slurm_job),
        ("", ", ".join(process.kinds)),
    ]
    rest = "   ".join(f"{label}{value}" for label, value in facts if value)
    owner = owners.get(process.environment.prefix) if process.environment is not None else None
    rest += f"   drift: {owner.drift}" if owner is not None and owner.drift else ""
    rest += f"   × {owner.fault}" if owner is not None and owner.fault else ""
    return (*first, cut(ink((rest, "dim")), width)) if rest else first


def list_shortly(
    sample: "Sample", owners: "Mapping[str, KnownEnvironment]", width: int
) -> tuple[Row, ...]:
    """Give one or two lines a process for a narrow pane: `81233 ai_dev_env g3   0,1  121`."""
    columns = (
        Column("pid", "right", 4),
        Column("environment", least=6, gives=1),
        Column("gpu", least=1, most=7),
        Column("GiB", "right", 3),
    )
    users = sort_users(merge_processes(sample.processes), "")
    cells = [
        (
            str(user.process.pid),
            _name_shortly(user, owners),
            say_gpus(user, sample.gpus),
            show_gib(user.memory_bytes),
        )
        for user in users
    ]
    heading, lines = lay_out(columns, cells, width)
    rows = [Row("heading", (heading,), selectable=False)] if users else []
    for user, line in zip(users, lines, strict=True):
        environment = user.process.environment
        owner = owners.get(environment.prefix) if environment is not None else None
        old = owner is not None and owner.is_old
        note = cut(ink(("      ▲ runs an old generation", "warning")), width)
        rows.append(Row(user.key, (line, note) if old else (line,)))
    return tuple(rows)


def _name_shortly(user: GpuUser, owners: "Mapping[str, KnownEnvironment]") -> Part:
    process = user.process
    if not process.is_here:
        return (OUTSIDE, "dim")
    environment = process.environment
    if environment is None:
        return (process.name or DASH, "dim")
    owner = owners.get(environment.prefix)
    name = owner.name if owner is not None and owner.name else _last_part(environment.prefix)
    if environment.is_inferred:
        return (f"{f'{process.user}: ' if process.user else ''}~{name}", "dim")
    generation = f" g{owner.generation}" if owner is not None and owner.generation else ""
    return ink((name, "bold"), (generation, "dim"))
