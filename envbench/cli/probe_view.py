"""Probe results as text: the verdict, and the numbers behind it."""

from collections.abc import Sequence

from envbench.cli.diagnosis_view import show_diagnosis
from envbench.cli.output import Painted, say
from envbench.cli.trace_view import say_use
from envbench.model.probe import ProbeCheck, ProbeResult, ProbeStatus

_COLOURS = {ProbeStatus.OK: "green", ProbeStatus.DEGRADED: "yellow", ProbeStatus.SKIPPED: "cyan"}


def show_probes(results: Sequence[ProbeResult]) -> None:
    """Print each probe with its checks, what its outcome means, and what it could not check."""
    for result in results:
        status = Painted(
            f"{result.status.value:<10}", _COLOURS.get(result.status, "red"), bold=True
        )
        versions = ", ".join(
            f"{name} {found.get('version', '?')}" for name, found in result.distributions.items()
        )
        say(f"{result.probe:<10} ", status, f" {versions}  ({result.duration_s:.1f} s)")
        for check in result.checks:
            say(f"    {check.name} on {check.device}: {_say_check(check)}")
        for gpu in result.trace.gpus if result.trace else ():
            say(f"    {say_use(gpu)}")
        if result.reason:
            say(f"    {result.reason}" + (f" (stage {result.stage})" if result.stage else ""))
        for frame in result.frames[-3:]:
            say(f"      {frame}")
        for diagnosis in result.diagnoses:
            show_diagnosis(diagnosis, indent="    ")
        for line in result.unchecked:
            say(f"    not checked: {line}")


def _say_check(check: ProbeCheck) -> str:
    if check.skipped:
        return f"not run: {check.skipped}"
    verdict = "right" if check.ok else "WRONG"
    if check.ok and check.error == check.tolerance == 0:
        return f"{verdict}, exactly"
    return f"{verdict}, error {_number(check.error)}, tolerance {_number(check.tolerance)}"


def _number(value: float | None) -> str:
    return "unknown" if value is None else f"{value:.1e}"
