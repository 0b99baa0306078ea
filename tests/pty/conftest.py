"""Boxes for tests of the whole screen."""

from pathlib import Path

import pytest

from tests.pty.bench_box import BenchBox


@pytest.fixture
def bench_box(tmp_path: Path) -> BenchBox:
    """Give a box on which nobody has done anything yet."""
    return BenchBox(tmp_path / "box")
