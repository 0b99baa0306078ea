"""A driver library made by the compiler: real calls, real hangs, real crashes."""

import pytest

from tests.gpu_driver import StubBox


@pytest.fixture
def box(tmp_path) -> StubBox:
    """A function from lines that describe a box to an environment that has this driver."""
    return StubBox(tmp_path)
