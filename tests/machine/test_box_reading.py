"""Processor, memory, disks and network: of this box, and of boxes with limits."""

import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import msgspec
import psutil
import pytest

from envbench.machine import box_reading
from envbench.machine.box_reading import BoxReader, _CpuShare, _Disk, _Rate
from envbench.machine.group_limits import GroupLimits, GroupReading

MIB = 2**20
RATES = ("cpu_percent", "disk_read_bytes_s", "disk_write_bytes_s", "network_received_bytes_s", "network_sent_bytes_s")  # fmt: skip


def unlimited(tmp_path: Path) -> GroupLimits:
    return GroupLimits(tmp_path)


class TestThisBox:
    def test_the_first_tick_has_no_rates_and_the_second_has(self, tmp_path):
        reader = BoxReader(limits=unlimited(tmp_path))
        first = reader.read()
        assert [getattr(first, name) for name in RATES] == [None] * 5
        assert first.cpu_count == len(os.sched_getaffinity(0))
        assert first.load_1 is not None
        assert 0 < first.memory_available_bytes <= first.memory_total_bytes
        assert first.memory_total_bytes == psutil.virtual_memory().total
        assert 0 <= first.swap_used_bytes <= first.swap_total_bytes
        end = time.process_time() + 0.1
        while time.process_time() < end:
            pass
        second = reader.read()
        assert 0 < second.cpu_percent <= 100

    def test_what_is_written_to_a_disk_is_counted(self, tmp_path, monkeypatch):
        monkeypatch.setattr(box_reading, "_SHORTEST_S", 1e-9)

        def written() -> int:
            return sum(disk.write_bytes for disk in psutil.disk_io_counters(perdisk=True).values())

        reader = BoxReader(limits=unlimited(tmp_path))
        reader.read()
        before = written()
        with (tmp_path / "big").open("wb") as stream:
            stream.write(os.urandom(4 * MIB))
            stream.flush()
            os.fsync(stream.fileno())
        if written() - before < 4 * MIB:
            pytest.skip("temporary files are on no disk here")
        assert reader.read().disk_write_bytes_s > 0

    def test_disks_once_each(self, tmp_path):
        (tmp_path / "a").mkdir()
        reader = BoxReader([str(tmp_path / "a" / "not" / "yet"), str(tmp_path), "/proc"])
        disks = reader.read().disks
        assert [disk.path for disk in disks] == [str(tmp_path / "a" / "not" / "yet"), "/proc"]
        status = os.statvfs(tmp_path)
        assert disks[0].total_bytes == status.f_blocks * status.f_frsize
        assert 0 < disks[0].free_bytes <= disks[0].total_bytes

    def test_hostile_paths(self):
        (disk,) = BoxReader(["/\x1b[2Jx", "\0"]).read().disks
        assert disk.path == "/x"

    def test_a_file_system_that_does_not_answer_is_left_out_until_it_does(self, monkeypatch):
        answer, asked = threading.Event(), threading.Event()
        really = os.statvfs

        def hang(path: object) -> os.statvfs_result:
            asked.set()
            assert answer.wait(30)
            return really("/")

        monkeypatch.setattr(os, "statvfs", hang)
        monkeypatch.setattr(box_reading, "_DISK_PATIENCE_S", 0.01)
        reader = BoxReader(["/"])
        for _ in range(3):
            assert reader.read().disks == ()
        assert asked.is_set()
        assert threading.active_count() < 10
        answer.set()
        reader._disks[0]._asking.join(30)
        assert [disk.path for disk in reader.read().disks] == ["/"]

    def test_disks_are_asked_seldom(self):
        disk = _Disk("/")
        disk.refresh(100.0)
        disk._asking.join(30)
        assert disk.reading is not None
        first = disk._asking
        disk.refresh(104.9)
        assert disk._asking is first
        disk.refresh(105.0)
        assert disk._asking is not first

    @pytest.mark.parametrize("name", ["virtual_memory", "swap_memory", "net_io_counters", "disk_io_counters", "cpu_times"])  # fmt: skip
    @pytest.mark.parametrize("fault", [OSError, RuntimeError, NotImplementedError])
    def test_what_the_kernel_does_not_tell_is_unknown(self, monkeypatch, tmp_path, name, fault):
        def refuse(**_: object) -> None:
            raise fault

        monkeypatch.setattr(psutil, name, refuse)
        reader = BoxReader(limits=unlimited(tmp_path))
        reader.read()
        reading = reader.read()
        told = {
            "virtual_memory": ("memory_total_bytes", "memory_available_bytes"),
            "swap_memory": ("swap_total_bytes", "swap_used_bytes"),
            "net_io_counters": ("network_received_bytes_s", "network_sent_bytes_s"),
            "disk_io_counters": ("disk_read_bytes_s", "disk_write_bytes_s"),
            "cpu_times": ("cpu_percent",),
        }[name]
        assert [getattr(reading, field) for field in told] == [None] * len(told)
        assert reading.load_1 is not None


class TestRates:
    def test_a_rate(self):
        rate = _Rate()
        steps = [(100, 1.0), (150, 2.0), (150, 4.0), (90, 5.0), (100, 6.0), (None, 7.0), (500, 8.0), (600, 10.0), (700, 10.0)]  # fmt: skip
        found = [rate.advance(value, at_s) for value, at_s in steps]
        assert found == [None, 50, 0, None, 10, None, None, 50, None]

    def test_a_share_of_the_processors(self):
        share = _CpuShare()
        steps = [(10, 100), (15, 110), (15, 120), (15, 120), (14.9, 130), (40, 140), None, (50, 150)]  # fmt: skip
        assert [share.advance(step) for step in steps] == [None, 50, 0, None, 0, 100, None, None]


class Tree:
    """The files of control groups, as they lie in a box."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def own(self, text: str, mounts: str) -> GroupLimits:
        (self.root / "proc/self").mkdir(parents=True)
        (self.root / "proc/self/cgroup").write_text(text)
        (self.root / "proc/self/mountinfo").write_text(mounts)
        return GroupLimits(self.root)

    def group(self, folder: str, **files: str) -> None:
        place = self.root / "sys/fs/cgroup" / folder
        place.mkdir(parents=True, exist_ok=True)
        for name, text in files.items():
            (place / name.replace("__", ".")).write_text(text + "\n")


@pytest.fixture
def tree(tmp_path):
    return Tree(tmp_path)


V2 = "30 25 0:26 / /sys/fs/cgroup rw,nosuid - cgroup2 cgroup2 rw\n"
V1 = (
    "31 25 0:27 {root} /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n"
    "32 25 0:28 {root} /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct\n"
    "33 25 0:29 / /sys/fs/cgroup/systemd rw - cgroup cgroup rw,xattr,name=systemd\n"
)


class TestLimits:
    def test_a_container_with_groups_of_its_own(self, tree):
        tree.group(
            "", memory__max="1000", memory__current="700", memory__stat="anon 300\ninactive_file 200",
            cpu__max="150000 100000", cpu__stat="usage_usec 2500000\nuser_usec 1",
        )  # fmt: skip
        assert tree.own("0::/\n", V2).read() == GroupReading(
            memory_limit_bytes=1000, memory_free_bytes=500, cpu_limit=1.5, cpu_used_s=2.5
        )

    def test_every_group_up_to_the_root_counts(self, tree):
        tree.group("", cgroup__procs="")
        tree.group("job", memory__max="500", memory__current="450", memory__stat="", cpu__max="400000 100000", cpu__stat="usage_usec 8000000")  # fmt: skip
        tree.group("job/step", memory__max="800", memory__current="100", memory__stat="", cpu__max="max 100000", cpu__stat="usage_usec 1")  # fmt: skip
        assert tree.own("0::/job/step\n", V2).read() == GroupReading(
            memory_limit_bytes=500, memory_free_bytes=50, cpu_limit=4.0, cpu_used_s=8.0
        )

    def test_no_limits(self, tree):
        tree.group("", memory__max="max", memory__current="5", cpu__max="max 100000")
        assert tree.own("0::/\n", V2).read() == GroupReading()

    @pytest.mark.parametrize(
        ("own", "root", "folder"),
        [("/docker/abc", "/docker/abc", ""), ("/docker/abc", "/", "docker/abc"), ("/", "/", "")],
    )
    def test_version_1(self, tree, own, root, folder):
        tree.group(f"memory/{folder}", memory__limit_in_bytes="2000", memory__usage_in_bytes="900", memory__stat="cache 5\ntotal_inactive_file 100")  # fmt: skip
        tree.group(f"cpu,cpuacct/{folder}", cpu__cfs_quota_us="50000", cpu__cfs_period_us="100000", cpuacct__usage="3000000000")  # fmt: skip
        limits = tree.own(f"5:memory:{own}\n4:cpu,cpuacct:{own}\n1:name=systemd:/x\n", V1.format(root=root))  # fmt: skip
        assert limits.read() == GroupReading(
            memory_limit_bytes=2000, memory_free_bytes=1200, cpu_limit=0.5, cpu_used_s=3.0
        )

    def test_version_1_without_limits(self, tree):
        tree.group("memory", memory__limit_in_bytes="9223372036854771712")
        tree.group("cpu,cpuacct", cpu__cfs_quota_us="-1", cpu__cfs_period_us="100000")
        assert tree.own("5:memory:/\n4:cpu,cpuacct:/\n", V1.format(root="/")).read() == GroupReading()  # fmt: skip

    @pytest.mark.parametrize("text", ["", "abc", "-5", "1 2 3", "\xff", "²", "9" * 5000, "1 0"])
    def test_files_that_make_no_sense(self, tree, text):
        tree.group("", memory__max=text, memory__current=text, cpu__max=text, cpu__stat=text)
        reading = tree.own("0::/\nodd\n::\n", V2 + "odd line\n - cgroup2\n").read()
        assert reading.memory_limit_bytes is None
        assert reading.cpu_limit is None

    def test_a_limit_is_the_box(self, tree, monkeypatch):
        monkeypatch.setattr(box_reading, "_SHORTEST_S", 1e-9)
        tree.group("", memory__max=str(64 * MIB), memory__current=str(16 * MIB), memory__stat="", cpu__max="50000 100000", cpu__stat="usage_usec 0")  # fmt: skip
        reader = BoxReader(limits=tree.own("0::/\n", V2))
        first = reader.read()
        assert first.memory_total_bytes == 64 * MIB
        assert first.memory_available_bytes == 48 * MIB
        assert first.cpu_count == 1
        tree.group("", cpu__stat="usage_usec 100000000000")
        assert first.cpu_percent is None
        assert reader.read().cpu_percent == 100.0


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may make control groups")
def test_a_real_group():
    limits = GroupLimits()
    folders = {g.folder for g in limits._groups if (g.folder / g.files.memory_limit).exists()}
    top = min(folders, key=lambda folder: len(folder.parts), default=Path("/sys/fs/cgroup/memory"))
    group = top / f"envbench-test-{os.getpid()}"
    try:
        group.mkdir()
        name = next(n for n in ("memory.max", "memory.limit_in_bytes") if (group / n).exists())
        (group / name).write_text(str(256 * MIB))
    except (OSError, StopIteration) as fault:
        pytest.skip(f"no control group can be made here: {fault!r}")
    code = f"""
import os, sys
sys.path[:0] = {sys.path!r}
open({str(group / "cgroup.procs")!r}, "w").write(str(os.getpid()))
import msgspec
from envbench.machine.box_reading import BoxReader
ballast = bytearray(64 << 20)
ballast[::4096] = b"x" * len(ballast[::4096])
sys.stdout.buffer.write(msgspec.json.encode(BoxReader().read()))
"""
    try:
        answer = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
    finally:
        group.rmdir()
    box = msgspec.json.decode(answer.stdout)
    assert box["memory_total_bytes"] == 256 * MIB
    assert 64 * MIB < box["memory_available_bytes"] < 192 * MIB
