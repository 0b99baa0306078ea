"""A compatibility report as Markdown: all of it there, and nothing from outside taken for markup."""

from envbench.formats.compatibility_markdown import MARKDOWN_TITLE, write_markdown
from envbench.model.compatibility_report import (
    CompatibilityReport,
    CompatibilityRow,
    CompatibilityVerdict,
)
from envbench.model.diagnosis import Diagnosis, Remedy, SpecChange
from envbench.model.problem import Severity


def make_report(**more) -> CompatibilityReport:
    row = CompatibilityRow(
        framework="torch",
        version="2.4.1",
        build="cuda 12.4",
        device="NVIDIA H200",
        device_id="GPU-1",
        verdict=CompatibilityVerdict.WILL_FAIL,
        reason="the driver is too old",
        proof="driver 470",
    )
    finding = Diagnosis(
        code="gpu.driver_too_old",
        severity=Severity.ERROR,
        title="too old",
        cause="It is old.",
        remedies=(
            Remedy(
                text="take another",
                changes=(SpecChange(kind="require", requirement="cuda-version <=11.4"),),
                proof="no solution: none",
                is_refuted=True,
            ),
            Remedy(text="raise it", command="sudo reboot"),
        ),
        evidence="driver 470",
        references=("pytorch/pytorch#4546",),
    )
    known = Diagnosis(code="lib.missing", severity=Severity.INFO, title="no libtbb", cause="x")
    fields = {
        "environment": "env",
        "prefix": "/envs/env-3",
        "generation": 3,
        "made": "2026-11-22T10:00:00+00:00",
        "python": "3.11.7",
        "host": "box",
        "driver": "470.82.01",
        "cuda": "11.4",
        "rows": (row,),
        "findings": (finding, known),
        "notes": ("nothing was computed yet",),
    }
    return CompatibilityReport(**(fields | more))


def test_everything_is_in_it():
    text = write_markdown(make_report())
    assert text.startswith(f"{MARKDOWN_TITLE}env\n")
    assert (
        "| torch | 2.4.1 | cuda 12.4 | NVIDIA H200 | **will fail** | the driver is too old |"
        in text
    )
    assert "### error: too old" in text
    assert (
        "no way out: take another: require `cuda-version <=11.4` (conda) [no solution: none]"
        in text
    )
    assert "do: raise it `sudo reboot`" in text
    assert "## Worth knowing\n\n- no libtbb (`lib.missing`)" in text
    assert "not probed" in text
    assert "## Not in this report\n\n- nothing was computed yet" in text
    assert text.endswith("\n") and not text.endswith("\n\n")


def test_an_environment_without_frameworks_and_findings_has_a_report():
    text = write_markdown(make_report(rows=(), findings=(), notes=(), driver=None, generation=None))
    assert "none of the known ones" in text
    assert "## Findings\n\nNone." in text
    assert "no NVIDIA driver" in text


def test_text_from_outside_is_shown_literally():
    hostile = "a|b`c`<script>*x*\n# head\x1b[31m"
    text = write_markdown(make_report(environment=hostile, host=hostile, prefix=hostile))
    assert "\x1b" not in text
    assert "<script>" not in text.replace("\\<script\\>", "").replace(
        "`a¦b'c'<script>*x* # head", ""
    )
    assert "\n# head" not in text
    table = [line for line in text.splitlines() if line.startswith("|")]
    assert {line.replace("\\|", "").count("|") for line in table} == {8}
