"""Samples as text: unknown is a dash, a bad GPU is named, nothing hostile gets out."""

from dataclasses import replace

import pytest

from envbench.cli.gpu_table import TableLine, draw_report
from envbench.cli.gpus import crop
from envbench.cli.trace_view import draw_uses, say_energy, say_use
from envbench.model.gpu import (
    AbsenceCode,
    BoxReading,
    DriverReading,
    GpuAbsence,
    GpuFault,
    GpuReading,
    GpuState,
    MigInstance,
    Sample,
    Unread,
)
from envbench.model.gpu_process import EnvironmentSource, GpuProcess, ProcessEnvironment
from envbench.model.gpu_trace import GpuUse
from envbench.workbench.values.gpu_owners import GpuReport, KnownEnvironment

MIB = 1 << 20
GOOD = GpuReading(
    index=0,
    name="NVIDIA H100",
    utilization_percent=97,
    memory_total_bytes=81920 * MIB,
    memory_used_bytes=12288 * MIB,
    temperature_c=61,
    power_w=412.4,
    power_limit_w=700.0,
)
SAMPLE = Sample(number=0, at_s=1.0, period_s=1.0, gpus=(GOOD,), driver=DriverReading(version="550"))


def draw(sample: Sample, *environments: KnownEnvironment, width: int | None = None) -> list[str]:
    report = GpuReport(sample=sample, environments=environments)
    return [line.text for line in draw_report(report, width)]


def row_of(lines: list[str], start: str) -> str:
    return next(line for line in lines if line.startswith(start))


def test_a_gpu_is_one_line():
    lines = draw(SAMPLE)
    assert row_of(lines, "0 ").split("  ")[0:1] == ["0"]
    row = " ".join(row_of(lines, "0 ").split())
    assert row == "0 NVIDIA H100 97 % 12.0 GiB / 80.0 GiB 61 °C 412 / 700 W ok"
    assert lines[0] == "NVIDIA driver 550"
    assert "no process is seen on a GPU" in lines


def test_what_is_not_known_is_a_dash_and_never_0():
    row = " ".join(row_of(draw(replace(SAMPLE, gpus=(GpuReading(index=3),))), "3 ").split())
    assert row == "3 - - - - - ok"
    half = replace(GOOD, memory_total_bytes=None, power_w=None)
    row = row_of(draw(replace(SAMPLE, gpus=(half,))), "0 ")
    assert "12.0 GiB / -" in row
    assert "- / 700 W" in row
    assert draw(SAMPLE)[-1] == "box: - processors, memory -"


@pytest.mark.parametrize(
    ("state", "word"),
    [(GpuState.FAULTY, "LOST"), (GpuState.HUNG, "HUNG"), (GpuState.CRASHED, "CRASHED")],
)
def test_a_bad_gpu_is_named_as_on_the_screen_with_what_to_do(state: GpuState, word: str):
    fault = GpuFault(call="nvmlDeviceGetPowerUsage", code=15, words="it is lost", remedy="reset it")
    bad = GpuReading(index=1, name="NVIDIA H100", state=state, fault=fault)
    report = GpuReport(sample=replace(SAMPLE, gpus=(GOOD, bad)))
    drawn = draw_report(report, None)
    lines = [line.text for line in drawn]
    assert row_of(lines, "1 ").endswith(f"  {word}")
    assert f"GPU 1 {word}: it is lost" in lines
    assert "  next: reset it" in lines
    assert row_of(lines, "0 ").endswith("ok")
    colours = {line.text[:2]: line.colour for line in drawn}
    assert (colours["0 "], colours["1 "]) == ("", "red")


def test_processes_name_environment_generation_and_what_changed():
    def process(pid: int, prefix: str | None, **more: object) -> GpuProcess:
        source = more.pop("source", EnvironmentSource.VARIABLES)
        place = ProcessEnvironment(prefix=prefix, source=source) if prefix else None
        return GpuProcess(gpu=0, pid=pid, environment=place, **more)

    known = [
        KnownEnvironment(
            prefix="/e/train-2", name="train", kind="envbench", generation=2, live_generation=3,
            spec_state="spec changed", drift="1 pip added", is_old=True,
        ),
        KnownEnvironment(
            prefix="/e/fine-1", name="fine", kind="envbench", generation=1, live_generation=1,
            spec_state="ok", drift="",
        ),
        KnownEnvironment(prefix="/c/torch", name="torch", kind="conda"),
    ]  # fmt: skip
    processes = (
        process(11, "/e/train-2", user="ada", memory_used_bytes=2048 * MIB, command="python t.py"),
        process(12, "/e/fine-1", memory_used_bytes=1024 * MIB),
        process(13, "/c/torch", source=EnvironmentSource.COMMAND, memory_used_bytes=512 * MIB),
        process(14, None, is_here=False),
    )
    lines = draw(replace(SAMPLE, processes=processes), *known)
    rows = [" ".join(line.split()) for line in lines[lines.index("") + 2 :]]
    assert rows[0] == "0 11 ada train 2 (live: 3) 1 pip added, spec changed 2.0 GiB python t.py"
    assert rows[1] == "0 12 - fine 1 nothing changed 1.0 GiB -"
    assert rows[2] == "0 13 - ~torch - made by conda 512.0 MiB -"
    assert rows[3] == "0 14 (outside) - - - - - -"


def test_commands_are_cut_to_the_terminal_and_whole_in_a_pipe():
    process = GpuProcess(gpu=0, pid=7, command="python " + "x" * 300)
    sample = replace(SAMPLE, processes=(process,))
    assert all(len(line) <= 100 for line in draw(sample, width=100))
    assert any(line.endswith("…") for line in draw(sample, width=100))
    assert any(line.endswith("x" * 300) for line in draw(sample))


def test_a_narrow_terminal_loses_what_matters_least():
    throttled = replace(GOOD, name="NVIDIA H100 80GB HBM3", throttle_reasons=("thermal",))
    process = GpuProcess(gpu=0, pid=7, user="ada", memory_used_bytes=2 << 30, command="python t.py")
    sample = replace(SAMPLE, gpus=(throttled,), processes=(process,))
    assert " power " in row_of(draw(sample, width=100), "gpu ")
    lines = draw(sample, width=60)
    assert max(map(len, lines)) <= 60
    assert row_of(lines, "0 ").endswith("ok, thermal")
    assert row_of(lines, "gpu  pid").split()[-2:] == ["memory", "command"]
    assert any(line.endswith("2.0 GiB  python t.py") for line in lines)


def test_the_end_of_what_is_wrong_is_never_cut_away():
    words = "the driver did not answer for 1.1 s (nvmlDeviceGetPowerUsage)"
    fault = GpuFault(call="nvmlDeviceGetPowerUsage", code=None, words=words, remedy=words)
    bad = GpuReading(index=1, state=GpuState.HUNG, fault=fault)
    lines = draw(replace(SAMPLE, gpus=(bad,)), width=40)
    assert max(map(len, lines)) <= 40
    told = " ".join(" ".join(lines).split())
    assert f"GPU 1 HUNG: {words} next: {words}" in told


def test_a_dash_has_its_reason():
    secret = replace(
        GOOD, power_w=None, temperature_c=None,
        unread={"power_w": Unread.NO_PERMISSION, "temperature_c": Unread.DRIVER_ERROR},
        unread_codes={"temperature_c": 17},
    )  # fmt: skip
    lines = draw(replace(SAMPLE, gpus=(secret, replace(secret, index=1, temperature_c=50))))
    assert "no power of GPU 0, 1: needs root" in lines
    assert "no temperature of GPU 0: the driver answers with an error (17)" in lines
    assert not any(line.startswith("no ") and "of GPU" in line for line in draw(SAMPLE))


def test_what_has_no_room_is_counted():
    lines = [TableLine(str(number)) for number in range(9)]
    assert crop(lines, 9) == lines
    assert [line.text for line in crop(lines, 4)] == [
        "0", "1", "2", "… 6 more lines: make the window taller",
    ]  # fmt: skip


def test_a_mig_instance_has_its_own_line_and_its_processes():
    mig = MigInstance(
        index=2, name="1g.10gb", gpu_instance=9, compute_instance=0,
        memory_total_bytes=9728 * MIB, memory_used_bytes=100 * MIB,
    )  # fmt: skip
    process = GpuProcess(gpu=0, pid=7, gpu_instance=9, compute_instance=0, command="sleep")
    gpu = replace(GOOD, utilization_percent=None, is_mig_on=True, mig=(mig,))
    lines = draw(replace(SAMPLE, gpus=(gpu,), processes=(process,)))
    assert row_of(lines, "0 ").endswith("ok, MIG")
    assert "MIG 1g.10gb" in row_of(lines, "0:2 ")
    assert len([line for line in lines if line.startswith("0:2 ")]) == 2


def test_no_gpu_is_told_with_its_reason_and_the_box_all_the_same():
    absence = GpuAbsence(
        code=AbsenceCode.MISMATCH, words="two versions", remedy="reboot", details=("a: 1", "b: 2")
    )
    box = BoxReading(
        cpu_percent=12.4, cpu_count=8, load_1=0.5,
        memory_total_bytes=16 << 30, memory_available_bytes=12 << 30,
    )  # fmt: skip
    lines = draw(Sample(number=0, at_s=1.0, period_s=1.0, absence=absence, box=box))
    assert lines == [
        "no GPU is read: two versions",
        "  a: 1",
        "  b: 2",
        "  next: reboot",
        "",
        "box: 8 processors 12 % busy, load 0.5, memory 4.0 GiB / 16.0 GiB",
    ]


@pytest.mark.parametrize("evil", ["\x1b[2J", "\x9b2J", "\u202eabc", "a\nb", "a\rb"])
def test_nothing_hostile_gets_out(evil: str):
    fault = GpuFault(call=f"call{evil}", code=1, words=f"words{evil}", remedy=f"do{evil}")
    gpu = replace(GOOD, name=f"GPU{evil}", state=GpuState.FAULTY, fault=fault)
    place = ProcessEnvironment(prefix=f"/e{evil}", source=EnvironmentSource.COMMAND)
    process = GpuProcess(gpu=0, pid=7, user=evil, command=f"run {evil}", environment=place)
    for line in draw(replace(SAMPLE, gpus=(gpu,), processes=(process,))):
        assert line.isprintable(), line


def test_a_run_is_summed_up_in_a_line():
    use = GpuUse(
        index=0, name="H100", memory_peak_bytes=12 << 30, own_memory_peak_bytes=11 << 30,
        utilization_mean_percent=86.6, power_mean_w=612.3, energy_j=38_123.0, energy_is_counted=True,
    )  # fmt: skip
    assert say_use(use) == (
        "GPU 0 H100: peak memory 12.0 GiB (11.0 GiB of its own), mean utilization 87 %,"
        " mean power 612 W, energy 38.1 kJ, 10.59 Wh"
    )
    assert say_use(GpuUse(index=2)) == "GPU 2: no readings"
    assert say_energy(999.0) == "999 J, 0.28 Wh"


def test_what_all_gpus_did_is_a_short_line_each():
    sound = GpuUse(
        index=0, name="NVIDIA H100 80GB HBM3", memory_peak_bytes=12 << 30,
        utilization_mean_percent=86.6, power_mean_w=612.3, energy_j=38_123.0,
    )  # fmt: skip
    bad = GpuUse(index=1, notes=("hung: the driver did not answer for 1.1 s (in 1 look)",))
    heading, first, second, note = draw_uses((sound, bad))
    assert heading.split("  ")[0] == "gpu"
    assert " ".join(first.split()) == (
        "0 NVIDIA H100 80GB HBM3 12.0 GiB 87 % 612 W 38.1 kJ, 10.59 Wh"
    )
    assert second.split() == ["1", "-", "-", "-", "-", "-"]
    assert note == "GPU 1: hung: the driver did not answer for 1.1 s (in 1 look)"
    assert max(map(len, (heading, first, second))) < 90
