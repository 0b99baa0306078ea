"""Environments of all tools, found by reading files."""

import os

import pytest

from envbench.envs.discovery import (
    EnvironmentKind,
    conda_roots,
    discover_environments,
    inspect_environment,
)
from envbench.envs.generations import EnvironmentStore
from envbench.envs.lock import lock_environment
from envbench.model.generation import Generation


@pytest.fixture
def home(tmp_path, make_prefix):
    """A home with one environment of each kind."""
    store = EnvironmentStore(tmp_path / "envs")
    with lock_environment(store.envs_dir, "own", wait_s=5) as lock:
        staged = store.stage("own", lock=lock)
        maker = make_prefix(staged.prefix)
        maker.conda("python", "3.12.1", "h1_cpython", files={"bin/python": b""})
        maker.pip("rich")
        store.complete(
            staged,
            Generation(environment="own", number=1, created="", created_by="", reason=""),
        )
        store.flip("own", 1, lock=lock)
    root = make_prefix(tmp_path / "miniconda3")
    root.conda("python", "3.11.2", "0", files={"bin/python": b"", "bin/conda": b""})
    make_prefix(tmp_path / "miniconda3" / "envs" / "c1").conda("zlib", files={"lib/z": b""})
    make_prefix(tmp_path / "far" / "c2").conda("zlib", files={"lib/z": b""})
    (tmp_path / ".conda").mkdir()
    (tmp_path / ".conda" / "environments.txt").write_text(
        f"{tmp_path}/far/c2\n{tmp_path}/gone\n{tmp_path}/miniconda3/envs/c1\n{tmp_path}/envs/own\n"
        "relative\n\x1b[31m\n"
    )
    make_prefix(tmp_path / "work" / "p" / ".pixi" / "envs" / "default").conda("zlib")
    venv = tmp_path / "work" / "p" / ".venv"
    (venv / "bin").mkdir(parents=True)
    (venv / "lib" / "python3.10" / "site-packages").mkdir(parents=True)
    (venv / "pyvenv.cfg").write_text("home = /usr/bin\nversion_info = 3.10.4\n")
    (venv / "bin" / "python").touch()
    return tmp_path


def search(home):
    return discover_environments(
        home / "envs", folders=(home / "work",), environ={"HOME": str(home)}
    )


def by_name(home):
    return {e.name: e for e in search(home) if home in e.path.parents}


def test_each_environment_is_found_once(home):
    found = by_name(home)
    assert {name: e.kind.value for name, e in found.items()} == {
        "own": "envbench",
        "miniconda3": "conda base",
        "c1": "conda",
        "c2": "conda",
        "default": "pixi",
        ".venv": "venv",
    }
    assert all(e.fault == "" for e in found.values()), found
    own = found["own"]
    assert (own.python, own.live_generation, own.generations) == ("3.12.1", 1, (1,))
    assert own.path == home / "envs" / "own"
    assert found["miniconda3"].python == "3.11.2"
    assert found[".venv"].python == "3.10.4"
    assert found["c1"].sources == ("conda installation", "environments.txt")
    assert [e.is_writable_by_us for e in found.values()].count(True) == 1


def test_a_closer_look_counts_both_parts(home):
    details = inspect_environment(home / "envs" / "own")
    assert (details.conda_packages, details.pip_packages, details.damage) == (1, 1, ())


def test_hostile_row_23_damaged_ones_are_shown_with_the_reason(home):
    (home / "envs" / "broken").symlink_to(".generations/broken-3")
    (home / "far" / "c2" / "conda-meta" / "history").unlink()
    (home / "work" / "p" / ".venv" / "bin" / "python").unlink()
    (home / "miniconda3" / "bin" / "python").unlink()
    (home / "miniconda3" / "envs" / "c1" / "conda-meta" / "zlib-1.0-0.json").write_text("{")
    found = by_name(home)
    assert "points to generation 3, which is missing" in found["broken"].fault
    assert "conda-meta/history is missing" in found["c2"].fault
    assert found[".venv"].fault.startswith("its python is gone")
    assert found["miniconda3"].fault == "its python is gone"
    (line,) = inspect_environment(found["c1"].path).damage
    assert line.startswith("zlib-1.0-0.json: no package record")


def test_hostile_row_23_places_do_no_harm(home):
    loop = home / "work" / "loop"
    loop.symlink_to(home / "work")
    os.mkfifo(home / "work" / "pyvenv.cfg")
    (home / "miniconda3" / "envs" / "x\x1b[2J").mkdir()
    (home / "miniconda3" / "envs" / "x\x1b[2J" / "conda-meta").mkdir()
    (home / "miniconda3" / "envs" / "dangling").symlink_to("/nowhere")
    names = [e.name for e in search(home)]
    assert not any("\x1b" in name for name in names)


def test_roots_come_from_the_variables(tmp_path):
    environ = {
        "HOME": str(tmp_path),
        "MAMBA_ROOT_PREFIX": "/m",
        "CONDA_EXE": "/c/bin/conda",
        "CONDA_PREFIX": "/d/envs/x",
    }
    roots = [str(root) for root in conda_roots(environ)]
    assert roots[:4] == ["/m", "/c", "/d/envs/x", "/d"]
    assert f"{tmp_path}/miniforge3" in roots


def test_nothing_to_find_is_fine(tmp_path):
    found = discover_environments(tmp_path / "envs", environ={"HOME": str(tmp_path)})
    assert not [e for e in found if e.kind is EnvironmentKind.ENVBENCH]
