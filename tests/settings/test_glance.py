"""What is guessed from the settings file before it is read."""

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envbench.settings.glance import GLANCE_BYTES, glance_at


def test_plain_lines_are_seen(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text('# mine\ntheme = "ember"  # warm\nmouse = false\n[pip]\nno_index = true\n')

    assert glance_at(file, {}) == {"theme": "ember", "mouse": "false"}


def test_variables_come_before_the_file(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text("theme = 'ember'\n")

    assert glance_at(file, {"ENVBENCH_THEME": "fjord", "ENVBENCH_LINK": ""})["theme"] == "fjord"


def test_a_file_that_is_none_says_nothing(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)

    assert glance_at(tmp_path / "absent", {}) == {}
    assert glance_at(tmp_path, {}) == {}
    assert glance_at(pipe, {}) == {}


@pytest.mark.parametrize("size", [GLANCE_BYTES - 3, GLANCE_BYTES + 100])
def test_a_huge_file_is_read_in_part(tmp_path: Path, size: int) -> None:
    file = tmp_path / "config.toml"
    file.write_bytes(b'theme = "ember"\n' + b"#" * size)

    assert glance_at(file, {}) == {"theme": "ember"}


@given(st.binary(max_size=400))
def test_any_bytes_are_survived(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    file = tmp_path_factory.mktemp("any") / "config.toml"
    file.write_bytes(data)

    assert all(value.isprintable() for value in glance_at(file, {}).values())
