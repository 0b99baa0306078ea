"""Why there is no GPU: boxes built as trees of files."""

from pathlib import Path

import pytest

from envbench.machine.gpu_absence import explain_absence
from envbench.machine.gpu_evidence import collect_evidence
from envbench.model.gpu import AbsenceCode, GpuAbsence

MODULE = "NVRM version: NVIDIA UNIX x86_64 Kernel Module  550.54.15  Tue Mar  5 22:23:56 UTC 2024\nGCC version:  gcc version 12.3.0\n"
OPEN_MODULE = "NVRM version: NVIDIA UNIX Open Kernel Module for x86_64  575.57.08  Release Build\n"


class Box:
    """A file system in which a box is built piece by piece."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.environ: dict[str, str] = {}
        for folder in ("dev", "proc/self", "sys/bus/pci/devices", "sys/module", "usr/lib64"):
            (root / folder).mkdir(parents=True)

    def pci(self, address: str = "0000:65:00.0", *, driver: str | None = None, vendor="0x10de", kind="0x030200"):  # fmt: skip
        device = self.root / "sys/bus/pci/devices" / address
        device.mkdir()
        (device / "vendor").write_text(f"{vendor}\n")
        (device / "class").write_text(f"{kind}\n")
        if driver:
            (device / "driver").symlink_to(f"../../../../bus/pci/drivers/{driver}")
        return self

    def module(self, name: str = "nvidia", text: str = MODULE):
        (self.root / "sys/module" / name).mkdir()
        if name == "nvidia":
            (self.root / "proc/driver/nvidia").mkdir(parents=True)
            (self.root / "proc/driver/nvidia/version").write_text(text)
        return self

    def devices(self, *names: str, mode: int = 0o666):
        for name in names:
            (self.root / "dev" / name).touch()
            (self.root / "dev" / name).chmod(mode)
        return self

    def library(self, version: str = "550.54.15", folder: str = "usr/lib64"):
        (self.root / folder).mkdir(parents=True, exist_ok=True)
        (self.root / folder / f"libnvidia-ml.so.{version}").touch()
        (self.root / folder / "libnvidia-ml.so.1").symlink_to(f"libnvidia-ml.so.{version}")
        return self

    def container(self, mark: str = ".dockerenv"):
        (self.root / mark).parent.mkdir(parents=True, exist_ok=True)
        (self.root / mark).touch()
        return self

    def given(self, **environ: str):
        self.environ.update(environ)
        return self

    def ask(self, code: int | None = None, kind: str = "") -> GpuAbsence:
        absence = explain_absence(code, kind=kind, root=self.root, environ=self.environ)
        assert "\n" not in absence.words + absence.remedy
        return absence


@pytest.fixture
def box(tmp_path):
    return Box(tmp_path / "root")


class TestWithoutLibrary:
    def test_an_ordinary_box(self, box):
        box.pci(vendor="0x8086", kind="0x030000").pci("0000:00:1f.3", kind="0x040300")
        absence = box.ask(12)
        assert absence.code is AbsenceCode.NO_DRIVER
        assert absence.remedy == ""
        assert absence.details == ()

    def test_an_ordinary_container(self, box):
        assert box.container().ask(12).code is AbsenceCode.NO_DRIVER

    def test_a_gpu_without_driver(self, box):
        absence = box.pci().pci("0000:b3:00.0").pci("0000:65:00.1", kind="0x040300").ask(12)
        assert absence.code is AbsenceCode.DRIVER_NOT_INSTALLED
        assert "2 GPUs of NVIDIA's on the PCI bus, but no driver" in absence.words
        assert absence.remedy == "install NVIDIA's driver"
        assert absence.details[0] == (
            "on the PCI bus: 0000:65:00.0 (no driver), 0000:b3:00.0 (no driver)"
        )

    def test_nouveau(self, box):
        absence = box.pci(driver="nouveau", kind="0x030000").module("nouveau").ask(12)
        assert absence.code is AbsenceCode.DRIVER_NOT_INSTALLED
        assert "nouveau" in absence.words
        assert "blacklist nouveau" in absence.remedy

    def test_a_gpu_that_is_set_aside_for_virtual_machines(self, box):
        absence = box.pci(driver="vfio-pci").ask(12)
        assert "set aside for virtual machines" in absence.words

    def test_a_container_without_the_library(self, box):
        absence = box.pci(driver="nvidia").module().container("run/.containerenv").ask(12)
        assert absence.code is AbsenceCode.LIBRARY_MISSING
        assert "--gpus all" in absence.remedy
        assert "Container Toolkit" in absence.remedy
        assert "container: /run/.containerenv is there" in absence.details

    def test_apptainer_has_another_option(self, box):
        absence = box.module().given(APPTAINER_CONTAINER="/x.sif").ask(12)
        assert "`--nv`" in absence.remedy

    def test_devices_without_library(self, box):
        box.module().container().devices("nvidia0", "nvidiactl")
        absence = box.ask(12)
        assert "GPUs were given to this container, but not the driver's library" in absence.words
        assert "--gpus all" in absence.remedy
        absence = box.given(NVIDIA_DRIVER_CAPABILITIES="compute,video").ask(12)
        assert "NVIDIA_DRIVER_CAPABILITIES" in absence.remedy
        absence = box.given(NVIDIA_DRIVER_CAPABILITIES="compute, utility").ask(12)
        assert "--gpus all" in absence.remedy

    def test_no_container_and_a_module_without_library(self, box):
        absence = box.pci(driver="nvidia").module(text=OPEN_MODULE).ask(12)
        assert absence.code is AbsenceCode.LIBRARY_MISSING
        assert "of version 575.57.08" in absence.remedy

    def test_windows_beneath(self, box):
        absence = box.devices("dxg").ask(12)
        assert absence.code is AbsenceCode.LIBRARY_MISSING
        assert "wsl --update" in absence.remedy


class TestWithoutModule:
    def test_not_loaded(self, box):
        absence = box.pci().library().ask(9)
        assert absence.code is AbsenceCode.DRIVER_NOT_LOADED
        assert "modprobe nvidia" in absence.remedy
        assert "library: /usr/lib64/libnvidia-ml.so.550.54.15" in absence.details
        assert "on the host" in box.container().ask(9).words

    def test_nouveau_is_in_the_way(self, box):
        absence = box.pci(driver="nouveau").library().ask(9)
        assert absence.code is AbsenceCode.DRIVER_NOT_LOADED
        assert "nouveau" in absence.words

    def test_a_library_on_a_box_without_gpu(self, box):
        absence = box.library().ask(9)
        assert absence.code is AbsenceCode.NO_DRIVER
        assert "no GPU" in absence.words

    def test_a_container_to_which_nothing_was_given(self, box):
        absence = box.pci(driver="nvidia").module().library().container().ask(9)
        assert absence.code is AbsenceCode.NO_DEVICE
        assert "--gpus all" in absence.remedy

    def test_device_files_are_missing(self, box):
        absence = box.pci(driver="nvidia").module().library().ask(9)
        assert absence.code is AbsenceCode.DRIVER_NOT_LOADED
        assert "nvidia-modprobe" in absence.remedy

    def test_all_is_there_and_yet(self, box):
        box.pci(driver="nvidia").module().library().devices("nvidia0", "nvidiactl")
        assert "dmesg" in box.ask(9).remedy


class TestWithoutDevices:
    def test_in_a_container(self, box):
        absence = box.module().library().devices("nvidiactl").container().ask(kind="no_devices")
        assert absence.code is AbsenceCode.NO_DEVICE
        assert "given to this container" in absence.words

    def test_in_a_job_of_slurm(self, box):
        absence = box.module().given(SLURM_JOB_ID="42").ask(kind="no_devices")
        assert "Slurm job 42 has no GPU" in absence.words
        assert "--gres=gpu:1" in absence.remedy

    def test_a_card_that_the_driver_does_not_want(self, box):
        absence = box.pci(driver="nvidia").module().ask(kind="no_devices")
        assert "too old or too new" in absence.remedy

    def test_a_card_that_is_gone(self, box):
        absence = box.module().ask(kind="no_devices")
        assert absence.code is AbsenceCode.NO_DEVICE
        assert absence.remedy


class TestFaults:
    def test_both_versions_of_a_mismatch(self, box):
        absence = box.module().library("550.90.07", "usr/lib/x86_64-linux-gnu").ask(18)
        assert absence.code is AbsenceCode.MISMATCH
        assert "module 550.54.15, library 550.90.07" in absence.words
        assert absence.remedy.startswith("reboot")
        assert box.container().ask(18).remedy.startswith("restart the container")

    def test_the_library_that_is_loaded_counts(self, box):
        box.module().library("550.90.07")
        line = "7f00-7f01 r-xp 0 08:01 5   /opt/nv/lib/libnvidia-ml.so.535.183.01 (deleted)\n"
        (box.root / "proc/self/maps").write_text("7f 0 [heap]\n" + line)
        assert "library 535.183.01" in box.ask(18).words

    def test_the_library_on_the_path_counts_before_the_usual_places(self, box):
        box.module().library("550.90.07").library("470.82", "opt/lib")
        assert "library 470.82" in box.given(LD_LIBRARY_PATH="/none:/opt/lib").ask(18).words

    def test_a_mismatch_of_unknown_versions(self, box):
        assert "module unknown, library unknown" in box.ask(18).words

    def test_lost_rights_of_a_container(self, box):
        absence = box.module().library().container().ask(999)
        assert absence.code is AbsenceCode.INIT_FAILED
        assert "systemd is reloaded" in absence.words
        assert absence.remedy.startswith("restart the container")

    def test_an_unknown_error_elsewhere(self, box):
        absence = box.module().library().ask(999)
        assert absence.code is AbsenceCode.INIT_FAILED
        assert "error 999" in absence.words
        assert "dmesg" in absence.remedy

    def test_permission(self, box):
        absence = box.module().devices("nvidiactl", mode=0o660).ask(4)
        assert absence.code is AbsenceCode.NO_PERMISSION
        assert absence.words.startswith("only the group ")
        assert "usermod" in absence.remedy

    def test_permission_though_everyone_may(self, box):
        absence = box.module().devices("nvidiactl").ask(4)
        assert "/dev/nvidiactl" in absence.remedy

    @pytest.mark.parametrize(
        ("code", "kind", "expected"),
        [
            (None, "hung", AbsenceCode.DRIVER_HUNG),
            (10, "", AbsenceCode.DRIVER_HUNG),
            (None, "crashed", AbsenceCode.DRIVER_CRASHED),
            (11, "crashed", AbsenceCode.DRIVER_CRASHED),
            (None, "binding_missing", AbsenceCode.BINDING_MISSING),
            (None, "binding_wrong", AbsenceCode.BINDING_WRONG),
            (None, "", AbsenceCode.INIT_FAILED),
            (13, "", AbsenceCode.INIT_FAILED),
            (15, "", AbsenceCode.INIT_FAILED),
            (20, "", AbsenceCode.INIT_FAILED),
            (-7, "", AbsenceCode.INIT_FAILED),
        ],
    )
    def test_others(self, box, code, kind, expected):
        absence = box.ask(code, kind)
        assert absence.code is expected
        assert absence.words
        assert absence.remedy
        if code and not kind and code != 10:
            assert f"error {code}" in absence.words


@pytest.mark.parametrize(
    ("mark", "environ", "groups", "container"),
    [
        (".dockerenv", {}, "0::/", "/.dockerenv"),
        ("", {"KUBERNETES_SERVICE_HOST": "10.0.0.1"}, "0::/", "KUBERNETES_SERVICE_HOST"),
        ("", {}, f"0::/system.slice/docker-{'ab' * 32}.scope", "control group of abababababab"),
        ("", {}, "0::/user.slice", None),
    ],
)
def test_marks_of_containers(box, mark, environ, groups, container):
    if mark:
        box.container(mark)
    (box.root / "proc/self/cgroup").write_text(groups)
    assert collect_evidence(box.root, environ).container == container


def test_hostile_files(box):
    box.module(text="\x1b[2J NVRM version \xff 550.54.15").pci(driver="e\x1b[2Jvil")
    absence = box.ask(999)
    assert "\x1b" not in "".join(absence.details) + absence.words
    assert "kernel module nvidia: 550.54.15" in absence.details


def test_a_hostile_variable(box):
    absence = box.module().given(SLURM_JOB_ID="4\x1b]0;2\x07" + "9" * 999).ask(kind="no_devices")
    assert absence.words.startswith("the driver is there, but the Slurm job 4")
    assert absence.words.isprintable()
    assert len(absence.words) < 200


def test_this_box_is_explained_without_a_fault():
    for code in (1, 4, 9, 12, 18, 999):
        assert explain_absence(code).words
