from pathlib import Path

from envbench.probes import kernel_kills
from envbench.probes.kernel_kills import KernelKills, read_kernel_kills


def test_rises_are_told_and_what_cannot_be_read_is_left_out():
    before = KernelKills(group=3, box=None)
    assert KernelKills(group=4, box=9).since(before) == {"group": 1}
    assert KernelKills().since(before) == {}


def test_the_counters_of_this_box_are_read_where_the_kernel_shows_them():
    shown = [
        line
        for line in Path("/proc/vmstat").read_text().splitlines()
        if line.startswith("oom_kill ")
    ]
    assert (read_kernel_kills().box is not None) == bool(shown)


def test_a_group_that_is_mounted_at_the_root_of_a_container_is_found(tmp_path, monkeypatch):
    (tmp_path / "memory.events").write_text("low 0\noom 2\noom_kill 5\noom_group_kill 0\n")
    monkeypatch.setattr(kernel_kills, "_CGROUPS", tmp_path)
    assert kernel_kills._read_upwards(tmp_path, "docker/abc", "memory.events") == 5
    (tmp_path / "docker" / "abc").mkdir(parents=True)
    (tmp_path / "docker" / "abc" / "memory.events").write_text("oom_kill 7\n")
    assert kernel_kills._read_upwards(tmp_path, "docker/abc", "memory.events") == 7
