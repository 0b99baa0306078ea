"""A driver of which only a part can be reached: NVML reads the GPUs, CUDA is not there.

Source: NVIDIA Container Toolkit, "Driver Capabilities": `utility` brings NVML and nvidia-smi,
`compute` brings CUDA.
"""

from dataclasses import replace

from envbench.model.diagnosis import Diagnosis, Remedy
from envbench.probes.diagnosis.evidence import Evidence

_REMEDIES = (
    Remedy(
        text="let the container have CUDA, too",
        command="docker run --gpus all -e NVIDIA_DRIVER_CAPABILITIES=compute,utility ...",
    ),
    Remedy(
        text="in Apptainer or Singularity: start it with the GPUs",
        command="apptainer exec --nv ...",
    ),
    Remedy(
        text="outside of a container: install the driver's CUDA library, libcuda.so.1, of the same version"
    ),
)


def tell_half_a_driver(diagnosis: Diagnosis, evidence: Evidence) -> Diagnosis:
    """Say of a missing driver that only CUDA's part is missing, where GPUs are read on this box."""
    gpus = evidence.surroundings.gpus
    if diagnosis.code != "gpu.no_driver" or not gpus:
        return diagnosis
    return replace(
        diagnosis,
        title="CUDA's part of the NVIDIA driver cannot be reached: libcuda.so.1 is not here",
        cause=f"The driver runs and {'a GPU is' if gpus == 1 else f'{gpus} GPUs are'} read through NVML,"
        " but its library for computing is missing: mostly a container that was given the driver's"
        " `utility` part alone.",
        remedies=_REMEDIES,
        references=(
            "https://docs.nvidia.com/datacenter/cloud-native/container-toolkit/latest/docker-specialized.html",
        ),
    )
