"""Texts of outside as literals: what goes in comes out of the readers of each language."""

import io
import json
import re

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from envbench.formats.exports.quoting import (
    is_one_line,
    name_for_hosts,
    quote_docker,
    quote_yaml,
    write_command,
)

ODD = ('a "b" c', "$HOME", "${HOME:-x}", "\\", "a\\", "\\$x", "it's", " lead", "trail ", "# no", "a#b",
       "a: b", "yes", "1:30", "3.10", "", "=", "a=b", "a\tb", "%s", "`id`", "$(id)", "é", "😀", "\\n")  # fmt: skip
texts = st.text(st.characters(exclude_categories=("Cs",)), max_size=30) | st.sampled_from(ODD)
lines = texts.filter(is_one_line)


@given(texts)
def test_yaml_of_both_versions_gives_the_text_back(text):
    ruamel = pytest.importorskip("ruamel.yaml")
    document = f"key: {quote_yaml(text)}\n"
    assert yaml.safe_load(document) == {"key": text}
    assert ruamel.YAML(typ="safe", pure=True).load(io.StringIO(document)) == {"key": text}


@given(
    st.lists(
        st.sampled_from(["pip", "install", "--x=1", '"$HOME"', "a/b", ":", "#", "- y"]), min_size=1
    )
)
def test_a_command_is_one_yaml_text_whether_bare_or_quoted(words):
    command = " ".join(words)
    assert yaml.safe_load(f"- {write_command(command)}\n") == [command]


@settings(max_examples=60)
@given(st.dictionaries(st.from_regex(r"[A-Z_][A-Z0-9_]{0,8}", fullmatch=True), lines, min_size=1))
def test_docker_s_own_parser_finds_the_pairs_of_an_env(pairs):
    dockerfile = pytest.importorskip("dockerfile")
    body = " \\\n    ".join(f"{name}={quote_docker(value)}" for name, value in pairs.items())
    (_, env) = dockerfile.parse_string(f"FROM scratch\nENV {body}\n")
    words = env.value
    assert words[0::2] == tuple(pairs)
    assert [unquote(word) for word in words[1::2]] == list(pairs.values())


def unquote(word: str) -> str:
    """Read a quoted word by the rules of the Dockerfile reference; a bare dollar would expand."""
    assert word[0] == word[-1] == '"'
    inside = word[1:-1]
    assert re.fullmatch(r'(?:[^"\\$]|\\.)*', inside, re.DOTALL), word
    return re.sub(r'\\(["\\$])', r"\1", inside)


@pytest.mark.parametrize("text", ["a\nb", "a\r", "\n", "a\u2028b", "a\x85", "a\0"])
def test_a_value_of_several_lines_has_no_form_in_a_dockerfile(text):
    assert not is_one_line(text)
    with pytest.raises(ValueError, match=re.escape(text)):
        quote_docker(text)


@given(texts)
def test_names_for_clusters_are_labels_of_rfc_1123(text):
    assert re.fullmatch(r"[a-z0-9](?:[-a-z0-9]{0,48}[a-z0-9])?", name_for_hosts(text))


def test_names_stay_readable():
    assert name_for_hosts("My Env_2.1") == "my-env-2-1"
    assert name_for_hosts("...") == "environment"
    assert json.loads(quote_yaml("a b")) == "a b"
