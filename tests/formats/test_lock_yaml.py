"""YAML of locks: what is a text stays a text, for every reader."""

import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from envbench.formats.lock_tree import read_lock_tree
from envbench.formats.lock_yaml import write_lock_yaml, write_scalar

TRAPS = [
    "3.10", "010", "1:30", "2024-01-01", "1" * 64, "no", "No", "y", "on", "null", "~", "", "1e10",
    "1E5", "12e3", "0x1f", "0o17", "0b1", "1_000", ".5", "5.", "-1", "+1", "1,000", ".inf", ".NaN",
    "=", "<<", "2024-01-01T00:00:00", "2024-01-01 10:00:00", "190:20:30.15", "true",
]  # fmt: skip


@pytest.mark.parametrize("text", TRAPS)
def test_what_readers_take_for_something_else_is_quoted(text):
    assert write_scalar(text)[0] in "'\""
    document = write_lock_yaml({"package": [{"version": text}], "hash": {text or "k": [text]}})
    found = yaml.safe_load(document)
    assert found == {"package": [{"version": text}], "hash": {text or "k": [text]}}


@pytest.mark.parametrize(
    "text",
    ["1.26.4", "2024a", "python >=3.11,<3.12.0a0", "py311h64a7726_0", "https://x.example/a#b",
     "a>=1 ; extra == 'x'", "-e file:///a", "--extra-index-url https://x.example", "name==1.0",
     "conda-forge::numpy==1.0", "~=1.4", "git+https://x.example/a?rev=b#b"],
)  # fmt: skip
def test_what_nobody_mistakes_stays_bare(text):
    assert write_scalar(text) == text


_texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=40) | st.text(
    "019.eE:-+_ xob#'\"\\\n\t~?[]{}&*!|>%@`yn", max_size=12
)


@given(_texts)
@example("a #b")
@example("\x85")
@example("\u2028x")
@example("\ufeff")
def test_every_text_comes_back_as_this_text(text):
    written = write_lock_yaml({"a": [text, {"b": text}], "c": {"d": text}})
    assert yaml.safe_load(written) == {"a": [text, {"b": text}], "c": {"d": text}}


@given(_texts)
def test_readers_of_yaml_1_2_agree(text):
    ruamel = pytest.importorskip("ruamel.yaml")
    written = write_lock_yaml({"a": text})
    assert ruamel.YAML(typ="safe", pure=True).load(written) == {"a": text}


_values = st.recursive(
    st.text(st.characters(codec="ascii", categories=["L", "N", "P"]), max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(("a", "b", "no", "1")), inner, max_size=3)
    ),
    max_leaves=12,
)


@given(st.dictionaries(st.sampled_from(("x", "y", "z")), _values, max_size=3))
def test_what_is_written_is_read_back_by_the_fast_reader(document):
    tree = read_lock_tree(write_lock_yaml(document))
    if document:
        assert tree.problems == ()
    assert tree.root == document


@pytest.mark.parametrize(
    "text",
    ["", "- a\n", "just text", "a: &x [1]\nb: *x\n", "a: 1\na: 2\n", "a: !!python/none x\n", "\t",
     "a: 1\n---\nb: 2\n", "[1]: 2\n", "a: " + "[" * 40 + "]" * 40],
)  # fmt: skip
def test_hostile_row_21_odd_yaml_is_a_problem_with_its_line(text):
    tree = read_lock_tree(text)
    assert tree.problems
    assert all(problem.line is None or problem.line >= 1 for problem in tree.problems)


def test_mappings_know_their_line():
    tree = read_lock_tree("version: 1\npackage:\n- name: a\n  url: x\n- name: b\n")
    assert [entry.line for entry in tree.root.tables("package")] == [3, 5]
