"""Edits of specs, as laws over layouts: the outcome says what was wanted, the rest stays."""

import difflib

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from spec_layouts import MadeSpec, made_specs

from envbench.formats.environment_yml import parse_spec
from envbench.formats.spec_edits import (
    add_channel,
    add_dependency,
    add_pip_requirement,
    move_to_conda,
    move_to_pip,
    relax_pin,
    remove_dependency,
    remove_pip_requirement,
    set_pin,
    set_pip_pin,
)
from envbench.model.errors import UsageError
from envbench.model.matchspec import parse_match_spec
from envbench.model.pip_lines import classify_pip_item
from envbench.model.spec import SpecText

LAWS = settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)


def said(text):
    spec = parse_spec(SpecText(text)).spec
    return (
        [item.text for item in spec.dependencies],
        [item.text for item in spec.pip],
        [entry.name for entry in spec.channels],
    )


def rest_of(text):
    spec = parse_spec(SpecText(text)).spec
    return spec.name, spec.platforms, [(v.name, v.value) for v in spec.variables]


def changed_rows(before, after):
    """Rows that went and rows that came, with their line ends."""
    old, new = before.splitlines(keepends=True), after.splitlines(keepends=True)
    # A row that was last may gain a line end: that is no change of the row.
    plain = lambda rows: [row.rstrip("\r\n") for row in rows]  # noqa: E731
    codes = difflib.SequenceMatcher(None, plain(old), plain(new), autojunk=False).get_opcodes()
    gone = [row for tag, i, j, _, _ in codes if tag != "equal" for row in old[i:j]]
    come = [row for tag, _, _, k, m in codes if tag != "equal" for row in new[k:m]]
    return gone, come


def assert_line_ends_kept(before, after):
    if "\r\n" in before:
        assert "\n" not in after.replace("\r\n", "")
    else:
        assert "\r" not in after


def assert_rest_kept(made, after):
    assert rest_of(after) == rest_of(made.text)
    assert_line_ends_kept(made.text, after)
    comments = [row.strip() for row in made.text.splitlines() if row.strip().startswith("#")]
    kept = [row.strip() for row in after.splitlines() if row.strip().startswith("#")]
    assert kept == comments


def test_the_layouts_say_what_they_are_made_of():
    @LAWS
    @given(made_specs())
    def law(made):
        expected = (list(made.conda), list(made.pip or ()), list(made.channels or ()))
        assert said(made.text) == expected

    law()


@LAWS
@given(made_specs(), st.data())
def test_set_pin_changes_one_row(made: MadeSpec, data):
    assume(made.conda)
    index = data.draw(st.integers(0, len(made.conda) - 1))
    name = parse_match_spec(made.conda[index]).name
    constraint = data.draw(st.sampled_from(("=1.26.*", ">=1.20,<2", "==3", "", "=2.0=cuda*")))
    after = set_pin(SpecText(made.text), name, constraint).apply(made.text)
    wanted = list(made.conda)
    wanted[index] = name + constraint
    assert said(after) == (wanted, list(made.pip or ()), list(made.channels or ()))
    assert_rest_kept(made, after)
    gone, come = changed_rows(made.text, after)
    assert len(gone) == len(come) <= 1


@LAWS
@given(made_specs(), st.data())
def test_relaxing_twice_is_relaxing_once(made: MadeSpec, data):
    assume(made.conda)
    name = parse_match_spec(data.draw(st.sampled_from(made.conda))).name
    once = relax_pin(SpecText(made.text), name).apply(made.text)
    assert relax_pin(SpecText(once), name).apply(once) == once
    assert name in said(once)[0]


@LAWS
@given(made_specs())
def test_add_dependency_changes_no_row_but_flow_lists(made: MadeSpec):
    after = add_dependency(SpecText(made.text), "newcomer>=1,<2").apply(made.text)
    conda, pip, channels = said(after)
    assert [text for text in conda if text != "newcomer>=1,<2"] == list(made.conda)
    assert conda.count("newcomer>=1,<2") == 1
    assert (pip, channels) == (list(made.pip or ()), list(made.channels or ()))
    assert_rest_kept(made, after)
    gone, come = changed_rows(made.text, after)
    assert len(come) == 1
    assert not gone or "dependencies: " in gone[0]


@LAWS
@given(made_specs())
def test_adding_then_removing_a_dependency_gives_the_same_spec(made: MadeSpec):
    assume(made.conda)
    added = add_dependency(SpecText(made.text), "newcomer=1").apply(made.text)
    removed = remove_dependency(SpecText(added), "newcomer").apply(added)
    assert removed.rstrip("\r\n") == made.text.rstrip("\r\n")


@LAWS
@given(made_specs(), st.data())
def test_remove_dependency_takes_one_row(made: MadeSpec, data):
    assume(made.conda)
    index = data.draw(st.integers(0, len(made.conda) - 1))
    name = parse_match_spec(made.conda[index]).name
    after = remove_dependency(SpecText(made.text), name).apply(made.text)
    wanted = list(made.conda)
    del wanted[index]
    assert said(after) == (wanted, list(made.pip or ()), list(made.channels or ()))
    assert_rest_kept(made, after)
    gone, come = changed_rows(made.text, after)
    assert len(gone) == 1
    assert not come or "dependencies: [" in come[0]


@LAWS
@given(made_specs())
def test_add_pip_requirement(made: MadeSpec):
    after = add_pip_requirement(SpecText(made.text), "newcomer[x]>=1,<2").apply(made.text)
    conda, pip, channels = said(after)
    assert pip == [*(made.pip or ()), "newcomer[x]>=1,<2"]
    assert (conda, channels) == (list(made.conda), list(made.channels or ()))
    assert_rest_kept(made, after)


@LAWS
@given(made_specs(), st.data())
def test_pip_pin_and_removal(made: MadeSpec, data):
    assume(made.pip)
    index = data.draw(st.integers(0, len(made.pip) - 1))
    name = classify_pip_item(made.pip[index]).requirement.name
    pinned = set_pip_pin(SpecText(made.text), name, "==9.9").apply(made.text)
    wanted = list(made.pip)
    wanted[index] = f"{name}==9.9"
    assert said(pinned)[1] == wanted
    assert_rest_kept(made, pinned)
    removed = remove_pip_requirement(SpecText(made.text), name).apply(made.text)
    del wanted[index]
    assert said(removed) == (list(made.conda), wanted, list(made.channels or ()))
    assert rest_of(removed) == rest_of(made.text)
    assert_line_ends_kept(made.text, removed)


@LAWS
@given(made_specs(), st.data())
def test_moves_keep_everything_else(made: MadeSpec, data):
    assume(made.conda)
    index = data.draw(st.integers(0, len(made.conda) - 1))
    match = parse_match_spec(made.conda[index])
    assume(not match.name.startswith("_"))  # no name that PyPI could have
    moved = move_to_pip(SpecText(made.text), match.name).apply(made.text)
    conda, pip, channels = said(moved)
    assert conda == [text for i, text in enumerate(made.conda) if i != index]
    assert pip[:-1] == list(made.pip or ())
    assert channels == list(made.channels or ())
    assert rest_of(moved) == rest_of(made.text)
    assert_line_ends_kept(made.text, moved)
    requirement = classify_pip_item(pip[-1]).requirement
    back = move_to_conda(SpecText(moved), requirement.name).apply(moved)
    again = [parse_match_spec(text) for text in said(back)[0]]
    assert {m.name for m in again} == {parse_match_spec(t).name for t in made.conda}
    assert next(m.version for m in again if m.name == match.name) == match.version


@LAWS
@given(made_specs(), st.booleans())
def test_add_channel(made: MadeSpec, first):
    after = add_channel(SpecText(made.text), "newcomer", first=first).apply(made.text)
    old = list(made.channels or ())
    wanted = ["newcomer", *old] if first else [*old, "newcomer"]
    assert said(after) == (list(made.conda), list(made.pip or ()), wanted)
    assert_rest_kept(made, after)


HARD = st.text(
    alphabet=st.sampled_from("-:[]{},#'\"|>&*!%@ \n\r\tab=1.\u2028\x85é\ufeff"), max_size=60
)


@settings(max_examples=150, deadline=None)
@given(
    HARD,
    st.sampled_from(("", "dependencies:\n- a\n", "channels: [x]\ndependencies: [a, {pip: [b]}]\n")),
)
def test_an_edit_is_right_or_refused_whatever_the_text(noise, head):
    source = SpecText(head + noise)
    for make in (
        lambda: add_dependency(source, "newcomer>=1,<2"),
        lambda: add_pip_requirement(source, "other==1"),
        lambda: set_pin(source, "a", ">=1,<2"),
        lambda: remove_dependency(source, "a"),
        lambda: add_channel(source, "chan"),
    ):
        try:
            edit = make()
        except UsageError:
            continue
        assert parse_spec(source.with_text(edit.apply(source.text))).spec is not None


@pytest.mark.parametrize("text", ["", "- a\n", "a: [", "\ufeffdependencies: [a]\n"])
def test_texts_that_are_no_specs_are_refused(text):
    with pytest.raises(UsageError):
        add_dependency(SpecText(text), "numpy")
