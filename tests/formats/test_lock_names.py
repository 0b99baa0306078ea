"""The names under which consumers recognise a lock."""

import pytest

from envbench.formats.lock_names import warn_about_name
from envbench.formats.lock_reading import read_lock_text


@pytest.mark.parametrize(
    ("form", "path"),
    [
        ("conda-lock", "/a/conda-lock.yml"),
        ("conda-lock-no-pip", "conda-lock.yaml"),
        ("pixi-v6", "C:\\x\\pixi.lock"),
        ("pixi", "pixi.lock"),
        ("pylock", "pylock.toml"),
        ("pylock", "pylock.gpu.toml"),
        ("environment-yml", "env-gpu.yaml"),
        ("environment-lock", "environment.lock.yml"),
        ("explicit", "spec-file.txt"),
        ("explicit-sha256", "linux-64.lock"),
        ("requirements", "anything"),
        ("pixi-v7", "-"),
        ("dockerfile", "Dockerfile.gpu"),
    ],
)
def test_right_names_raise_no_word(form, path):
    assert warn_about_name(form, path) == ""


@pytest.mark.parametrize(
    ("form", "path", "word"),
    [
        ("conda-lock", "x-lock.yml", "EMPTY"),
        ("conda-lock-no-pip", "gpu.conda-lock.yml", "conda-lock.yml"),
        ("pixi-v7", "other.yml", "EMPTY"),
        ("pylock", "lock.toml", "pylock.NAME.toml"),
        ("pylock", "pylock.a.b.toml", "refuse"),
        ("environment-yml", "environment.txt", "ending"),
        ("explicit", "explicit.yml", "ending"),
    ],
)
def test_a_wrong_name_is_told_with_what_will_happen(form, path, word):
    assert word in warn_about_name(form, path)


def test_a_lock_that_is_read_under_a_wrong_name_carries_the_warning():
    text = "version: 1\nmetadata:\n  platforms: [linux-64]\npackage: []\n"
    form, reading = read_lock_text(text, "x-lock.yml")
    assert form == "conda-lock"
    assert reading.is_sound
    assert ["EMPTY" in problem.message for problem in reading.problems] == [True]
    assert read_lock_text(text, "conda-lock.yml")[1].problems == ()
