"""Removal stays inside what it was given."""

import os
import subprocess

import pytest

from envbench.envs.removal import find_mounts, remove_tree
from envbench.model.errors import PreventedError


def test_hostile_row_23_a_link_is_not_followed_at_the_top(tmp_path):
    (tmp_path / "precious").mkdir()
    (tmp_path / "precious" / "file").write_text("precious")
    (tmp_path / "link").symlink_to("precious")
    with pytest.raises(PreventedError):
        remove_tree(tmp_path / "link")
    assert (tmp_path / "precious" / "file").read_text() == "precious"


def test_hostile_row_23_a_directory_swapped_for_a_link_is_not_followed(tmp_path, monkeypatch):
    precious = tmp_path / "precious"
    precious.mkdir()
    (precious / "file").write_text("precious")
    (tmp_path / "tree" / "inner").mkdir(parents=True)

    def swap(parent, name):
        os.rename(name, "moved", src_dir_fd=parent, dst_dir_fd=parent)
        os.symlink(precious, name, dir_fd=parent)

    # It stands between the look at a directory and its opening.
    monkeypatch.setattr("envbench.envs.removal._make_writable", swap)
    with pytest.raises(PreventedError):
        remove_tree(tmp_path / "tree")
    assert (precious / "file").read_text() == "precious"


def test_hostile_row_23_a_tree_with_a_mount_is_left_whole(tmp_path):
    if os.geteuid() != 0:
        pytest.skip("needs root to mount")
    inner, outer = tmp_path / "tree" / "in ner", tmp_path / "outer"
    inner.mkdir(parents=True)
    outer.mkdir()
    (outer / "precious").touch()
    (tmp_path / "tree" / "file").touch()
    done = subprocess.run(["mount", "--bind", outer, inner], capture_output=True, check=False)
    if done.returncode:
        pytest.skip("cannot mount here")
    try:
        assert find_mounts(tmp_path / "tree") == (str(inner),)
        with pytest.raises(PreventedError, match="something is mounted in it"):
            remove_tree(tmp_path / "tree")
    finally:
        subprocess.run(["umount", inner], check=True)
    assert (outer / "precious").exists()
    assert (tmp_path / "tree" / "file").exists()
    remove_tree(tmp_path / "tree")
    assert (outer / "precious").exists()


def test_hostile_row_23_strange_names_go(tmp_path):
    tree = tmp_path / "tree"
    tree.mkdir()
    for name in ("a\nb", "-rf", "\udcff", "x" * 255):
        (tree / name).touch()
    os.mkfifo(tree / "fifo")
    remove_tree(tree)
    assert not tree.exists()


def test_very_deep_trees_end_in_a_plain_error_or_go(tmp_path):
    here = os.open(tmp_path, os.O_RDONLY)
    os.mkdir("tree", dir_fd=here)
    current = os.open("tree", os.O_RDONLY, dir_fd=here)
    for _ in range(1200):
        os.mkdir("d", dir_fd=current)
        deeper = os.open("d", os.O_RDONLY, dir_fd=current)
        os.close(current)
        current = deeper
    os.close(current)
    os.close(here)
    try:
        remove_tree(tmp_path / "tree")
    except PreventedError:
        subprocess.run(["rm", "-rf", tmp_path / "tree"], check=True)
