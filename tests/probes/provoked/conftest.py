"""Environments in which things go wrong for real, and the score of what was told about them."""

import os
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from envbench.model.probe import ProbeResult
from envbench.probes.catalog import find_probe
from envbench.probes.runner import ProbeOrder, run_probe
from tests.probes.provoked.workshop import Workshop


def pytest_terminal_summary(terminalreporter) -> None:
    """Print how many provoked failures were told right."""
    rows = {}
    for outcome in ("passed", "failed"):
        for report in terminalreporter.stats.get(outcome, ()):
            told = dict(getattr(report, "user_properties", ()))
            if "provoked" in told and report.when == "call":
                rows[told["provoked"]] = (outcome == "passed", told.get("told", ""))
    if not rows:
        return
    right = sum(ok for ok, _ in rows.values())
    terminalreporter.section(f"provoked failures told right: {right} of {len(rows)}")
    for name, (ok, told) in sorted(rows.items()):
        terminalreporter.line(f"{'right' if ok else 'WRONG':6}{name:52} {told}")


@pytest.fixture(scope="session")
def _venv(tmp_path_factory: pytest.TempPathFactory) -> Path:
    prefix = tmp_path_factory.mktemp("provoked") / "env"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(prefix)], check=True)
    return prefix


@pytest.fixture
def workshop(_venv: Path, tmp_path: Path) -> Iterator[Workshop]:
    """An environment whose NumPy is a stand-in; emptied after each use."""
    [site] = _venv.glob("lib/python*/site-packages")
    before = set(site.iterdir())
    yield Workshop(_venv, site, tmp_path)
    for entry in set(site.iterdir()) - before:
        shutil.rmtree(entry) if entry.is_dir() else entry.unlink()


@pytest.fixture
def plain_interpreter(tmp_path: Path) -> Path:
    """A Python that is no venv, with nothing installed: there the user's packages are seen."""
    prefix = tmp_path / "plain"
    standard = Path(sysconfig.get_path("stdlib"))
    library = prefix / "lib" / standard.name
    library.mkdir(parents=True)
    for entry in standard.iterdir():
        if entry.name != "site-packages":
            (library / entry.name).symlink_to(entry)
    (library / "site-packages").mkdir()
    for shared in standard.parent.glob("libpython*"):
        (prefix / "lib" / shared.name).symlink_to(shared)
    (prefix / "bin").mkdir()
    python = prefix / "bin" / "python"
    shutil.copy2(Path(sys.executable).resolve(), python)
    shown = subprocess.run(
        [python, "-c", "import sys, site; print(sys.prefix, site.ENABLE_USER_SITE)"],
        env={"HOME": str(tmp_path), "PATH": os.defpath},
        capture_output=True,
        text=True,
        check=False,
    )
    if shown.stdout.split() != [str(prefix), "True"]:
        pytest.skip(f"this Python cannot be moved: {shown.stdout}{shown.stderr}")
    return prefix


@pytest.fixture
def provoke(
    record_property: Callable[[str, object], None], request: pytest.FixtureRequest, tmp_path: Path
) -> Callable[..., ProbeResult]:
    """Run a probe for real and keep what was told for the score."""

    def run(
        prefix: Path,
        *,
        probe: str = "numpy",
        timeout_s: float = 30.0,
        scored: bool = True,
        **environ: str,
    ) -> ProbeResult:
        order = ProbeOrder(
            probe=find_probe(probe),
            prefix=prefix,
            environ={"PATH": os.environ["PATH"], "HOME": str(tmp_path), **environ},
            timeout_s=timeout_s,
        )
        result = run_probe(order)
        if scored:
            node = request.node
            name = node.callspec.id if hasattr(node, "callspec") else node.name
            codes = ", ".join(told.code for told in result.diagnoses) or "nothing told"
            record_property("provoked", name.removeprefix("test_"))
            record_property("told", f"{result.status.value:9} {result.stage:13} {codes}")
        return result

    return run
