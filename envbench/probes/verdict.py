"""From what a probe said and how its process ended to one status and one reason."""

from dataclasses import dataclass

from envbench.model.counting import count_of
from envbench.model.probe import ProbeStatus
from envbench.model.signal_names import name_signal
from envbench.probes.stack_dump import DumpedFrame
from envbench.probes.transcript import Transcript

VERSION_CHECK = "version"
"""Name of the check of payloads that compute nothing without a GPU: the module is the one installed."""


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


def judge(
    transcript: Transcript,
    ending: Ending,
    *,
    host_gpus: int | None = None,
    gpu: str = "",
    culprit: DumpedFrame | None = None,
) -> Verdict:
    """Judge one run.

    Args:
        transcript: What the payload told.
        ending: How its process ended.
        host_gpus: How many GPUs this box is known to have; None when unknown.
        gpu: UUID of the only GPU that it was to use; empty when it may use all.
        culprit: What was running in the end, where a stack was dumped.
    """
    return _judge_ending(transcript, ending, culprit) or _judge_findings(
        transcript, ending, host_gpus, gpu
    )


def _judge_ending(
    transcript: Transcript, ending: Ending, culprit: DumpedFrame | None
) -> Verdict | None:
    """Judge a process that did not come to its end by itself; None when it did."""
    stage = transcript.open_stage
    where = f" in stage {stage}" if stage else ""
    at = f", at {culprit}" if culprit else ""
    if ending.timed_out:
        return Verdict(ProbeStatus.TIMEOUT, stage, f"no answer within the limit{where}{at}")
    if ending.signal is not None:
        name = name_signal(ending.signal)
        return Verdict(ProbeStatus.CRASHED, stage, f"ended by {name}{where}{at}")
    if not transcript.done:
        where = where or " outside of its stages"
        return Verdict(ProbeStatus.EXITED, stage, f"exited with code {ending.exit_code}{where}")
    return None


def _judge_findings(
    transcript: Transcript, ending: Ending, host_gpus: int | None, gpu: str
) -> Verdict:
    if transcript.not_installed:
        return Verdict(ProbeStatus.NOT_INSTALLED, "static", "not installed in this environment")
    if transcript.failed_stage:
        return Verdict(ProbeStatus.FAILED, transcript.failed_stage, _tell_failure(transcript))
    if ending.exit_code != 0:
        return Verdict(ProbeStatus.EXITED, "", f"exited with code {ending.exit_code} at its end")
    return _judge_proof(transcript) or _judge_device(transcript, host_gpus, gpu)


def _judge_proof(transcript: Transcript) -> Verdict | None:
    """Judge a run that computed nothing; None when it did."""
    if transcript.skipped:
        return Verdict(ProbeStatus.SKIPPED, "", transcript.skipped)
    if any(not check.skipped for check in transcript.checks):
        return None
    if transcript.checks:
        return Verdict(ProbeStatus.SKIPPED, "", transcript.checks[0].skipped)
    return Verdict(ProbeStatus.FAILED, "facts", "no check was run, so nothing is proved")


def _judge_device(transcript: Transcript, host_gpus: int | None, gpu: str) -> Verdict:
    reason = _tell_degrade(transcript, host_gpus, gpu)
    return Verdict(ProbeStatus.DEGRADED, "facts", reason) if reason else Verdict(ProbeStatus.OK)


def _tell_degrade(transcript: Transcript, host_gpus: int | None, gpu: str) -> str:
    """Tell why right numbers are not enough: the device is not the one wanted; empty when it is."""
    facts = transcript.facts
    if "gpu_build" not in facts:
        return ""
    devices = len(facts.get("devices") or ())
    if not facts["gpu_build"]:
        return f"a CPU build on a box with {count_of(host_gpus, 'GPU')}" if host_gpus else ""
    if not devices:
        done = {check.name for check in transcript.checks if not check.skipped}
        only_looked_at = done == {VERSION_CHECK}
        instead = "nothing was computed" if only_looked_at else "it computed on the CPU"
        return f"a GPU build that sees no GPU: {instead}"
    if not _computed_on_a_gpu(transcript):
        return f"sees {count_of(devices, 'GPU')}, and nothing was computed on one"
    if host_gpus and not gpu and devices < host_gpus:
        return f"sees {devices} of the {host_gpus} GPUs of this box"
    return ""


def _computed_on_a_gpu(transcript: Transcript) -> bool:
    used = transcript.facts.get("device_used")
    if used is not None:
        return str(used) not in {"", "cpu"}
    return any(check.device != "cpu" and not check.skipped for check in transcript.checks)


def _tell_failure(transcript: Transcript) -> str:
    for check in transcript.checks:
        if not check.ok and f"check:{check.name}" == transcript.failed_stage:
            return f"wrong result: off by {check.error}, tolerance {check.tolerance}"
    if transcript.errors:
        first = transcript.errors[0]
        head = first.message.strip().splitlines()[0] if first.message.strip() else ""
        return f"{first.type}: {head}"
    return "ended with an exception"
