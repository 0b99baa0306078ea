from dataclasses import replace

import pytest

from envbench.ui.commands.demo import OpenOffered
from envbench.ui.panels.welcome import describe_welcome, is_welcome_wanted
from envbench.ui.state import Fact, OpenSpec, ScreenState, Told
from envbench.workbench.sample_specs import SampleSpec
from envbench.workbench.spec_folder import SpecEntry, SpecFolder, SpecState
from tests.ui.panels.showing import WIDTHS, assert_fits, lines_of, text_of

SAMPLE = SampleSpec("torch-cuda.yml", "/s/torch-cuda.yml", "torch", "PyTorch with CUDA " * 9)
EMPTY = SpecFolder(path="/p", shown="/p", samples=(SAMPLE,))
ENTRY = SpecEntry(path="/p/a.yml", shown="a.yml", state=SpecState.OK)
FULL = replace(EMPTY, specs=(ENTRY,))
SPEC = OpenSpec(path="/p/a.yml", name="a.yml", text="", saved_text="")


def state(folder=None, **fact):
    return ScreenState(directory="/p", specs=Fact(folder, **fact))


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize(
    "shown",
    [state(), state(EMPTY), state(FULL), state(working="reading " * 9), state(fault="x " * 90)],
)
def test_nothing_is_too_wide(shown, width):
    assert_fits(describe_welcome(shown, width), width)


def test_an_empty_folder_says_what_to_do_and_offers_samples():
    shown = describe_welcome(state(EMPTY), 80)
    assert "No spec lies in /p yet." in text_of(shown)
    assert [row.key for row in shown.rows if row.selectable] == ["sample:/s/torch-cuda.yml"]
    keys = [line.split()[0] for line in lines_of(shown)[-5:]]
    assert keys == ["a", "Enter", "Tab", "?", "q"]


def test_preparing_the_demo_is_told():
    assert "packaging rich 15.0  3 of 9" in lines_of(
        describe_welcome(state(working="packaging rich 15.0  3 of 9"), 80)
    )


@pytest.mark.parametrize(
    ("shown", "wanted"),
    [
        (state(), False),
        (replace(state(), walk=0), True),
        (state(fault="no such folder"), True),
        (state(EMPTY), True),
        (state(FULL), False),
        (replace(state(FULL), told=(Told("cannot be read", "error"),)), True),
        (replace(state(EMPTY), spec=SPEC), False),
    ],
)
def test_it_comes_only_when_no_spec_is_about_to_open(shown, wanted):
    assert is_welcome_wanted(shown) is wanted


def test_enter_opens_what_is_under_the_cursor():
    assert OpenOffered().panes == ("welcome",)
