"""What probes found as rows and details: pure functions."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from envbench.ui.columns import Column, lay_out
from envbench.ui.flows.probe_report import say_check, show_error
from envbench.ui.ink import Line, Part, cut, ink, wrap
from envbench.ui.pane_view import Row
from envbench.ui.panels.diagnosis_lines import describe_diagnosis
from envbench.ui.sizes import show_bytes, show_duration

if TYPE_CHECKING:
    from envbench.model.gpu_trace import GpuUse
    from envbench.model.probe import ProbeCheck, ProbeResult
    from envbench.workbench.values.probe_records import ProbeRecord

COLUMNS = (
    Column("", least=1),
    Column("framework", least=6),
    Column("version", least=6, most=24, gives=2, drops=2),
    Column("import", "right", drops=4),
    Column("device", least=6, most=26, gives=3, drops=3),
    Column("off by, of at most", least=7, most=24, drops=5),
    Column("peak", "right", drops=6),
    Column("verdict", least=8, most=80, gives=1),
)
VERDICTS: dict[str, tuple[str, str, str]] = {
    "ok": ("●", "ok", "ok"),
    "degraded": ("▲", "warning", "DEGRADED"),
    "failed": ("×", "error", "FAILED"),
    "crashed": ("×", "error", "CRASHED"),
    "exited": ("×", "error", "EXITED"),
    "timeout": ("×", "error", "TIMEOUT"),
    "not_installed": ("-", "dim", "not installed"),
    "skipped": ("-", "dim", "skipped"),
}
"""Status to its mark, role and words."""
MOST_FRAMES = 2
MOST_DETAILS = 14


def list_results(record: "ProbeRecord", width: int) -> tuple[Line, tuple[Row, ...]]:
    """Give the line of headings, and the row of each probe."""
    cells = [_cells(result) for result in record.results]
    heading, lines = lay_out(COLUMNS, cells, width, indent=" ")
    keys = (f"probe:{result.probe}" for result in record.results)
    return heading, tuple(Row(key, (line,)) for key, line in zip(keys, lines, strict=True))


def say_verdict(result: "ProbeResult") -> tuple[str, str, str]:
    """Give mark, role and words of a verdict; a wrong number is told apart from an exception."""
    mark, role, words = VERDICTS.get(result.status.value, ("?", "warning", result.status.value))
    is_wrong = result.status.value == "failed" and result.reason.startswith("wrong result")
    return mark, role, "WRONG RESULT" if is_wrong else words


def _cells(result: "ProbeResult") -> list[Part]:
    mark, role, words = say_verdict(result)
    peak = result.memory_peak_bytes
    reason = f"  {result.reason}" if result.reason else ""
    return [
        (mark, role),
        (result.probe, "bold"),
        say_version(result) or ("-", "faint"),
        _say_import(result),
        say_device(result) or ("-", "faint"),
        _say_numbers(result),
        ("-", "faint") if peak is None else show_bytes(peak),
        ink((words, role), reason),
    ]


def say_version(result: "ProbeResult") -> str:
    """Give the version of the framework, with its build where that is known."""
    found = result.distributions.get(result.probe) or next(iter(result.distributions.values()), {})
    return " ".join(part for part in (found.get("version", ""), found.get("build", "")) if part)


def _say_import(result: "ProbeResult") -> Part:
    stage = next((each for each in result.stages if each.name == "import"), None)
    if stage is None:
        return ("-", "faint")
    return (show_short(stage.duration_s), "text" if stage.ok else "error")


def say_device(result: "ProbeResult") -> str:
    """Name where it computed: the GPUs by their names, or `cpu`."""
    devices = dict.fromkeys(c.device for c in result.checks if not c.skipped)
    known = result.facts.get("devices")
    names = {
        str(each.get("uuid", "")): str(each.get("name", ""))
        for each in (known if isinstance(known, list) else ())
        if isinstance(each, dict)
    }
    gpus = [names.get(device) or device for device in devices if device != "cpu"]
    if gpus:
        return gpus[0] if len(gpus) == 1 else f"{len(gpus)} GPUs: {gpus[0]}"
    return "cpu" if devices else ""


def show_short(seconds: float) -> str:
    """Write a duration of a stage: what is quick in milliseconds."""
    return f"{seconds * 1000:.0f} ms" if seconds < 0.1 else show_duration(seconds)


def _say_numbers(result: "ProbeResult") -> Part:
    checks = [check for check in result.checks if check.error is not None]
    if not checks:
        return ("-", "faint")
    worst = max(checks, key=_badness)
    role = "text" if worst.ok else "error"
    wrong = "" if worst.ok else "WRONG "
    return (f"{wrong}{show_error(worst.error)} of {show_error(worst.tolerance)}", role)


def _badness(check: "ProbeCheck") -> float:
    if not check.ok:
        return float("inf")
    return (check.error or 0.0) / check.tolerance if check.tolerance else 0.0


def describe_result(
    record: "ProbeRecord", key: str, width: int, *, fix_key: str = ""
) -> tuple[Line, ...]:
    """Say more of the probe under the cursor, or of the first that is not fine.

    Args:
        record: What the probes found.
        key: Of the row under the cursor.
        width: In cells.
        fix_key: The key that puts a remedy into the spec; empty when none can be.
    """
    wanted = [r for r in record.results if f"probe:{r.probe}" == key]
    bad = [r for r in record.results if r.status.value not in {"ok", "not_installed", "skipped"}]
    result = next(iter((*wanted, *bad, *record.results)), None)
    if result is None:
        return ()
    lines = [line for part in _tell(result) for line in wrap(part, width)]
    for diagnosis in result.diagnoses:
        lines += describe_diagnosis(diagnosis, width, key=fix_key)
    rest = (*_tell_beside(result), *(() if result.diagnoses else _tell_course(result)))
    lines += [line for part in rest for line in wrap(part, width)]
    return ((), *(cut(line, width) for line in lines[:MOST_DETAILS]))


def _tell(result: "ProbeResult") -> Iterator[Line]:
    mark, role, words = say_verdict(result)
    mode = "isolated from your own packages" if result.mode == "isolated" else "as you would run it"
    yield ink((f"{mark} {result.probe} ", role), (words, role), (f"  {mode}", "dim"))
    if result.reason:
        stage = f" (in stage {result.stage})" if result.stage else ""
        yield ink(("reason  ", "dim"), result.reason, (stage, "dim"))
    if result.isolated is not None:
        _, role, words = say_verdict(result.isolated)
        said = "once more, isolated from your own packages and variables: "
        yield ink(("again   ", "dim"), said, (words, role))


def _tell_beside(result: "ProbeResult") -> Iterator[Line]:
    """Say what the GPUs did meanwhile, and what was not looked at."""
    for use in result.trace.gpus if result.trace is not None else ():
        if use.was_used:
            yield ink(("used    ", "dim"), _say_use(use))
    for unchecked in result.unchecked:
        yield ink(("skipped ", "dim"), unchecked)


def _say_use(use: "GpuUse") -> str:
    peak = use.own_memory_peak_bytes or use.memory_peak_bytes
    mean, energy = use.utilization_mean_percent, use.energy_j
    facts = (
        f"GPU {use.index} {use.name or ''}".rstrip(),
        f"at most {show_bytes(peak)}" if peak is not None else "",
        f"{mean:.0f} % on average" if mean is not None else "",
        f"{energy / 1000:.1f} kJ" if energy is not None else "",
    )
    return ", ".join(fact for fact in facts if fact)


def _tell_course(result: "ProbeResult") -> Iterator[Line]:
    """Say how it went: errors, where they came from, stages, numbers."""
    for error in result.errors[:2]:
        yield ink(("error   ", "dim"), error.type, ": ", error.message.partition("\n")[0])
    for frame in result.frames[-MOST_FRAMES:]:
        yield ink(("at      ", "dim"), frame)
    if result.stages:
        yield ink(("stages  ", "dim"), *_tell_stages(result))
    for check in result.checks:
        role = "text" if check.ok or check.skipped else "error"
        yield ink(("check   ", "dim"), f"{check.name} on {_name(check, result)}: ",
                  (say_check(check), role))  # fmt: skip


def _name(check: "ProbeCheck", result: "ProbeResult") -> str:
    return check.device if check.device == "cpu" else say_device(result)


def _tell_stages(result: "ProbeResult") -> Iterator[Part]:
    for number, stage in enumerate(result.stages):
        yield ", " if number else ""
        yield (f"{stage.name} {show_short(stage.duration_s)}", "text" if stage.ok else "error")
        yield ("" if stage.ok else " failed", "error")
