"""The list of specs and the list of problems, in all their states and widths."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envbench.ui.panels.problems_panel import describe_problems
from envbench.ui.panels.specs_panel import describe_specs
from envbench.ui.state import Fact
from envbench.workbench.values.recent import RecentSpec
from envbench.workbench.values.spec_folder import SpecFolder, SpecState
from tests.ui.panels.plan_examples import lines_of, widest
from tests.ui.states import EMPTY, ENTRY, FOLDER, PROBLEMS, SPEC, states

CROSS = "\N{MULTIPLICATION SIGN}"
TRIANGLE = "\N{BLACK UP-POINTING TRIANGLE}"


@given(states(), st.sampled_from([20, 25, 35, 60, 120, 200]))
def test_both_lists_hold_in_every_state_and_width(state, width):
    specs = describe_specs(state, width)
    assert widest(specs) <= width
    assert len({row.key for row in specs.rows}) == len(specs.rows)
    problems = describe_problems(state.spec, width)
    assert widest(problems) <= width
    assert len({row.key for row in problems.rows}) == len(problems.rows)


@pytest.mark.parametrize(
    ("state", "more", "said"),
    [
        (SpecState.OK, {}, "ok"),
        (SpecState.BROKEN, {}, f"{CROSS} broken"),
        (SpecState.UNREADABLE, {}, f"{CROSS} unreadable"),
        (SpecState.UNCHECKED, {}, "not checked"),
        (SpecState.PROBLEMS, {"errors": 2}, f"{CROSS} 2"),
        (SpecState.OK, {"warnings": 3}, f"{TRIANGLE} 3"),
        (SpecState.DRAFT, {"has_draft": True}, "draft"),
        (SpecState.OK, {"built": 1, "built_matches": True}, "built"),
        (SpecState.OK, {"built": 1}, "stale"),
    ],
)
def test_a_spec_is_told_in_words(state, more, said):
    folder = replace(FOLDER, specs=(replace(ENTRY, state=state, **more),))
    view = describe_specs(replace(EMPTY, specs=Fact(folder)), 40)
    assert lines_of(view)[0].rstrip().endswith(said)


def test_the_open_spec_is_marked_and_told_as_the_editor_has_it():
    state = replace(EMPTY, specs=Fact(FOLDER), spec=replace(SPEC, text="x"))
    first = lines_of(describe_specs(state, 40))[0]
    assert first.startswith("\N{BLACK RIGHT-POINTING POINTER} environment.yml")
    assert first.rstrip().endswith("unsaved *")


def test_an_empty_folder_says_which_key_fills_it_and_a_failed_list_why():
    empty = describe_specs(replace(EMPTY, specs=Fact(SpecFolder(path="/f", shown="/f"))), 40)
    assert "a new" in " ".join(lines_of(empty))
    failed = describe_specs(replace(EMPTY, specs=Fact(fault="the disk is gone")), 40)
    assert f"{CROSS} the disk is gone" in " ".join(lines_of(failed))


def test_paths_that_are_too_long_keep_their_end():
    recent = tuple(
        RecentSpec(
            path=f"/r{n}",
            shown=f"/home/日本語/a/very/long/way/to/spec{n}.yml",
            opened="2026-01-01T00:00:00+00:00",
        )
        for n in range(12)
    )
    view = describe_specs(replace(EMPTY, specs=Fact(replace(FOLDER, recent=recent))), 24)
    shown = [line for line in lines_of(view) if "/to/spec" in line]
    assert len(shown) == 8
    assert all(line.rstrip().endswith(".yml") for line in shown)


def test_problems_have_a_mark_a_place_and_a_way_out():
    text = "\n".join(lines_of(describe_problems(replace(SPEC, problems=PROBLEMS), 60)))
    assert f"{CROSS} EB201 line 3" in text
    assert "^O write numpy" in text
    assert "add python=3.12" in text


def test_problems_say_when_they_are_checked_old_or_cannot_be_known():
    assert "checking" in " ".join(lines_of(describe_problems(replace(SPEC, checked=-1), 60)))
    assert describe_problems(replace(SPEC, version=5), 60).badge == "checking"
    fault = describe_problems(replace(SPEC, check_fault="the desk is gone", checked=-1), 60)
    assert fault.badge == "not checked"
    assert "The next change tries again" in " ".join(lines_of(fault))
    assert describe_problems(SPEC, 60).badge == "none"
