"""What the way it ended tells by itself: signals, limits, exit codes, wrong numbers, devices."""

import os
import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from envbench.model.counting import count_of
from envbench.model.diagnosis import Confidence
from envbench.model.errors import UsageError
from envbench.model.probe import ProbeStatus
from envbench.probes.catalog import find_probe
from envbench.probes.diagnosis.evidence import Evidence
from envbench.probes.diagnosis.rule import Fields, Fix, Rank

_SEGV, _ABRT, _ILL, _BUS, _FPE, _KILL = 11, 6, 4, 7, 8, 9


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """A meaning without a pattern, told from the facts of a run."""

    code: str
    title: str
    cause: str
    evidence: str
    fixes: tuple[Fix, ...] = ()
    rank: Rank = Rank.SYMPTOM
    confidence: Confidence = Confidence.LIKELY
    packages: tuple[str, ...] = ()
    references: tuple[str, ...] = ()


def read_outcome(evidence: Evidence) -> Outcome | None:
    """Explain how a run ended; None when only its texts can."""
    explain = _BY_STATUS.get(evidence.result.status)
    return explain(evidence) if explain else None


def _where(evidence: Evidence) -> Fields:
    """Say where it was: the nearest frame of a library, and the stage."""
    frames = evidence.result.frames
    nearest = next((f for f in frames if re.search(r"(?:site|dist)-packages/", f)), "")
    culprit = nearest or (frames[0] if frames else "")
    package = evidence.importer()
    stage = evidence.result.stage
    return {
        "frame": culprit,
        "package": package,
        "who": package or evidence.result.probe,
        "at": f" at {culprit}" if culprit else "",
        "stage": f" in stage {stage}" if stage else "",
    }


def _not_installed(evidence: Evidence) -> Outcome:
    probe = evidence.result.probe
    if python := _find_lost_python(evidence):
        return python
    package, section = _name_package(evidence)
    return Outcome(
        code="missing.dist",
        title=f"{package} is not installed in this environment",
        cause="Neither a distribution nor a conda record of it was found.",
        evidence=evidence.result.reason or "no distribution of it",
        fixes=(Fix(f"add {package} to the spec", requires=(package,), section=section),),
        confidence=Confidence.CERTAIN,
        packages=(probe,) if probe == package else (package, probe),
    )


def _find_lost_python(evidence: Evidence) -> Outcome | None:
    """Tell an environment without an interpreter from one without the framework."""
    prefix = evidence.result.prefix
    python = Path(prefix) / "bin" / "python"
    if not prefix or evidence.result.stages or os.access(python, os.X_OK):
        return None
    gone = ""
    with suppress(OSError):
        gone = str(python.readlink()) if python.is_symlink() else ""
    return Outcome(
        code="missing.python",
        title="there is no Python in this environment"
        + (f": bin/python leads to {gone}, which is gone" if gone else ""),
        cause="The interpreter that this environment was made with was removed or replaced, and a virtual "
        "environment has none of its own."
        if gone
        else "It was made without one, its file may not be run, or the folder is no environment.",
        evidence=evidence.result.reason,
        fixes=(
            Fix("build the environment anew: the old one cannot be mended")
            if gone
            else Fix("add python to the spec", requires=("python >=0",)),
        ),
        confidence=Confidence.CERTAIN,
        packages=("python",),
    )


def _name_package(evidence: Evidence) -> tuple[str, str]:
    """Name what brings the framework of the probe, and the section of a spec that it goes to."""
    probe = evidence.result.probe
    with suppress(UsageError):
        found = find_probe(probe)
        if evidence.has_conda and found.conda_names:
            return found.conda_names[0], "conda"
        if found.distributions:
            return found.distributions[0], "pip"
    return probe, "conda" if evidence.has_conda else "pip"


def _crashed(evidence: Evidence) -> Outcome:
    number = evidence.result.signal
    if number == _KILL:
        return _killed(evidence)
    where = _where(evidence)
    code, what, cause = _SIGNALS.get(
        number or 0,
        (f"signal.{number}", f"signal {number}", "Something sent this signal to the process."),
    )
    fixes: tuple[Fix, ...] = (
        Fix("read the stack in the log: the topmost frame of a package names the culprit"),
        Fix(f"reinstall {where['who']} from one source with what it is compiled against"),
    )
    if code == "cpu.isa":
        cause += _tell_missing_sets(evidence)
        fixes = (
            Fix(f"take a build of {where['who']} for older CPUs, or another release of it"),
            Fix("compare what it was built for with this CPU", "grep -m1 flags /proc/cpuinfo"),
        )
    return Outcome(
        code=code,
        title=f"{where['who']} {what}{where['at']}",
        cause=cause,
        evidence=_fatal_line(evidence) or evidence.result.reason or f"signal {number}",
        fixes=fixes,
        packages=(where["package"],) if where["package"] else (),
    )


def _tell_missing_sets(evidence: Evidence) -> str:
    """Name the instruction sets that builds like to use and this CPU lacks."""
    flags = evidence.surroundings.cpu_flags
    lacking = [name for name in ("sse4_2", "avx", "avx2", "fma", "avx512f") if name not in flags]
    if not flags or "sse" not in flags:  # unknown, or no x86
        return ""
    if not lacking:
        return " It has AVX2 and AVX-512, so it is something rarer, or the code is damaged."
    return f" It lacks {', '.join(lacking)}."


_SIGNALS = {
    _SEGV: (
        "signal.segv",
        "crashed with a segmentation fault",
        "Compiled code touched memory that is not its own: most often two libraries that do not fit.",
    ),
    _ABRT: (
        "signal.abrt",
        "ended itself (abort)",
        "Compiled code met a state that it cannot go on from; the lines above the stack say which.",
    ),
    _ILL: (
        "cpu.isa",
        "ran an instruction that this CPU does not have",
        "It was compiled for a newer CPU than this one, or chose its code wrongly at run time.",
    ),
    _BUS: (
        "signal.bus",
        "crashed with a bus error",
        "A mapped file is shorter than it should be (a damaged library, a full /dev/shm or network disk).",
    ),
    _FPE: (
        "signal.fpe",
        "divided by zero in compiled code",
        "An arithmetic fault in compiled code.",
    ),
}


def _fatal_line(evidence: Evidence) -> str:
    found = re.search(
        r"^.*(?:Fatal Python error|terminate called|Check failed).*$", evidence.log, re.MULTILINE
    )
    return found[0] if found else ""


def _killed(evidence: Evidence) -> Outcome:
    rises = evidence.result.facts.get("oom_kills")
    rises = rises if isinstance(rises, dict) else {}
    if any(rises.values()):
        is_own = bool(rises.get("group"))
        whose = (
            "this job's control group" if is_own else "this box (it may have been another process)"
        )
        return Outcome(
            code="host.oom_killed",
            title="probably killed by the kernel, for want of memory",
            cause=f"It ended by SIGKILL, which nobody here sent, and the count of such kills rose in {whose}.",
            evidence=f"oom_kill rose by {max(rises.values())}",
            fixes=_MORE_MEMORY,
            confidence=Confidence.LIKELY if is_own else Confidence.GUESS,
        )
    if rises:
        return Outcome(
            code="signal.kill",
            title="killed from outside (SIGKILL)",
            cause="Nobody here sent it, and the kernel counted no kill for want of memory: a person, the batch "
            "system, or a guard of memory (systemd-oomd, earlyoom) did it.",
            evidence=evidence.result.reason or "SIGKILL",
            fixes=(
                Fix("ask the batch system and the system's log", "journalctl -e"),
                *_MORE_MEMORY,
            ),
        )
    return Outcome(
        code="host.oom_killed",
        title="killed from outside: perhaps by the kernel, for want of memory",
        cause="It ended by SIGKILL, which nobody here sent; the counters of the kernel could not be read.",
        evidence=evidence.result.reason or "SIGKILL",
        fixes=_MORE_MEMORY,
        confidence=Confidence.GUESS,
    )


_MORE_MEMORY = (
    Fix("give the job or container more memory, or free some"),
    Fix("see what the kernel says", "dmesg | grep -i 'killed process'"),
)


def _hung(evidence: Evidence) -> Outcome:
    where = _where(evidence)
    return Outcome(
        code="hang",
        title=f"{where['who']} did not come back{where['stage']}{where['at']}",
        cause="The limit passed; the stack that was dumped before shows what it was waiting in."
        if where["frame"]
        else "The limit passed, and no stack was dumped: it was stuck in compiled code.",
        evidence=where["frame"] or evidence.result.reason,
        fixes=(
            Fix("look at the frame: a lock, a network address, a device that does not answer")
            if where["frame"]
            else Fix("look for a device or a file system that does not answer", "dmesg | tail"),
            Fix("if it is only slow here, raise the limit of the probe"),
        ),
        packages=(where["package"],) if where["package"] else (),
    )


def _exited(evidence: Evidence) -> Outcome:
    where = _where(evidence)
    last = next((line for line in reversed(evidence.log.splitlines()) if line.strip()), "")
    code = evidence.result.exit_code
    return Outcome(
        code="exit",
        title=f"{evidence.result.probe} ended the interpreter{where['stage']} (exit code {code})",
        cause="Code that was imported called exit() by itself; the last thing it printed is the evidence."
        if last
        else "Code that was imported called exit() by itself, and printed nothing.",
        evidence=last or f"exit code {code}",
        fixes=(
            Fix(
                "a library must not end the process that imports it: report it, or take another release"
            ),
        ),
        rank=Rank.LAST,
    )


def _wrong(evidence: Evidence) -> Outcome | None:
    result = evidence.result
    if result.errors:
        return None
    for check in result.checks:
        if not check.ok and not check.skipped:
            where = "" if check.device == "cpu" else f" on {check.device}"
            return Outcome(
                code="wrong_result",
                title=f"{result.probe} computes wrong numbers{where}: {check.name}",
                cause=f"The result is off by {check.error}, and {check.tolerance} is allowed.",
                evidence=result.reason,
                fixes=(
                    Fix("trust no result of this environment; compare with another build of it"),
                    Fix(
                        "look for two BLAS or OpenMP libraries, and for settings that lower the precision"
                    ),
                ),
                confidence=Confidence.CERTAIN,
                packages=(result.probe,),
            )
    return None


def _degraded(evidence: Evidence) -> Outcome:
    result, around = evidence.result, evidence.surroundings
    if result.facts.get("gpu_build") is False:
        return _cpu_build(evidence)
    devices = len(result.facts.get("devices") or ())
    hidden = around.environ.get("CUDA_VISIBLE_DEVICES")
    if not devices and evidence.has_no_driver:
        return Outcome(
            code="gpu.no_driver",
            title="no NVIDIA driver can be reached from here",
            cause=f"{result.probe} is a build for GPUs; no libcuda.so.1 and no driver were found on this box.",
            evidence=result.reason,
            fixes=(
                Fix("install the NVIDIA driver on this box"),
                Fix("in a container: start it with the GPUs", "docker run --gpus all ..."),
            ),
            rank=Rank.LAST,
        )
    shown = f"; CUDA_VISIBLE_DEVICES is {hidden!r}" if hidden is not None else ""
    return Outcome(
        code="gpu.no_visible_device",
        title=f"{result.probe} sees {count_of(devices, 'GPU') if devices else 'no GPU'} here{shown}",
        cause="The driver shows this process fewer devices than the box has, or none at all.",
        evidence=result.reason or "no device",
        fixes=(
            Fix("show it the cards", "unset CUDA_VISIBLE_DEVICES" if hidden is not None else ""),
            Fix("in a container or a batch job: ask for a GPU", "docker run --gpus all ..."),
        ),
        rank=Rank.LAST,
    )


def _cpu_build(evidence: Evidence) -> Outcome:
    result = evidence.result
    version = evidence.version_of(result.probe)
    return Outcome(
        code="gpu.cpu_only_build",
        title=f"{result.probe} {version} is a build for the CPU, on a box with GPUs".replace(
            "  ", " "
        ),
        cause="The variant that is installed has no code for GPUs at all.",
        evidence=result.reason,
        fixes=(Fix(f"take the GPU variant of {result.probe}"),),
        rank=Rank.SPECIFIC,
        confidence=Confidence.CERTAIN,
        packages=(result.probe,),
        references=("conda/conda#14761", "pytorch/pytorch#32369"),
    )


_BY_STATUS: dict[ProbeStatus, Callable[[Evidence], Outcome | None]] = {
    ProbeStatus.NOT_INSTALLED: _not_installed,
    ProbeStatus.CRASHED: _crashed,
    ProbeStatus.TIMEOUT: _hung,
    ProbeStatus.EXITED: _exited,
    ProbeStatus.DEGRADED: _degraded,
    ProbeStatus.FAILED: _wrong,
}
