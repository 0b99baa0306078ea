"""Packages that conda channels and PyPI know under different names.

Source: the recipes of conda-forge and the mapping made of them (`grayskull_pypi_mapping.yaml` of
regro/cf-graph-countyfair), and the `import` names that the distributions themselves list. Keys are
normalised as PyPI does it (`-` for `_` and `.`); values of conda are spelled as its channels spell
them.
"""

from packaging.utils import canonicalize_name

PYPI_OF_CONDA: dict[str, str] = {
    "pytorch": "torch",
    "pytorch-gpu": "torch",
    "pytorch-cpu": "torch",
    "tensorflow-base": "tensorflow",
    "opencv": "opencv-python",
    "py-opencv": "opencv-python",
    "matplotlib-base": "matplotlib",
    "py-xgboost": "xgboost",
    "py-xgboost-gpu": "xgboost",
    "py-xgboost-cpu": "xgboost",
    "faiss": "faiss-cpu",
    "python-graphviz": "graphviz",
    "msgpack-python": "msgpack",
    "pytables": "tables",
    "pyqt": "pyqt5",
    "python-flatbuffers": "flatbuffers",
    "brotli-python": "brotli",
    "python-kaleido": "kaleido",
    "ray-core": "ray",
    "ray-default": "ray",
    "pyarrow-core": "pyarrow",
    "dask-core": "dask",
    "python-tzdata": "tzdata",
    "pyg": "torch-geometric",
    "pytorch-geometric": "torch-geometric",
    "pytorch-scatter": "torch-scatter",
    "pytorch-sparse": "torch-sparse",
    "pytorch-cluster": "torch-cluster",
    "pytorch-spline-conv": "torch-spline-conv",
    "geopandas-base": "geopandas",
    "seaborn-base": "seaborn",
    "cupy-core": "cupy",
    "docker-py": "docker",
    "pysoundfile": "soundfile",
    "python-annoy": "annoy",
    "python-duckdb": "duckdb",
    "python-libarchive-c": "libarchive-c",
    "python-lmdb": "lmdb",
    "python-sounddevice": "sounddevice",
    "python-xxhash": "xxhash",
    "ray-all": "ray",
    "ray-serve": "ray",
    "ray-train": "ray",
    "ray-tune": "ray",
    "sentencepiece-python": "sentencepiece",
    "tensorflow-cpu": "tensorflow",
    "tensorflow-gpu": "tensorflow",
    "uvicorn-standard": "uvicorn",
}
"""conda's name to PyPI's; names not listed are taken to be the same."""

CONDA_OF_PYPI: dict[str, str] = {
    "torch": "pytorch",
    "opencv-python": "opencv",
    "opencv-python-headless": "opencv",
    "opencv-contrib-python": "opencv",
    "msgpack": "msgpack-python",
    "tables": "pytables",
    "pyqt5": "pyqt",
    "torch-geometric": "pytorch_geometric",
    "torch-scatter": "pytorch_scatter",
    "torch-sparse": "pytorch_sparse",
    "torch-cluster": "pytorch_cluster",
    "torch-spline-conv": "pytorch-spline-conv",
    "kaleido": "python-kaleido",
    "graphviz": "python-graphviz",
    "flatbuffers": "python-flatbuffers",
    "annoy": "python-annoy",
    "docker": "docker-py",
    "duckdb": "python-duckdb",
    "libarchive-c": "python-libarchive-c",
    "lmdb": "python-lmdb",
    "opencv-contrib-python-headless": "opencv",
    "sounddevice": "python-sounddevice",
    "soundfile": "pysoundfile",
    "xxhash": "python-xxhash",
}
"""PyPI's name to conda's; names not listed are taken to be the same."""

NOT_IN_CONDA: dict[str, str] = {
    "torch": "pytorch",
    "opencv-python": "opencv",
    "opencv-python-headless": "opencv",
    "opencv-contrib-python": "opencv",
    "sklearn": "scikit-learn",
    "cv2": "opencv",
    "pil": "pillow",
    "bs4": "beautifulsoup4",
    "torch-geometric": "pytorch_geometric",
    "torch-scatter": "pytorch_scatter",
    "torch-sparse": "pytorch_sparse",
    "torch-cluster": "pytorch_cluster",
    "pyqt5": "pyqt",
    "python3": "python",
    "opencv-contrib-python-headless": "opencv",
    "skimage": "scikit-image",
}
"""Names that people write in conda lines and that no channel means by them."""


MEANT_NAMES: dict[str, tuple[str, ...]] = {
    # Names of `import` lines.
    "attr": ("attrs",),
    "bs4": ("beautifulsoup4",),
    "bio": ("biopython",),
    "crypto": ("pycryptodome", "cryptography"),
    "cv2": ("opencv", "py-opencv"),
    "dateutil": ("python-dateutil",),
    "dotenv": ("python-dotenv",),
    "faiss": ("faiss-cpu", "faiss-gpu", "faiss"),
    "fitz": ("pymupdf",),
    "git": ("gitpython",),
    "google": ("protobuf", "google-api-python-client"),
    "jwt": ("pyjwt",),
    "llama-cpp": ("llama-cpp-python",),
    "mpl": ("matplotlib",),
    "np": ("numpy",),
    "openssl": ("pyopenssl", "openssl"),
    "osgeo": ("gdal",),
    "pd": ("pandas",),
    "pil": ("pillow",),
    "pkg-resources": ("setuptools",),
    "serial": ("pyserial",),
    "skimage": ("scikit-image",),
    "sklearn": ("scikit-learn",),
    "tables": ("pytables",),
    "yaml": ("pyyaml",),
    "zmq": ("pyzmq",),
    # Short and former names, and names of the product instead of the package.
    "cuda": ("cuda-toolkit", "cudatoolkit", "cuda-version"),
    "cuda-tools": ("cuda-toolkit", "cudatoolkit"),
    "cuda-runtime": ("cuda-cudart", "cudatoolkit"),
    "cudnn8": ("cudnn",),
    "dgl-cuda": ("dgl",),
    "docker-python": ("docker-py",),
    "flash-attention": ("flash-attn",),
    "g++": ("gxx_linux-64", "gxx"),
    "gcc-linux-64": ("gcc_linux-64",),
    "gxx-linux-64": ("gxx_linux-64",),
    "hf-hub": ("huggingface_hub",),
    "huggingface": ("huggingface_hub", "transformers"),
    "ipython-notebook": ("notebook",),
    "ipynb": ("ipykernel", "notebook"),
    "jax-gpu": ("jax", "jaxlib"),
    "jax-cuda": ("jax", "jaxlib"),
    "jupyter-kernel": ("ipykernel",),
    "keras-gpu": ("keras",),
    "lightgbm-gpu": ("lightgbm",),
    "nvcc": ("cuda-nvcc", "cudatoolkit-dev"),
    "nvidia-cuda": ("cuda-toolkit", "cudatoolkit"),
    "nvidia-nccl": ("nccl",),
    "onnxruntime-gpu": ("onnxruntime", "onnxruntime-gpu"),
    "opencv-python": ("opencv", "py-opencv"),
    "opencv-python-headless": ("opencv", "py-opencv"),
    "opencv-contrib-python": ("opencv", "py-opencv"),
    "opencv3": ("opencv",),
    "opencv4": ("opencv",),
    "pandas-profiling": ("ydata-profiling",),
    "postgres": ("postgresql",),
    "py-spark": ("pyspark",),
    "pyqt6": ("pyqt", "pyside6"),
    "python3": ("python",),
    "pytorch-cuda": ("pytorch-cuda", "cuda-version", "pytorch-gpu"),
    "pytorch-gpu": ("pytorch", "pytorch-gpu"),
    "pytorch-vision": ("torchvision",),
    "pytorch-audio": ("torchaudio",),
    "r": ("r-base",),
    "rapids": ("rapids", "cudf"),
    "sentence-transformer": ("sentence-transformers",),
    "sqlite3": ("sqlite",),
    "tensor-flow": ("tensorflow",),
    "tensorflow-gpu": ("tensorflow-gpu", "tensorflow"),
    "tf": ("tensorflow",),
    "tf-nightly": ("tensorflow",),
    "torch": ("pytorch",),
    "torch-gpu": ("pytorch", "pytorch-gpu"),
    "torch-vision": ("torchvision",),
    "torch-audio": ("torchaudio",),
    "torch-lightning": ("pytorch-lightning", "lightning"),
    "xgboost-gpu": ("py-xgboost-gpu", "xgboost"),
}
"""What is meant by a name that the channels do not have, best first; keys are normalised."""


def meant_names(name: str) -> tuple[str, ...]:
    """List conda's names of what somebody may mean by a name that no channel has.

    They come from `import` lines, from PyPI, from the name of a product and from other channels.
    Whether they exist in the channels in use is for the caller to see.
    """
    normal = canonicalize_name(name)
    known = (NOT_IN_CONDA.get(normal), CONDA_OF_PYPI.get(normal), *MEANT_NAMES.get(normal, ()))
    return tuple(dict.fromkeys(other for other in known if other and other != name))


def pypi_name_of(conda_name: str) -> str:
    """Give the normalised PyPI name of a conda package."""
    name = canonicalize_name(conda_name)
    return PYPI_OF_CONDA.get(name, name)


def conda_name_of(pypi_name: str) -> str:
    """Give conda's name of a PyPI project."""
    name = canonicalize_name(pypi_name)
    return CONDA_OF_PYPI.get(name, name)
