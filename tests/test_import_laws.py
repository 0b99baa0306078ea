"""What importing each room really loads: a static graph cannot see an import made at run time."""

import json
import os
import pkgutil
import subprocess
import sys

import pytest

import envbench

HEAVY = ("textual", "rattler", "pynvml", "psutil", "uv", "dask", "rich", "click")

ALLOWED = {
    "model": set(),
    "files": set(),
    "settings": set(),
    "formats": set(),
    "jobs": {"psutil"},
    "machine": {"psutil"},
    "probes": {"psutil"},
    "envs": {"psutil"},
    "engine": {"psutil", "rattler", "uv"},
    "workers": {"psutil"},
    "workbench": {"psutil"},
    "cli": {"psutil", "click", "rich"},
}
"""Room to what importing every module of it may load. pynvml only ever loads in a child."""


def modules_of(room: str) -> list[str]:
    package = __import__(f"envbench.{room}", fromlist=["_"])
    below = pkgutil.walk_packages(getattr(package, "__path__", []), f"envbench.{room}.")
    # Files that are run, not imported, are left out: entry points and payloads.
    names = (m.name for m in below if not m.name.endswith("__main__") and ".payloads" not in m.name)
    return [f"envbench.{room}", *names]


def loaded_by(statement: str) -> set[str]:
    code = f"import sys\n{statement}\nprint(*(n for n in {HEAVY!r} if n in sys.modules))"
    child = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False
    )
    assert child.returncode == 0, child.stderr
    return set(child.stdout.split())


def test_every_room_is_named_here():
    rooms = {found.name for found in pkgutil.iter_modules(envbench.__path__)}
    assert rooms - {"__main__", "ui"} == set(ALLOWED)


@pytest.mark.parametrize("room", ALLOWED)
def test_a_room_loads_only_what_its_law_allows(room):
    statement = "\n".join(f"import {name}" for name in modules_of(room))
    assert loaded_by(statement) <= ALLOWED[room]


def test_the_version_loads_almost_nothing():
    code = "import sys\nsys.argv = ['envbench', '--version']\nfrom envbench.__main__ import main\nmain()\nprint(*sorted(n for n in sys.modules if n.startswith('envbench') or n in ('click', 'msgspec')))"
    child = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert child.stdout.split("\n")[1].split() == ["envbench", "envbench.__main__"]


def test_help_loads_no_verb():
    code = "import sys\nsys.argv = ['envbench', '--help']\nfrom envbench.__main__ import main\ntry: main()\nexcept SystemExit: pass\nprint([n for n in sys.modules if n.startswith('envbench.cli')], file=sys.stderr)"
    child = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "'envbench.cli.specs'" not in child.stderr


def test_the_screen_begins_with_nothing_but_textual():
    heavy = (*HEAVY[1:6], "yaml", "packaging", "tree_sitter", "msgspec")
    code = f"import sys\nimport envbench.ui.start, envbench.ui.app, envbench.ui.terminal.signals\nprint(*(n for n in {heavy!r} if n in sys.modules))"
    child = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert child.stdout.split() == []


_NOT_FOR_A_LOCK = (
    *HEAVY[:-1], "asyncio", "configparser", "email", "logging", "packaging", "socket", "subprocess",
    "tomllib", "tree_sitter", "yaml", "envbench.engine", "envbench.jobs", "envbench.model.conflict",
    "envbench.model.plan", "envbench.workers",
)  # fmt: skip


def test_a_lock_of_what_is_installed_loads_no_more_than_it_is_read_with(tmp_path):
    records = tmp_path / "env" / "conda-meta"
    records.mkdir(parents=True)
    record = {
        "name": "zlib", "version": "1.3", "build": "h0_0", "build_number": 0, "depends": [],
        "subdir": "linux-64", "channel": "conda-forge", "fn": "zlib-1.3-h0_0.conda",
        "url": "https://conda.anaconda.org/conda-forge/linux-64/zlib-1.3-h0_0.conda",
        "md5": "0" * 32, "sha256": "0" * 64, "size": 1, "files": ["lib/libz.so"],
    }  # fmt: skip
    (records / "zlib-1.3-h0_0.json").write_text(json.dumps(record))
    arguments = ["envbench", "lock", str(tmp_path / "env"), "--format", "explicit", "--offline"]
    code = f"import sys\nsys.argv = {arguments!r}\nfrom envbench.__main__ import main\ntry: main()\nexcept SystemExit: pass\nprint(*(n for n in {_NOT_FOR_A_LOCK!r} if n in sys.modules), file=sys.stderr)"
    environ = {name: value for name, value in os.environ.items() if "CONDA" not in name}
    environ |= {"HOME": str(tmp_path), "PIP_CONFIG_FILE": os.devnull}
    child = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environ
    )
    assert record["url"] in child.stdout
    assert child.stderr.splitlines()[-1].split() == []
