"""Command lines that are copied: a shell reads exactly the words, a terminal sees nothing to obey."""

import os
import subprocess

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from envbench.ui.command_lines import join, quote, quote_path
from envbench.workbench.path_texts import write_path

NAMES = st.binary(min_size=1, max_size=40).filter(lambda data: 0 not in data).map(os.fsdecode)


@pytest.mark.parametrize(
    ("word", "written"),
    [
        ("environment.yml", "environment.yml"),
        ("a b", "'a b'"),
        ("it's", "'it'\"'\"'s'"),
        ("caf\u00e9", "'caf\u00e9'"),
        ("a\x1b]52;c;QQ==\x07", r"$'a\x1b]52;c;QQ==\x07'"),
        ("a\nb\\'", r"$'a\x0ab\\\''"),
        ("\u202egnp", r"$'\xe2\x80\xaegnp'"),
        (os.fsdecode(b"\xff.yml"), r"$'\xff.yml'"),
        ("", "''"),
    ],
)
def test_what_cannot_be_shown_is_written_as_numbers(word, written):
    assert quote(word) == written


@given(st.lists(NAMES, min_size=1, max_size=20))
@settings(max_examples=20, deadline=None)
def test_bash_reads_the_same_words(words):
    line = join(["printf", "%s\\0", *words])
    assert line.isprintable()
    done = subprocess.run(["bash", "-c", line], capture_output=True, check=True, timeout=10)
    assert done.stdout.split(b"\0")[:-1] == [os.fsencode(word) for word in words]


def test_a_path_of_the_folder_is_told_by_its_name(tmp_path):
    folder = str(tmp_path)
    assert quote_path(f"{folder}/a.yml", folder + "/") == "a.yml"
    assert quote_path("/elsewhere/a.yml", folder) == "/elsewhere/a.yml"
    odd = tmp_path / os.fsdecode(b"\xff\x1b.yml")
    assert quote_path(write_path(odd), folder) == r"$'\xff\x1b.yml'"
