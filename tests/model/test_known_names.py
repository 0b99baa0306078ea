"""Names under which packages are known elsewhere, and the channels where they live."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.utils import canonicalize_name

from envbench.model.known_channels import HOMES, well_known_channel_of
from envbench.model.known_names import (
    CONDA_OF_PYPI,
    MEANT_NAMES,
    NOT_IN_CONDA,
    PYPI_OF_CONDA,
    conda_name_of,
    meant_names,
    pypi_name_of,
)

CONDA_NAME = re.compile(r"[a-z0-9_][a-z0-9._-]*")


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("torch", "pytorch"),
        ("Torch", "pytorch"),
        ("sklearn", "scikit-learn"),
        ("cv2", "opencv"),
        ("tf", "tensorflow"),
        ("PIL", "pillow"),
        ("yaml", "pyyaml"),
        ("attr", "attrs"),
        ("cuda", "cuda-toolkit"),
        ("pytorch-gpu", "pytorch"),
        ("xgboost_gpu", "py-xgboost-gpu"),
        ("lightgbm-gpu", "lightgbm"),
        ("google", "protobuf"),
        ("skimage", "scikit-image"),
        ("hf_hub", "huggingface_hub"),
        ("msgpack", "msgpack-python"),
        ("opencv-contrib-python-headless", "opencv"),
        ("faiss", "faiss-cpu"),
    ],
)
def test_what_people_mean(written, meant):
    assert meant_names(written)[0] == meant


def test_names_that_mean_themselves_are_not_guessed():
    assert meant_names("numpy") == ()
    assert "tensorflow-gpu" not in meant_names("tensorflow-gpu")


def test_the_tables_are_spelled_as_their_readers_look_them_up():
    for table in (PYPI_OF_CONDA, CONDA_OF_PYPI, NOT_IN_CONDA):
        assert all(key == canonicalize_name(key) for key in table)
    # `g++` is no name that could be normalised.
    assert all(key == canonicalize_name(key) for key in MEANT_NAMES if key != "g++")
    conda = [*CONDA_OF_PYPI.values(), *NOT_IN_CONDA.values()]
    conda += [name for names in MEANT_NAMES.values() for name in names]
    assert all(CONDA_NAME.fullmatch(name) for name in conda)
    assert all(name == canonicalize_name(name) for name in PYPI_OF_CONDA.values())


def test_there_and_back_is_the_same_project():
    for pypi in CONDA_OF_PYPI:
        if not pypi.startswith("opencv"):
            assert pypi_name_of(conda_name_of(pypi)) == pypi


@given(st.text(max_size=30))
def test_any_text_has_an_answer(text):
    assert text not in meant_names(text)
    assert isinstance(well_known_channel_of(text), tuple)


@pytest.mark.parametrize(
    ("name", "channels"),
    [
        ("pytorch-cuda", ("pytorch",)),
        ("cuda-nvcc", ("nvidia", "conda-forge")),
        ("libcublas", ("nvidia", "conda-forge")),
        ("libcublas-dev", ("nvidia", "conda-forge")),
        ("faiss-gpu", ("pytorch", "conda-forge")),
        ("magma-cuda121", ("pytorch",)),
        ("cudf", ("rapidsai",)),
        ("dask_cudf", ("rapidsai",)),
        ("libcudf", ("rapidsai",)),
        ("pylibcugraphops", ("rapidsai",)),
        ("tensorflow", ("conda-forge",)),
        ("bioconductor-limma", ("bioconda",)),
        ("r-ggplot2", ("conda-forge",)),
        ("left-pad", ()),
    ],
)
def test_where_packages_live(name, channels):
    assert well_known_channel_of(name) == channels


def test_homes_are_spelled_as_they_are_looked_up():
    assert all(name == canonicalize_name(name) for name in HOMES)
    assert all(
        homes and all(CONDA_NAME.fullmatch(home) for home in homes) for homes in HOMES.values()
    )
