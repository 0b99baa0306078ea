import importlib.util
import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from envbench.probes.catalog import PAYLOADS


def load(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location("envbench_probe_" + name, PAYLOADS / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def checking() -> ModuleType:
    return load("checking")


@pytest.fixture(scope="session")
def surroundings() -> ModuleType:
    return load("surroundings")


@dataclass(frozen=True)
class Told:
    """What a payload told on its descriptor."""

    events: list[dict[str, Any]]
    log: str
    code: int

    def of(self, kind: str) -> list[dict[str, Any]]:
        return [event for event in self.events if event["k"] == kind]

    def stage(self, name: str) -> dict[str, Any]:
        return next(event for event in self.of("stage_end") if event["stage"] == name)

    def data(self, name: str) -> dict[str, Any]:
        return self.stage(name)["data"]

    @property
    def unchecked(self) -> list[str]:
        return [line for event in self.of("unchecked") for line in event["what"]]


@pytest.fixture
def tell(tmp_path: Path) -> Callable[..., Told]:
    """Run a payload over stand-ins: `modules` gives the source by file, such as `torch/__init__.py`."""

    def run(probe: str, modules: Mapping[str, str] | None = None, **environ: str) -> Told:
        site, cwd = tmp_path / "site", tmp_path / "cwd"
        cwd.mkdir(exist_ok=True)
        for name, source in (modules or {}).items():
            path = site / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(source)
        read, write = os.pipe()
        child = subprocess.Popen(
            [
                sys.executable,
                "-uB",
                PAYLOADS / "main.py",
                probe,
                "--fd",
                str(write),
                "--timeout",
                "60",
            ],
            pass_fds=(write,),
            cwd=cwd,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env={"PATH": os.environ["PATH"], "PYTHONPATH": str(site), **environ},
        )
        os.close(write)
        with os.fdopen(read) as lines:
            events = [json.loads(line) for line in lines]
        log, _ = child.communicate(timeout=60)
        return Told(events, log, child.returncode)

    return run


def metadata(name: str, version: str) -> dict[str, str]:
    folder = f"{name.replace('-', '_')}-{version}.dist-info"
    return {f"{folder}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"}
