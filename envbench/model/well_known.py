"""Names that many people mean; they are offered before others that fit as well."""

CHANNELS: dict[str, str] = {
    "conda-forge": "the community's channel, nearly everything",
    "nvidia": "CUDA and its libraries",
    "pytorch": "PyTorch up to 2.5; later ones are in conda-forge",
    "bioconda": "for the life sciences",
    "rapidsai": "RAPIDS: cudf, cuml and what belongs to them",
    "defaults": "Anaconda's own; its terms of service apply",
    "nodefaults": "leaves the configured channels out",
}
"""Channels and what they are for."""

PACKAGES = frozenset(
    {
        *("accelerate", "bitsandbytes", "black", "cmake", "compilers", "cuda-nvcc", "cuda-toolkit"),
        *(
            "cuda-version",
            "cudatoolkit",
            "cudnn",
            "cupy",
            "dask",
            "datasets",
            "deepspeed",
            "diffusers",
        ),
        *(
            "einops",
            "fastapi",
            "faiss-gpu",
            "ffmpeg",
            "git",
            "gxx_linux-64",
            "h5py",
            "huggingface_hub",
        ),
        *("ipykernel", "ipython", "jax", "jaxlib", "jupyter", "jupyterlab", "keras", "lightning"),
        *(
            "matplotlib",
            "mpi4py",
            "mypy",
            "nccl",
            "networkx",
            "ninja",
            "nltk",
            "nodejs",
            "notebook",
        ),
        *(
            "numba",
            "numpy",
            "onnx",
            "onnxruntime",
            "opencv",
            "openmpi",
            "optuna",
            "pandas",
            "pillow",
        ),
        *("pip", "plotly", "polars", "protobuf", "pyarrow", "pydantic", "pytest", "python"),
        *("python-dotenv", "pytorch", "pytorch-cuda", "pytorch-gpu", "pytorch-lightning", "pyyaml"),
        *("requests", "ruff", "safetensors", "scikit-image", "scikit-learn", "scipy", "seaborn"),
        *(
            "sentencepiece",
            "setuptools",
            "spacy",
            "statsmodels",
            "sympy",
            "tensorboard",
            "tensorflow",
        ),
        *(
            "tensorflow-gpu",
            "timm",
            "tokenizers",
            "torchaudio",
            "torchvision",
            "tqdm",
            "transformers",
        ),
        *("triton", "vllm", "wandb", "wheel", "xarray", "xgboost", "zarr"),
    }
)
"""Packages of the field, by conda's names."""

PIP_PACKAGES = frozenset(
    {
        *(
            "accelerate",
            "anthropic",
            "bitsandbytes",
            "datasets",
            "deepspeed",
            "diffusers",
            "einops",
        ),
        *("fastapi", "flash-attn", "gradio", "huggingface-hub", "jax", "langchain", "lightning"),
        *(
            "matplotlib",
            "numpy",
            "nvidia-ml-py",
            "onnx",
            "onnxruntime-gpu",
            "openai",
            "opencv-python",
        ),
        *("pandas", "peft", "pillow", "pydantic", "pytest", "rich", "safetensors", "scikit-learn"),
        *("sentence-transformers", "streamlit", "tensorboard", "tensorflow", "tiktoken", "timm"),
        *("tokenizers", "torch", "torchaudio", "torchvision", "tqdm", "transformers", "triton"),
        *("trl", "vllm", "wandb", "xformers"),
    }
)
"""Packages of the field, by PyPI's names."""
