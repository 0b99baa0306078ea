"""Reading the prose in which uv explains that there is no solution.

`uv_prose/` holds what uv 0.13.9 said, about packages of the public index and of folders of wheels.
"""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.utils import canonicalize_name

from envbench.engine.pip_section.demands import DemandGraph, keep_widest, spell_versions
from envbench.engine.pip_section.prose import Demand, Prose, Term, read_prose

SAMPLES = {
    path.stem: path.read_text(encoding="utf-8")
    for path in sorted((Path(__file__).parent / "uv_prose").glob("*.txt"))
}


def read(name: str) -> Prose:
    return read_prose(SAMPLES[name])


def told(demands) -> list[str]:
    return [f"{demand.who} -> {demand.what}" for demand in demands]


def given_demands(prose: Prose) -> list[str]:
    return told(demand for demand in prose.demands if not demand.is_concluded)


def test_two_items_that_meet_in_a_package():
    prose = read("two_items")
    assert given_demands(prose) == [
        "openai >=2.29.0,<=2.48.0 -> typing-extensions >=4.14,<5",
        "openai >=2.0.0,<=2.43.0 -> typing-extensions >=4.11,<5",
        "tensorflow ==2.13.0 -> typing-extensions >=3.6.6,<4.6.0",
    ]
    assert told(prose.needs_python) == ["openai >=2.49.0 -> python >=3.10"]
    assert list(map(str, prose.required)) == ["openai >=2", "tensorflow ==2.13.0"]


@pytest.mark.parametrize(
    ("sample", "demands"),
    [
        ("direct", ["torchvision ==0.17.0 -> torch ==2.2.0"]),
        (
            "conda_pin",
            [
                "tensorflow ==2.13.0 -> typing-extensions >=3.6.6,<4.6.0",
                "tensorflow ==2.13.0 -> typing-extensions ==4.9.0",
            ],
        ),
        (
            "lists_of_versions",
            [
                "pandas ==2.1.1 -> numpy >=1.22.4",
                "pandas >=2.2.2,<=2.3.3 -> numpy >=1.22.4",
                "pandas >=2.1.1,<=2.3.3 -> numpy ==1.19.0",
                "pandas >=2.1.2,<=2.2.1 -> numpy >=1.22.4,<2",
                "pandas >=2.1.2,<=2.3.3 -> numpy ==1.19.0",
            ],
        ),
        (
            "spacy",
            [
                "spacy ==3.5.0 -> pydantic >=1.7.4,<1.8",
                "spacy ==3.5.0 -> pydantic >1.8,<1.8.1",
                "spacy ==3.5.0 -> pydantic >1.8.1,<1.11.0",
            ],
        ),
        ("folder_orphan", ["orphan -> nowhere"]),
        ("folder_pin", ["needs -> lib >=2"]),
    ],
)
def test_who_depends_on_what(sample, demands):
    assert given_demands(read(sample)) == demands


@pytest.mark.parametrize(
    ("sample", "field", "expected"),
    [
        ("no_package", "absent", ["nosuchpackage-qz"]),
        ("folder_orphan", "absent", ["nowhere"]),
        ("no_version", "missing", ["openai ==9.1"]),
        ("no_wheel", "without_wheel", ["numpy >=2.3.0"]),
        ("pytorch_source", "without_wheel", ["pytorch"]),
        ("platform", "without_wheel", ["torch ==1.4.0"]),
        ("many_torchvision", "available", ["torchvision <=0.29.2"]),
        ("lists_of_versions", "required", ["pandas >2.1"]),
        ("folder_pin", "required", ["needs", "lib ==1.5"]),
        ("extras", "required", ["fastapi >=0.110", "pydantic <1.10", "starlette <0.20"]),
    ],
)
def test_plain_statements(sample, field, expected):
    assert [str(each) for each in getattr(read(sample), field)] == expected


def test_what_newer_pythons_are_needed_for():
    assert told(read("folder_newer_python").needs_python) == ["newpy ==2.0 -> python >=3.12"]
    assert {str(d.what) for d in read("newer_python_lists").needs_python} == {
        "python >=3.10.0,<4.0.0",
        "python >=3.11.0,<4.0.0",
    }
    assert told(read("newer_python").needs_python) == ["openai >=2.49.0 -> python >=3.10"]


def test_what_was_concluded_is_marked_also_where_it_is_recalled():
    prose = read("many_torchvision")
    whole = Demand(Term("torchvision", ">=0.19.0"), Term("torch", ">=2.4.0,<=2.8.0"), True)
    assert whole in prose.demands
    recalled = [d for d in prose.demands if d.who.versions == ">=0.19.0,<=0.29.1"]
    assert [d.is_concluded for d in recalled] == [True]


def test_the_widest_conclusion_stands_for_its_parts():
    torch = [d for d in read("many_torchvision").demands if d.who.name == "torchvision"]
    assert told(keep_widest(torch)) == ["torchvision >=0.19.0 -> torch >=2.4.0,<=2.8.0"]
    starlette = [d for d in read("extras").demands if d.what.name == "starlette"]
    assert len(keep_widest(starlette)) < len(starlette) / 3


def test_the_way_leads_through_the_packages_between():
    graph = DemandGraph([read("exact_versions")])
    way = graph.way("langchain", "typing-extensions")
    assert way == (("langchain", "langchain-core"), ("langchain-core", "typing-extensions"))
    assert graph.is_given(way)
    assert graph.way("typing-extensions", "langchain") is None


def test_a_pin_of_conda_is_nobodys_demand():
    graph = DemandGraph([read("conda_pin")], {"typing-extensions": "4.9.0"})
    assert graph.ranges("tensorflow", "typing-extensions") == (">=3.6.6,<4.6.0",)


def test_a_text_that_broke_off_is_read_as_far_as_it_goes():
    names = read("cut_off").names
    assert names == {"langchain", "langchain-core", "typing-extensions"}


@pytest.mark.parametrize(
    ("versions", "spelled"),
    [
        ("==2.13.0", "2.13.0"),
        (">=2.0.0,<=2.48.0", "2.0.0 ... 2.48.0"),
        (">=3", ">=3"),
        ("==1.2.*", "==1.2.*"),
        ("", ""),
    ],
)
def test_versions_are_spelled(versions, spelled):
    assert spell_versions(Term("x", versions)) == spelled


@given(st.sampled_from(sorted(SAMPLES)), st.data())
def test_nothing_is_made_up_wherever_the_text_breaks_off(name, data):
    text = SAMPLES[name]
    begin = data.draw(st.integers(0, len(text)))
    part = text[begin : data.draw(st.integers(begin, len(text)))]
    known = canonicalize_name(part.replace(" ", "|"))
    for found in read_prose("Because " + part).names:
        assert found in known


@given(st.text())
def test_any_text_can_be_read(text):
    read_prose(text)
    read_prose(f"Because {text} depends on {text}, we can conclude that {text}.")
