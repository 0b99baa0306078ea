"""Which well-known channel has a well-known package, for a spec that lacks the channel.

Source: the channels' own indexes, and the installation pages of PyTorch, NVIDIA (CUDA) and RAPIDS.
"""

import re

_NVIDIA = ("nvidia", "conda-forge")
_FORGE = ("conda-forge",)
_RAPIDS = ("rapidsai",)
_PYTORCH = ("pytorch",)

HOMES: dict[str, tuple[str, ...]] = {
    # PyTorch and what is built with it.
    "pytorch": ("conda-forge", "pytorch"),
    "pytorch-cpu": _FORGE,
    "pytorch-gpu": _FORGE,
    "pytorch-cuda": _PYTORCH,
    "pytorch-mutex": _PYTORCH,
    "cpuonly": _PYTORCH,
    "ignite": ("conda-forge", "pytorch"),
    "libfaiss": ("pytorch", "conda-forge"),
    "torchserve": _PYTORCH,
    "torch-model-archiver": _PYTORCH,
    "torch-workflow-archiver": _PYTORCH,
    "pytorch3d": ("pytorch3d",),
    "torchvision": ("conda-forge", "pytorch"),
    "torchaudio": ("conda-forge", "pytorch"),
    "torchtext": ("pytorch", "conda-forge"),
    "torchtriton": _PYTORCH,
    "torchdata": ("pytorch", "conda-forge"),
    "faiss-cpu": ("pytorch", "conda-forge"),
    "faiss-gpu": ("pytorch", "conda-forge"),
    "faiss-gpu-cuvs": _PYTORCH,
    "pyg": ("conda-forge", "pyg"),
    "pytorch-scatter": ("conda-forge", "pyg"),
    "pytorch-sparse": ("conda-forge", "pyg"),
    "pytorch-cluster": ("conda-forge", "pyg"),
    "dgl": ("dglteam", "conda-forge"),
    "xformers": ("xformers", "conda-forge"),
    # CUDA.
    "cuda": ("nvidia", "conda-forge"),
    "cudatoolkit": ("conda-forge", "nvidia"),
    "cudatoolkit-dev": _FORGE,
    "cudnn": ("conda-forge", "nvidia"),
    "nccl": ("conda-forge", "nvidia"),
    "cutensor": _FORGE,
    "gds-tools": _NVIDIA,
    "tensorrt": _FORGE,
    # RAPIDS.
    "rapids": _RAPIDS,
    "rapids-dask-dependency": _RAPIDS,
    "cudf": _RAPIDS,
    "cuml": _RAPIDS,
    "cugraph": _RAPIDS,
    "cuspatial": _RAPIDS,
    "cucim": _RAPIDS,
    "cuxfilter": _RAPIDS,
    "cuvs": _RAPIDS,
    "dask-cudf": _RAPIDS,
    "dask-cuda": ("rapidsai", "conda-forge"),
    "raft-dask": _RAPIDS,
    "pylibraft": _RAPIDS,
    "rmm": _RAPIDS,
    "kvikio": _RAPIDS,
    "nx-cugraph": _RAPIDS,
    # Frameworks that only the community's channel keeps up to date.
    "tensorflow": _FORGE,
    "tensorflow-gpu": _FORGE,
    "tensorflow-cpu": _FORGE,
    "jax": _FORGE,
    "jaxlib": _FORGE,
    "cupy": _FORGE,
    "onnxruntime": _FORGE,
    "transformers": _FORGE,
    "accelerate": _FORGE,
    "bitsandbytes": _FORGE,
    "deepspeed": _FORGE,
    "flash-attn": _FORGE,
    "vllm": _FORGE,
    "triton": _FORGE,
    "llama-cpp-python": _FORGE,
    "ollama": _FORGE,
    "langchain": _FORGE,
    "openai": _FORGE,
    "gradio": _FORGE,
    "wandb": _FORGE,
    "mlflow": _FORGE,
    "ray-core": _FORGE,
    "ray-default": _FORGE,
    "polars": _FORGE,
    "uv": _FORGE,
    "mamba": _FORGE,
    # The life sciences.
    "samtools": ("bioconda",),
    "bcftools": ("bioconda",),
    "bwa": ("bioconda",),
    "bedtools": ("bioconda",),
    "fastqc": ("bioconda",),
    "multiqc": ("bioconda",),
    "star": ("bioconda",),
    "salmon": ("bioconda",),
    "snakemake": ("bioconda",),
    "nextflow": ("bioconda",),
    "scvi-tools": _FORGE,
    "openmm": _FORGE,
}
"""Channels that have a package, the one to prefer first; names are spelled with `-`."""

_PATTERNS: tuple[tuple[re.Pattern[str], tuple[str, ...]], ...] = (
    (re.compile(r"cuda-.+|libcu(?:blas|fft|rand|solver|sparse|dart|file)(?:-.+)?|libn(?:pp|vjpeg|vjitlink|vfatbin)(?:-.+)?|nsight-.+"), _NVIDIA),
    (re.compile(r"lib(?:cudf|cuml|cugraph|cuspatial|raft|rmm|kvikio|cuvs)(?:-.+)?"), _RAPIDS),
    (re.compile(r"pylib(?:cudf|cugraph|wholegraph)(?:ops)?"), _RAPIDS),
    (re.compile(r"magma-cuda\d+"), _PYTORCH),
    (re.compile(r"bioconductor-.+"), ("bioconda",)),
    (re.compile(r"r-.+"), _FORGE),
)  # fmt: skip
"""Families of packages; the first that fits counts."""


def well_known_channel_of(name: str) -> tuple[str, ...]:
    """List the well-known channels that are known to have a package, the one to prefer first.

    Nothing is looked up: whether a channel has the wanted version is for the caller to see.

    Args:
        name: Of a conda package, without channel.
    """
    normal = name.lower().replace("_", "-")
    if normal in HOMES:
        return HOMES[normal]
    return next((home for pattern, home in _PATTERNS if pattern.fullmatch(normal)), ())
