"""Which Python and which CUDA the releases of frameworks were made for."""

from dataclasses import dataclass

from envbench.model.compatibility.sources import (
    JAX_WHEEL,
    PYTORCH_MATRIX,
    TENSORFLOW_TABLE,
    TORCH_WHEEL,
    FactSource,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseRow:
    """One series of releases of a framework."""

    framework: str
    """The distribution's name on PyPI."""
    series: str
    """`2.13` for every 2.13.x."""
    pythons: tuple[str, ...]
    """Minor versions that it was built for, oldest first."""
    is_open: bool = False
    """Newer Pythons may be supported, too: only the oldest is known."""
    cudas: tuple[str, ...] = ()
    """CUDA versions that its GPU builds are made with; empty when unknown."""
    cudnn: str = ""
    source: FactSource


def _span(first: int, last: int) -> tuple[str, ...]:
    return tuple(f"3.{minor}" for minor in range(first, last + 1))


def _tensorflow(series: str, first: int, last: int, cudnn: str, cuda: str) -> ReleaseRow:
    return ReleaseRow(
        framework="tensorflow",
        series=series,
        pythons=_span(first, last),
        cudas=(cuda,),
        cudnn=cudnn,
        source=TENSORFLOW_TABLE,
    )


RELEASES = (
    _tensorflow("2.21", 10, 13, "9.3", "12.5"),
    _tensorflow("2.20", 9, 13, "9.3", "12.5"),
    _tensorflow("2.19", 9, 12, "9.3", "12.5"),
    _tensorflow("2.18", 9, 12, "9.3", "12.5"),
    _tensorflow("2.17", 9, 12, "8.9", "12.3"),
    _tensorflow("2.16", 9, 12, "8.9", "12.3"),
    _tensorflow("2.15", 9, 11, "8.9", "12.2"),
    _tensorflow("2.14", 9, 11, "8.7", "11.8"),
    _tensorflow("2.13", 8, 11, "8.6", "11.8"),
    _tensorflow("2.12", 8, 11, "8.6", "11.8"),
    _tensorflow("2.11", 7, 10, "8.1", "11.2"),
    _tensorflow("2.10", 7, 10, "8.1", "11.2"),
    _tensorflow("2.9", 7, 10, "8.1", "11.2"),
    _tensorflow("2.8", 7, 10, "8.1", "11.2"),
    ReleaseRow(
        framework="torch",
        series="2.13",
        pythons=_span(10, 14),
        cudas=("12.6", "13.0", "13.2"),
        cudnn="9",
        source=PYTORCH_MATRIX,
    ),
    ReleaseRow(
        framework="torch", series="2.14", pythons=("3.10",), is_open=True, source=TORCH_WHEEL
    ),
    ReleaseRow(framework="jax", series="0.10", pythons=("3.11",), is_open=True, source=JAX_WHEEL),
)


def list_releases(framework: str) -> tuple[ReleaseRow, ...]:
    """List the rows of a framework, newest first."""
    return tuple(row for row in RELEASES if row.framework == framework)


def find_release(framework: str, version: str) -> ReleaseRow | None:
    """Find the row of a version, `2.13.1`; None when the table does not have it."""
    series = ".".join(version.split("+")[0].split(".")[:2])
    return next((row for row in list_releases(framework) if row.series == series), None)
