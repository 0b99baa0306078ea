"""Boxes to show: small, large, without a driver, with a broken one."""

from dataclasses import replace

from envbench.workbench.box_facts import BoxDisk, BoxGpu, BoxReport

GB = 10**9


def disk(*uses: str, free_gb: float = 312, kind: str | None = "ext4", **more) -> BoxDisk:
    given = {
        "path": "/home/me", "total_bytes": 2000 * GB, "is_network": (kind or "").startswith("nfs"),
        "is_in_memory": kind == "tmpfs", "warning": "", **more,
    }  # fmt: skip
    return BoxDisk(uses=uses, file_system=kind, free_bytes=round(free_gb * GB), **given)


PLAIN = BoxReport(
    name="gpu-box-3", system="Debian", kernel="6.1", processor="EPYC", cores=64,
    load=(9.3, 8.0, 7.0), memory_bytes=503 * GB, memory_available_bytes=432 * GB,
    disks=(disk("home", "envs", "cache", "state"),), glibc="2.35", archspec="x86_64_v3",
    driver=None, cuda=None, gpus=(), gpu_note="no NVIDIA driver found",
    jobs_note="nothing here is known to end jobs at the logout", jobs_outlive_logout=True,
)  # fmt: skip
GPUS = replace(
    PLAIN,
    driver="550.54.15",
    cuda="12.4",
    gpus=(
        BoxGpu(index=0, name="NVIDIA A100-SXM4-80GB", capability="8.0", memory_bytes=85 * GB),
        BoxGpu(index=1, name=None, capability=None, memory_bytes=None),
    ),
    gpu_note="2 x NVIDIA A100-SXM4-80GB and unnamed; no live readings here",
)
MISMATCH = replace(PLAIN, gpu_note="GPUs are not known: Driver/library version mismatch")
NO_GPU = replace(
    PLAIN, driver="550.54.15", gpu_note="the NVIDIA driver is there, and it has no GPU"
)
ALL = (PLAIN, GPUS, MISMATCH, NO_GPU)
