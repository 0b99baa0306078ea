"""This box as the solver sees it, with conda's overrides.

Source: conda's virtual packages and their `CONDA_OVERRIDE_...` variables (an empty value removes
the package), CEP 46 for `__cuda_arch`.
"""

import contextlib
import os
import platform
import re
import subprocess
import sys
from collections.abc import Mapping

from envbench.machine.gpus import QUERY_TIMEOUT_S, ask_driver
from envbench.machine.host_fields import HOST_FIELDS, SUBDIR
from envbench.model.cleaning import clean
from envbench.model.errors import UsageError
from envbench.model.host import HostProfile

DETECTED = "detected"
_KERNEL = re.compile(r"[0-9]+\.[0-9]+(\.[0-9]+)?(\.[0-9]+)?")
_GLIBC = re.compile(r"glibc ([0-9]+\.[0-9.]+)")
_MACHINES = {"x86_64": "64", "AMD64": "64", "amd64": "64", "i686": "32", "i386": "32"}
_SYSTEMS = {"linux": "linux", "darwin": "osx", "win32": "win"}


def detect_host(
    environ: Mapping[str, str] | None = None, *, gpu_timeout_s: float = QUERY_TIMEOUT_S
) -> HostProfile:
    """Describe this box.

    `CONDA_SUBDIR` names another platform, as for conda; what this box says of its own kernel and
    library then counts only where the family is the same.

    Args:
        environ: The environment variables; those of this process by default.
        gpu_timeout_s: When to give up on a driver that does not answer.

    Raises:
        UsageError: An override that is no version.
    """
    environ = os.environ if environ is None else environ
    own = detect_platform()
    subdir = environ.get("CONDA_SUBDIR") or own
    if not SUBDIR.fullmatch(subdir):
        raise _bad_override("CONDA_SUBDIR", subdir, "linux-64")
    found, origin = _read_overrides(environ, subdir.partition("-")[0])
    origin["platform"] = DETECTED if subdir == own else "CONDA_SUBDIR"
    for name, (value, source) in _detect_fields(environ, own, subdir, set(found), gpu_timeout_s):
        found.setdefault(name, value)
        origin.setdefault(name, source)
    if found.get("cuda") is None:
        # Without __cuda no package can ask for an architecture.
        found["cuda_arch"] = None
    return HostProfile(platform=subdir, origin=origin, **found)


def detect_platform() -> str:
    """Return conda's name of this platform, such as `linux-64`."""
    system = _SYSTEMS.get(sys.platform, sys.platform)
    machine = platform.machine()
    if system == "osx" and machine == "arm64":
        return "osx-arm64"
    return f"{system}-{_MACHINES.get(machine, machine.lower())}"


def detect_kernel() -> str | None:
    """Return the version of the Linux kernel, `5.15.0`, without what distributions add."""
    match = _KERNEL.match(os.uname().release)
    return match[0] if match else None


def detect_glibc() -> str | None:
    """Return the version of the GNU C library; None where another library is in its place."""
    with contextlib.suppress(ValueError, OSError, AttributeError):
        match = _GLIBC.fullmatch(os.confstr("CS_GNU_LIBC_VERSION") or "")
        if match:
            return match[1]
    return _ask_ldd()


def _ask_ldd() -> str | None:
    try:
        answer = subprocess.run(
            ["ldd", "--version"], capture_output=True, text=True, timeout=5, check=False,
            stdin=subprocess.DEVNULL,
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired):
        return None
    if "musl" in answer.stdout + answer.stderr:
        return None
    match = re.search(r"\b(\d+\.\d+)\s*$", answer.stdout.partition("\n")[0])
    return match[1] if match else None


def detect_archspec() -> str | None:
    """Return the microarchitecture, `zen4` or `x86_64_v3`, in archspec's names."""
    # Reading its tables takes tens of milliseconds, which only a solve needs to pay.
    import archspec.cpu

    try:
        return str(archspec.cpu.host().name)
    except (OSError, ValueError, KeyError, IndexError):
        return None


def _read_overrides(
    environ: Mapping[str, str], family: str
) -> tuple[dict[str, str | None], dict[str, str]]:
    found: dict[str, str | None] = {}
    origin: dict[str, str] = {}
    for field in HOST_FIELDS:
        text = environ.get(field.variable)
        if text is None or field.family not in {"", family}:
            continue
        text = text.strip()
        if text and not field.pattern.fullmatch(text):
            raise _bad_override(field.variable, text, field.example)
        found[field.name] = text or None
        origin[field.name] = field.variable
    return found, origin


def _detect_fields(
    environ: Mapping[str, str], own: str, subdir: str, known: set[str], gpu_timeout_s: float
) -> list[tuple[str, tuple[str | None, str]]]:
    """Ask for what no override decided: field, value, where it came from."""
    family = subdir.partition("-")[0]
    found: list[tuple[str, tuple[str | None, str]]] = []
    if family == own.partition("-")[0]:
        if family == "linux":
            found += [
                ("linux", (detect_kernel(), DETECTED)),
                ("glibc", (detect_glibc(), DETECTED)),
            ]
        elif family == "osx":
            found.append(("osx", (platform.mac_ver()[0] or None, DETECTED)))
    if subdir == own and "archspec" not in known:
        found.append(("archspec", (detect_archspec(), DETECTED)))
    if family in {"linux", "win"} and not {"cuda", "cuda_arch"} <= known:
        facts = ask_driver(environ, timeout_s=gpu_timeout_s)
        source = facts.reason or DETECTED
        found += [("cuda", (facts.cuda, source)), ("cuda_arch", (facts.lowest_capability, source))]
    return found


def _bad_override(variable: str, text: str, example: str) -> UsageError:
    shown = clean(text, limit=100)
    return UsageError(
        f"{variable} has no usable value: {shown!r}",
        hint=f"set it like {variable}={example}, set it empty to do without, or unset it",
    )
