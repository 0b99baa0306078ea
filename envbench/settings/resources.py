"""Finds the files that come with envbench, in a wheel and in a checkout."""

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parents[1]


def find_resources(name: str) -> Path:
    """Give a folder of files that come with envbench.

    Args:
        name: `sample_specs` or `themes`.
    """
    inside_wheel = _PACKAGE / "data" / name
    return inside_wheel if inside_wheel.is_dir() else _PACKAGE.parent / name
