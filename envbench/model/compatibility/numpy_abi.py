"""Which releases were the first to be built for NumPy 2.

A compiled module built with the C API of NumPy 1 cannot be loaded by NumPy 2, and the metadata of
such wheels mostly has no upper bound that would say so.
"""

from dataclasses import dataclass

from packaging.version import InvalidVersion, Version

from envbench.model.compatibility.sources import NUMPY_TRACKER, WHEEL_SCAN, FactSource


@dataclass(frozen=True, slots=True)
class NumpyRow:
    """One distribution."""

    distribution: str
    first: str
    """The first version whose wheels are built for NumPy 2 (and run with NumPy 1, too)."""
    source: FactSource


NUMPY_2 = (
    NumpyRow("pandas", "2.2.2", WHEEL_SCAN),
    NumpyRow("scipy", "1.13.0", WHEEL_SCAN),
    NumpyRow("scikit-learn", "1.4.2", WHEEL_SCAN),
    NumpyRow("numexpr", "2.10.0", WHEEL_SCAN),
    NumpyRow("matplotlib", "3.8.4", WHEEL_SCAN),
    NumpyRow("pyarrow", "16.0.0", WHEEL_SCAN),
    NumpyRow("h5py", "3.11.0", WHEEL_SCAN),
    NumpyRow("numba", "0.60.0", WHEEL_SCAN),
    NumpyRow("opencv-python", "4.10.0", NUMPY_TRACKER),
    NumpyRow("opencv-python-headless", "4.10.0", WHEEL_SCAN),
    NumpyRow("opencv-contrib-python", "4.10.0", NUMPY_TRACKER),
    NumpyRow("opencv-contrib-python-headless", "4.10.0", NUMPY_TRACKER),
    NumpyRow("shapely", "2.0.4", WHEEL_SCAN),
    NumpyRow("statsmodels", "0.14.2", WHEEL_SCAN),
    NumpyRow("scikit-image", "0.23.0", NUMPY_TRACKER),
    NumpyRow("ml-dtypes", "0.4.0", WHEEL_SCAN),
    NumpyRow("bottleneck", "1.4.0", WHEEL_SCAN),
    NumpyRow("netcdf4", "1.7.0", WHEEL_SCAN),
    NumpyRow("rasterio", "1.3.10", WHEEL_SCAN),
    NumpyRow("onnxruntime", "1.19.0", WHEEL_SCAN),
    NumpyRow("pywavelets", "1.6.0", WHEEL_SCAN),
    NumpyRow("cftime", "1.6.4", WHEEL_SCAN),
    NumpyRow("blis", "1.0.0", WHEEL_SCAN),
)


def find_numpy_row(distribution: str) -> NumpyRow | None:
    """Find the row of a distribution; None when the table does not have it."""
    return next((row for row in NUMPY_2 if row.distribution == distribution), None)


def is_built_for_numpy_1(distribution: str, version: str) -> bool | None:
    """Tell whether a release was built for NumPy 1 only; None when the table does not know."""
    row = find_numpy_row(distribution)
    if row is None:
        return None
    try:
        return Version(version) < Version(row.first)
    except InvalidVersion:
        return None
