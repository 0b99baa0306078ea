"""Runs a probe inside an environment: a child with a descriptor for events and a limit in time."""

import os
import subprocess
import tempfile
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from envbench.model.cleaning import clean
from envbench.model.probe import ProbeResult, ProbeStatus
from envbench.model.redaction import redact
from envbench.probes.catalog import PAYLOADS, ProbeDefinition
from envbench.probes.child_environment import can_leak, child_environment
from envbench.probes.diagnosis import diagnose, read_surroundings
from envbench.probes.kernel_kills import read_kernel_kills
from envbench.probes.listener import Recording, kill_group, listen
from envbench.probes.process_tree import sweep
from envbench.probes.stack_dump import find_culprit, read_dump
from envbench.probes.transcript import Transcript
from envbench.probes.verdict import Ending, judge

_TAIL_LINES = 150
_HEAD_LINES = 50
"""Of a long log the beginning is kept too: what a framework says of devices, it says first."""
_RUN_AGAIN = frozenset({ProbeStatus.FAILED, ProbeStatus.CRASHED, ProbeStatus.EXITED})
"""Not fine, and quickly so: a second run costs little."""
_RUN_AGAIN_IF_OPEN = frozenset({ProbeStatus.DEGRADED, ProbeStatus.TIMEOUT})
"""Not fine, and dear: worth a second run only where there is something to be shut off from."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbeOrder:
    """One run to make."""

    probe: ProbeDefinition
    prefix: Path
    """Links are resolved before the start, so that a switch meanwhile cannot mix generations."""
    environ: Mapping[str, str]
    """The variables of the activated environment, for the run as the user would have it."""
    timeout_s: float | None = None
    host_gpus: int | None = None
    gpu: str = ""
    """UUID of the only GPU that the run may use; empty lets it see all."""


def run_probe(order: ProbeOrder) -> ProbeResult:
    """Run a probe as the user would, and once more isolated when that does not end well.

    Returns:
        The result of the run as the user would have it, with what its outcome means; a second run
        is kept in it. When only the isolated one is fine, the reason says that something outside
        of the environment leaks into it.
    """
    as_is, log = _run_once(order, isolated=False)
    again = as_is.status in _RUN_AGAIN or (
        as_is.status in _RUN_AGAIN_IF_OPEN and can_leak(order.environ)
    )
    if again:
        isolated, _ = _run_once(order, isolated=True)
        as_is = replace(as_is, isolated=isolated)
        if isolated.status is ProbeStatus.OK:
            leak = "fine when isolated: something outside of the environment leaks into it"
            as_is = replace(as_is, reason=f"{as_is.reason}; {leak}")
    surroundings = read_surroundings(order.environ, gpus=order.host_gpus)
    return replace(as_is, diagnoses=diagnose(as_is, surroundings=surroundings, log=log))


def _run_once(order: ProbeOrder, *, isolated: bool) -> tuple[ProbeResult, str]:
    """Make one run; its whole log comes beside the result, which keeps only the ends of it."""
    prefix = order.prefix.resolve()
    started, began = datetime.now(UTC).isoformat(timespec="seconds"), time.monotonic()
    blank = ProbeResult(
        probe=order.probe.name,
        prefix=str(prefix),
        status=ProbeStatus.NOT_INSTALLED,
        mode="isolated" if isolated else "as_is",
        started=started,
        gpu=order.gpu,
    )
    python = prefix / "bin" / "python"
    if not os.access(python, os.X_OK):
        reason = "there is no bin/python in this environment"
        return replace(blank, stage="static", reason=reason), ""
    kills = read_kernel_kills()
    recording = _run_child(order, python, isolated=isolated)
    killed = recording.ending.signal is not None and not recording.ending.timed_out
    facts = {"oom_kills": read_kernel_kills().since(kills)} if killed else {}
    result = _report(replace(blank, facts=facts), order, recording)
    log = _clean_log(recording.log)
    return replace(result, duration_s=time.monotonic() - began, log_tail=_excerpt(log)), log


def _report(blank: ProbeResult, order: ProbeOrder, recording: Recording) -> ProbeResult:
    transcript, ending = recording.transcript, recording.ending
    told = _clean_log(recording.log)
    # A dump is about the end of a run only when the run did not come to its end by itself.
    dump = read_dump(told) if ending.timed_out or ending.signal is not None else ()
    verdict = judge(
        transcript,
        ending,
        host_gpus=order.host_gpus,
        gpu=order.gpu,
        culprit=find_culprit(dump),
    )
    return replace(
        blank,
        status=verdict.status,
        stage=verdict.stage,
        reason=verdict.reason,
        python=transcript.python,
        exit_code=ending.exit_code,
        signal=ending.signal,
        memory_peak_bytes=recording.memory_peak_bytes,
        memory_tree_peak_bytes=recording.memory_tree_peak_bytes,
        stages=tuple(transcript.stages),
        distributions=transcript.distributions,
        facts={**transcript.facts, **blank.facts},
        checks=tuple(transcript.checks),
        errors=tuple(transcript.errors),
        frames=tuple(transcript.frames) or tuple(map(str, dump)),
        unchecked=tuple(transcript.unchecked),
    )


def _clean_log(log: bytes) -> str:
    return "\n".join(redact(clean(line)) for line in log.decode("utf-8", "replace").splitlines())


def _excerpt(log: str) -> str:
    lines = log.splitlines()
    left_out = len(lines) - _HEAD_LINES - _TAIL_LINES
    if left_out <= 0:
        return log
    return "\n".join(
        [*lines[:_HEAD_LINES], f"... ({left_out} lines left out)", *lines[-_TAIL_LINES:]]
    )


def _command(order: ProbeOrder, python: Path, events: int, *, isolated: bool) -> list[str]:
    command = [str(python), "-uB", *(("-I",) if isolated else ()), str(PAYLOADS / "main.py")]
    command += [order.probe.name, "--fd", str(events), "--timeout", str(_limit(order))]
    return [*command, "--gpu", order.gpu] if order.gpu else command


def _limit(order: ProbeOrder) -> float:
    return order.timeout_s or order.probe.timeout_s


def _run_child(order: ProbeOrder, python: Path, *, isolated: bool) -> Recording:
    events_read, events_write = os.pipe()
    mark = uuid.uuid4().hex
    with tempfile.TemporaryDirectory(prefix="envbench-probe-", ignore_cleanup_errors=True) as empty:
        try:
            child = subprocess.Popen(
                _command(order, python, events_write, isolated=isolated),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                cwd=empty,
                env=child_environment(
                    order.environ, python, isolated=isolated, gpu=order.gpu, mark=mark
                ),
                pass_fds=(events_write,),
                start_new_session=True,
            )
        except OSError as error:
            os.close(events_read)
            os.close(events_write)
            return Recording(
                transcript=Transcript(),
                ending=Ending(127, None, timed_out=False),
                log=f"{python}: {error.strerror}".encode(),
            )
        os.close(events_write)
        try:
            return listen(child, events_read, _limit(order), end_rest=partial(sweep, mark))
        finally:
            os.close(events_read)
            kill_group(child)
            sweep(mark)
            if child.stdout is not None:
                child.stdout.close()
