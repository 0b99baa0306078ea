"""The plan on the screen, in each of its states."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envbench.ui.ink import plain
from envbench.ui.panels.held_back_lines import LOW_LINES
from envbench.ui.panels.plan_panel import STOPPED, describe_plan
from envbench.ui.state import PLAN, Fact, PlanFace
from tests.ui.panels.plan_examples import (
    NEW,
    SPEC,
    lines_of,
    make_conflict,
    make_view,
    state_of,
    widest,
)

WIDTHS = (20, 27, 35, 60, 120)


def test_without_a_plan_it_says_which_key_makes_one():
    assert (
        lines_of(describe_plan(state_of(None), 60))[0] == "No plan. s solves, nothing is touched."
    )


def test_without_a_spec_it_says_where_specs_are():
    assert "No spec is open" in lines_of(describe_plan(state_of(None, None), 60))[0]


def test_a_difference_shows_surprises_first_and_folds_what_stays():
    view = describe_plan(state_of(make_view(against="lab")), 100)

    assert view.badge == "SAFE TO BUILD"
    assert [row.key for row in view.rows] == [
        "package:pytorch",
        "package:typing-extensions",
        "package:numpy",
        "package:zlib",
        "package:icu",
        "package:keras",
        "package:tensorboard-data",
        "pip:9",
        "same",
    ]
    assert view.keys == "b build as gen 5  f pip part  i what if"


def test_a_difference_marks_each_kind_and_names_who_asks():
    view = describe_plan(state_of(make_view(against="lab")), 120)
    rows = {row.key: " ".join(row.plain.split()) for row in view.rows}

    assert rows == {
        "package:pytorch": "▲ pytorch 2.3.0 2.4.0 CPU build line 6 1.50 MB",
        "package:typing-extensions": "▼ typing-extensions 4.12.2 4.5.0 pytorch 1.50 MB",
        "package:numpy": "▲ numpy 1.23.5 mkl_0 1.23.5 openblas_0 keras 1.50 MB",
        "package:zlib": "▲ zlib defaults::1.3 conda-forge::1.3 - 1.50 MB",
        "package:icu": "~ icu 72.1 73.2 keras 1.50 MB",
        "package:keras": "+ keras - 2.13.1 line 7 1.50 MB",
        "package:tensorboard-data": "- tensorboard-data 0.7.0 - - -",
        "pip:9": "p openai>=1 at build line 9",
        "same": "= 2 same space lists them",
    }


def test_the_summary_counts_and_says_what_is_to_be_fetched():
    text = "\n".join(lines_of(describe_plan(state_of(make_view(against="lab")), 120)))

    assert "solved in 0.9 s   against lab gen 4   linux-64, __glibc 2.35, __cuda 12.4" in text
    assert "5 change  1 new  1 goes  2 same  1 by pip" in text
    assert "get 1.90 GB and 1 of unknown size in 3, 5 cached" in text
    assert "on disk 5.00 MB + 3 not known yet" in text
    assert "▼ 1 step back: typing-extensions" in text
    assert "▲ CPU build in the place of a GPU build: pytorch" in text


def test_without_a_gpu_a_cpu_build_is_told_with_its_reason():
    shown = describe_plan(state_of(make_view(cuda=None)), 120)

    assert "▲ CPU build: pytorch; no GPU driver seen here" in lines_of(shown)


def test_unfolded_the_packages_that_stay_are_listed():
    face = PlanFace(unfolded=True)
    view = describe_plan(state_of(make_view(against="lab"), plan_face=face), 100)

    assert [row.key for row in view.rows][-3:] == ["same", "package:python", "package:openssl"]


@pytest.mark.parametrize(("against", "whole"), [("", False), ("lab", True)])
def test_the_whole_plan_begins_with_what_lines_ask_for(against: str, whole: bool):
    face = PlanFace(whole=whole)
    view = describe_plan(state_of(make_view(against=against), plan_face=face), 100)
    keys = [row.key for row in view.rows]

    assert keys[:4] == ["heading:asked", "package:keras", "package:python", "package:pytorch"]
    assert keys[4:7] == ["heading:pip", "pip:9", "heading:rest"]
    assert not view.rows[0].selectable
    assert len(keys) == len(NEW) + 4


def test_nothing_to_change_is_said():
    shown = describe_plan(state_of(make_view(against="lab", old=NEW)), 100)

    assert "● no conda package changes" in lines_of(shown)
    assert [row.key for row in shown.rows] == ["pip:9", "same"]


def test_the_row_under_the_cursor_is_explained():
    chosen = {PLAN: "package:typing-extensions"}
    view = describe_plan(state_of(make_view(against="lab"), selected=chosen), 120)
    told = [lines_of(view)[-2], lines_of(view)[-1]]

    assert told[0] == "typing-extensions 4.5.0 0   1.50 MB   MIT   conda-forge/linux-64"
    assert told[1] == "needed by pytorch"


def test_why_shows_the_way_up_to_the_lines():
    chosen = {PLAN: "package:openssl"}
    face = PlanFace(why=True, unfolded=True)
    view = describe_plan(state_of(make_view(against="lab"), selected=chosen, plan_face=face), 120)

    assert "why  line 5 python=3.11 needs openssl" in lines_of(view)


@pytest.mark.parametrize("width", [54, 78])
def test_what_holds_a_package_back_is_said_where_there_are_few_lines(width: int):
    chosen = {PLAN: "package:typing-extensions"}
    state = state_of(make_view(against="lab"), selected=chosen, plan_face=PlanFace(why=True))
    low = describe_plan(state, width, is_low=True)
    assert "w asks what holds typing-extensions back" in " ".join(map(plain, low.bottom))
    assert len(low.bottom) == LOW_LINES


def test_why_a_package_goes():
    chosen = {PLAN: "package:tensorboard-data"}
    view = describe_plan(
        state_of(make_view(against="lab"), selected=chosen, plan_face=PlanFace(why=True)), 120
    )

    assert "why  it goes: no line and no package of the plan needs it" in lines_of(view)


@pytest.mark.parametrize("face", [PlanFace(), PlanFace(why=True)])
@pytest.mark.parametrize("width", WIDTHS)
def test_what_stands_below_keeps_its_height(width: int, face: PlanFace):
    state = state_of(make_view(against="lab"), plan_face=face)
    keys = [row.key for row in describe_plan(state, width).rows]
    heights = {
        len(describe_plan(replace(state, selected={PLAN: key}), width).bottom) for key in keys
    }

    assert len(heights) == 1


def test_a_solve_at_work_says_what_it_waits_for_and_since_when():
    working = Fact(None, working="reading the index of conda-forge")
    view = describe_plan(state_of(None, solve=working, tick=12, solve_tick=7), 120)

    assert view.badge == "SOLVING"
    assert lines_of(view) == ["► reading the index of conda-forge   5.0 s   x stops it"]


def test_a_solve_at_work_keeps_the_plan_before_and_says_so():
    working = Fact(make_view(against="lab"), working="solving")
    view = describe_plan(state_of(None, solve=working), 120)

    assert view.badge == "SOLVING"
    assert "what is below is the one before" in lines_of(view)[0]
    assert len(view.rows) == 9


def test_a_failed_solve_says_why_and_what_next():
    failed = Fact(None, fault="https://x: no answer", hint="look at the network")
    view = describe_plan(state_of(None, solve=failed), 80)

    assert view.badge == "FAILED"
    assert lines_of(view) == [
        "\N{MULTIPLICATION SIGN} https://x: no answer",
        "look at the network",
        "s solves again",
    ]


def test_a_stopped_solve_says_that_nothing_was_changed():
    view = describe_plan(state_of(None, solve=Fact(None, fault=STOPPED)), 80)

    assert view.badge == "STOPPED"
    assert lines_of(view) == ["The solve was stopped, nothing was changed.   s solves"]


@pytest.mark.parametrize(
    "spec",
    [replace(SPEC, text="b"), replace(SPEC, sha256="other"), replace(SPEC, disk="changed")],
)
def test_a_spec_that_moved_on_makes_the_plan_old(spec: object):
    view = describe_plan(state_of(make_view(), spec), 80)

    assert view.badge == "SPEC CHANGED"
    assert lines_of(view)[0] == "▲ The spec changed since: s again"


def test_a_plan_of_another_spec_is_named():
    view = describe_plan(state_of(make_view(), replace(SPEC, path="/elsewhere/other.yml")), 80)

    assert (view.title, view.badge) == ("env.yml: plan", "ANOTHER SPEC")


def test_where_there_are_few_lines_packages_have_them():
    state = state_of(make_view(against="lab"))
    high, low = describe_plan(state, 56), describe_plan(state, 56, is_low=True)

    assert (len(low.top), len(low.bottom)) == (2, 1)
    assert len(high.top) > 4
    assert low.rows == high.rows


FACES = st.builds(PlanFace, st.booleans(), st.booleans(), st.booleans(), st.booleans())
VIEWS = st.sampled_from([None, make_view(), make_view(against="lab"), make_conflict()])
KEYS = st.sampled_from(["", "same", "package:icu", "pip:9", "cause:6:0", "text:1", "odd"])


@given(
    VIEWS,
    FACES,
    KEYS,
    st.integers(10, 200),
    st.sampled_from(["", "reading the index of a"]),
    st.sampled_from(["", STOPPED, "no answer " * 30]),
    st.booleans(),
)
def test_nothing_is_wider_than_the_pane(
    view: object, face: PlanFace, key: str, width: int, working: str, fault: str, is_low: bool
):
    fact = Fact(view, working=working, fault=fault, hint="hint")
    state = state_of(None, solve=fact, plan_face=face, selected={PLAN: key})

    shown = describe_plan(state, width, is_low=is_low)

    assert widest(shown) <= width
    assert len({row.key for row in shown.rows}) == len(shown.rows)
