"""Cards of AMD and Intel, and the processes on them: trees as the kernel shows them."""

import errno
import functools
import os
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from envbench.machine import sysfs_gpus
from envbench.machine.drm_fdinfo import DrmClients, measure_busy, parse_usage
from envbench.machine.sysfs_gpus import SCAN_PERIOD_S, SysfsReader, asleep_nvidia
from envbench.machine.sysfs_nodes import classify_error, parse_current_mhz, parse_generation
from envbench.model.gpu import GpuReading, GpuState, GpuVendor, Unread

GIB, KIB = 2**30, 2**10
AMD_CARD = {
    "gpu_busy_percent": "37", "mem_busy_percent": "12", "mem_info_vram_total": str(24 * GIB),
    "mem_info_vram_used": str(3 * GIB), "unique_id": "a1b2c3d4e5f60718",
    "pp_dpm_sclk": "0: 500Mhz \n1: 1900Mhz *\n2: 2500Mhz ", "pp_dpm_mclk": "0: 96Mhz *\n1: 1249Mhz",
    "current_link_speed": "16.0 GT/s PCIe", "current_link_width": "16",
    "max_link_speed": "16.0 GT/s PCIe", "max_link_width": "16", "vendor": "0x1002",
    "device": "0x744c", "revision": "0xc8",
    "hwmon/hwmon4/name": "amdgpu", "hwmon/hwmon4/temp1_input": "61000",
    "hwmon/hwmon4/power1_average": "213400000", "hwmon/hwmon4/power1_cap": "303000000",
    "hwmon/hwmon4/pwm1": "102", "hwmon/hwmon4/pwm1_max": "255",
    "power/runtime_status": "active",
}  # fmt: skip
AMD_CLIENT = """pos:\t0
flags:\t02100002
drm-driver:\tamdgpu
drm-client-id:\t{client}
drm-pdev:\t0000:03:00.0
drm-total-vram:\t9000000 KiB
drm-memory-vram:\t{kib} KiB
drm-memory-gtt:\t2048 KiB
drm-engine-gfx:\t{gfx} ns
drm-engine-compute:\t{compute} ns
"""
XE_CLIENT = """drm-driver:\txe
drm-client-id:\t42
drm-pdev:\t0000:03:00.0
drm-total-system:\t4096
drm-total-vram0:\t64 MiB
drm-resident-vram0:\t23992 KiB
drm-cycles-rcs:\t{rcs}
drm-total-cycles-rcs:\t{total}
drm-cycles-vcs:\t{vcs}
drm-total-cycles-vcs:\t{total}
drm-engine-capacity-vcs:\t2
"""


class Tree:
    """A `/sys`, a `/proc` and a `/usr/share` in which cards and processes are built."""

    def __init__(self, root: Path) -> None:
        self.sys, self.proc, self.share = root / "sys", root / "proc", root / "share"
        for folder in (self.sys, self.proc, self.share):
            folder.mkdir()

    def card(self, address: str = "0000:03:00.0", *, driver: str = "amdgpu", number: int = 1, **nodes: str) -> Path:  # fmt: skip
        device = self.sys / "devices/pci0000:00" / address
        device.mkdir(parents=True)
        self.write(device, **nodes)
        module = self.sys / "bus/pci/drivers" / driver
        module.mkdir(parents=True, exist_ok=True)
        (device / "driver").symlink_to(module)
        node = device / "drm" / f"card{number}"
        node.mkdir(parents=True)
        (node / "device").symlink_to("../..")
        drm = self.sys / "class/drm"
        drm.mkdir(parents=True, exist_ok=True)
        (drm / f"card{number}").symlink_to(node)
        (drm / f"card{number}-DP-1").mkdir()
        (drm / f"renderD{127 + number}").symlink_to(node)
        bus = self.sys / "bus/pci/devices"
        bus.mkdir(parents=True, exist_ok=True)
        (bus / address).symlink_to(device)
        return device

    def write(self, folder: Path, **nodes: str) -> None:
        for name, text in nodes.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(text + "\n")

    def client(self, pid: int, text: str, *, descriptor: int = 5, device: str = "/dev/dri/renderD128") -> None:  # fmt: skip
        for kind in ("fd", "fdinfo"):
            (self.proc / str(pid) / kind).mkdir(parents=True, exist_ok=True)
        link = self.proc / str(pid) / "fd" / str(descriptor)
        link.unlink(missing_ok=True)
        link.symlink_to(device)
        (self.proc / str(pid) / "fdinfo" / str(descriptor)).write_text(text)

    def reader(self) -> SysfsReader:
        return SysfsReader(sys=str(self.sys), proc=str(self.proc), share=str(self.share))

    def read(self) -> GpuReading:
        (gpu,) = self.reader().read(0)[0]
        return gpu


@pytest.fixture
def tree(tmp_path):
    return Tree(tmp_path)


@pytest.fixture
def clock(monkeypatch):
    """Let the reader's time pass by hand."""
    now = [1000.0]
    passing = SimpleNamespace(monotonic=lambda: now[0], time=time.time)
    monkeypatch.setattr(sysfs_gpus, "time", passing)

    def advance(seconds: float) -> None:
        now[0] += seconds

    return advance


def lacking(gpu: GpuReading) -> set[str]:
    names = (field for field in GpuReading.__dataclass_fields__ if field != "fault")
    return {name for name in names if getattr(gpu, name) is None}


class TestAmd:
    def test_a_card(self, tree):
        tree.card(**AMD_CARD)
        (tree.share / "libdrm").mkdir()
        (tree.share / "libdrm/amdgpu.ids").write_text("# list\n1.0.0\n744C,\tC0,\tOther\n744C,\tC8,\tAMD Radeon RX 7900 XTX\n")  # fmt: skip
        gpus, processes, driver = tree.reader().read(4)
        (gpu,) = gpus
        assert processes == ()
        assert driver.vendor is gpu.vendor is GpuVendor.AMD
        assert driver.version == f"amdgpu {os.uname().release}"
        assert (gpu.index, gpu.state, gpu.fault) == (4, GpuState.OK, None)
        assert gpu.name == "AMD Radeon RX 7900 XTX"
        assert (gpu.uuid, gpu.pci_bus_id) == ("GPU-a1b2c3d4e5f60718", "0000:03:00.0")
        assert (gpu.utilization_percent, gpu.memory_utilization_percent) == (37, 12)
        assert (gpu.memory_total_bytes, gpu.memory_used_bytes) == (24 * GIB, 3 * GIB)
        assert (gpu.temperature_c, gpu.power_w, gpu.power_limit_w) == (61, 213.4, 303.0)
        assert (gpu.sm_clock_mhz, gpu.sm_clock_max_mhz) == (1900, 2500)
        assert (gpu.memory_clock_mhz, gpu.memory_clock_max_mhz) == (96, 1249)
        assert (gpu.pcie_generation, gpu.pcie_generation_max) == (4, 4)
        assert (gpu.pcie_width, gpu.fan_percent) == (16, 40)
        assert lacking(gpu) == set(gpu.unread)
        assert set(gpu.unread.values()) == {Unread.NOT_SUPPORTED}

    def test_values_are_read_anew(self, tree):
        device = tree.card(**AMD_CARD)
        reader = tree.reader()
        reader.read(0)
        tree.write(device, gpu_busy_percent="99", mem_info_vram_used="5")
        ((gpu,), _, _) = reader.read(0)
        assert (gpu.utilization_percent, gpu.memory_used_bytes) == (99, 5)

    def test_other_places_of_the_same_readings(self, tree):
        nodes = {name: text for name, text in AMD_CARD.items() if "power1" not in name}
        nodes |= {"hwmon/hwmon4/power1_input": "55000000", "hwmon/hwmon4/freq1_input": "800000000"}
        nodes["pp_dpm_sclk"] = "0: 500Mhz\n1: 1900Mhz"
        tree.card(**nodes)
        gpu = tree.read()
        assert (gpu.power_w, gpu.sm_clock_mhz) == (55.0, 800)

    def test_a_bare_card_is_never_zero(self, tree):
        tree.card(vendor="0x1002", device="0x1636")
        gpu = tree.read()
        assert gpu.state is GpuState.OK
        assert gpu.name == "AMD GPU 0x1636"
        assert lacking(gpu) == set(gpu.unread)
        assert gpu.utilization_percent is gpu.memory_used_bytes is gpu.temperature_c is None

    @pytest.mark.parametrize("text", ["", "abc", "-3", "101", "1e3", "\x1b[2J", "9" * 5000])
    def test_nodes_that_make_no_sense(self, tree, text):
        nodes = dict.fromkeys(AMD_CARD, text) | {"power/runtime_status": "active"}
        tree.card(**nodes)
        gpu = tree.read()
        assert gpu.utilization_percent is None
        assert gpu.unread["utilization_percent"] is Unread.DRIVER_ERROR
        assert gpu.unread_codes["utilization_percent"] == errno.EBADMSG
        assert gpu.pcie_generation is None
        assert "\x1b" not in gpu.name

    def test_one_node_that_fails_costs_one_value(self, tree):
        device = tree.card(**AMD_CARD)
        (device / "gpu_busy_percent").unlink()
        # Nothing is mapped at the begin of a process: to read there is an EIO.
        (device / "gpu_busy_percent").symlink_to("/proc/self/mem")
        gpu = tree.read()
        assert gpu.state is GpuState.OK
        assert gpu.utilization_percent is None
        assert gpu.unread["utilization_percent"] is Unread.DRIVER_ERROR
        assert gpu.unread_codes["utilization_percent"] == errno.EIO
        assert gpu.memory_used_bytes == 3 * GIB

    def test_a_card_that_is_lost(self, tree):
        device = tree.card(**AMD_CARD)
        for name in ("gpu_busy_percent", "mem_info_vram_used", "hwmon/hwmon4/temp1_input"):
            (device / name).unlink()
            (device / name).symlink_to("/proc/self/mem")
        tree.card("0000:83:00.0", number=2, **AMD_CARD)
        reader = tree.reader()
        reader.read(0)
        (lost, other), _, _ = reader.read(0)
        assert lost.state is GpuState.FAULTY
        assert lost.fault.code == errno.EIO
        assert lost.fault.times == 2
        assert "does not answer" in lost.fault.words
        assert other.state is GpuState.OK
        assert other.utilization_percent == 37

    @pytest.mark.parametrize(
        ("number", "reason"),
        [
            (errno.ENOENT, Unread.NOT_SUPPORTED), (errno.EOPNOTSUPP, Unread.NOT_SUPPORTED),
            (errno.EINVAL, Unread.NOT_SUPPORTED), (errno.EPERM, Unread.NO_PERMISSION),
            (errno.EACCES, Unread.NO_PERMISSION), (errno.EIO, Unread.DRIVER_ERROR),
            (errno.EBUSY, Unread.DRIVER_ERROR),
        ],
    )  # fmt: skip
    def test_reasons(self, number, reason):
        assert classify_error(number) is reason


class TestNames:
    def test_its_own_name(self, tree):
        tree.card(**AMD_CARD, product_name="Instinct \x1b[2JMI300X")
        assert tree.read().name == "Instinct MI300X"

    @pytest.mark.parametrize(
        ("line", "name"),
        [
            ("\t744c  Navi 31 [Radeon RX 7900 XT/7900 XTX]", "AMD Radeon RX 7900 XT/7900 XTX"),
            ("\t744c  Aldebaran", "AMD Aldebaran"),
            ("\t\t744c 1234  Board", "AMD GPU 0x744c"),
        ],
    )
    def test_from_the_list_of_the_bus(self, tree, line, name):
        tree.card(**AMD_CARD)
        (tree.share / "misc").mkdir()
        text = f"# list\n1001  Other\n\t744c  Wrong\n1002  AMD/ATI\n{line}\n1003  Last\n\t744c  Wrong\n"
        (tree.share / "misc/pci.ids").write_text(text)
        assert tree.read().name == name


class TestIntel:
    def test_a_card_of_xe(self, tree, clock):
        device = tree.card(
            driver="xe", vendor="0x8086", device="0xe20b", **{
                "tile0/gt0/freq0/act_freq": "2400", "tile0/gt0/freq0/max_freq": "2850",
                "hwmon/hwmon2/energy1_input": "5000000", "hwmon/hwmon2/power1_max": "190000000",
                "hwmon/hwmon2/temp2_input": "48000", "current_link_speed": "2.5 GT/s PCIe",
            },
        )  # fmt: skip
        tree.client(77, XE_CLIENT.format(rcs=0, vcs=0, total=0))
        reader = tree.reader()
        ((gpu,), _, driver) = reader.read(0)
        assert driver.vendor is GpuVendor.INTEL
        assert (gpu.sm_clock_mhz, gpu.sm_clock_max_mhz, gpu.temperature_c) == (2400, 2850, 48)
        assert (gpu.power_limit_w, gpu.pcie_generation) == (190.0, 1)
        assert gpu.power_w is gpu.utilization_percent is None
        assert gpu.unread["power_w"] is gpu.unread["utilization_percent"] is Unread.NOT_YET
        tree.write(device, **{"hwmon/hwmon2/energy1_input": "305000000"})
        tree.client(77, XE_CLIENT.format(rcs=300, vcs=800, total=1000))
        clock(3)
        ((gpu,), (process,), _) = reader.read(0)
        assert (gpu.power_w, gpu.energy_j) == (100.0, 305.0)
        assert "power_w" not in gpu.unread
        assert gpu.utilization_percent == process.sm_percent == 40
        assert gpu.memory_used_bytes == process.memory_used_bytes == 23992 * KIB
        assert lacking(gpu) == set(gpu.unread)

    def test_a_part_of_the_processor_uses_the_memory_of_the_box(self, tree):
        tree.card("0000:00:02.0", driver="i915", vendor="0x8086", device="0x9a49")
        (tree.proc / "meminfo").write_text(
            "MemTotal: 1000 kB\nMemFree: 1 kB\nMemAvailable: 400 kB\n"
        )
        gpu = tree.read()
        assert gpu.is_memory_unified
        assert (gpu.memory_total_bytes, gpu.memory_used_bytes) == (1000 * KIB, 600 * KIB)

    def test_clocks_of_older_drivers(self, tree):
        device = tree.card("0000:00:02.0", driver="i915", vendor="0x8086", device="0x9a49")
        tree.write(device / "drm/card1", gt_act_freq_mhz="300", gt_max_freq_mhz="1300")
        gpu = tree.read()
        assert (gpu.sm_clock_mhz, gpu.sm_clock_max_mhz) == (300, 1300)


opened: list[str] | None = None


def _note_open(event: str, arguments: tuple) -> None:
    if opened is not None and event in {"open", "os.listdir"}:
        opened.append(str(arguments[0]))


@functools.cache
def install_hook() -> None:
    """Hooks cannot be removed again: one, and only where it is needed."""
    sys.addaudithook(_note_open)


@pytest.fixture
def opens():
    """Everything that is opened or listed during the test."""
    global opened
    install_hook()
    opened = []
    yield opened
    opened = None


class TestSleeping:
    @pytest.mark.parametrize("status", ["suspended", "suspending"])
    def test_a_card_that_sleeps_is_not_touched(self, tree, status, opens):
        tree.card(**{**AMD_CARD, "power/runtime_status": status})
        reader = tree.reader()
        reader.read(0)
        opens.clear()
        ((gpu,), processes, _) = reader.read(0)
        touched = [path for path in opens if "0000:03:00.0" in path]
        assert {Path(path).name for path in touched} == {"runtime_status"}
        assert gpu.state is GpuState.ASLEEP
        assert gpu.fault is None
        assert gpu.pci_bus_id == "0000:03:00.0"
        assert processes == ()
        assert gpu.utilization_percent is gpu.memory_used_bytes is None
        assert gpu.unread["utilization_percent"] is Unread.NOT_YET
        assert lacking(gpu) == set(gpu.unread)

    def test_what_was_learnt_before_it_slept_is_still_told(self, tree):
        device = tree.card(**AMD_CARD)
        reader = tree.reader()
        reader.read(0)
        tree.write(device, **{"power/runtime_status": "suspended"})
        ((gpu,), _, _) = reader.read(0)
        assert gpu.state is GpuState.ASLEEP
        assert (gpu.uuid, gpu.sm_clock_max_mhz) == ("GPU-a1b2c3d4e5f60718", 2500)
        tree.write(device, **{"power/runtime_status": "active"})
        ((gpu,), _, _) = reader.read(0)
        assert (gpu.state, gpu.utilization_percent) == (GpuState.OK, 37)

    @pytest.mark.parametrize(
        ("text", "status", "expected"),
        [
            ("00000000:01:00.0", "suspended", True), ("0000:01:00.0", "suspended", True),
            ("00000000:01:00.0", "active", False), ("00000000:01:00.0", "unsupported", False),
            ("00000000:02:00.0", "suspended", False), ("", "suspended", False),
            ("../../x", "suspended", False),
        ],
    )  # fmt: skip
    def test_one_of_nvidias(self, tree, text, status, expected):
        tree.card("0000:01:00.0", driver="nvidia", **{"power/runtime_status": status})
        assert asleep_nvidia(text, sys=str(tree.sys)) is expected


class TestScanning:
    def test_a_box_without_such_a_card_pays_for_one_look(self, tree, clock, opens):
        tree.card(driver="nvidia", vendor="0x10de")
        tree.card("0000:04:00.0", driver="ast", number=0)
        reader = tree.reader()
        assert reader.read(8) == ((), (), None)
        opens.clear()
        for _ in range(29):
            clock(1)
            assert reader.read(8) == ((), (), None)
        assert opens == []
        clock(1)
        reader.read(8)
        assert [Path(path).name for path in opens] == ["drm"]

    def test_cards_come_and_go_and_stand_in_the_order_of_the_bus(self, tree, clock):
        tree.card("0000:83:00.0", number=0, **AMD_CARD)
        reader = tree.reader()
        reader.read(0)
        tree.card("0000:03:00.0", number=1, **AMD_CARD)
        clock(31)
        gpus, _, _ = reader.read(2)
        assert [(gpu.index, gpu.pci_bus_id) for gpu in gpus] == [(2, "0000:03:00.0"), (3, "0000:83:00.0")]  # fmt: skip
        (tree.sys / "class/drm/card0").unlink()
        clock(31)
        assert len(reader.read(0)[0]) == 1

    def test_this_box(self):
        gpus, processes, driver = SysfsReader().read(0)
        assert (driver is None) == (gpus == ())
        msgspec.json.encode((gpus, processes, driver))


def amd_client(*, client: int = 7, kib: int = 1024, gfx: int = 0, compute: int = 0) -> str:
    return AMD_CLIENT.format(client=client, kib=kib, gfx=gfx, compute=compute)


class TestProcesses:
    def test_two_looks_give_the_share(self, tree, clock):
        tree.card(**AMD_CARD)
        tree.client(40, amd_client(compute=1_000_000_000))
        reader = tree.reader()
        _, (process,), _ = reader.read(3)
        assert (process.gpu, process.pid, process.kinds) == (3, 40, ("compute",))
        assert process.memory_used_bytes == 1024 * KIB
        assert process.sm_percent is None
        assert "second look" in process.unread["sm_percent"]
        tree.client(40, amd_client(compute=2_500_000_000, gfx=1))
        clock(1.9)
        assert reader.read(3)[1] == (process,)
        clock(0.1)
        _, (process,), _ = reader.read(3)
        assert process.sm_percent == 75
        assert process.kinds == ("compute", "graphics")
        assert process.unread == {}

    def test_a_client_with_many_descriptors_counts_once(self, tree):
        tree.card(**AMD_CARD)
        for pid, descriptor in ((40, 5), (40, 9), (41, 5)):
            tree.client(pid, amd_client(client=7), descriptor=descriptor)
        tree.client(40, amd_client(client=8, kib=1), descriptor=11)
        _, processes, _ = tree.reader().read(0)
        assert [(p.pid, p.memory_used_bytes) for p in processes] == [(40, 1025 * KIB)]

    def test_a_card_that_goes_takes_its_processes_with_it(self, tree, clock):
        tree.card(**AMD_CARD)
        tree.card("0000:83:00.0", number=2, **AMD_CARD)
        tree.client(40, amd_client())
        reader = tree.reader()
        reader.read(0)
        clock(SCAN_PERIOD_S - 1)
        assert [each.gpu for each in reader.read(0)[1]] == [0]
        (tree.sys / "class/drm/card1").unlink()
        clock(1)
        gpus, processes, _ = reader.read(0)
        assert [each.pci_bus_id for each in gpus] == ["0000:83:00.0"]
        assert processes == ()

    def test_who_only_opened_the_device_is_not_told(self, tree):
        tree.card(**AMD_CARD)
        tree.client(40, amd_client(kib=0))
        tree.client(41, amd_client(client=9), device="/tmp/fdinfo-of-something-else")
        tree.client(42, "pos:\t0\nflags:\t02\n")
        tree.client(43, amd_client(client=1).replace("0000:03:00.0", "0000:99:00.0"))
        assert tree.reader().read(0)[1] == ()

    def test_those_of_rocm(self, tree, monkeypatch):
        monkeypatch.setattr(sysfs_gpus, "is_on_host", lambda _: True)
        tree.card(**AMD_CARD)
        nodes = tree.sys / "class/kfd/kfd/topology/nodes"
        tree.write(nodes / "0", gpu_id="0", properties="cpu_cores_count 8")
        tree.write(nodes / "1", gpu_id="5123", properties=f"simd_count 192\nlocation_id {3 << 8}\ndomain 0")  # fmt: skip
        tree.write(tree.sys / "class/kfd/kfd/proc/40", vram_5123=str(5 * GIB))
        tree.write(tree.sys / "class/kfd/kfd/proc/50", vram_5123=str(GIB))
        tree.write(tree.sys / "class/kfd/kfd/proc/60", vram_5123="0")
        tree.client(40, amd_client())
        _, processes, _ = tree.reader().read(0)
        assert [(p.pid, p.kinds, p.memory_used_bytes) for p in processes] == [
            (40, ("compute",), 5 * GIB),
            (50, ("compute",), GIB),
        ]

    def test_a_share_of_the_whole_card_is_told_only_when_all_could_be_seen(self, tree, clock):
        if os.geteuid() != 0:
            pytest.skip("only root may act as others")
        tree.card(driver="xe", vendor="0x8086", device="0xe20b")
        for pid in (40, 41):
            tree.client(pid, XE_CLIENT.format(rcs=1, vcs=0, total=10))
        (tree.proc / "41/fd").chmod(0o700)
        for folder in (tree.proc, *tree.proc.parents):
            if folder != Path("/tmp") and folder.is_relative_to("/tmp"):
                folder.chmod(0o755)
        reading, writing = os.pipe()
        child = os.fork()
        if child == 0:
            try:
                os.setgroups([])
                os.setgid(65534)
                os.setuid(65534)
                reader = tree.reader()
                reader.read(0)
                clock(3)
                os.write(writing, msgspec.json.encode(reader.read(0)[:2]))
            finally:
                os._exit(0)
        os.close(writing)
        with os.fdopen(reading, "rb") as stream:
            (gpu,), processes = msgspec.json.decode(stream.read())
        os.waitpid(child, 0)
        assert [process["pid"] for process in processes] == [40]
        assert gpu["utilization_percent"] is gpu["memory_used_bytes"] is None
        assert gpu["unread"]["utilization_percent"] == "no_permission"

    def test_a_process_that_ends_and_one_without_descriptors(self, tree, clock):
        tree.card(**AMD_CARD)
        tree.client(40, amd_client())
        (tree.proc / "41").mkdir()
        (tree.proc / "self").mkdir()
        reader = tree.reader()
        assert len(reader.read(0)[1]) == 1
        for name in ("fd/5", "fdinfo/5"):
            (tree.proc / "40" / name).unlink()
        clock(2)
        assert reader.read(0)[1] == ()

    def test_many_processes_are_looked_at_in_turns_and_holders_each_time(self, tree, opens):
        clients = DrmClients(str(tree.proc))
        for pid in range(1, 501):
            (tree.proc / str(pid) / "fd").mkdir(parents=True)
        tree.client(444, amd_client())
        address = {"0000:03:00.0"}
        found, costs, complete = [], [], []
        for look in range(8):
            opens.clear()
            reading = clients.read(address, float(look))
            found.append(len(reading.processes))
            complete.append(reading.is_complete)
            costs.append(len([path for path in opens if path.endswith("/fd")]))
        assert found == [0, 0, 1, 1, 1, 1, 1, 1]
        assert complete == [False, False, False, True, True, True, True, True]
        assert max(costs) <= 151
        tree.client(999, amd_client(client=55))
        assert len(clients.read(address, 9.0).processes) == 2, "who is new comes first"


class TestUsage:
    @pytest.mark.parametrize(
        ("keys", "memory"),
        [
            ("drm-memory-vram:\t5 KiB", 5 * KIB),
            ("drm-total-vram:\t9 MiB\ndrm-resident-vram:\t2 MiB", 2 * 2**20),
            ("drm-total-local0:\t3 GiB\ndrm-total-local1:\t1 GiB", 4 * GIB),
            ("drm-total-vram0:\t4096", 4096),
            ("drm-memory-gtt:\t5 KiB\ndrm-resident-system0:\t1 MiB", None),
            ("drm-memory-vram:\tmany KiB", None),
            ("drm-memory-vram:\t5 pages", None),
            ("drm-memory-vram:\t-5 KiB", None),
            ("", None),
        ],
    )
    def test_memory(self, keys, memory):
        usage = parse_usage(f"drm-pdev:\tx\ndrm-client-id:\t1\n{keys}\n")
        assert usage.memory_bytes == memory

    @pytest.mark.parametrize("text", ["", "pos: 0", "drm-pdev: x", "drm-client-id: 1", "\0\x1b:::"])
    def test_what_is_no_client(self, text):
        assert parse_usage(text) is None

    def test_engines_of_the_same_kind_share_the_work(self):
        def usage(busy: int, count: int) -> object:
            return parse_usage(
                f"drm-pdev: x\ndrm-client-id: 1\ndrm-engine-video: {busy} ns\ndrm-engine-capacity-video: {count}\n"
            )

        assert measure_busy([(usage(0, 2), usage(10**9, 2))], 1.0) == 50
        assert measure_busy([(usage(0, 1), usage(10**9, 1))] * 3, 1.0) == 100
        assert measure_busy([(usage(9, 1), usage(5, 1))], 1.0) is None
        assert measure_busy([(usage(0, 0), usage(5, 0))], 0.0) is None
        assert measure_busy([], 1.0) is None

    @given(st.text(alphabet="drm-pdevcliengtoamyk:0123456789 \tKiB\n", max_size=300))
    def test_any_text_is_taken_or_left(self, text):
        usage = parse_usage("drm-pdev: x\ndrm-client-id: 1\n" + text)
        if usage is not None:
            assert usage.memory_bytes is None or usage.memory_bytes >= 0


@pytest.mark.parametrize(
    ("text", "generation"),
    [("2.5 GT/s PCIe", 1), ("8 GT/s", 3), ("32.0 GT/s PCIe", 5), ("64.0 GT/s PCIe", 6)],
)
def test_generations(text, generation):
    assert parse_generation(text) == generation


@pytest.mark.parametrize("text", ["Unknown", "", "0: 5Mhz", "S: 19Mhz"])
def test_clocks_and_links_that_are_unknown(text):
    with pytest.raises((ValueError, IndexError)):
        parse_generation(text)
    with pytest.raises((ValueError, IndexError)):
        parse_current_mhz(text)
