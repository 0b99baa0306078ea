# ruff: noqa: RUF001 - the marks are those of the screen
import pytest

from envbench.ui.panels.gpus_panel import describe_gpus
from envbench.ui.panels.side_gpus import count_lines, describe_side_gpus
from envbench.ui.state import Fact, ScreenState
from tests.ui.panels import boxes
from tests.ui.panels.showing import WIDTHS, assert_fits, lines_of, text_of

DESCRIBERS = (describe_gpus, describe_side_gpus)


def state(box=None, **fact):
    return ScreenState(directory="/p", box=Fact(box, **fact))


@pytest.mark.parametrize("describe", DESCRIBERS)
@pytest.mark.parametrize("box", boxes.ALL)
@pytest.mark.parametrize("width", WIDTHS)
def test_nothing_is_too_wide(describe, box, width):
    assert_fits(describe(state(box), width), width)


def test_without_a_driver_the_side_needs_two_lines():
    shown = describe_side_gpus(state(boxes.PLAIN), 33)
    assert text_of(shown) == "no NVIDIA driver found; CPU, RAM and disk below"
    assert count_lines(shown) == 2


def test_without_a_driver_the_place_says_how_to_solve_for_a_box_that_has_one():
    shown = text_of(describe_gpus(state(boxes.PLAIN), 100))
    assert shown.startswith("no NVIDIA driver found")
    assert "envbench solve SPEC --host box.toml" in shown
    assert "×" not in shown


@pytest.mark.parametrize("describe", DESCRIBERS)
def test_a_driver_that_does_not_answer_is_a_fault_with_a_remedy(describe):
    shown = text_of(describe(state(boxes.MISMATCH), 100))
    assert shown.startswith("× GPUs are not known: Driver/library version mismatch")
    assert "reboot" in shown


@pytest.mark.parametrize("describe", DESCRIBERS)
def test_gpus_are_named_and_nothing_is_invented(describe):
    shown = describe(state(boxes.GPUS), 60)
    first, second = (line.split() for line in lines_of(shown) if line.lstrip()[:2] in {"0 ", "1 "})
    assert first == ["0", "NVIDIA", "A100-SXM4-80GB", "85.0", "GB", "sm_80"]
    assert second == ["1", "-", "-", "-"], "unknown is -, never 0"
    assert "live readings are not part of this version yet" in text_of(shown)
    assert [row.key for row in shown.rows] == ["gpu:0", "gpu:1"]


def test_the_driver_is_named():
    assert "driver 550.54.15 CUDA 12.4" in text_of(describe_gpus(state(boxes.GPUS), 60))
    assert "it has no GPU" in text_of(describe_gpus(state(boxes.NO_GPU), 60))


@pytest.mark.parametrize("describe", DESCRIBERS)
def test_before_and_without_an_answer(describe):
    assert text_of(describe(state(working="looking at this box"), 33)) == "looking at this box"
    failed = describe(state(fault="the workbench stopped", hint="r tries again"), 60)
    assert text_of(failed) == "× the workbench stopped r tries again"


def test_an_old_answer_is_marked():
    shown = describe_gpus(state(boxes.GPUS, fault="the workbench stopped"), 60)
    assert shown.badge == "old"
    assert "× the workbench stopped" in text_of(shown)
