"""Which framework works on which device, and what each verdict rests on."""

from pathlib import Path

import pytest

from envbench.envs.doctor.examination import examine_prefix
from envbench.envs.doctor.reading import read_view
from envbench.envs.doctor.view import DriverState, GpuFacts
from envbench.machine.gpus import DriverFacts, Gpu
from envbench.model.compatibility_report import CompatibilityRow, CompatibilityVerdict
from envbench.model.probe import ProbeCheck, ProbeResult, ProbeStatus
from envbench.workbench.compatibility import is_fine, report_compatibility
from envbench.workbench.compatibility_rows import list_rows
from tests.workbench.conftest import Box

V = CompatibilityVerdict
GPU = GpuFacts(name="NVIDIA H200", uuid="GPU-1", capability="9.0")
OLD_GPU = GpuFacts(name="Tesla V100", uuid="GPU-2", capability="7.0")
DRIVER = DriverState(version="580.65", cuda="13.0", gpus=(GPU,))
SITE = "lib/python3.11/site-packages"


def install(prefix: Path, name: str, version: str, requires: str = "", **files: str) -> None:
    site = prefix / SITE
    info = site / f"{name}-{version}.dist-info"
    info.mkdir(parents=True)
    needs = f"Requires-Dist: {requires}\n" if requires else ""
    (info / "METADATA").write_text(
        f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n{needs}"
    )
    (info / "RECORD").write_text("".join(f"{path},,\n" for path in files))
    for path, text in files.items():
        (site / path).parent.mkdir(exist_ok=True)
        (site / path).write_text(text)


@pytest.fixture
def prefix(tmp_path: Path) -> Path:
    path = tmp_path / "venv"
    path.mkdir()
    (path / "pyvenv.cfg").write_text("home = /usr/bin\nversion = 3.11.7\n")
    install(path, "torch", "2.14.1", **{"torch/version.py": "cuda: Optional[str] = '13.0'\n"})
    install(path, "torchvision", "0.29.1")
    install(path, "numpy", "2.2.6")
    return path


def judge(
    prefix: Path, *results: ProbeResult, driver: DriverState = DRIVER
) -> dict[tuple[str, str], CompatibilityRow]:
    view = read_view(prefix, environ={}, home=prefix, driver=driver)
    rows = list_rows(view, {result.probe: result for result in results}, examine_prefix(view))
    return {(row.framework, row.device_id): row for row in rows}


def probe(name: str, status: ProbeStatus, *checks: ProbeCheck, **more: str) -> ProbeResult:
    return ProbeResult(
        probe=name, prefix="/x", status=status, checks=checks, started="2026-11-22T10:00:00", **more
    )


def check(device: str, *, ok: bool = True, name: str = "matmul") -> ProbeCheck:
    return ProbeCheck(name=name, device=device, ok=ok, error=3e-7, tolerance=1e-5)


def test_without_numbers_metadata_and_driver_decide(prefix: Path):
    rows = judge(prefix)
    assert {key: row.verdict for key, row in rows.items()} == {
        ("torch", "cpu"): V.SHOULD_WORK,
        ("torch", "GPU-1"): V.SHOULD_WORK,
        ("torchvision", "cpu"): V.SHOULD_WORK,
        ("torchvision", "GPU-1"): V.SHOULD_WORK,
        ("numpy", "cpu"): V.SHOULD_WORK,
    }
    torch = rows["torch", "GPU-1"]
    assert (torch.build, torch.device) == ("cuda 13.0", "NVIDIA H200")
    assert "table" in torch.proof and "2026-11-22" in torch.proof
    assert all(row.reason for row in rows.values())


@pytest.mark.parametrize(
    ("driver", "verdict", "words"),
    [
        (DriverState(version="550.1", cuda="12.4", gpus=(GPU,)), V.WILL_FAIL, "driver"),
        (DriverState(version="580.1", cuda="13.0", gpus=(OLD_GPU,)), V.WILL_FAIL, "capability 7.0"),
        (DriverState(version=None, cuda=None, gpus=(GPU,)), V.UNKNOWN, "did not tell"),
    ],
)
def test_a_gpu_that_the_build_cannot_use_is_told(prefix, driver, verdict, words):
    row = judge(prefix, driver=driver)["torch", driver.gpus[0].uuid]
    assert row.verdict is verdict
    assert words in f"{row.reason} {row.proof}"


def test_numbers_win_over_metadata(prefix: Path):
    result = probe("torch", ProbeStatus.OK, check("cpu"), check("GPU-1", name="conv"))
    rows = judge(prefix, result, driver=DriverState(version="550.1", cuda="12.4", gpus=(GPU,)))
    assert rows["torch", "cpu"].verdict is V.WORKS
    row = rows["torch", "GPU-1"]
    assert (row.verdict, row.reason) == (V.WORKS, "")
    assert row.proof == "probe torch of 2026-11-22T10:00:00: conv off by 3.0e-07 of 1e-05"


def test_a_wrong_number_fails_on_its_device_only(prefix: Path):
    result = probe(
        "torch", ProbeStatus.FAILED, check("cpu"), check("GPU-1", ok=False),
        stage="check:matmul", reason="wrong result",
    )  # fmt: skip
    rows = judge(prefix, result)
    assert rows["torch", "cpu"].verdict is V.WORKS
    assert rows["torch", "GPU-1"].verdict is V.FAILS
    assert rows["torch", "GPU-1"].reason == "wrong result (stage check:matmul)"


def test_a_failed_import_fails_everywhere(prefix: Path):
    result = probe("torch", ProbeStatus.CRASHED, stage="import", reason="ended by SIGSEGV")
    rows = judge(prefix, result)
    assert {rows["torch", device].verdict for device in ("cpu", "GPU-1")} == {V.FAILS}


def test_a_fall_back_to_the_cpu_is_degraded_on_the_gpu(prefix: Path):
    result = probe("torch", ProbeStatus.DEGRADED, check("cpu"), reason="sees no GPU")
    rows = judge(prefix, result)
    assert rows["torch", "cpu"].verdict is V.WORKS
    assert (rows["torch", "GPU-1"].verdict, rows["torch", "GPU-1"].reason) == (
        V.DEGRADED,
        "sees no GPU",
    )


def test_a_check_that_was_skipped_proves_nothing(prefix: Path):
    skipped = ProbeCheck(name="matmul", device="GPU-1", ok=True, skipped="no memory")
    rows = judge(prefix, probe("torch", ProbeStatus.OK, check("cpu"), skipped))
    assert rows["torch", "GPU-1"].verdict is V.SHOULD_WORK


def test_a_cpu_build_is_degraded_beside_a_gpu(prefix: Path):
    (prefix / SITE / "torch/version.py").write_text("cuda: Optional[str] = None\n")
    row = judge(prefix)["torch", "GPU-1"]
    assert (row.verdict, row.build) == (V.DEGRADED, "cpu")


def test_a_gpu_build_without_cuda_libraries_is_degraded(prefix: Path):
    info = "cuda_version = '13.0'\n"
    install(prefix, "onnxruntime_gpu", "1.31", **{"onnxruntime/capi_info.py": ""})
    record = prefix / SITE / "onnxruntime_gpu-1.31.dist-info" / "RECORD"
    path = prefix / SITE / "onnxruntime/capi/build_and_package_info.py"
    path.parent.mkdir()
    path.write_text(info)
    record.write_text("onnxruntime/capi/build_and_package_info.py,,\n")
    rows = judge(prefix)
    assert rows["onnxruntime", "GPU-1"].verdict is V.DEGRADED
    assert "libcublas.so.13" in rows["onnxruntime", "GPU-1"].reason
    assert rows["onnxruntime", "cpu"].verdict is V.SHOULD_WORK


def test_what_the_doctor_found_makes_its_victims_fail_and_not_the_culprit(prefix: Path):
    install(prefix, "pandas", "2.2.2", requires="numpy>=3")
    rows = judge(prefix)
    assert rows["pandas", "cpu"].verdict is V.WILL_FAIL
    assert "numpy" in rows["pandas", "cpu"].reason
    assert rows["numpy", "cpu"].verdict is V.SHOULD_WORK


def test_what_computes_on_gpus_only_is_not_promised_for_the_cpu(prefix: Path):
    install(prefix, "cupy_cuda13x", "14.2.0")
    rows = judge(prefix)
    assert rows["cupy", "cpu"].verdict is V.UNKNOWN
    # Its libraries are not there, and it has nothing to fall back to.
    assert rows["cupy", "GPU-1"].verdict is V.WILL_FAIL
    assert "libnvrtc.so.13" in rows["cupy", "GPU-1"].reason


def test_the_report_says_what_is_not_in_it(box: Box, prefix: Path):
    facts = DriverFacts(
        driver="580.65", cuda="13.0",
        gpus=(Gpu(index=0, name="NVIDIA H200", uuid="GPU-1", capability="9.0"),),
    )  # fmt: skip
    report = report_compatibility(str(prefix), box.settings, driver=facts)
    assert (report.driver, report.cuda, report.generation, report.probed) == (
        "580.65",
        "13.0",
        None,
        "",
    )
    assert {row.device for row in report.rows} == {"cpu", "NVIDIA H200"}
    assert any("nothing was computed yet" in note for note in report.notes)
    assert is_fine(report)
    bare = report_compatibility(
        str(prefix), box.settings, driver=DriverFacts(reason="no NVIDIA driver")
    )
    assert {row.device for row in bare.rows} == {"cpu"}
    assert "no GPU is listed: no NVIDIA driver" in bare.notes
    old = DriverFacts(driver="470.1", cuda="11.4", gpus=facts.gpus)
    assert not is_fine(report_compatibility(str(prefix), box.settings, driver=old))
