"""What the NVIDIA driver of this box says of itself and its GPUs; never hangs, never crashes us."""

import subprocess
from collections.abc import Mapping

import msgspec

from envbench.jobs.launching import build_command
from envbench.model.cleaning import clean
from envbench.model.signal_names import name_signal

QUERY_TIMEOUT_S = 10.0
"""A driver whose persistence daemon is off may take seconds to wake eight GPUs."""
_MAX_ANSWER_BYTES = 1024 * 1024


class Gpu(msgspec.Struct, frozen=True, kw_only=True):
    """One GPU; None for what the driver did not tell."""

    index: int
    """NVML's order, which is not CUDA's."""
    name: str | None = None
    uuid: str | None = None
    capability: str | None = None
    """Compute capability, `9.0`."""
    memory_bytes: int | None = None


class DriverFacts(msgspec.Struct, frozen=True, kw_only=True):
    """The driver and its GPUs."""

    driver: str | None = None
    """Version of the driver, `550.54.15`."""
    cuda: str | None = None
    """Highest CUDA version it serves, `12.4`."""
    gpus: tuple[Gpu, ...] = ()
    reason: str = ""
    """Why nothing is known, in plain words; empty when the driver answered."""

    @property
    def lowest_capability(self) -> str | None:
        """The lowest compute capability among the GPUs; None when one of them did not tell."""
        found = [gpu.capability for gpu in self.gpus]
        known = [capability for capability in found if capability]
        if not known or len(known) < len(found):
            return None
        return min(known, key=lambda text: tuple(int(part) for part in text.split(".")))


def ask_driver(environ: Mapping[str, str], *, timeout_s: float = QUERY_TIMEOUT_S) -> DriverFacts:
    """Ask the driver in a short-lived child.

    A child that does not answer is killed and never waited for: one that hangs inside the kernel
    cannot even be killed.

    Args:
        environ: The environment of the child (`LD_LIBRARY_PATH` finds the driver's library).
        timeout_s: When to give up.
    """
    try:
        child = subprocess.Popen(
            build_command("envbench.machine.gpu_query"),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=dict(environ),
            start_new_session=True,
        )
    except OSError as fault:
        return DriverFacts(reason=f"the driver could not be asked: {fault.strerror}")
    try:
        answer, _ = child.communicate(timeout=timeout_s)
    except subprocess.TimeoutExpired:
        child.kill()
        if child.stdout:
            child.stdout.close()
        return DriverFacts(reason=f"the driver did not answer for {timeout_s:g} s")
    if child.returncode < 0:
        name = name_signal(-child.returncode)
        return DriverFacts(reason=f"the driver's library crashed ({name})")
    return _read_answer(answer)


def _read_answer(answer: bytes) -> DriverFacts:
    try:
        facts = msgspec.json.decode(answer[:_MAX_ANSWER_BYTES], type=DriverFacts)
    except msgspec.DecodeError:
        return DriverFacts(reason="the driver's answer could not be read")
    gpus = tuple(
        msgspec.structs.replace(gpu, name=clean(gpu.name, limit=200) if gpu.name else None)
        for gpu in facts.gpus
    )
    return msgspec.structs.replace(facts, gpus=gpus, reason=clean(facts.reason, limit=300))
