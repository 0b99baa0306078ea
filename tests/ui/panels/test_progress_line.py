"""Bars and figures of what runs."""

from dataclasses import replace

import pytest

from envbench.ui.ink import plain, width_of
from envbench.ui.panels.progress_line import (
    describe_progress,
    draw_bar,
    say_amount,
    say_left,
    say_step,
    show_clock,
)
from envbench.workbench.job_rows import JobProgress
from tests.ui.panels.job_examples import NOW, PROGRESS, at_work, job

PACKAGES = JobProgress(done=118, total=190, unit="packages", item="mkl", at=NOW, eta_s=41.0)


@pytest.mark.parametrize(
    ("share", "cells", "bar"),
    [
        (0.0, 4, "[    ]"),
        (1.0, 4, "[████]"),
        (0.5, 4, "[██  ]"),
        (0.4, 4, "[█▌  ]"),
        (7.0, 2, "[██]"),
        (-1.0, 2, "[  ]"),
    ],
)
def test_bars(share: float, cells: int, bar: str):
    assert draw_bar(share, cells) == bar


@pytest.mark.parametrize(
    ("progress", "text"),
    [
        (PROGRESS, "2.90 of 4.70 GB"),
        (replace(PROGRESS, done=900_000), "900 kB of 4.70 GB"),
        (replace(PROGRESS, total=None), "2.90 GB"),
        (PACKAGES, "118 of 190 packages"),
        (replace(PACKAGES, total=None), "118 packages"),
    ],
)
def test_amounts(progress: JobProgress, text: str):
    assert say_amount(progress) == text


def test_the_time_left_goes_down_between_two_reports():
    assert say_left(PACKAGES, NOW) == "0:41 left"
    assert say_left(PACKAGES, NOW + 11) == "0:30 left"
    assert say_left(PACKAGES, NOW + 1000) == "0:00 left"
    assert say_left(PACKAGES, NOW - 1000) == "0:41 left", "another clock"
    assert say_left(replace(PACKAGES, eta_s=None), NOW) == ""
    assert show_clock(3723) == "1:02:03"


def test_steps_in_short():
    link = job(phase="link", progress=PACKAGES)
    assert say_step(link, NOW) == "link 118/190  0:41"
    assert say_step(link, NOW, 14) == "link 118/190"
    assert say_step(replace(at_work(), progress=None), NOW) == "fetch  1:00"
    assert say_step(job(started=0.0), NOW) == "running"


@pytest.mark.parametrize("width", range(1, 90))
def test_less_is_said_where_it_is_narrow(width: int):
    line = describe_progress(at_work(), width, NOW)
    text = plain(line)
    if width >= 12:
        assert width_of(line) <= width
        assert "62%" in text
    if width >= 24:
        assert "0:41 left" in text
    if width >= 60:
        assert "2.90 of 4.70 GB  38.0 MB/s  0:41 left" in text


def test_without_a_total_there_is_no_bar():
    counted = job(phase="verify", progress=replace(PACKAGES, total=None, eta_s=None))
    assert plain(describe_progress(counted, 60, NOW)) == "118 packages"
    assert plain(describe_progress(job(phase="solve"), 60, NOW)).startswith("solve")
