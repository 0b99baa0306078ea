# ruff: noqa: RUF001 - the marks are those of the screen
from dataclasses import fields, replace

import pytest

from envbench.model.gpu import AbsenceCode, GpuReading, GpuState, NvLink, Unread
from envbench.model.gpu_process import GpuProcess
from envbench.ui.gpu_face import BY_ENVIRONMENT, BY_USER, LIST, METRICS, ORDERS, GpuFace, GpuTrends
from envbench.ui.gpu_readings import READINGS
from envbench.ui.gpu_words import WHY, show_gib, show_share
from envbench.ui.ink import plain, width_of
from envbench.ui.panels.gpu_marks import draw_bar, draw_plot, draw_trend, squeeze
from envbench.ui.panels.gpu_strip import describe_gpu_strip
from envbench.ui.panels.gpus_panel import describe_gpus
from envbench.ui.panels.side_gpu_users import describe_side_users
from envbench.ui.panels.side_gpus import count_lines, describe_side_gpus
from envbench.ui.state import GPUS, PLAN, SPEC, Fact, ScreenState
from envbench.ui.terminal.link_rule import LinkState
from tests.ui.panels import boxes
from tests.ui.panels import gpu_samples as samples
from tests.ui.panels.gpu_samples import EIGHT, GIB, NOW, reading, sample
from tests.ui.panels.showing import WIDTHS, assert_fits, lines_of, text_of

DESCRIBERS = (describe_gpus, describe_side_gpus, describe_side_users)
POINTS = tuple(float(n % 100) for n in range(0, 240, 2))
TRENDS = GpuTrends(
    short=dict.fromkeys(range(16), POINTS[-20:]),
    long={(n, metric): POINTS for n in range(16) for metric in METRICS},
)
FACES = (
    GpuFace(),
    GpuFace(grouping=BY_USER),
    GpuFace(grouping=BY_ENVIRONMENT),
    *(GpuFace(detail=n) for n in (0, 2, 7, 99)),
    GpuFace(detail=0, plots=True),
    GpuFace(detail=7, plots=True),
)


def state(shown=None, *, face=LIST, under="", **more):
    fact = shown if isinstance(shown, Fact) else Fact(shown)
    return ScreenState(
        directory="/p", place=GPUS, focus=GPUS, gpus=fact, gpu_owners=samples.OWNERS,
        gpu_trends=TRENDS, gpu_face=face, selected={GPUS: under} if under else {}, **more,
    )  # fmt: skip


def row_of(view, key):
    return " ".join(next(row for row in view.rows if row.key == key).plain.split())


# -- What holds for all of them --


@pytest.mark.parametrize("describe", DESCRIBERS)
@pytest.mark.parametrize("shown", samples.ALL)
@pytest.mark.parametrize("width", WIDTHS)
def test_nothing_is_too_wide(describe, shown, width):
    for face in FACES:
        for under in ("", "gpu:0", "gpu:7", "mig:2:1", "process:81233", "outside:77"):
            assert_fits(describe(state(shown, face=face, under=under), width), width)


@pytest.mark.parametrize("shown", samples.ALL)
@pytest.mark.parametrize("width", [56, 80, 120])
def test_the_strip_fits(shown, width):
    line = describe_gpu_strip(replace(state(shown), place=PLAN), width, 24)
    assert width_of(line) <= width


HOSTILE = "\x1b]52;c;T1dORUQ=\x07[/oops][@click=app.leave]x[/]\x9b2J\n\t‮e\u0301日本"


def test_names_and_commands_from_outside_are_literal():
    process = replace(
        samples.TRAIN, name=HOSTILE, command=HOSTILE * 9, user=HOSTILE, visible_devices=HOSTILE,
        container=HOSTILE, slurm_job=HOSTILE,
        environment=replace(samples.TRAIN.environment, prefix="/" + HOSTILE),
    )  # fmt: skip
    bad = replace(samples.LOST, fault=replace(samples.LOST.fault, words=HOSTILE, remedy=HOSTILE))
    shown = sample(reading(0, name=HOSTILE, uuid=HOSTILE, compute_mode=HOSTILE), bad, processes=(process,), notes=(HOSTILE,))  # fmt: skip
    for describe in DESCRIBERS:
        for face in FACES:
            view = describe(state(shown, face=face, under="process:81233"), 91)
            assert_fits(view, 91)
            assert all(line.isprintable() for line in lines_of(view)), describe


# -- One line a GPU --


def test_a_gpu_in_one_line():
    shown = describe_gpus(state(EIGHT), 91)
    assert row_of(shown, "gpu:0") == "0 A100-SXM4-80GB 97% ████████ 61/80 371/400 71 nv12"
    assert row_of(shown, "gpu:3").endswith("0% 0/80 62/400 36 nv12 free")
    assert shown.title == "GPUs"
    assert (shown.badge, shown.badge_role) == ("8, 1 NOT OK  every 1 s", "error")
    assert "driver 550.54.15 CUDA 12.4" in text_of(shown)


def test_trouble_is_a_word_beside_a_colour():
    shown = describe_gpus(state(EIGHT), 118)
    assert row_of(shown, "gpu:4").endswith("slowed: thermal, hot")
    assert row_of(shown, "gpu:5").endswith("full")
    ecc = sample(reading(0, ecc_uncorrected=3, is_retirement_pending=True))
    row = describe_gpus(state(ecc), 118).rows[0]
    assert row.plain.endswith("ECC 3, restart needed")
    assert "error" in {piece.role for piece in row.lines[0]}


def test_what_is_unknown_is_a_dash_and_never_0():
    nothing = reading(0, **dict.fromkeys(
        ("utilization_percent", "memory_used_bytes", "memory_total_bytes", "power_w",
         "power_limit_w", "temperature_c", "name", "ecc_uncorrected"), None), nvlinks=())  # fmt: skip
    shown = describe_gpus(state(sample(nothing)), 91)
    assert row_of(shown, "gpu:0") == "0 - - - - -"
    assert row_of(describe_side_gpus(state(sample(nothing)), 33), "gpu:0") == "0 - - -"
    strip = plain(describe_gpu_strip(replace(state(sample(nothing)), place=PLAN), 80, 24))
    assert strip.split() == ["gpu", "0", "-"]


def test_a_lost_gpu_is_one_row_and_the_others_go_on():
    shown = describe_gpus(state(EIGHT), 91)
    said = row_of(shown, "gpu:7")
    assert said == "7 LOST GPU is lost: it fell off the bus, for 4 s; 7 others go on"
    assert row_of(shown, "gpu:0").startswith("0 A100")


@pytest.mark.parametrize(
    ("gpu", "word"),
    [
        (samples.HUNG, "HUNG no answer for 4 s (nvmlDeviceGetPowerUsage); the other one goes on"),
        (samples.CRASHED, "CRASHED the call ended the sampler, for 4 s; the other one goes on"),
        (samples.bad(7, GpuState.FAULTY, 16, "", "it asks for a reset"), "NEEDS RESET it asks"),
        (samples.bad(7, GpuState.FAULTY, 999, "", "unknown error"), "FAULTY unknown error"),
    ],
)
def test_a_bad_gpu_says_what_hangs_or_failed(gpu, word):
    shown = describe_gpus(state(sample(reading(0), gpu), under="gpu:7"), 91)
    assert f"7 {word}" in row_of(shown, "gpu:7")
    assert "7: look for Xid lines in dmesg" in text_of(shown)


def test_old_readings_are_dim_and_say_their_age():
    old = sample(reading(0, utilization_percent=50, read_s=NOW - 12), reading(1, read_s=NOW - 3))
    shown = describe_gpus(state(old), 91)
    row = next(row for row in shown.rows if row.key == "gpu:0")
    assert row.plain.endswith("old: 12 s")
    assert {piece.role for piece in row.lines[0] if piece.text.strip()} == {"dim"}
    assert "old" not in row_of(shown, "gpu:1"), "three ticks may be missed"


def test_mig_is_a_tree_without_utilisation():
    shown = describe_gpus(state(EIGHT), 91)
    assert row_of(shown, "gpu:2") == "2 A100-SXM4-80GB - 2/40 62/400 36 nv12 no util on MIG"
    keys = [row.key for row in shown.rows]
    assert keys[keys.index("gpu:2") + 1 :][:2] == ["mig:2:0", "mig:2:1"]
    assert row_of(shown, "mig:2:1") == "└ 2:1 3g.20gb 1/20 GiB gi 2 ci 0 MIG-00000001-1111"
    # Its processes are named by that index too, and not by the driver's numbers.
    user = GpuProcess(gpu=2, pid=4242, gpu_instance=2, compute_instance=0)
    used = describe_gpus(state(replace(EIGHT, processes=(user,))), 91)
    assert "pid 4242" in row_of(used, "mig:2:1")
    assert row_of(used, "process:4242").startswith("2:1 4242 ")


def test_unified_memory_is_named():
    shown = describe_gpus(state(samples.ONE_UNIFIED), 91)
    assert row_of(shown, "gpu:0") == "0 GB10 0% 61/119 62 36 nv12 unified memory, free"


def test_links_that_are_down_are_counted():
    links = tuple(NvLink(index=n, is_active=n > 0) for n in range(12))
    shown = describe_gpus(state(sample(reading(0, nvlinks=links))), 91)
    assert "nv11/12" in row_of(shown, "gpu:0")


def test_the_last_minutes_are_drawn_where_there_is_room_and_a_fast_link():
    wide = text_of(describe_gpus(state(EIGHT), 118))
    assert "last 2 min" in wide
    assert "▃" in wide
    assert "last 2 min" not in text_of(describe_gpus(state(EIGHT), 91))
    slow = LinkState(900.0, "slow", "", 2.0, 5.0)
    assert "last 2 min" not in text_of(describe_gpus(state(EIGHT, link=slow), 118))


# -- Processes --


def test_a_process_on_two_gpus_is_one_row():
    shown = describe_gpus(state(EIGHT), 118)
    assert row_of(shown, "process:81233") == (
        "0,1 81233 ada ai_dev_env g3 ▲ g4 changed stale 121 95 3 h python train.py --model resnet50"
    )
    assert row_of(shown, "outside:77") == "5 77 - outside container - - - 11 - -"
    assert "~vllm (guess)" in row_of(shown, "process:70555")
    assert row_of(shown, "process:500") == "6 500 eve - - - - - - <1 min Xorg"


def test_the_foot_tells_more_of_the_process_under_the_cursor():
    said = " ".join(
        plain(line) for line in describe_gpus(state(EIGHT, under="process:81233"), 91).bottom
    )
    for words in (
        "0,1: python train.py --model resnet50",
        "CUDA_VISIBLE_DEVICES=0,1",
        "1 pip added",
    ):
        assert words in said
    said = " ".join(
        plain(line) for line in describe_gpus(state(EIGHT, under="outside:77"), 91).bottom
    )
    assert "a process of the host" in said


def test_processes_are_grouped_with_a_sum():
    shown = describe_gpus(state(EIGHT, face=GpuFace(grouping=BY_USER)), 91)
    keys = [row.key for row in shown.rows]
    assert keys[keys.index("processes") :] == [
        "processes", "group:ada", "process:81233", "group:bob", "process:70555",
        "group:user not known", "outside:77", "group:eve", "process:500",
    ]  # fmt: skip
    assert row_of(shown, "group:ada") == "ada 1 process 121 GiB on 0,1"
    by_environment = describe_gpus(state(EIGHT, face=GpuFace(grouping=BY_ENVIRONMENT)), 91)
    assert "group:ai_dev_env" in [row.key for row in by_environment.rows]


@pytest.mark.parametrize(
    ("order", "pids"),
    zip(ORDERS, ((81233, 70555, 77, 500), (81233, 77, 70555, 500), (81233, 77, 500, 70555),
                 (500, 81233, 70555, 77)), strict=True),
)  # fmt: skip
def test_processes_are_sorted(order, pids):
    shown = describe_gpus(state(EIGHT, face=GpuFace(order=order)), 118)
    found = [
        int(row.key.partition(":")[2])
        for row in shown.rows
        if row.key[0] in "po" and ":" in row.key
    ]
    assert tuple(found) == pids
    assert f"processes by {order}" in text_of(shown)


def test_without_processes_it_is_said():
    assert "no process is on them" in text_of(describe_gpus(state(samples.IDLE), 91))
    assert text_of(describe_side_users(state(samples.IDLE), 33)) == "nobody"


def test_beside_the_centre_old_generations_and_guesses_are_told():
    said = text_of(describe_side_users(state(EIGHT), 33))
    assert "81233 ai_dev_env g3 0,1 121 ▲ runs an old generation" in said
    assert "70555 bob: ~vllm" in said
    assert "77 outside contain… 5 11" in said


def test_the_side_names_who_uses_a_gpu_most():
    shown = describe_side_gpus(state(EIGHT), 40)
    assert row_of(shown, "gpu:0") == "0 97% ████ 61/80 71 ai_dev_env"
    assert row_of(shown, "gpu:3").endswith("free")
    assert row_of(shown, "gpu:7").startswith("7 LOST GPU is lost")


# -- One GPU in full --


def test_every_reading_is_in_the_detail():
    told = {name for each in READINGS for name in each.fields}
    beside = {"index", "vendor", "state", "fault", "name", "uuid", "pci_bus_id", "capability",
              "is_memory_unified", "mig", "nvlinks", "unread", "unread_codes", "read_s"}  # fmt: skip
    paired = {"pcie_generation_max", "pcie_width_max", "ecc_corrected", "is_retirement_pending"}
    assert {field.name for field in fields(GpuReading)} == told | beside | paired


def test_the_detail_says_why_something_is_not_known():
    gpu = reading(0, fan_percent=None, power_w=None, ecc_is_on=None, ecc_uncorrected=None,
                  unread={"fan_percent": Unread.NOT_SUPPORTED, "power_w": Unread.NO_PERMISSION,
                          "ecc_is_on": Unread.DRIVER_ERROR}, unread_codes={"ecc_is_on": 999})  # fmt: skip
    shown = describe_gpus(state(sample(gpu), face=GpuFace(detail=0)), 91)
    assert row_of(shown, "detail:fan") == "fan - not supported by this card"
    assert row_of(shown, "detail:power") == "power - of 400 W (needs root)"
    assert row_of(shown, "detail:ECC") == "ECC - the driver answers with an error 999, not told"
    assert set(WHY) == {each.value for each in Unread}


def test_the_detail_of_a_bad_gpu_begins_with_the_fault():
    shown = describe_gpus(state(EIGHT, face=GpuFace(detail=7)), 91)
    assert shown.badge == "LOST"
    said = text_of(shown)
    assert said.startswith(
        "what is wrong × GPU is lost: it fell off the bus for 4 s (code 15), 2 times"
    )
    assert "what to do look for Xid lines in dmesg" in said
    assert "temperature" not in said


def test_the_detail_lists_instances_and_processes():
    shown = describe_gpus(state(EIGHT, face=GpuFace(detail=2)), 91)
    assert row_of(shown, "mig:2:0") == "MIG 2:0 3g.20gb 0 of 20 GiB MIG-00000000-1111"
    busy = describe_gpus(state(EIGHT, face=GpuFace(detail=0)), 91)
    assert row_of(busy, "process:81233") == "used by pid 81233 ada ai_dev_env g3 ▲ g4 60 GiB"
    assert row_of(busy, "detail:nvlink") == "NVLink 12 of 12 active, version 3"


def test_the_last_hour_as_plots():
    shown = describe_gpus(state(EIGHT, face=GpuFace(detail=0, plots=True)), 91)
    said = text_of(shown)
    assert [row.key for row in shown.rows] == ["plot:utilization", "plot:memory", "plot:power"]
    assert "utilisation now 38 %, mean 44, least 0, most 98" in said
    assert "60 min ago" in said
    empty = describe_gpus(
        replace(state(EIGHT, face=GpuFace(detail=0, plots=True)), gpu_trends=GpuTrends()), 91
    )
    assert text_of(empty).count("nothing was read in this time") == 3


# -- Without GPUs --


def test_without_a_driver_the_side_needs_two_lines():
    shown = describe_side_gpus(state(samples.NO_DRIVER), 33)
    assert text_of(shown) == "no NVIDIA driver found; CPU, RAM and disk below"
    assert count_lines(shown) == 2


def test_without_a_driver_the_place_says_how_to_solve_for_a_box_that_has_one():
    shown = text_of(describe_gpus(state(samples.NO_DRIVER), 100))
    assert shown.startswith("no NVIDIA driver found")
    assert "envbench solve SPEC --host box.toml" in shown
    assert "×" not in shown


@pytest.mark.parametrize(
    "code", [code for code in AbsenceCode if code.value not in {"no_driver", "starting"}]
)
@pytest.mark.parametrize("describe", [describe_gpus, describe_side_gpus])
def test_every_other_absence_is_a_fault_with_a_remedy(describe, code):
    shown = describe(state(samples.absent(code, "it is so", "do this")), 91)
    assert text_of(shown).startswith("× it is so do this")


def test_an_absence_tells_its_evidence():
    shown = describe_gpus(state(samples.MISMATCH), 91)
    assert shown.badge == "not read"
    assert "library 550.90" in text_of(shown)
    assert "kernel module 550.54.15" in text_of(shown)


@pytest.mark.parametrize("describe", [describe_gpus, describe_side_gpus])
def test_before_and_without_an_answer(describe):
    assert text_of(describe(state(Fact(working="asking")), 33)) == "asking"
    failed = describe(state(Fact(fault="the readings ended", hint="it is tried again")), 60)
    assert text_of(failed) == "× the readings ended it is tried again"


def test_when_nothing_newer_comes_it_is_said_above():
    shown = describe_gpus(state(Fact(EIGHT, fault="no readings for 6 s")), 91)
    assert text_of(shown).startswith("▲ old: no readings for 6 s")
    noted = describe_gpus(state(replace(EIGHT, notes=("first", "the sampler was replaced"))), 91)
    assert text_of(noted).startswith("▲ the sampler was replaced")


def test_the_place_bears_the_name_of_the_box():
    assert describe_gpus(state(EIGHT, box=Fact(boxes.GPUS)), 91).title == "GPUs gpu-box-3"


# -- The strip, marks --


def test_the_strip_is_there_where_no_pane_shows_gpus():
    shown = state(EIGHT)
    said = plain(describe_gpu_strip(replace(shown, place=PLAN), 80, 24))
    assert (
        said
        == " gpu   0 97%  1 95%  2   -  3  0%  4 60%  5 38%  6  3%  7 LOST  mem 202/520 GiB"[
            : len(said)
        ]
    )
    assert "7 LOST" in said
    assert describe_gpu_strip(replace(shown, place=SPEC), 80, 24)
    for width, height, place in ((120, 40, SPEC), (200, 50, PLAN), (80, 19, PLAN), (80, 24, GPUS)):
        assert describe_gpu_strip(replace(shown, place=place), width, height) == ()
    assert describe_gpu_strip(replace(shown, place=PLAN, zoomed=True), 80, 24) == ()
    assert describe_gpu_strip(replace(state(samples.NO_DRIVER), place=PLAN), 80, 24) == ()


def test_bars_and_lines():
    assert draw_bar(None, 4) == "    "
    assert draw_bar(0, 4) == "    "
    assert draw_bar(2, 4) == "█   "
    assert draw_bar(100, 4) == draw_bar(250, 4) == "████"
    assert draw_trend((0.0, None, 50.0, 100.0), 100, 6) == "  ▁ ▅█"
    assert draw_trend((1.0,) * 9, 0, 3) == "   "


def test_plots_keep_gaps_and_put_neighbours_together():
    assert draw_plot((0.0, None, 100.0), 100, 5, 2) == ("    █", "  ▁ █")
    assert squeeze((1.0, 3.0, None, None, 5.0, None), 3) == (2.0, None, 5.0)
    assert squeeze((1.0,), 5) == (1.0,)
    assert all(len(line) == 30 for line in draw_plot(POINTS, 100, 30, 4))


@pytest.mark.parametrize(
    ("count", "said"),
    [(None, "-"), (0, "0"), (10**6, "<0.1"), (GIB // 2, "0.5"), (9 * GIB, "9.0"), (80 * GIB, "80")],
)
def test_sizes_in_gib(count, said):
    assert show_gib(count) == said
    assert show_share(None, None) == "-"
    assert show_share(2 * GIB, 40 * GIB) == "2/40"
