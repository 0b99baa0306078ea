"""The Python ecosystem against itself: numpy, python, the geo stack; several conflicts at once."""

from envbench.model.conflict import CoreKind
from tests.conflicts.case import HEAVY, WIDE, Case, Expected

IN = CoreKind.INCOMPATIBLE

BETWEEN = (
    Case(
        name="numpy-2.3-and-python-3.10",
        text="""\
name: data
channels:
  - conda-forge
dependencies:
  - python=3.10
  - numpy>=2.3
  - pandas
  - scipy
  - jupyterlab
  - matplotlib
  - scikit-learn
  - seaborn
  - ipykernel
  - requests
  - tqdm
  - pip
""",
        cores=(Expected(IN, ("python", "numpy")),),
    ),
    Case(
        name="numba-and-numpy-2.2",
        text="""\
name: speed
channels:
  - conda-forge
dependencies:
  - python=3.12
  - numba=0.60
  - numpy=2.2
  - pip
  - requests
  - tqdm
""",
        cores=(Expected(IN, ("numba", "numpy")),),
    ),
    Case(
        name="numba-numpy-and-python-3.13",
        text="""\
name: speed
channels:
  - conda-forge
dependencies:
  - python=3.13
  - numba=0.61
  - numpy=2.3
  - xarray
  - pip
  - tqdm
""",
        cores=(Expected(IN, ("python", "numba", "numpy")),),
        daily=True,
    ),
    Case(
        name="opencv-4.9-and-numpy-2",
        text="""\
name: cv
channels:
  - conda-forge
dependencies:
  - python=3.11
  - numpy=2
  - opencv=4.9
  - pip
  - requests
  - tqdm
""",
        cores=(Expected(IN, ("numpy", "opencv")),),
        time_class=HEAVY,
    ),
    Case(
        name="python-3.8-for-three",
        tree=WIDE,
        text="""\
name: old-python
channels:
  - conda-forge
dependencies:
  - python=3.8
  - pandas=2.1
  - numpy=1.25
  - scikit-learn=1.4
  - pip
  - tqdm
""",
        cores=(
            Expected(IN, ("python", "pandas")),
            Expected(IN, ("python", "numpy")),
            Expected(IN, ("python", "scikit-learn")),
        ),
        fix=("python",),
    ),
    Case(
        name="python-3.10-for-three",
        text="""\
name: old-python
channels:
  - conda-forge
dependencies:
  - python=3.10
  - scipy>=1.16
  - scikit-learn>=1.8
  - pandas>=3
  - pip
  - tqdm
""",
        cores=(
            Expected(IN, ("python", "scipy")),
            Expected(IN, ("python", "scikit-learn")),
            Expected(IN, ("python", "pandas")),
        ),
        fix=("python",),
    ),
    Case(
        name="pandas-0.20-and-python-3.7",
        tree=WIDE,
        text="""\
name: y2018
channels:
  - defaults-2018
dependencies:
  - python=3.7
  - numpy=1.15
  - pandas=0.20
  - scipy
  - pip
  - jupyter
""",
        cores=(Expected(IN, ("python", "pandas")),),
    ),
    Case(
        name="build-of-other-python",
        text="""\
name: pinned
channels:
  - conda-forge
dependencies:
  - python=3.12
  - numpy=1.26.4=py39*      # copied from an export
  - pandas
  - pip
  - requests
  - tqdm
""",
        cores=(Expected(IN, ("python", "numpy")),),
    ),
    Case(
        name="fastapi-and-pydantic-1",
        text="""\
name: api
channels:
  - conda-forge
dependencies:
  - python>=3.10
  - fastapi=0.120.4
  - pydantic=1.10      # our models are not migrated
  - pip
  - requests
  - tqdm
  - uvicorn
  - httpx
  - jinja2
  - pytest
  - sqlalchemy=2
""",
        cores=(Expected(IN, ("fastapi", "pydantic")),),
    ),
    Case(
        name="tokenizers-three-ways",
        text="""\
name: nlp
channels:
  - conda-forge
dependencies:
  - python=3.12
  - transformers=4.44.2
  - tokenizers=0.21
  - pip
  - requests
  - tqdm
  - pandas
  - numpy
  - ipykernel
  - scikit-learn
""",
        cores=(
            Expected(IN, ("python", "transformers")),
            Expected(IN, ("python", "tokenizers")),
            Expected(IN, ("transformers", "tokenizers")),
        ),
    ),
    Case(
        name="sphinx-and-docutils",
        text="""\
name: docs
channels:
  - conda-forge
dependencies:
  - python=3.12
  - sphinx=7.3.7
  - docutils>=0.22
  - pip
  - requests
  - tqdm
""",
        cores=(Expected(IN, ("sphinx", "docutils")),),
    ),
    Case(
        name="dask-and-distributed",
        text="""\
name: dask
channels:
  - conda-forge
dependencies:
  - python=3.12
  - dask=2026.7
  - distributed=2025.1
  - xarray
  - pip
  - tqdm
  - numpy
  - pandas
  - bokeh
  - ipykernel
""",
        cores=(Expected(IN, ("dask", "distributed")),),
    ),
    Case(
        name="jupyterlab-3-and-notebook-7",
        text="""\
name: notebooks
channels:
  - conda-forge
dependencies:
  - python=3.11
  - jupyterlab=3.6
  - notebook=7
  - ipykernel
  - pip
  - tqdm
""",
        cores=(Expected(IN, ("jupyterlab", "notebook")),),
    ),
    Case(
        name="gdal-3.6-for-two",
        text="""\
name: geo
channels:
  - conda-forge
dependencies:
  - python=3.13
  - gdal=3.6.2        # the old GRIB driver
  - rasterio
  - geopandas
  - pip
  - tqdm
  - xarray
  - jupyterlab
  - shapely
""",
        cores=(
            Expected(IN, ("python", "gdal")),
            Expected(IN, ("gdal", "rasterio")),
        ),
        fix=("gdal",),
    ),
    Case(
        name="gdal-3.9-and-rasterio-1.5",
        text="""\
name: geo
channels:
  - conda-forge
dependencies:
  - python=3.12
  - gdal=3.9
  - rasterio=1.5
  - geopandas
  - pip
  - tqdm
""",
        cores=(Expected(IN, ("gdal", "rasterio")),),
    ),
    Case(
        name="netcdf-and-h5py",
        text="""\
name: climate
channels:
  - conda-forge
dependencies:
  - python=3.12
  - netcdf4=1.6.5
  - pytables=3.10
  - h5py=3.15
  - pip
  - tqdm
""",
        cores=(Expected(IN, ("netcdf4", "h5py")),),
        daily=True,
    ),
    Case(
        name="arrow-far-below",
        text="""\
name: arrow
channels:
  - conda-forge
dependencies:
  - python=3.12
  - pytorch=2.10
  - opencv=4.10
  - pyarrow=17
  - numpy=2.0
  - tqdm
""",
        cores=(
            Expected(IN, ("pytorch", "opencv")),
            Expected(IN, ("pytorch", "pyarrow")),
            Expected(IN, ("python", "opencv", "pyarrow")),
        ),
        time_class=HEAVY,
    ),
    Case(
        name="r-and-geopandas",
        text="""\
name: r-and-python
channels:
  - conda-forge
dependencies:
  - python=3.11
  - r-base>=4.5
  - geopandas=0.13
  - pip
  - requests
  - tqdm
  - pandas
  - matplotlib
  - ipykernel
""",
        cores=(Expected(IN, ("python", "r-base", "geopandas")),),
        time_class=HEAVY,
    ),
    Case(
        name="datasets-shapely-fiona",
        tree=WIDE,
        text="""\
name: geo-nlp
channels:
  - conda-forge
dependencies:
  - python=3.10
  - datasets=2.21
  - shapely<2.0
  - fiona=1
  - pip
  - tqdm
""",
        cores=(Expected(IN, ("datasets", "shapely", "fiona")),),
        time_class=HEAVY,
    ),
    Case(
        name="jaxlib-and-libarrow",
        text="""\
name: arrow
channels:
  - conda-forge
dependencies:
  - python=3.11
  - jaxlib=0
  - libarrow=19.0
  - pandas
  - pip
  - tqdm
""",
        cores=(Expected(IN, ("python", "jaxlib", "libarrow")),),
        time_class=HEAVY,
    ),
    Case(
        name="fiona-and-openssl-1",
        tree=WIDE,
        text="""\
name: geo
channels:
  - conda-forge
dependencies:
  - python=3.12
  - fiona>=1.9
  - openssl<3.0       # an old client needs it
  - pandas
  - pip
  - tqdm
""",
        cores=(Expected(IN, ("python", "fiona", "openssl")),),
        time_class=HEAVY,
    ),
    Case(
        name="tensorboard-numba-protobuf",
        tree=WIDE,
        text="""\
name: boards
channels:
  - conda-forge
dependencies:
  - python=3.10
  - numba=0.61
  - tensorboard<2.11
  - protobuf<4.25
  - pandas
  - tqdm
""",
        cores=(Expected(IN, ("numba", "tensorboard", "protobuf")),),
    ),
    Case(
        name="four-lines",
        tree=WIDE,
        text="""\
name: everything
channels:
  - conda-forge
dependencies:
  - python=3.11
  - lightgbm=4
  - grpcio>=1
  - mypy=2.3
  - jax=0.4
  - tqdm
""",
        cores=(
            Expected(IN, ("python", "lightgbm", "grpcio", "jax")),
            Expected(IN, ("lightgbm", "grpcio", "mypy", "jax")),
        ),
    ),
    Case(
        name="two-independent",
        text="""\
name: two
channels:
  - pytorch
  - nvidia
  - conda-forge
dependencies:
  - python=3.12
  # arrays
  - jax=0.4.35
  - jaxlib=0.5.2
  # documents
  - sphinx=7.3.7
  - docutils>=0.22
  - pandas
  - pip
  - requests
  - matplotlib
  - ipykernel
""",
        cores=(
            Expected(IN, ("jax", "jaxlib")),
            Expected(IN, ("sphinx", "docutils")),
        ),
    ),
    Case(
        name="three-independent",
        text="""\
name: three
channels:
  - pytorch
  - nvidia
  - conda-forge
dependencies:
  - python=3.12
  - pip
  - jax=0.4.35
  - jaxlib=0.5.2
  - sphinx=7.3.7
  - docutils>=0.22
  - numba=0.60
  - numpy=2.2
  - scikit-lern
""",
        cores=(
            Expected(CoreKind.MISSING_PACKAGE, ("scikit-lern",)),
            Expected(IN, ("jax", "jaxlib")),
            Expected(IN, ("sphinx", "docutils")),
            Expected(IN, ("numba", "numpy")),
        ),
    ),
    Case(
        name="botocore-and-requests",
        tree=WIDE,
        text="""\
name: cloud
channels:
  - conda-forge
dependencies:
  - python=3.11
  - urllib3=2
  - botocore=1.29
  - requests=2.28
  - pip
  - tqdm
""",
        cores=(
            Expected(IN, ("urllib3", "botocore")),
            Expected(IN, ("urllib3", "requests")),
        ),
        fix=("urllib3",),
        daily=True,
    ),
    Case(
        name="click-7",
        tree=WIDE,
        text="""\
name: cli
channels:
  - conda-forge
dependencies:
  - python=3.11
  - click=7
  - dask=2024
  - black
  - pip
  - tqdm
""",
        cores=(
            Expected(IN, ("click", "dask")),
            Expected(IN, ("python", "click", "black")),
        ),
        fix=("click",),
        time_class=HEAVY,
    ),
    Case(
        name="old-openssl-and-pyarrow",
        tree=WIDE,
        text="""\
name: openssl
channels:
  - conda-forge
dependencies:
  - python=3.10
  - openssl=1.1
  - pyarrow=16
  - curl
  - pip
  - tqdm
""",
        cores=(Expected(IN, ("openssl", "pyarrow")),),
        fix=("openssl",),
    ),
)
