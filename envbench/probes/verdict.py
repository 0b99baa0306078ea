"""From what a probe said and how its process ended to one status and one reason."""

from dataclasses import dataclass
from signal import Signals

from envbench.model.probe import ProbeStatus
from envbench.probes.transcript import Transcript


@dataclass(frozen=True, slots=True)
class Ending:
    """How the process of a probe ended."""

    exit_code: int | None
    """None when a signal ended it."""
    signal: int | None
    timed_out: bool


@dataclass(frozen=True, slots=True)
class Verdict:
    """The status of a run, the stage that decided it, and why in one line."""

    status: ProbeStatus
    stage: str = ""
    reason: str = ""


def judge(transcript: Transcript, ending: Ending, *, host_gpus: int | None = None) -> Verdict:
    """Judge one run.

    Args:
        transcript: What the payload told.
        ending: How its process ended.
        host_gpus: How many GPUs this box is known to have; None when unknown.
    """
    return _judge_ending(transcript, ending) or _judge_findings(transcript, ending, host_gpus)


def _judge_ending(transcript: Transcript, ending: Ending) -> Verdict | None:
    """Judge a process that did not come to its end by itself; None when it did."""
    stage = transcript.open_stage
    where = f" in stage {stage}" if stage else ""
    if ending.timed_out:
        return Verdict(ProbeStatus.TIMEOUT, stage, f"no answer within the limit{where}")
    if ending.signal is not None:
        return Verdict(ProbeStatus.CRASHED, stage, f"ended by {_name_signal(ending.signal)}{where}")
    if not transcript.done:
        where = where or " before its first stage"
        return Verdict(ProbeStatus.EXITED, stage, f"exited with code {ending.exit_code}{where}")
    return None


def _judge_findings(transcript: Transcript, ending: Ending, host_gpus: int | None) -> Verdict:
    if transcript.not_installed:
        return Verdict(ProbeStatus.NOT_INSTALLED, "static", "not installed in this environment")
    if transcript.failed_stage:
        return Verdict(ProbeStatus.FAILED, transcript.failed_stage, _tell_failure(transcript))
    if ending.exit_code != 0:
        return Verdict(ProbeStatus.EXITED, "", f"exited with code {ending.exit_code} at its end")
    if not transcript.checks:
        return Verdict(ProbeStatus.FAILED, "facts", "no check was run, so nothing is proved")
    return _judge_device(transcript, host_gpus)


def _judge_device(transcript: Transcript, host_gpus: int | None) -> Verdict:
    facts = transcript.facts
    if "gpu_build" not in facts:
        return Verdict(ProbeStatus.OK)
    devices = len(facts.get("devices") or ())
    if facts["gpu_build"] and not devices:
        return Verdict(
            ProbeStatus.DEGRADED, "facts", "a GPU build that sees no GPU: it computed on the CPU"
        )
    if not facts["gpu_build"] and host_gpus:
        return Verdict(
            ProbeStatus.DEGRADED, "facts", f"a CPU build on a box with {host_gpus} GPU(s)"
        )
    if host_gpus and devices < host_gpus:
        return Verdict(
            ProbeStatus.DEGRADED, "facts", f"sees {devices} of the {host_gpus} GPUs of this box"
        )
    return Verdict(ProbeStatus.OK)


def _tell_failure(transcript: Transcript) -> str:
    for check in transcript.checks:
        if not check.ok and f"check:{check.name}" == transcript.failed_stage:
            return f"wrong result: off by {check.error}, tolerance {check.tolerance}"
    if transcript.errors:
        first = transcript.errors[0]
        head = first.message.splitlines()[0] if first.message else ""
        return f"{first.type}: {head}"
    return "ended with an exception"


def _name_signal(number: int) -> str:
    try:
        return Signals(number).name
    except ValueError:
        return f"signal {number}"
