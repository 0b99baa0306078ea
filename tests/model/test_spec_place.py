"""What a cursor asks for: by example, in broken YAML, and for any text at all."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from envbench.model.spec_place import (
    Place,
    PlaceKind,
    find_place,
    list_keys,
    list_section,
    read_spec_line,
)

SPEC = """\
name: env  # comment
channels:
  - conda-forge
  - "https://host/x"   # with a reason
dependencies:
  - python=3.9
  - sel(linux): numpy
  - pip:
      - torch==2.1
      - "rich"
  - pytorch::pytorch=2.1=py3.9*  # [linux]
variables:
  A: b
"""


def ask(marked: str) -> Place:
    """Ask at the `|` of a text."""
    before, _, after = marked.partition("|")
    line = before.count("\n") + 1
    return find_place(before + after, line, len(before.rpartition("\n")[2]))


def in_dependencies(item: str) -> Place:
    return ask(f"name: x\ndependencies:\n  - {item}")


@pytest.mark.parametrize(
    ("item", "query", "start", "channel"),
    [
        ("|", "", 4, ""),
        ("num|", "num", 4, ""),
        ("num|py=1.2", "num", 4, ""),
        ('"num|"', "num", 5, ""),
        ("conda-forge::num|", "num", 17, "conda-forge"),
        ("https://h/c::|", "", 17, "https://h/c"),
        ("sel(linux): num|", "num", 16, ""),
    ],
)
def test_a_package_name(item: str, query: str, start: int, channel: str) -> None:
    place = in_dependencies(item)
    assert place.kind is PlaceKind.PACKAGE
    assert (place.query, place.start_column, place.channel) == (query, start, channel)


@pytest.mark.parametrize(
    ("item", "operator", "query", "start"),
    [
        ("numpy=|", "=", "", 10),
        ("numpy==1.2|", "==", "1.2", 11),
        ("numpy=1.2|6.4", "=", "1.2", 10),
        ("numpy>=1.2,<|", "<", "", 16),
        ("numpy >=1.2, <2|", "<", "2", 18),
        ("numpy |", "", "", 10),
        ("numpy 1|", "", "1", 10),
        ("numpy[version='>=1|", ">=", "1", 21),
        ("c::NumPy~=1.|", "~=", "1.", 14),
    ],
)
def test_a_version(item: str, operator: str, query: str, start: int) -> None:
    place = in_dependencies(item)
    assert (place.kind, place.name) == (PlaceKind.VERSION, "numpy")
    assert (place.operator, place.query, place.start_column) == (operator, query, start)


@pytest.mark.parametrize(
    ("item", "version", "query", "start"),
    [
        ("numpy=1.26.4=|", "1.26.4", "", 17),
        ("numpy==1.2=py3|9", "1.2", "py3", 15),
        ("numpy 1.2 py|", "1.2", "py", 14),
        ("numpy[build=*cu|", "", "*cu", 16),
    ],
)
def test_a_build(item: str, version: str, query: str, start: int) -> None:
    place = in_dependencies(item)
    assert (place.kind, place.name) == (PlaceKind.BUILD, "numpy")
    assert (place.version, place.query, place.start_column) == (version, query, start)


@pytest.mark.parametrize(
    "item",
    ["numpy  # n|", "# |", '"numpy"|', "-c conda|", "/tmp/x|", "numpy>=1.2 py3|", "=1.2|", "::|"],
)
def test_nothing_in_a_dependency(item: str) -> None:
    assert in_dependencies(item).kind is PlaceKind.NOTHING


@pytest.mark.parametrize(
    ("text", "kind", "query"),
    [
        ("|", PlaceKind.KEY, ""),
        ("name: x\nchan|", PlaceKind.KEY, "chan"),
        ("\ufeffna|", PlaceKind.KEY, "na"),
        ("name: |", PlaceKind.NOTHING, ""),
        ("name: x\n  chan|", PlaceKind.NOTHING, ""),
        ("channels:\n- con|", PlaceKind.CHANNEL, "con"),
        ("channels:\n  - con|\n  - \nfoo bar: [", PlaceKind.CHANNEL, "con"),
        ("channels:\r\n  - con|\r\ndependencies:\r\n", PlaceKind.CHANNEL, "con"),
        ("channels: [nvidia, con|", PlaceKind.CHANNEL, "con"),
        ("channels: [\n  nvidia,\n  con|", PlaceKind.CHANNEL, "con"),
        ("channels: [nvidia]|", PlaceKind.NOTHING, ""),
        ("dependencies: ['numpy>=1,<2', sci|]", PlaceKind.PACKAGE, "sci"),
        ("dependencies: ['numpy>=1,|", PlaceKind.VERSION, ""),
        ("dependencies:\n  - pip:\n    - ri|", PlaceKind.PIP_NAME, "ri"),
        ("dependencies:\n  - pip:\n    - rich\n  - ri|", PlaceKind.PACKAGE, "ri"),
        ("dependencies:\n- pip:\n  - rich>|", PlaceKind.NOTHING, ""),
        ("dependencies:\n- pip: [ri|", PlaceKind.PIP_NAME, "ri"),
        ("dependencies:\n- pip:\nchan|", PlaceKind.KEY, "chan"),
        ("platforms:\n  - linux|", PlaceKind.PLATFORM, "linux"),
        ("variables:\n  - a|", PlaceKind.NOTHING, ""),
        ("{{{ broken\n\tdependencies\ndependencies:\n\t- nu|", PlaceKind.PACKAGE, "nu"),
    ],
)
def test_sections(text: str, kind: PlaceKind, query: str) -> None:
    place = ask(text)
    assert (place.kind, place.query) == (kind, query)


def test_whole_lines() -> None:
    lines = [read_spec_line(SPEC, number) for number in range(1, 14)]
    assert [(line.section, line.value) for line in lines if line.is_item] == [
        ("channels", "conda-forge"),
        ("channels", "https://host/x"),
        ("dependencies", "python=3.9"),
        ("dependencies", "numpy"),
        ("dependencies", "pip"),
        ("pip", "torch==2.1"),
        ("pip", "rich"),
        ("dependencies", "pytorch::pytorch=2.1=py3.9*"),
    ]
    assert SPEC.split("\n")[10][lines[10].start :].startswith("pytorch::")


def test_sections_as_lists() -> None:
    assert list_section(SPEC, "channels") == ((3, "conda-forge"), (4, "https://host/x"))
    assert list_section(SPEC, "pip") == ((9, "torch==2.1"), (10, "rich"))
    assert list_section("channels: [a, 'b, c',\n d # x\n]", "channels") == (
        (1, "a"),
        (1, "b, c"),
        (2, "d"),
    )
    assert list_section("channels: [a, b]\ndependencies: [c]", "channels") == ((1, "a"), (1, "b"))
    assert list_keys(SPEC) == {"name", "channels", "dependencies", "variables"}


_texts = st.lists(
    st.sampled_from(
        (
            *("channels:", "dependencies:", "  - pip:", "    - ", "  - ", "[", "]", '"', "'", "#"),
            *(" #", "\n", "\r\n", "numpy", "=", "::", ",", "|", "\t", "\ufeff", "é", "1.2"),
            "sel(linux): ",
        )
    ),
    max_size=25,
).map("".join) | st.text(max_size=60)


@given(text=_texts, line=st.integers(-2, 12), column=st.integers(-2, 30))
@example(text="dependencies:\n  - \n", line=2, column=99)
def test_any_place_of_any_text_has_an_answer(text: str, line: int, column: int) -> None:
    place = find_place(text, line, column)
    lines = text.split("\n")
    if place.kind is not PlaceKind.NOTHING:
        typed = lines[line - 1].rstrip("\r")[:column]
        assert typed[place.start_column :] == place.query
    read_spec_line(text, line)
    list_keys(text)
    for section in ("channels", "dependencies", "pip"):
        for number, value in list_section(text, section):
            assert value in lines[number - 1]
