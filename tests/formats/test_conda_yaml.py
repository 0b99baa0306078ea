"""conda's way of writing YAML, against the library that conda writes it with."""

import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from envbench.formats.conda_yaml import write_conda_yaml

ODD = [
    "yes", "no", "on", "y", "010", "1:30", "1.0", "3.10", "true", "null", "Null", "~", "", "a: b",
    "a #b", "a#b", "a:b", "- x", "-x", "@x", "%x", "!x", "&x", "*x", "x'y", 'x"y', "x\ny", "x\ty",
    "é", "2024-01-01", "2024-01-01 10:00:00", "0x1F", "1e3", "1_000", "0o17", ".5", "+1", "=", "<<",
    "[a]", "{a}", "a,b", "a]", " lead", "trail ", "a\\b", "|", ">", "?", "? a", "null ", "NaN",
    ".nan", ".inf", "a:", ":a", "#a", "1.2.3", "name=1.0", "\U0001f600", "\x85", "1e", "0b1", "0b2",
    "long words " * 20, "x" * 200, "short " + "x" * 100 + " tail", "it's: " + "y " * 10, "---", "...",
    "$HOME/bin:$PATH", "a  b", "x" * 78, "x" * 75 + " y", "'", '"', "'a", "\n", "a\n\nb", "-", "- ", "1.",
]  # fmt: skip


def oracle(document: object) -> str:
    ruamel = pytest.importorskip("ruamel.yaml")
    writer = ruamel.YAML(typ="rt")
    writer.indent(mapping=2, offset=2, sequence=4)
    writer.default_flow_style = False
    writer.sort_base_mapping_type_on_output = False
    stream = io.StringIO()
    writer.dump(document, stream)
    return stream.getvalue()


def read_as_conda(text: str) -> dict[str, dict[str, str]]:
    return pytest.importorskip("ruamel.yaml").YAML(typ="rt").load(text)


def shape(text: str) -> dict[str, object]:
    return {
        "name": text,
        "channels": [text],
        "dependencies": ["numpy=1", text, {"pip": [text, "a==1"]}],
        "variables": {"KEY": text},
    }


@pytest.mark.parametrize("text", ODD)
def test_odd_values_are_written_as_conda_does(text):
    assert write_conda_yaml(shape(text)) == oracle(shape(text))


ALPHABET = st.characters(
    codec="utf-8", exclude_categories=["Cs"], exclude_characters="\r\x85\u2028\u2029\ufeff"
)


@settings(max_examples=120)
@given(
    st.text(ALPHABET, max_size=130) | st.text("ab '\"#:-!&*?|>%@`,[]{}=~\\\n\t01.", max_size=130)
)
def test_any_value_is_written_as_conda_does(text):
    written, expected = write_conda_yaml(shape(text)), oracle(shape(text))
    if expected.startswith('name: "') and (
        len(expected.split("\nchannels")[0]) > 70 or not text.isascii()
    ):
        assert read_as_conda(written) == read_as_conda(expected)
    else:
        assert written == expected


@given(st.text(ALPHABET, max_size=130))
def test_what_is_written_is_read_back(text):
    written = write_conda_yaml({"variables": {"KEY": text}})
    assert read_as_conda(written)["variables"]["KEY"] == text
