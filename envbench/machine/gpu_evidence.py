"""What this box shows of NVIDIA GPUs without asking their driver.

Source: the driver's README (`/proc/driver/nvidia`, device files), the kernel's sysfs-bus-pci,
systemd's CONTAINER_INTERFACE, NVIDIA Container Toolkit and WSL documentation.
"""

import grp
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from envbench.machine.containers import parse_groups
from envbench.model.cleaning import clean

LIBRARY = "libnvidia-ml.so"
NOUVEAU = "nouveau"
PASSED_THROUGH = "vfio-pci"
_NVIDIA = "0x10de"
_DISPLAY = "0x03"
_LIBRARY_FOLDERS = (
    "usr/lib/x86_64-linux-gnu",
    "usr/lib/aarch64-linux-gnu",
    "usr/lib64",
    "usr/lib",
    "usr/lib/wsl/lib",
    "usr/local/nvidia/lib64",
    "run/opengl-driver/lib",
)
_VERSION = re.compile(r"\b\d{3}\.\d{1,4}(?:\.\d{1,4})?\b")
_CARD_FILE = re.compile(r"nvidia\d+")
_APPTAINER = ("APPTAINER_CONTAINER", "SINGULARITY_CONTAINER")


@dataclass(frozen=True, slots=True)
class PciGpu:
    """A GPU of NVIDIA's on the PCI bus."""

    address: str
    """`0000:65:00.0`."""
    driver: str | None
    """Kernel module that drives it; None when nothing does."""

    def __str__(self) -> str:
        return f"{self.address} ({self.driver or 'no driver'})"


@dataclass(frozen=True, slots=True, kw_only=True)
class GpuEvidence:
    """What was found."""

    module_version: str | None
    """Of the loaded kernel module."""
    library: str | None
    """Path of the driver's library, links followed; None when it is in none of the usual places."""
    is_module_loaded: bool
    is_nouveau_loaded: bool
    gpus: tuple[PciGpu, ...]
    """Those on the PCI bus; a container sees all of its host."""
    card_files: tuple[str, ...]
    """Device files of GPUs, `/dev/nvidia0`."""
    has_control_file: bool
    """Whether `/dev/nvidiactl` is there."""
    control_group: str | None
    """Group that owns `/dev/nvidiactl`, where not everyone may open it."""
    container: str | None
    """What says that this is a container; None when nothing does."""
    is_apptainer: bool
    is_wsl: bool
    slurm_job: str | None
    capabilities: str | None
    """`NVIDIA_DRIVER_CAPABILITIES`."""

    @property
    def library_version(self) -> str | None:
        """Version in the name of the library's file."""
        match = _VERSION.search(self.library.rpartition("/")[2]) if self.library else None
        return match[0] if match else None

    def list_details(self) -> tuple[str, ...]:
        """Say all that was found, one line each."""
        gpus = ", ".join(map(str, self.gpus)) or "no GPU of NVIDIA's"
        loaded = self.module_version or ("loaded" if self.is_module_loaded else "not loaded")
        files = [*self.card_files, *(["/dev/nvidiactl"] if self.has_control_file else [])]
        lines = [
            f"on the PCI bus: {gpus}",
            f"kernel module nvidia: {loaded}",
            f"library: {self.library or 'not in the usual places'}",
            f"device files: {', '.join(files) or 'none'}",
        ]
        if self.container:
            lines.append(f"container: {self.container} is there")
        return tuple(clean(line, limit=300) for line in lines)


def collect_evidence(
    root: Path = Path("/"), environ: Mapping[str, str] | None = None
) -> GpuEvidence:
    """Look around; nothing is loaded, opened or woken.

    Args:
        root: Where the file system begins.
        environ: The environment variables; None takes those of this process.
    """
    variables = os.environ if environ is None else environ
    devices = sorted(_names(root / "dev"))
    return GpuEvidence(
        module_version=read_module_version(root),
        library=_find_library(root, variables),
        is_module_loaded=(root / "sys/module/nvidia").is_dir(),
        is_nouveau_loaded=(root / "sys/module" / NOUVEAU).is_dir(),
        gpus=tuple(_list_gpus(root)),
        card_files=tuple(f"/dev/{name}" for name in devices if _CARD_FILE.fullmatch(name)),
        has_control_file="nvidiactl" in devices,
        control_group=_find_control_group(root),
        container=_find_container(root, variables),
        is_apptainer=any(variables.get(name) for name in _APPTAINER),
        is_wsl=(root / "dev/dxg").exists(),
        slurm_job=clean(variables.get("SLURM_JOB_ID", ""), limit=64) or None,
        capabilities=variables.get("NVIDIA_DRIVER_CAPABILITIES"),
    )


def _read(path: Path) -> str:
    try:
        with path.open("rb") as stream:
            return stream.read(64 * 1024).decode(errors="replace").strip()
    except OSError:
        return ""


def _names(folder: Path) -> list[str]:
    try:
        return os.listdir(folder)  # noqa: PTH208
    except OSError:
        return []


def read_module_version(root: Path = Path("/")) -> str | None:
    """Read which kernel module is loaded; None when none is.

    Source: the first line is `NVRM version: NVIDIA UNIX x86_64 Kernel Module  550.54.15  ...`; that
    of the open module says `Open Kernel Module for x86_64  550.54.15`. The second is about the
    compiler, and has a version, too.

    Args:
        root: Where the file system begins.
    """
    line = next(iter(_read(root / "proc/driver/nvidia/version").splitlines()), "")
    match = _VERSION.search(line)
    return match[0] if match else None


def _find_library(root: Path, variables: Mapping[str, str]) -> str | None:
    # The one that this process has loaded says most.
    for line in _read_maps(root):
        if f"/{LIBRARY}" in line and "/" in line:
            return line[line.index("/") :].removesuffix(" (deleted)").strip()
    own = [folder.lstrip("/") for folder in variables.get("LD_LIBRARY_PATH", "").split(":")]
    for folder in (*(folder for folder in own if folder), *_LIBRARY_FOLDERS):
        path = root / folder / f"{LIBRARY}.1"
        if path.exists():
            real = os.path.realpath(path)
            return "/" + os.path.relpath(real, os.path.realpath(root))
    return None


def _read_maps(root: Path) -> Iterator[str]:
    try:
        with (root / "proc/self/maps").open(errors="replace") as stream:
            yield from stream
    except OSError:
        return


def _list_gpus(root: Path) -> Iterator[PciGpu]:
    bus = root / "sys/bus/pci/devices"
    for address in sorted(_names(bus)):
        device = bus / address
        if _read(device / "vendor") == _NVIDIA and _read(device / "class").startswith(_DISPLAY):
            try:
                driver = os.readlink(device / "driver").rpartition("/")[2]  # noqa: PTH115
            except OSError:
                driver = None
            yield PciGpu(address, driver)


def _find_control_group(root: Path) -> str | None:
    try:
        status = (root / "dev/nvidiactl").stat()
    except OSError:
        return None
    if status.st_mode & 0o006 == 0o006:
        return None
    try:
        return clean(grp.getgrgid(status.st_gid).gr_name, limit=64)
    except KeyError:
        return str(status.st_gid)


def _find_container(root: Path, variables: Mapping[str, str]) -> str | None:
    for path in (".dockerenv", "run/.containerenv", ".singularity.d", "run/systemd/container"):
        if (root / path).exists():
            return f"/{path}"
    for name in (*_APPTAINER, "KUBERNETES_SERVICE_HOST"):
        if variables.get(name):
            return name
    place = parse_groups(_read(root / "proc/self/cgroup"))
    return f"control group of {place.container}" if place.container else None
