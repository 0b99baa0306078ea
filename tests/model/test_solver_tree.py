"""The solver's text: folded to fewer lines without losing a package; any text gives an answer."""

import re
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from envbench.model.solver_tree import HEADER, fold_solver_text, read_tree
from tests.model.solver_texts import SOLVER_TEXTS

ART = re.compile(r"[│├└─ ]*")


def names_of(text):
    """First words of all lines: of lines of a tree, they are the packages."""
    rows = text.removeprefix(HEADER).split("\n")
    return {words[0].strip(",.") for row in rows if (words := ART.sub("", row, count=1).split())}


def words_of(text):
    return {word.strip(",.") for word in text.split()}


@pytest.mark.parametrize("about", SOLVER_TEXTS)
def test_a_real_text_is_folded_and_names_every_package(about):
    text = SOLVER_TEXTS[about].strip()
    folded = fold_solver_text(text)
    assert names_of(text) <= words_of(folded)
    assert folded.count("\n") <= text.count("\n")
    assert fold_solver_text(text, is_ascii=True).isascii()


def test_the_real_texts_become_a_fraction():
    rows = sum(text.strip().count("\n") + 1 for text in SOLVER_TEXTS.values())
    folded = sum(fold_solver_text(text.strip()).count("\n") + 1 for text in SOLVER_TEXTS.values())
    assert folded * 2.5 < rows


@pytest.mark.parametrize(
    ("about", "folded"),
    [
        (
            "pandas",
            """\
pandas 2.2.* cannot be installed because there are no viable options:
├─ pandas 2.2.0 ... 2.2.3 (4 versions) would require
│  └─ python >=3.9,<3.14.0a0, for which no candidates were found.
└─ pandas 2.2.0 | 2.2.2 would require
   └─ numpy >=1.26.3,<2.0a0, for which no candidates were found.""",
        ),
        (
            "cuda",
            """\
The following packages are incompatible
├─ cuda-toolkit 12.4.* (only 12.4.0) would require
│  └─ cuda-libraries >=12.4.0 (only 12.4.0)
└─ pytorch-cuda 11.8.* (only 11.8) would require
   └─ cuda-libraries >=11.8,<12.0 (only 11.8.0), which conflicts with the versions reported above.""",
        ),
        (
            "priority",
            """\
torchvision * cannot be installed because there are no viable options:
└─ torchvision 0.22.0 | 0.26.0 would require
   └─ pytorch * cpu* or * cuda* or * cuda126*, for which no candidates were found.
The following packages are incompatible
└─ torchvision * (only 0.6.1 ... 0.20.1) is excluded because due to strict channel priority not using this option from: 'file:///channels/pytorch/'""",
        ),
        ("missing", "No candidates were found for tensorflow 2.13.0.*."),
    ],
)
def test_real_texts_in_fewer_lines(about, folded):
    assert fold_solver_text(SOLVER_TEXTS[about].strip()) == folded


def test_many_builds_of_one_package_are_one_branch():
    rows = ["tensorflow >=2.9 cannot be installed because there are no viable options:"]
    for minor in range(9, 13):
        for patch in (0, 1):
            rows += [
                f"├─ tensorflow 2.{minor}.{patch} would require",
                f"│  └─ numpy >=1.{minor + 8},<1.24, for which no candidates were found.",
            ]
    assert fold_solver_text("\n".join(rows)).split("\n")[1:] == [
        "└─ tensorflow 2.9.0 ... 2.12.1 (8 versions) would require",
        "   └─ numpy >=1.17,<1.24, for which no candidates were found.",
    ]


def test_equal_subtrees_are_drawn_once():
    text = """\
The following packages are incompatible
├─ a 1.* can be installed with any of the following options:
│  ├─ a 1.0 would require
│  │  └─ x >=1 can be installed with any of the following options:
│  │     ├─ x 1.0
│  │     └─ y 1.0
│  └─ a 1.1 would require
│     ├─ x >=1 can be installed with any of the following options:
│     │  ├─ x 1.0
│     │  └─ y 1.0
│     └─ z *, for which no candidates were found.
"""
    assert fold_solver_text(text.strip()).split("\n")[6:] == [
        "   └─ a 1.1 would require",
        "      ├─ x >=1 can be installed with any of the following options: (shown above)",
        "      └─ z *, for which no candidates were found.",
    ]


def test_what_one_thing_needs_is_never_told_as_alternatives():
    text = """\
a * cannot be installed because there are no viable options:
└─ a 1 would require
   ├─ b >=1, for which no candidates were found.
   └─ b <1, for which no candidates were found."""
    assert fold_solver_text(text) == text


TEXTS = st.text(st.sampled_from("ab1.|,: \n├└│─*="), max_size=120) | st.text(max_size=80)


@settings(max_examples=200, deadline=None)
@given(TEXTS)
def test_any_text_gives_an_answer_and_unknown_lines_are_kept(text):
    folded = fold_solver_text(text).split("\n")
    for row in text.removeprefix(HEADER).split("\n"):
        if not row.startswith(("├", "└", "│", " ")) and "|" not in row:
            assert row in folded


NAMES = st.sampled_from(("numpy", "python", "libfoo", "a-b", "c_d", "__cuda"))
VERSIONS = st.lists(st.sampled_from(("1.0", "1.1", "1.10", "2.0a1", "3")), min_size=1, max_size=4)
RANGES = st.sampled_from(("*", ">=1,<2", "1.* py_0", "==3"))


@st.composite
def branches(draw, depth):
    """Draw lines that hang on one, in the words of the solver."""
    rows = []
    for _ in range(draw(st.integers(1, 3))):
        name, versions = draw(NAMES), " | ".join(draw(VERSIONS))
        tail = draw(st.sampled_from(("", ", which conflicts with the versions reported above.")))
        if depth and draw(st.booleans()):
            rows.append((f"{name} {versions} would require", draw(demands(depth - 1))))
        else:
            rows.append((f"{name} {versions}{tail}", []))
    return rows


@st.composite
def demands(draw, depth):
    rows = []
    for _ in range(draw(st.integers(1, 2))):
        name, wanted = draw(NAMES), draw(RANGES)
        if depth and draw(st.booleans()):
            tail = ", which can be installed with any of the following options:"
            rows.append((f"{name} {wanted}{tail}", draw(branches(depth - 1))))
        else:
            rows.append((f"{name} {wanted}, for which no candidates were found.", []))
    return rows


def drawn(rows, lead=""):
    for index, (text, below) in enumerate(rows):
        is_last = index == len(rows) - 1
        yield f"{lead}{'└─ ' if is_last else '├─ '}{text}"
        yield from drawn(below, lead + ("   " if is_last else "│  "))


@settings(max_examples=200, deadline=None)
@given(branches(5))
def test_no_package_of_a_tree_is_lost(rows):
    text = "\n".join(["The following packages are incompatible", *drawn(rows)])
    folded = fold_solver_text(text)
    assert names_of(text) <= words_of(folded)
    assert folded.count("\n") <= text.count("\n")
    assert fold_solver_text(text) == folded


def test_deep_and_long_texts_take_no_time():
    deep = "\n".join("│  " * i + "├─ a 1 would require" for i in range(3000))
    wide = "\n".join(f"├─ a 1.{i} would require\n│  └─ b {i}, for which" for i in range(3000))
    started = time.perf_counter()
    assert fold_solver_text(deep)
    assert fold_solver_text(wide)
    assert read_tree("") != ()
    assert time.perf_counter() - started < 5
