"""Runs a probe inside an environment: a child with a descriptor for events and a limit in time."""

import os
import subprocess
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from envbench.model.cleaning import clean
from envbench.model.probe import ProbeResult, ProbeStatus
from envbench.model.redaction import redact
from envbench.probes.catalog import PAYLOADS, ProbeDefinition
from envbench.probes.listener import kill_group, listen
from envbench.probes.transcript import Transcript
from envbench.probes.verdict import Ending, Verdict, judge

_DROPPED = ("PYTHON", "CONDA", "VIRTUAL_ENV", "LD_LIBRARY_PATH", "LD_PRELOAD", "PIP_", "UV_")


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


def run_probe(order: ProbeOrder) -> ProbeResult:
    """Run a probe as the user would, and once more isolated when that does not end well.

    The result is that of the run as the user would have it. When only the isolated run is fine, the
    reason says that something outside of the environment leaks into it.
    """
    as_is = _run_once(order, isolated=False)
    if as_is.status not in {ProbeStatus.FAILED, ProbeStatus.CRASHED, ProbeStatus.EXITED}:
        return as_is
    isolated = _run_once(order, isolated=True)
    if isolated.status is not ProbeStatus.OK:
        return as_is
    leak = "fine when isolated: something outside of the environment leaks into it"
    return replace(as_is, reason=f"{as_is.reason}; {leak}")


def _run_once(order: ProbeOrder, *, isolated: bool) -> ProbeResult:
    prefix = order.prefix.resolve()
    mode = "isolated" if isolated else "as_is"
    started, began = datetime.now(UTC).isoformat(timespec="seconds"), time.monotonic()
    python = prefix / "bin" / "python"
    if not os.access(python, os.X_OK):
        return ProbeResult(
            probe=order.probe.name,
            prefix=str(prefix),
            status=ProbeStatus.NOT_INSTALLED,
            stage="static",
            reason="there is no bin/python in this environment",
            mode=mode,
            started=started,
        )
    timeout_s = order.timeout_s or order.probe.timeout_s
    transcript, ending, log = _run_child(order, python, timeout_s, isolated=isolated)
    verdict = judge(transcript, ending, host_gpus=order.host_gpus)
    return _report(
        order, prefix, transcript, ending, verdict, mode, started, time.monotonic() - began, log
    )


def _report(  # noqa: PLR0913 - one call, one result: the fields of the record
    order: ProbeOrder,
    prefix: Path,
    transcript: Transcript,
    ending: Ending,
    verdict: Verdict,
    mode: str,
    started: str,
    duration_s: float,
    log: bytes,
) -> ProbeResult:
    text = log.decode("utf-8", "replace")
    return ProbeResult(
        probe=order.probe.name,
        prefix=str(prefix),
        status=verdict.status,
        stage=verdict.stage,
        reason=verdict.reason,
        python=transcript.python,
        mode=mode,
        started=started,
        duration_s=duration_s,
        exit_code=ending.exit_code,
        signal=ending.signal,
        memory_peak_bytes=transcript.memory_peak_bytes or None,
        stages=tuple(transcript.stages),
        distributions=transcript.distributions,
        facts=transcript.facts,
        checks=tuple(transcript.checks),
        errors=tuple(transcript.errors),
        frames=tuple(transcript.frames),
        log_tail="\n".join(redact(clean(line)) for line in text.splitlines()[-40:]),
    )


def _child_environment(order: ProbeOrder, python: Path, *, isolated: bool) -> dict[str, str]:
    kept = {
        name: value
        for name, value in order.environ.items()
        if not (isolated and name.startswith(_DROPPED))
    }
    search = kept.get("PATH", os.defpath)
    kept["PATH"] = f"{python.parent}{os.pathsep}{search}"
    kept.update(
        PYTHONFAULTHANDLER="1",
        PYTHONUNBUFFERED="1",
        # As -B on the command line, for the children of the probe: byte code that it left behind
        # would change the prefix it is to judge.
        PYTHONDONTWRITEBYTECODE="1",
        TF_CPP_MIN_LOG_LEVEL="0",
        CUDA_MODULE_LOADING="LAZY",
        HF_HUB_OFFLINE="1",
    )
    kept.setdefault("OMP_NUM_THREADS", "4")
    if isolated:
        # As -I on the command line, for the children of the probe, pip among them.
        kept["PYTHONNOUSERSITE"] = "1"
    return kept


def _run_child(
    order: ProbeOrder, python: Path, timeout_s: float, *, isolated: bool
) -> tuple[Transcript, Ending, bytes]:
    events_read, events_write = os.pipe()
    command = [str(python), "-uB", *(("-I",) if isolated else ()), str(PAYLOADS / "main.py")]
    command += [order.probe.name, "--fd", str(events_write), "--timeout", str(timeout_s)]
    with tempfile.TemporaryDirectory(prefix="envbench-probe-") as empty:
        try:
            child = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                cwd=empty,
                env=_child_environment(order, python, isolated=isolated),
                pass_fds=(events_write,),
                start_new_session=True,
            )
        except OSError as error:
            os.close(events_read)
            os.close(events_write)
            message = f"{python}: {error.strerror}".encode()
            return Transcript(), Ending(127, None, timed_out=False), message
        os.close(events_write)
        try:
            return listen(child, events_read, timeout_s)
        finally:
            os.close(events_read)
            kill_group(child)
            if child.stdout is not None:
                child.stdout.close()
