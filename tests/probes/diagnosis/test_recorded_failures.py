"""Failures that were recorded by running them are told from the same texts, through the one door."""

import json
import re
from pathlib import Path

import pytest

from envbench.model.probe import ProbeError, ProbeResult, ProbeStatus
from envbench.probes.diagnosis import diagnose

RECORDED = Path(__file__).parents[4] / "shared" / "data" / "signatures.json"
if not RECORDED.is_file():
    pytest.skip("the recorded failures are not here", allow_module_level=True)
ROWS = json.loads(RECORDED.read_text())["rows"]
PROBES = {"tf": "tensorflow", "jax": "jax", "torch": "torch", "not": "tensorflow"}


def result_of(row: dict) -> ProbeResult:
    note = row.get("note", "")
    wanted = re.search(r'wanted: status "(\w+)"', note)
    number = (
        row["signal"] and {"SIGSEGV": 11, "SIGILL": 4, "SIGABRT": 6, "SIGKILL": 9}[row["signal"]]
    )
    versions = re.findall(r"([\w-]+) (\d[\w.]*)", row["versions"] or "")
    return ProbeResult(
        probe=PROBES.get(row["case"].partition("_")[0], "numpy"),
        prefix="",
        status=ProbeStatus(wanted[1] if wanted else row["status"]),
        stage=row["stage"] or "",
        python="3.11.7",
        exit_code=row["rc"] if row["rc"] is not None and row["rc"] >= 0 else None,
        signal=number,
        distributions={name: {"version": version} for name, version in versions},
        errors=tuple(
            ProbeError(type=error["type"], message=error["msg"]) for error in row["error"] or ()
        ),
        log_tail=row["log_tail"],
    )


@pytest.mark.parametrize("row", ROWS, ids=[row["case"] for row in ROWS])
def test_each_recorded_failure_is_told(row):
    told = diagnose(result_of(row))
    assert (told[0].code if told else None) == row["code"], [d.code for d in told]


def test_most_need_no_versions_beside_the_texts():
    blind = [{**row, "versions": None} for row in ROWS]
    codes = [told[0].code if (told := diagnose(result_of(row))) else None for row in blind]
    wrong = [
        (row["case"], code) for row, code in zip(ROWS, codes, strict=True) if row["code"] != code
    ]
    assert wrong == []
