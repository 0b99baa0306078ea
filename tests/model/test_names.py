"""Names of environments."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envbench.model.errors import UsageError
from envbench.model.names import broken_name_rule, require_environment_name


@pytest.mark.parametrize("name", ["a", "torch-2.5", "my_env", "_x", "3d", "C++", "x" * 100])
def test_good_names(name):
    assert broken_name_rule(name) is None
    assert require_environment_name(name) == name


@pytest.mark.parametrize(
    ("name", "rule"),
    [
        ("", "empty"),
        (".", "begin"),
        ("..", "begin"),
        ("../x", "begin"),
        ("-n", "begin"),
        ("+x", "begin"),
        ("a/b", "`/`"),
        ("a\\b", "`\\`"),
        ("a b", "blank"),
        ("a:b", "`:`"),
        ("a#b", "`#`"),
        ("a$b", "`$`"),
        ("a\x00b", "U+0000"),
        ("a\nb", "U+000A"),
        ("a\x1b[31m", "U+001B"),
        ("x" * 300, "300 characters"),
        ("base", "reserved"),
        ("root", "reserved"),
        ("Base", "reserved"),
        ("end.", "dot"),
        ("pyth\u043en", "U+043E CYRILLIC SMALL LETTER O"),
        ("a\u202eb", "U+202E"),
        ("é", "U+00E9"),
    ],
)
def test_hostile_row_12_unsafe_names_are_refused_with_the_rule(name, rule):
    assert rule in broken_name_rule(name)
    with pytest.raises(UsageError) as caught:
        require_environment_name(name)
    assert str(caught.value).replace("\n", "").isprintable()


@given(st.text(max_size=120))
def test_a_good_name_is_one_component_of_a_path(name):
    if broken_name_rule(name) is None:
        assert "/" not in name
        assert name not in {".", ".."}
        assert name.isascii()
        assert name.isprintable()
        assert len(name) <= 100
