"""Which words of `envbench run` are envbench's own, and which its command's."""

import pytest

from envbench.cli.running import put_options_first


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("env -- cmd", "env -- cmd"),
        ("env --gpu 3 -- cmd", "--gpu 3 env -- cmd"),
        ("env --gpu=3 --no-record -- cmd", "--gpu=3 --no-record env -- cmd"),
        ("--gpu 3 env --record f -- cmd -x", "--gpu 3 --record f env -- cmd -x"),
        ("env -- cmd --gpu 3 -- more", "env -- cmd --gpu 3 -- more"),
        # All of these belong to the command.
        ("env cmd --gpu 3 -- more", "env cmd --gpu 3 -- more"),
        ("env pytest -x -- tests", "env pytest -x -- tests"),
        ("env cmd --gpu 3", "env cmd --gpu 3"),
        ("--help", "--help"),
        ("env --gpu", "env --gpu"),
        ("", ""),
    ],
)
def test_options_may_stand_behind_the_environment(typed: str, read: str):
    assert put_options_first(typed.split()) == read.split()
