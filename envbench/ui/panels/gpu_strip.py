"""The GPUs in one line below the centre, where no pane shows them."""

from envbench.ui.ink import Line
from envbench.ui.panels.gpu_rows import describe_strip
from envbench.ui.state import GPUS, SPEC, ScreenState

SIDE_FROM, SIDE_AT_SPEC_FROM = 160, 110
"""Widths from which on the pane beside the centre shows them, elsewhere and at the spec."""
LEAST_ROWS = 20


def describe_gpu_strip(state: ScreenState, width: int, height: int) -> Line:
    """Say all GPUs in one line; empty where a pane shows them, or where there is no room or GPU.

    Args:
        state: All that is known.
        width: Of the screen.
        height: Of the screen.
    """
    if state.place == GPUS or state.zoomed or height < LEAST_ROWS:
        return ()
    sample = state.gpus.value
    if sample is None or not sample.gpus:
        return ()
    is_beside = width >= (SIDE_AT_SPEC_FROM if state.place == SPEC else SIDE_FROM)
    return () if is_beside else describe_strip(sample, width)
