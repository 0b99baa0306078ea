"""Setting one key of a TOML file."""

import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envbench.formats.toml_edits import set_toml_key
from envbench.formats.toml_text import write_toml
from envbench.model.errors import UsageError


@pytest.mark.parametrize(
    ("before", "key", "value", "after"),
    [
        ("", "theme", "nord", 'theme = "nord"\n'),
        ("", "pip.no_index", True, "[pip]\nno_index = true\n"),
        ('theme = "a"  # mine\nb = 1\n', "theme", "n", 'theme = "n"  # mine\nb = 1\n'),
        ('theme="a#b" # mine', "theme", "n", 'theme = "n" # mine'),
        ("  'theme' = 'a'\r\nb = 1\r\n", "theme", "n", '  theme = "n"\r\nb = 1\r\n'),
        ("b = 1", "theme", "n", 'b = 1\ntheme = "n"\n'),
        ("b = 1\r\n", "theme", "n", 'b = 1\r\ntheme = "n"\r\n'),
        (
            "b = 1\n\n# of the table\n[pip]\nc = 2\n",
            "theme",
            "n",
            'b = 1\ntheme = "n"\n\n# of the table\n[pip]\nc = 2\n',
        ),
        (
            '# colours\n# theme = ""\n\n[pip]\n',
            "theme",
            "n",
            '# colours\n# theme = ""\ntheme = "n"\n\n[pip]\n',
        ),
        ("[pip]\ntheme = 3\n", "theme", "n", 'theme = "n"\n[pip]\ntheme = 3\n'),
        ("a = 1\n[ pip ]\n", "pip.x", ["a", "b"], 'a = 1\n[ pip ]\nx = ["a", "b"]\n'),
        (
            "[pip]\nx = [\n  'a', # one\n  [],\n]\ny = 1\n",
            "pip.x",
            ["z"],
            '[pip]\nx = ["z"]\ny = 1\n',
        ),
        ("a = 1\n", "pip.x", 2, "a = 1\n\n[pip]\nx = 2\n"),
        ('a = """\ntheme = 1\n"""\n', "theme", "n", 'a = """\ntheme = 1\n"""\ntheme = "n"\n'),
        ("theme = 'n'\n", "theme", "n", "theme = 'n'\n"),
    ],
)
def test_one_key_changes(before, key, value, after):
    assert set_toml_key(before, key, value) == after


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("theme = ", "theme"),
        ("pip = { x = 1 }\n", "pip.x"),
        ("pip.x = 1\n", "pip.x"),
        ("pip = 3\n", "pip.x"),
        ("[[pip]]\nx = 1\n", "pip.x"),
    ],
)
def test_what_is_not_sure_is_refused(text, key):
    with pytest.raises(UsageError):
        set_toml_key(text, key, "n", path="config.toml")


VALUES = st.one_of(
    st.text(st.characters(exclude_categories=["Cs"]), max_size=8),
    st.integers(-9, 9),
    st.booleans(),
    st.lists(st.text("a#\"'[]=\n", max_size=3), max_size=3),
)
KEYS = st.sampled_from(["theme", "b", "pip.x", "pip.theme"])


@given(
    top=st.dictionaries(st.sampled_from(["theme", "b", "c"]), VALUES),
    table=st.none() | st.dictionaries(st.sampled_from(["x", "theme"]), VALUES),
    key=KEYS,
    value=VALUES,
    comment=st.sampled_from(["", "# theme = 1\n", "\n# [pip]\n\n"]),
)
def test_the_outcome_says_what_was_wanted_and_keeps_the_rest(top, table, key, value, comment):
    document = top | ({"pip": table} if table is not None else {})
    before = comment + write_toml(document)
    after = set_toml_key(before, key, value)
    wanted = tomllib.loads(before)
    table_name, _, name = key.rpartition(".")
    (wanted.setdefault(table_name, {}) if table_name else wanted)[name] = value
    assert tomllib.loads(after) == wanted
    assert after.count(comment) >= 1
    assert set_toml_key(after, key, value) == after
