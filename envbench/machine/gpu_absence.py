"""Why no GPU of NVIDIA's is read here, and what to do about it.

NVML's error number alone says little: "library not found" is an ordinary laptop, a container that
was started without its GPUs, or a box whose driver was removed. So what the box shows is looked at
as well.

Source: `nvml.h` (numbers), the driver's README (loading, device files), NVIDIA Container Toolkit
documentation (capabilities), NVIDIA/nvidia-container-toolkit#48 (999 after a reload of systemd).
"""

from collections.abc import Callable, Mapping
from pathlib import Path

from envbench.machine.gpu_evidence import (
    NOUVEAU,
    PASSED_THROUGH,
    GpuEvidence,
    collect_evidence,
)
from envbench.machine.nvml_errors import (
    DRIVER_NOT_LOADED,
    FUNCTION_NOT_FOUND,
    GPU_IS_LOST,
    LIBRARY_NOT_FOUND,
    MISMATCH,
    NO_MEMORY,
    NO_PERMISSION,
    OPERATING_SYSTEM,
    RESET_REQUIRED,
    TIMEOUT,
    UNINITIALIZED,
    UNKNOWN,
)
from envbench.model.gpu import AbsenceCode, GpuAbsence

_NAMES = {
    FUNCTION_NOT_FOUND: "a function is missing in the driver's library",
    GPU_IS_LOST: "a GPU fell off the bus",
    RESET_REQUIRED: "a GPU needs a reset",
    OPERATING_SYSTEM: "the operating system stands in the way",
    NO_MEMORY: "not enough memory",
    UNKNOWN: "unknown error",
}
_LOOK_AT_LOG = "look for lines with Xid or NVRM in `dmesg`; a reboot may be needed"
_GIVE_GPUS = (
    "start the container with `--gpus all` (needs the NVIDIA Container Toolkit on the host)"
)
_GIVE_GPUS_APPTAINER = "start the container with `--nv`"


def explain_absence(
    code: int | None,
    *,
    kind: str = "",
    root: Path = Path("/"),
    environ: Mapping[str, str] | None = None,
) -> GpuAbsence:
    """Say why no GPU is read, from what the driver answered and what this box shows.

    Args:
        code: NVML's error number; None when there is none.
        kind: `no_devices`, `hung`, `crashed`, `binding_missing` or `binding_wrong` where that, and
            no number, is what happened.
        root: Where the file system begins.
        environ: The environment variables; None takes those of this process.
    """
    if kind in _BINDING:
        return _BINDING[kind]
    evidence = collect_evidence(root, environ)
    explain = _BY_KIND.get(kind) or _BY_CODE.get(code if code is not None else -1)
    found = explain(evidence) if explain else _explain_other(code, evidence)
    return GpuAbsence(
        code=found.code,
        words=found.words,
        remedy=found.remedy,
        # An ordinary box has nothing to prove.
        details=() if found.code is AbsenceCode.NO_DRIVER else evidence.list_details(),
    )


def _explain_missing_library(box: GpuEvidence) -> GpuAbsence:
    if box.is_wsl:
        return GpuAbsence(
            code=AbsenceCode.LIBRARY_MISSING,
            words="Windows lends its GPU, but its driver's library is not found",
            remedy="install the NVIDIA driver in Windows, run `wsl --update`, and let "
            "LD_LIBRARY_PATH hold /usr/lib/wsl/lib",
        )
    has_driver = box.is_module_loaded or box.module_version or box.card_files
    if has_driver and box.container:
        return _explain_library_in_container(box)
    if has_driver:
        version = f" of version {box.module_version}" if box.module_version else ""
        return GpuAbsence(
            code=AbsenceCode.LIBRARY_MISSING,
            words="the kernel module is loaded, but libnvidia-ml.so.1 is not found",
            remedy=f"install the driver's libraries{version}, or name their directory in "
            "LD_LIBRARY_PATH",
        )
    if not box.gpus:
        return _ordinary()
    return _explain_driverless(box, AbsenceCode.DRIVER_NOT_INSTALLED)


def _explain_library_in_container(box: GpuEvidence) -> GpuAbsence:
    words = "the host has a driver, but its library was not given to this container"
    remedy = _give_gpus(box)
    wanted = (box.capabilities or "").replace(" ", "").split(",")
    if box.card_files:
        words = "GPUs were given to this container, but not the driver's library"
        if box.capabilities and not {"all", "utility"} & set(wanted):
            remedy = "let NVIDIA_DRIVER_CAPABILITIES hold `utility`, or set it to `all`"
    return GpuAbsence(code=AbsenceCode.LIBRARY_MISSING, words=words, remedy=remedy)


def _explain_unloaded(box: GpuEvidence) -> GpuAbsence:
    is_loaded = box.is_module_loaded or box.module_version is not None
    if is_loaded and not box.has_control_file:
        if box.container:
            return _explain_no_devices(box)
        return GpuAbsence(
            code=AbsenceCode.DRIVER_NOT_LOADED,
            words="the kernel module is loaded, but its device files are missing",
            remedy="make them with `sudo nvidia-modprobe -u -c 0`, or run `nvidia-smi` once as root",
        )
    if is_loaded:
        return GpuAbsence(
            code=AbsenceCode.DRIVER_NOT_LOADED,
            words="the kernel module is loaded, but does not answer the library",
            remedy=_LOOK_AT_LOG,
        )
    if not box.gpus:
        return GpuAbsence(
            code=AbsenceCode.NO_DRIVER,
            words="the driver's library is installed, but this box has no GPU of NVIDIA's",
        )
    return _explain_driverless(box, AbsenceCode.DRIVER_NOT_LOADED)


def _explain_driverless(box: GpuEvidence, code: AbsenceCode) -> GpuAbsence:
    """Explain a GPU on the PCI bus that is not driven by NVIDIA's module."""
    count = "a GPU" if len(box.gpus) == 1 else f"{len(box.gpus)} GPUs"
    drivers = {gpu.driver for gpu in box.gpus}
    if drivers == {PASSED_THROUGH}:
        return GpuAbsence(
            code=code,
            words=f"this box has {count} of NVIDIA's, set aside for virtual machines (vfio-pci)",
            remedy="give it back to the host, or run envbench in the virtual machine that has it",
        )
    where = " on the host" if box.container else ""
    if NOUVEAU in drivers or box.is_nouveau_loaded:
        return GpuAbsence(
            code=code,
            words=f"this box has {count} of NVIDIA's, but the module nouveau drives it",
            remedy=f"install NVIDIA's driver{where}, blacklist nouveau, and reboot",
        )
    if code is AbsenceCode.DRIVER_NOT_LOADED:
        return GpuAbsence(
            code=code,
            words=f"the driver is installed, but its kernel module is not loaded{where}",
            remedy=f"run `sudo modprobe nvidia`{where}; if that fails, the module was not built for "
            "this kernel, or Secure Boot does not know its signature",
        )
    return GpuAbsence(
        code=code,
        words=f"this box has {count} of NVIDIA's on the PCI bus, but no driver",
        remedy=f"install NVIDIA's driver{where}",
    )


def _explain_no_devices(box: GpuEvidence) -> GpuAbsence:
    if box.container:
        return GpuAbsence(
            code=AbsenceCode.NO_DEVICE,
            words="the driver is there, but no GPU was given to this container",
            remedy=_give_gpus(box),
        )
    if box.slurm_job:
        return GpuAbsence(
            code=AbsenceCode.NO_DEVICE,
            words=f"the driver is there, but the Slurm job {box.slurm_job} has no GPU",
            remedy="ask for some, such as with `--gres=gpu:1`",
        )
    if box.gpus:
        return GpuAbsence(
            code=AbsenceCode.NO_DEVICE,
            words="the driver is loaded, but drives no GPU, though the PCI bus has some",
            remedy="the GPU may be too old or too new for this driver, or may have failed: "
            + _LOOK_AT_LOG,
        )
    return GpuAbsence(
        code=AbsenceCode.NO_DEVICE,
        words="the driver is loaded, but there is no GPU of NVIDIA's",
        remedy="if there should be one, look at its seat and its power, and for Xid in `dmesg`",
    )


def _explain_mismatch(box: GpuEvidence) -> GpuAbsence:
    module, library = box.module_version or "unknown", box.library_version or "unknown"
    if box.container:
        remedy = "restart the container, so that it gets the host's library of today"
    else:
        remedy = (
            "reboot, or stop all that uses the GPUs and reload the kernel module "
            "(`sudo rmmod nvidia_drm nvidia_modeset nvidia_uvm nvidia; sudo modprobe nvidia`)"
        )
    return GpuAbsence(
        code=AbsenceCode.MISMATCH,
        words=f"the driver was changed under a running kernel module: module {module}, "
        f"library {library}",
        remedy=remedy,
    )


def _explain_permission(box: GpuEvidence) -> GpuAbsence:
    if box.control_group:
        return GpuAbsence(
            code=AbsenceCode.NO_PERMISSION,
            words=f"only the group {box.control_group} may use the GPUs",
            remedy=f"join it: `sudo usermod -aG {box.control_group} $USER`, then log in again",
        )
    return GpuAbsence(
        code=AbsenceCode.NO_PERMISSION,
        words="the driver does not let this user in",
        remedy="look at the owner and the mode of /dev/nvidiactl, and at limits on devices",
    )


def _explain_unknown(box: GpuEvidence) -> GpuAbsence:
    if box.container:
        return GpuAbsence(
            code=AbsenceCode.INIT_FAILED,
            words="this container has lost its right to the GPUs (NVML error 999), as happens when "
            "systemd is reloaded on the host",
            remedy="restart the container; for good: let it name its devices (`--device "
            "/dev/nvidia0 ...`), or let Docker use the cgroupfs driver",
        )
    return _explain_other(UNKNOWN, box)


def _explain_other(code: int | None, box: GpuEvidence) -> GpuAbsence:
    del box
    number = f" (NVML error {code})" if code is not None else ""
    what = _NAMES.get(code if code is not None else -1, "no further reason given")
    return GpuAbsence(
        code=AbsenceCode.INIT_FAILED,
        words=f"the driver could not be started: {what}{number}",
        remedy=_LOOK_AT_LOG,
    )


def _explain_hang(box: GpuEvidence) -> GpuAbsence:
    del box
    return GpuAbsence(
        code=AbsenceCode.DRIVER_HUNG,
        words="the driver does not answer, not even to being asked who it is",
        remedy=_LOOK_AT_LOG,
    )


def _explain_crash(box: GpuEvidence) -> GpuAbsence:
    version = f" {box.library_version}" if box.library_version else ""
    return GpuAbsence(
        code=AbsenceCode.DRIVER_CRASHED,
        words=f"the driver's library{version} crashes when it is asked",
        remedy=_LOOK_AT_LOG,
    )


def _ordinary() -> GpuAbsence:
    return GpuAbsence(
        code=AbsenceCode.NO_DRIVER, words="this box has no GPU of NVIDIA's and no driver for one"
    )


def _give_gpus(box: GpuEvidence) -> str:
    return _GIVE_GPUS_APPTAINER if box.is_apptainer else _GIVE_GPUS


_BINDING = {
    "binding_missing": GpuAbsence(
        code=AbsenceCode.BINDING_MISSING,
        words="nvidia-ml-py is not installed beside envbench",
        remedy="install it: `pip install nvidia-ml-py`",
    ),
    "binding_wrong": GpuAbsence(
        code=AbsenceCode.BINDING_WRONG,
        words="another package named pynvml hides nvidia-ml-py",
        remedy="`pip uninstall pynvml`, then `pip install --force-reinstall nvidia-ml-py`",
    ),
}
_BY_KIND: dict[str, Callable[[GpuEvidence], GpuAbsence]] = {
    "no_devices": _explain_no_devices,
    "hung": _explain_hang,
    "crashed": _explain_crash,
}
_BY_CODE: dict[int, Callable[[GpuEvidence], GpuAbsence]] = {
    UNINITIALIZED: _explain_unloaded,
    NO_PERMISSION: _explain_permission,
    DRIVER_NOT_LOADED: _explain_unloaded,
    TIMEOUT: _explain_hang,
    LIBRARY_NOT_FOUND: _explain_missing_library,
    MISMATCH: _explain_mismatch,
    UNKNOWN: _explain_unknown,
}
