"""The guard: what it lets through, and what it stops before anything is built."""

import time

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from envbench.formats import guarded_yaml
from envbench.formats.guarded_yaml import MAX_BYTES, MAX_DEPTH, MAX_EVENTS, read_guarded
from envbench.formats.yaml_reading import read_plain
from envbench.formats.yaml_tree import Mapping, Scalar, Sequence, walk_scalars


@pytest.fixture(params=["CSafeLoader", "SafeLoader"], autouse=True)
def _both_loaders(request, monkeypatch):
    monkeypatch.setattr(guarded_yaml, "_LOADER", getattr(yaml, request.param))


def only(text):
    document = read_guarded(text)
    assert document.root is None
    assert len(document.problems) == 1
    return document.problems[0]


def bomb():
    rows = ["a: &a [x, x, x, x, x, x, x, x, x]"]
    rows += [
        f"{b}: &{b} [*{a}, *{a}, *{a}, *{a}]" for a, b in zip("abcdefg", "bcdefgh", strict=True)
    ]
    return "\n".join(rows)


def merge_bomb():
    rows = ["a: &a {x: 1}"]
    rows += [
        f"{b}: &{b} {{<<: [*{a}, *{a}, *{a}]}}" for a, b in zip("abcdefg", "bcdefgh", strict=True)
    ]
    return "\n".join(rows)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (bomb(), 1),
        (merge_bomb(), 1),
        ("a: 1\n<<: {b: 2}\n", 2),
        ("a: 1\nb: *c\n", 2),
        ("&a a: *a\n", 1),
        ("a: &anchor b\n", 1),
        ("a:\n  - &x [*x]\n", 2),
    ],
)
def test_hostile_row_07_anchors_aliases_and_merge_keys(text, line):
    start = time.perf_counter()
    problem = only(text)
    assert time.perf_counter() - start < 0.5
    assert problem.code == "EB103"
    assert problem.span.line == line


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[" * 3000, f"{MAX_DEPTH} levels"),
        ("{a: " * 3000, f"{MAX_DEPTH} levels"),
        ("- " * 3000, f"{MAX_DEPTH} levels"),
        ("a:\n" + "- x\n" * 200_000, f"{MAX_EVENTS:,} YAML nodes"),
        ("a: " + "x" * (2 * 1024 * 1024), f"{MAX_BYTES:,}"),
        ("é" * (600 * 1024), f"{MAX_BYTES:,}"),
    ],
    ids=["lists", "mappings", "dashes", "nodes", "size", "bytes"],
)
def test_hostile_row_08_too_deep_too_many_too_large(text, words):
    start = time.perf_counter()
    problem = only(text)
    assert time.perf_counter() - start < 5
    assert problem.code == "EB102"
    assert words in problem.message


@pytest.mark.parametrize(
    "tag", ["!!python/object/apply:os.system", "!!str", "!custom", "!!binary", "!", "!<tag:x>"]
)
@pytest.mark.parametrize("shape", ["x: {} y", "- a\n- {} [b]", "{} {{a: b}}"])
def test_hostile_row_09_explicit_tags(tag, shape):
    problem = only(shape.format(tag))
    assert problem.code == "EB104"
    assert problem.span.line == (2 if shape.startswith("-") else 1)


def test_hostile_row_10_duplicate_keys_are_told_and_the_reading_goes_on():
    document = read_guarded("a: 1\nb:\n  c: 2\n  c: 3\na: 4\n")
    assert [(p.code, p.span.line) for p in document.problems] == [("EB105", 4), ("EB105", 5)]
    assert "line 1" in document.problems[1].message
    assert isinstance(document.root, Mapping)


def test_hostile_row_10_tabs():
    for text in ("a:\n\t- b\n", "a:\n  - b\n\t- c\n", "\ta: b\n"):
        problem = only(text)
        assert problem.code == "EB101"
        assert "tab" in problem.message or "tab" in problem.hint or "spaces" in problem.hint


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("3.10", "3.1"),
        ("no", "false"),
        ("Yes", "true"),
        ("1:30", "90"),
        ("010", "8"),
        ("1_000", "1000"),
        ("0x1F", "31"),
        ("2024-01-01", "2024-01-01"),
        ("2024-99-99", "that does not exist"),
        (".inf", "inf"),
        ("~", ""),
        ("null", ""),
        ("", ""),
    ],
)
def test_hostile_row_10_what_yaml_makes_of_a_text(text, shown):
    assert read_plain(text).shown == shown


@pytest.mark.parametrize("text", ["3.10.1", "python", "3.1*", "nope", "9" * 5000, "1.2.3", "a:1"])
def test_texts_that_stay_texts(text):
    assert read_plain(text) is None


@pytest.mark.parametrize("character", ["\x00", "\x1b", "\x07", "\x9b", "\ufffe", "\ud800", "\x7f"])
def test_characters_that_must_not_stand_in_yaml(character):
    problem = only(f"a: b\nc: d{character}e\n")
    assert problem.code == "EB106"
    assert f"U+{ord(character):04X}" in problem.message
    assert (problem.span.line, problem.span.column) == (2, 5)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("a: b: c\n", 1),
        ("a:\n  - b\n - c\n", 3),
        ("a: [b\nc: d\n", 2),
        ("a: 'b\n", 1),
        ("a: b\n  c: d\n", 2),
        ("a: @b\n", 1),
        ("a: b\n...\nfoo", 3),
    ],
)
def test_syntax_errors_have_their_line(text, line):
    problem = only(text)
    assert problem.code == "EB101"
    assert problem.span.line == line
    assert problem.span.end <= len(text)


def test_places_are_exact():
    text = "a: \"é😀\"  # x\r\nb:\r\n  - 'c'\r\n  - d e # y\r\n"
    document = read_guarded(text)
    found = [(text[s.span.start : s.span.end], s.span.line) for s in walk_scalars(document.root)]
    assert found == [("a", 1), ('"é😀"', 1), ("b", 2), ("'c'", 3), ("d e", 4)]
    assert [(c.text, c.span.line, c.alone) for c in document.comments] == [
        ("x", 1, False),
        ("y", 4, False),
    ]


def test_comments_are_told_from_texts():
    text = "# top\na: 'b # c'\nd: e#f\ng: |\n  # h\ni: \"j\n  # k\"\n  # l\n"
    document = read_guarded(text)
    assert [comment.text for comment in document.comments] == ["top", "l"]


def test_scalars_stay_texts():
    root = read_guarded("[1, 1.0, yes, ~, 2024-01-01, '3']").root
    assert isinstance(root, Sequence)
    assert [s.value for s in walk_scalars(root)] == ["1", "1.0", "yes", "~", "2024-01-01", "3"]


def test_an_empty_text_has_no_root():
    for text in ("", "\n\n", "# only a comment\n"):
        document = read_guarded(text)
        assert document.root is None
        assert not document.problems


YAML_LIKE = st.text(
    st.sampled_from("-:[]{},#'\"|>&*!%@? \n\r\tab1.0~<=\u2028\x85é\ufeff\x1b😀"), max_size=80
)


@settings(max_examples=250, deadline=None)
@given(YAML_LIKE)
def test_nothing_is_raised_and_places_lie_in_the_text(text):
    document = read_guarded(text)
    spans = [p.span for p in document.problems if p.span]
    if document.root is not None:
        spans += [scalar.span for scalar in walk_scalars(document.root)]
    for span in spans:
        assert 0 <= span.start <= span.end <= len(text)
        assert span.line == text.count("\n", 0, span.start) + 1
    for scalar in walk_scalars(document.root) if document.root else ():
        if (
            isinstance(scalar, Scalar)
            and scalar.style.value == "plain"
            and "\n" not in scalar.value
        ):
            raw = text[scalar.span.start : scalar.span.end]
            assert scalar.value.split() == raw.split() or not raw.isprintable()
