"""The GPUs at one moment or again and again, the environments on them, which one is meant."""

import asyncio
import os
import re
import time
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from dataclasses import replace

from envbench.machine.sampler.once import take_sample
from envbench.model.errors import NotFineError, PreventedError, UsageError
from envbench.model.gpu import AbsenceCode, GpuAbsence, GpuReading, Sample
from envbench.model.gpu_choice import find_gpu, pick_idle, say_why_busy
from envbench.model.gpu_mig import find_instance, name_instance
from envbench.settings.load import Settings
from envbench.workbench.gpu_owners import identify_environments
from envbench.workbench.gpu_watch import GpuWatch
from envbench.workbench.values.gpu_owners import GpuReport as GpuReport
from envbench.workbench.values.gpu_owners import KnownEnvironment

READ_TIMEOUT_S = 10.0
"""A driver whose persistence daemon is off may take seconds to wake eight GPUs."""

_LOOK_AGAIN_S = 10.0
"""Environments change more seldom than readings."""

_INSTANCE = re.compile(r"[0-9]+:[0-9]+")
"""Addresses on the PCI bus have a dot."""

IDLE = "idle"
"""What stands for whichever GPU has the least to do."""


def read_gpus(settings: Settings, *, environ: Mapping[str, str] | None = None) -> GpuReport:
    """Read all GPUs once, and name the environments that their processes run in.

    Args:
        settings: The user's settings.
        environ: Of the child that reads; None takes the variables of this process.
    """
    return describe_sample(_take(environ), settings)


async def follow_reports(
    period_s: float, settings: Settings, *, environ: Mapping[str, str] | None = None
) -> AsyncGenerator[GpuReport, None]:
    """Read all GPUs again and again; never ends by itself.

    Args:
        period_s: Wanted time between two readings.
        settings: The user's settings.
        environ: Of the child that reads; None takes the variables of this process.
    """
    watch = GpuWatch(environ, period_s=period_s)
    known: tuple[KnownEnvironment, ...] = ()
    asked: tuple[str, ...] = ()
    looked_s = 0.0
    try:
        async with aclosing(watch.follow()) as samples:
            async for sample in samples:
                if sample.absence is not None and sample.absence.code is AbsenceCode.STARTING:
                    continue
                prefixes, now_s = list_prefixes(sample), time.monotonic()
                if prefixes != asked or now_s - looked_s > _LOOK_AGAIN_S:
                    known = await asyncio.to_thread(identify_environments, prefixes, settings)
                    asked, looked_s = prefixes, now_s
                yield GpuReport(sample=sample, environments=known)
    finally:
        await watch.close()


def describe_sample(sample: Sample, settings: Settings) -> GpuReport:
    """Name the environments that the processes of a sample run in."""
    return GpuReport(
        sample=sample, environments=identify_environments(list_prefixes(sample), settings)
    )


def list_prefixes(sample: Sample) -> tuple[str, ...]:
    """List the prefixes that the processes of a sample run in, each once."""
    found = (p.environment.prefix for p in sample.processes if p.environment is not None)
    return tuple(dict.fromkeys(found))


def choose_gpu(text: str, *, environ: Mapping[str, str] | None = None) -> str:
    """Give the UUID of the GPU that is meant.

    Args:
        text: Index as `envbench gpus` shows it (`0:1` for a MIG instance), UUID or the beginning of
            one, or `idle`.
        environ: Of the child that reads; None takes the variables of this process.

    Raises:
        UsageError: There is no such GPU.
        NotFineError: None is idle, or the one that is meant cannot be used.
        PreventedError: No GPU can be read here.
    """
    sample = _take(environ)
    if sample.absence is not None:
        absence = sample.absence
        raise PreventedError("no GPU can be read", why=absence.words, hint=absence.remedy)
    if text.startswith("MIG-") or ":" in text:
        instance = find_instance(text, sample.gpus)
        if instance is not None and instance.uuid:
            return instance.uuid
    if text.startswith("MIG-") or _INSTANCE.fullmatch(text):
        raise _miss_instance(sample, text)
    gpu = _pick_idle(sample) if text == IDLE else find_gpu(sample, text)
    if gpu.fault is not None:
        raise NotFineError(
            f"GPU {gpu.index} is {gpu.state.value}", why=gpu.fault.words, hint=gpu.fault.remedy
        )
    if gpu.uuid is None:
        raise PreventedError(f"the driver does not tell the UUID of GPU {gpu.index}")
    return gpu.uuid


def _take(environ: Mapping[str, str] | None) -> Sample:
    """Take a sample that has GPUs, or says why there are none."""
    sample = take_sample(os.environ if environ is None else environ, timeout_s=READ_TIMEOUT_S)
    if sample.gpus or sample.absence is not None:
        return sample
    words = f"nothing was read within {READ_TIMEOUT_S:g} s"
    absence = GpuAbsence(code=AbsenceCode.SAMPLER_FAILED, words=words, remedy="try again")
    return replace(sample, absence=absence)


def _miss_instance(sample: Sample, text: str) -> UsageError:
    known = [
        f"{name_instance(gpu.index, mig.index)} {mig.uuid}"
        for gpu in sample.gpus
        for mig in gpu.mig
        if mig.uuid
    ]
    there = f"there are: {'; '.join(known)}" if known else "there is none"
    return UsageError(f"there is no MIG instance {text!r}", hint=there)


def _pick_idle(sample: Sample) -> GpuReading:
    """Pick the GPU that has the least to do.

    Raises:
        NotFineError: None is idle; says of each why.
    """
    gpu = pick_idle(sample)
    if gpu is None:
        reasons = (f"GPU {each.index}: {say_why_busy(sample, each)}" for each in sample.gpus)
        raise NotFineError(
            "no GPU is idle", why="\n".join(reasons), hint="envbench gpus shows who uses them"
        )
    return gpu
