"""What stands between a lock and its file: read back, and replaced as a whole or not at all."""

import errno
import os
from dataclasses import replace
from pathlib import Path

import pytest

from envbench.engine.pip_section.errors import PipItemError
from envbench.engine.pip_section.locked.consent import refuse_unallowed_builds
from envbench.formats import lock_formats
from envbench.formats.lock_formats import LOCK_FORMATS, export_lock
from envbench.model.build import LockedInput, PipSettings
from envbench.model.errors import PreventedError
from envbench.model.lock import PipPackage
from envbench.model.locked_set import LockAspect
from envbench.workbench.locks.read_back import export_and_read_back
from envbench.workbench.locks.writing import place_export, write_files
from tests.formats.lock_values import EVERYTHING, record

LOCK = replace(EVERYTHING, packages=(record("numpy", "1.26.4"),), pip=())


def write(version: str, path: Path) -> None:
    lock = replace(LOCK, packages=(record("numpy", version),))
    write_files(place_export(export_lock(lock, "explicit"), str(path)))


def test_a_lock_is_replaced_and_not_written_over(tmp_path: Path):
    """Whoever has the old one open, or has linked it, keeps the old one."""
    path, other = tmp_path / "explicit.txt", tmp_path / "other"
    write("1.0", path)
    os.link(path, other)
    before = path.read_text()
    write("2.0", path)
    assert "numpy-2.0" in path.read_text()
    assert other.read_text() == before


def test_a_lock_that_cannot_be_written_whole_leaves_the_old_one(tmp_path: Path, monkeypatch):
    path = tmp_path / "explicit.txt"
    write("1.0", path)
    before = path.read_text()

    def fail(_descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "no room")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(PreventedError, match="could not be written"):
        write("2.0", path)
    assert path.read_text() == before
    assert [each.name for each in tmp_path.iterdir()] == ["explicit.txt"]


@pytest.mark.parametrize(
    "form",
    [each.name for each in LOCK_FORMATS if each.is_lock and LockAspect.CONDA in each.kept],
)
def test_a_lock_that_says_something_else_when_read_is_not_written(form: str, monkeypatch):
    """No writer is at fault; here one is made to be."""

    def export_falsely(locks, name, options):
        export = export_lock(locks, name, options)
        return replace(export, text=export.text.replace("1.26.4", "1.26.5"))

    assert export_and_read_back((LOCK,), form).text
    monkeypatch.setattr(lock_formats, "export_lock", export_falsely)
    with pytest.raises(PreventedError, match="read back, it says something else"):
        export_and_read_back((LOCK,), form)


def test_variables_in_addresses_reach_no_installer():
    """uv would put in what they stand for on this box, and send it."""
    package = PipPackage(
        name="leaf", version="2.0", sha256="a" * 64,
        direct_url="https://h.example/${HOME}/leaf-2.0-py3-none-any.whl",
    )  # fmt: skip
    locked = LockedInput(
        path="explicit.txt", sha256="", format="explicit", platform="linux-64", packages=(),
        pip=(package,), pip_path="pylock.toml",
    )  # fmt: skip
    with pytest.raises(PipItemError, match="not said in plain text"):
        refuse_unallowed_builds(locked, PipSettings())
