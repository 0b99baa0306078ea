# ruff: noqa: RUF001 - the marks are those of the screen
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envbench.engine.backends.rattler.sizes import PlanSizes
from envbench.ui.panels.box_figures import describe_fit, share_out, show_about, show_load
from envbench.ui.panels.box_panel import describe_box
from envbench.ui.state import Fact, OpenSpec, ScreenState, SolveView
from envbench.workbench.solving import SolveReport
from tests.ui.panels import boxes
from tests.ui.panels.boxes import GB, disk
from tests.ui.panels.showing import WIDTHS, assert_fits, lines_of, text_of

SPEC = OpenSpec(path="/p/a.yml", name="a.yml", text="", saved_text="")


def report(download_gb: float = 0, disk_gb: float = 0, *, downloads=1, unknown=0) -> SolveReport:
    sizes = PlanSizes(round(download_gb * GB), downloads, unknown, round(disk_gb * GB), 0)
    return SolveReport(path="/p/a.yml", problems=(), sizes=sizes)


def state(box=None, solved: SolveReport | None = None, **fact):
    view = SolveView(report=solved, path="/p/a.yml", sha256="", elapsed_s=1.0) if solved else None
    return ScreenState(directory="/p", box=Fact(box, **fact), solve=Fact(view), spec=SPEC)


@pytest.mark.parametrize("box", boxes.ALL)
@pytest.mark.parametrize("width", WIDTHS)
def test_nothing_is_too_wide(box, width):
    busy = replace(box, disks=(disk("cache", kind=None), disk("envs", warning="w " * 40)))
    for each in (box, busy):
        assert_fits(describe_box(state(each, report(4.7)), width), width)


def test_a_box_in_few_lines():
    shown = describe_box(state(boxes.GPUS, report(4.7)), 33)
    assert shown.title == "Host gpu-box-3"
    assert lines_of(shown) == [
        "64 cores                   load 9",
        "ram 70 of 503 GB",
        "disk             310 GB free ext4",
        "driver 550.54.15  CUDA 12.4",
        "glibc 2.35  x86_64_v3",
        "● supervisor ok: jobs outlive SSH",
        "● plan gets 4.70 GB: fits here",
    ]


def test_the_plan_of_another_spec_is_not_measured():
    other = replace(state(boxes.PLAIN, report(4.7)), spec=replace(SPEC, path="/p/b.yml"))
    assert "plan" not in text_of(describe_box(other, 33))


def test_file_systems_are_named():
    disks = (
        disk("home", "state", kind="nfs4"),
        disk("cache", kind="tmpfs"),
        disk("envs", free_gb=3),
    )
    shown = lines_of(describe_box(state(replace(boxes.PLAIN, disks=disks)), 60))
    assert any("home state" in line and line.endswith("310 GB free NFS") for line in shown)
    assert any("cache" in line and "tmpfs, lost at a restart" in line for line in shown)
    assert any("envs" in line and "▲ 3.0 GB free" in line for line in shown)


def test_jobs_that_may_not_outlive_the_logout_say_why():
    box = replace(boxes.PLAIN, jobs_outlive_logout=False, jobs_note="logind kills user processes")
    assert "▲ logind kills user processes" in text_of(describe_box(state(box), 40))


def test_small_changes_show_the_same():
    later = replace(
        boxes.PLAIN,
        load=(9.4, 8.1, 7.0),
        memory_available_bytes=boxes.PLAIN.memory_available_bytes - GB,
        disks=(disk("home", "envs", "cache", "state", free_gb=311.2),),
    )
    assert describe_box(state(later), 33) == describe_box(state(boxes.PLAIN), 33)


def test_before_without_and_after_an_answer():
    assert text_of(describe_box(state(working="looking at this box"), 33)) == "looking at this box"
    assert text_of(describe_box(state(fault="no answer"), 33)) == "× no answer"
    old = describe_box(state(boxes.PLAIN, fault="no answer"), 33)
    assert old.badge == "old"
    assert text_of(old).startswith("× no answer 64 cores")


def with_disks(*disks):
    return replace(boxes.PLAIN, disks=disks)


ONE = with_disks(disk("envs", "cache", free_gb=10))
TWO = with_disks(disk("cache", free_gb=100), disk("envs", free_gb=4))


@pytest.mark.parametrize(
    ("solved", "box", "mark", "words"),
    [
        (report(1), ONE, "●", "plan gets 1.00 GB: fits here"),
        (report(1, unknown=2), ONE, "●", "plan gets at least 1.00 GB: fits here"),
        (report(4), ONE, "▲", "plan gets 4.00 GB: may not fit once unpacked, 10.0 GB free for envs"),
        (report(11), ONE, "×", "plan gets 11.0 GB: does not fit, 10.0 GB free for envs"),
        (report(0, 50, downloads=0), ONE, "●", "plan gets nothing, all is in the cache: fits here"),
        (report(0, 50, downloads=0), TWO, "×", "plan gets nothing, all is in the cache: does not fit, 4.00 GB free for envs"),
        (report(1), TWO, "▲", "plan gets 1.00 GB: may not fit once unpacked, 4.00 GB free for envs"),
        (report(1), with_disks(), "", ""),
    ],
)  # fmt: skip
def test_whether_a_plan_fits(solved, box, mark, words):
    assert describe_fit(solved, box)[::2] == (mark, words)


def test_figures_have_two_digits():
    assert [show_about(n) for n in (0, 812, 4_690_000_000, 48e9, 312e9, 1.84e12)] == [
        "0 B", "810 B", "4.7 GB", "48 GB", "310 GB", "1.8 TB",
    ]  # fmt: skip
    assert [show_load(n) for n in (0.04, 0.6, 9.4, 127.3)] == ["0", "1", "9", "130"]
    assert share_out(0.1 * GB, 25 * GB) == "0 of 25 GB"
    assert share_out(0.9 * GB, 16 * GB) == "960 MB of 16 GB"


@given(st.floats(0, 1e16), st.floats(0, 1e16))
def test_figures_never_fail(used, total):
    assert share_out(min(used, total), total)
    assert show_about(used)
