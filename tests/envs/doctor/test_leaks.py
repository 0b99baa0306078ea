"""What comes in from outside: told only where this environment's Python would take it."""

import shlex
import subprocess
import sys

import pytest

from envbench.model.problem import Severity
from tests.envs.conftest import SITE


def put_in_user_site(patient, name: str, version: str) -> None:
    patient.dist(name, version, site=patient.home / ".local" / SITE)


def test_the_user_site_is_told_where_it_hides_packages(patient):
    patient.python()
    patient.dist("numpy", "1.26.4", files={})
    put_in_user_site(patient, "numpy", "2.2.6")
    [finding] = patient.examine()
    assert (finding.code, finding.severity) == ("leak.usersite", Severity.WARNING)
    assert finding.packages == ("numpy",)
    assert "numpy 2.2.6 (here 1.26.4)" in finding.evidence
    assert finding.remedies[0].command == "export PYTHONNOUSERSITE=1"


def test_a_user_site_that_hides_nothing_is_only_worth_knowing(patient):
    patient.python()
    put_in_user_site(patient, "rich", "13.0")
    assert [finding.severity for finding in patient.examine()] == [Severity.INFO]


@pytest.mark.parametrize("how", ["venv", "variable", "other python"])
def test_a_user_site_that_is_not_seen_is_not_told(patient, how):
    patient.python("3.12.1" if how == "other python" else "3.11.7")
    put_in_user_site(patient, "numpy", "2.2.6")
    patient.dist("numpy", "1.26.4", files={})
    if how == "venv":
        patient.become_venv()
    elif how == "variable":
        patient.environ["PYTHONNOUSERSITE"] = "1"
    assert patient.find("leak.usersite") == []


def test_a_venv_that_shows_system_packages_sees_the_user_site(patient):
    """Asked of a real one, for the rule rests on what Python does."""
    subprocess.run(
        [sys.executable, "-m", "venv", "--without-pip", "--system-site-packages", str(patient.prefix / "v")],
        check=True, timeout=120,
    )  # fmt: skip
    shown = subprocess.run(
        [str(patient.prefix / "v/bin/python"), "-c", "import site; print(site.ENABLE_USER_SITE)"],
        capture_output=True, text=True, check=True, env={"HOME": str(patient.home)}, timeout=60,
    )  # fmt: skip
    assert shown.stdout.strip() == "True"
    patient.become_venv(system=True)
    patient.dist("numpy", "1.26.4", files={})
    put_in_user_site(patient, "numpy", "2.2.6")
    assert [f.severity for f in patient.find("leak.usersite")] == [Severity.WARNING]


def test_python_path_is_told_where_it_hides_something(patient, tmp_path):
    patient.become_venv()
    patient.dist("numpy", "1.26.4")
    other = tmp_path / "other"
    patient.dist("numpy", "2.2.6", site=other)
    patient.environ["PYTHONPATH"] = f"{other}:relative:{tmp_path / 'absent'}"
    findings = patient.find("leak.pythonpath")
    assert [f.severity for f in findings] == [Severity.WARNING, Severity.INFO]
    assert findings[0].packages == ("numpy",)
    patient.environ["PYTHONPATH"] = str(patient.prefix / SITE)
    assert patient.examine() == ()


def test_a_module_of_python_path_that_hides_the_standard_library_is_told(patient, tmp_path):
    patient.become_venv()
    patient.write("lib/python3.11/random.py", b"")
    (tmp_path / "random.py").write_text("")
    patient.environ["PYTHONPATH"] = str(tmp_path)
    [finding] = patient.find("leak.pythonpath")
    assert (finding.severity, finding.packages) == (Severity.WARNING, ("random",))


@pytest.mark.usefixtures("compiler")
def test_ld_library_path_is_told_where_it_hides_libraries(patient, tmp_path):
    patient.python()
    patient.compile("lib/libcudart.so.12")
    folder = tmp_path / "cuda" / "lib64"
    folder.mkdir(parents=True)
    (folder / "libcudart.so.12").write_bytes(b"")
    (folder / "libharmless.so").write_bytes(b"")
    patient.environ["LD_LIBRARY_PATH"] = f":{folder}::/nonexistent"
    [finding] = patient.examine()
    assert (finding.code, finding.severity) == ("leak.ld_library_path", Severity.WARNING)
    assert "libcudart.so.12" in finding.title
    patient.environ["LD_LIBRARY_PATH"] = str(patient.prefix / "lib")
    assert patient.examine() == ()


def test_variables_that_mislead_are_told(patient):
    patient.python()
    patient.environ |= {"PYTHONHOME": "/opt/python", "LD_PRELOAD": "/lib/x.so"}
    weights = {finding.code: finding.severity for finding in patient.examine()}
    assert weights == {"leak.pythonhome": Severity.WARNING, "leak.ld_preload": Severity.INFO}


def test_secrets_in_variables_are_not_repeated(patient):
    patient.python()
    patient.environ["LD_PRELOAD"] = "https://user:secretword@host/x.so"
    [finding] = patient.examine()
    assert "secretword" not in repr(finding)


def test_path_files_that_lead_outside_are_worth_knowing(patient, tmp_path):
    patient.become_venv()
    outside = tmp_path / "checkout"
    outside.mkdir()
    lines = f"# a remark\nimport os\n{outside}\nsite/../.\n/nonexistent\n"
    patient.write(f"{SITE}/editable.pth", lines.encode())
    [finding] = patient.examine()
    assert (finding.code, finding.severity) == ("leak.pth", Severity.INFO)
    assert shlex.quote(str(outside)) in finding.evidence
