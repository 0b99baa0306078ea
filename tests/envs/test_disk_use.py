"""Disk use: hard links inside, across generations, and to a cache."""

import os

from envbench.envs.disk_use import measure_disk_use, measure_together


def test_links_are_counted_once(tmp_path):
    cache, one, two = (tmp_path / name for name in ("cache", "a-1", "a-2"))
    for folder in (cache, one, two):
        (folder / "lib").mkdir(parents=True)
    (cache / "lib" / "cached").write_bytes(b"x" * 1000)
    (one / "lib" / "between").write_bytes(b"x" * 100)
    (one / "lib" / "own").write_bytes(b"x" * 10)
    os.link(one / "lib" / "own", one / "lib" / "own2")
    (one / "lib" / "soft").symlink_to("own")
    (one / "out").symlink_to(cache)
    for folder in (one, two):
        os.link(cache / "lib" / "cached", folder / "lib" / "cached")
    os.link(one / "lib" / "between", two / "lib" / "between")
    use = measure_disk_use(one)
    assert (use.files, use.apparent_bytes, use.total_bytes) == (4, 1120, 1110)
    assert (use.unique_bytes, use.shared_bytes) == (10, 1100)
    assert use.allocated_bytes >= 4096
    both = measure_together([one, two])
    assert both.total_bytes == 1110
    assert both.unique_bytes == 110
    (tmp_path / "a").symlink_to("a-1")
    assert measure_disk_use(tmp_path / "a").total_bytes == 1110


def test_a_missing_prefix_takes_nothing(tmp_path):
    assert measure_disk_use(tmp_path / "nowhere").total_bytes == 0
