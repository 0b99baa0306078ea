"""Environments that were made to break the doctor: it says what it can, and never more than that."""

import os

import pytest

from envbench.model.diagnosis import Diagnosis
from tests.envs.conftest import SITE


def test_records_that_lead_out_or_hold_odd_bytes_are_not_followed(patient, tmp_path):
    patient.become_venv()
    outside = tmp_path / "secret_pb2.py"
    outside.write_text("x = _descriptor.FieldDescriptor(name='x')\n")
    patient.dist("protobuf", "6.0.0", files={})
    info = patient.dist("evil", files={})
    rows = ["../../../../secret_pb2.py", str(outside), "a\0b_pb2.py", "x/../../../../../etc/passwd"]
    (info / "RECORD").write_text(
        "".join(f"{row},,\n" for row in [*rows, '"torn', "\x1b[31m_pb2.py"])
    )
    assert patient.examine() == ()


@pytest.mark.parametrize(
    "requirement",
    [
        "x; " + "(" * 400 + "python_version > '3'" + ")" * 400,
        "x" * 5000,
        "x[" + ",".join("abc" for _ in range(300)) + "]",
        "x>=" + "9" * 900,
        "x; os_name == 'posix' and extra",
        "\x00",
    ],
)
def test_requirements_that_no_reader_expects_are_no_end(patient, requirement):
    patient.become_venv()
    patient.dist("evil", requires=[requirement])
    assert all(isinstance(finding, Diagnosis) for finding in patient.examine())


def test_pipes_links_and_folders_in_the_place_of_files_do_not_stop_it(patient):
    patient.become_venv()
    site = patient.prefix / SITE
    for name in ("one-1.0.dist-info", "two-1.0.dist-info", "three-1.0.dist-info"):
        (site / name).mkdir()
    os.mkfifo(site / "one-1.0.dist-info" / "METADATA")
    (site / "two-1.0.dist-info" / "METADATA").symlink_to("/dev/zero")
    (site / "three-1.0.dist-info" / "METADATA").mkdir()
    os.mkfifo(site / "pipe.so")
    os.mkfifo(site / "pipe.pth")
    (site / "zero.so").symlink_to("/dev/zero")
    patient.environ |= {"PYTHONPATH": "/dev/null:/proc/self/mem", "LD_LIBRARY_PATH": "/dev/null"}
    assert all(isinstance(finding, Diagnosis) for finding in patient.examine())


def test_a_prefix_that_is_empty_or_gone_has_no_findings(patient, tmp_path):
    assert patient.examine() == ()
    patient.prefix = tmp_path / "gone"
    assert patient.examine() == ()


def test_metadata_of_many_requirements_is_read_in_bounds(patient):
    patient.become_venv()
    patient.dist("evil", requires=[f"package-{number}" for number in range(5000)])
    [finding] = patient.examine()
    assert len(finding.evidence) < 3000
    assert len(finding.remedies[0].changes) <= 20
