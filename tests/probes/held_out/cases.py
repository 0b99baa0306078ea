"""Cases as data: what an environment says and does, and what has to be told about it."""

import tomllib
from dataclasses import dataclass, field
from fnmatch import fnmatch
from pathlib import Path

from envbench.model.probe import ProbeResult
from envbench.model.problem import Severity
from envbench.probes.catalog import find_probe
from tests.probes.held_out.standins import NUMBERS, SOURCES

FOLDER = Path(__file__).parent


@dataclass(frozen=True, kw_only=True)
class Case:
    """One environment; the fields are those of the tables in the `.toml` files."""

    name: str
    probe: str = "torch"
    told: str = ""
    """Printed to stderr while the framework is imported, word for word."""
    raises: tuple[str, ...] = ()
    """`Type: text`, each the context of the one behind it."""
    at: str = "import"
    """`import`; `gpu`: the framework comes up, and everything on its GPU ends with the error."""
    source: str = ""
    """Runs at the import, after `told`; it ends in its own way."""
    devices: int = 0
    """GPUs that the framework reaches."""
    build: str = ""
    """CUDA that the framework was built for; empty for a CPU build."""
    driver: int = -1
    """What cuInit answers; -1 where there is no driver library."""
    shown: int = 1
    """Devices that the driver shows."""
    files: dict[str, str] = field(default_factory=dict)
    """More files below site-packages."""
    leaking: dict[str, str] = field(default_factory=dict)
    """Files in a folder that PYTHONPATH leads to."""
    installed: dict[str, str] = field(default_factory=dict)
    """Further distributions and their versions."""
    environ: dict[str, str] = field(default_factory=dict)
    host_gpus: int | None = None
    timeout_s: float = 30.0
    status: str = "failed"
    stage: str = "import"
    codes: tuple[str, ...] = ()
    """Any of these is right; a star stands for the rest."""
    not_codes: tuple[str, ...] = ()
    """None of these may be told at all."""
    slow: bool = False

    def lay_out(self, driver_library: str) -> dict[str, str]:
        """Name the files below site-packages that make this case."""
        definition = find_probe(self.probe)
        files = {"_numbers.py": NUMBERS, **self.files}
        files |= {
            f"{name.replace('-', '_')}-{version}.dist-info/METADATA": (
                f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
            )
            for name, version in ({definition.distributions[0]: "9.9"} | self.installed).items()
        }
        files |= {
            name: f"DEVICES = {self.devices}\nBUILD = {self.build or None!r}\n{text}"
            if name.split("/")[0] == definition.module
            else text
            for name, text in SOURCES.get(self.probe, {}).items()
            if name not in files
        }
        files[f"{definition.module}/__init__.py"] = self._open_with(driver_library) + files.get(
            f"{definition.module}/__init__.py", ""
        )
        return files

    def _open_with(self, driver_library: str) -> str:
        lines = [
            "import os, sys, _numbers",
            f"sys.stderr.write({self.told!r})",
            "sys.stderr.flush()",
        ]
        if self.driver >= 0:
            lines.insert(0, f"import ctypes; ctypes.CDLL({driver_library!r})")
        if self.source:
            lines.append(self.source)
        if self.raises:
            chain = [tuple(line.split(": ", 1)) for line in self.raises]
            call = f"_numbers.raise_chain({chain!r})"
            lines.append(f"_numbers.fail_on_gpu = lambda: {call}" if self.at == "gpu" else call)
        return "\n".join(lines) + "\n"


def load(name: str) -> list[Case]:
    """Read the cases of one file."""
    rows = tomllib.loads((FOLDER / name).read_text("utf-8"))["case"]
    return [
        Case(**{key: tuple(v) if isinstance(v, list) else v for key, v in row.items()})
        for row in rows
    ]


def find_faults(case: Case, result: ProbeResult) -> list[str]:
    """Say what is wrong about a result; empty when all of it is right."""
    faults = []
    if result.status != case.status:
        faults.append(f"status {result.status}, not {case.status}: {result.reason}")
    if result.stage != case.stage:
        faults.append(f"stage {result.stage}, not {case.stage}")
    codes = [diagnosis.code for diagnosis in result.diagnoses]
    faults += [
        f"told {code}, which it is not"
        for code in codes
        if any(fnmatch(code, pattern) for pattern in case.not_codes)
    ]
    if case.codes and not any(fnmatch(codes[0] if codes else "", p) for p in case.codes):
        told = [f"{d.code} ({d.evidence})" for d in result.diagnoses] or ["nothing"]
        faults.append(f"told {', '.join(told)}, not {' or '.join(case.codes)}")
    if not case.codes:
        loud = [d for d in result.diagnoses if d.severity is not Severity.INFO]
        faults += [f"told {d.code} of what is fine: {d.evidence}" for d in loud]
    return faults
