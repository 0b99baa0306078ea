"""Packages that conda channels and PyPI know under different names.

Source: the recipes of conda-forge. Keys are normalised as PyPI does it (`-` for `_` and `.`); values
of conda are spelled as its channels spell them.
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
}
"""Names that people write in conda lines and that no channel means by them."""


def pypi_name_of(conda_name: str) -> str:
    """Give the normalised PyPI name of a conda package."""
    name = canonicalize_name(conda_name)
    return PYPI_OF_CONDA.get(name, name)


def conda_name_of(pypi_name: str) -> str:
    """Give conda's name of a PyPI project."""
    name = canonicalize_name(pypi_name)
    return CONDA_OF_PYPI.get(name, name)
