# ruff: noqa: RUF001 - the marks are those of the screen
"""The doctor's findings, diagnoses of probes, the compatibility report."""

from dataclasses import replace

import pytest

from envbench.ui.finding_choice import chosen_finding, refuse_fix
from envbench.ui.flows.probe_report import write_findings, write_report
from envbench.ui.panels.compatibility_view import describe_compatibility
from envbench.ui.panels.examination_view import describe_examination
from envbench.ui.panels.probes_panel import describe_probes
from envbench.ui.state import COMPATIBILITY, EXAMINATION, PROBES, Fact, ScreenState
from tests.ui.panels.showing import WIDTHS, assert_fits, lines_of, text_of
from tests.ui.states import SPEC
from tests.ui.still import sample_environments as samples
from tests.ui.still.sample_project import NOW

NAME = samples.NAME
OPEN = replace(SPEC, environment=NAME, name="ai_dev_env.yml")


def state(under="", **parts):
    given = {
        "directory": "/p", "place": PROBES, "focus": PROBES, "environment": NAME, "spec": OPEN,
        "environments": Fact(samples.ROWS), "probes": Fact(samples.PROBES, about=NAME),
        "examination": Fact(samples.EXAMINED, about=NAME),
        "compatibility": Fact(samples.COMPATIBILITY, about=NAME), "probe_face": EXAMINATION,
        "selected": {PROBES: under} if under else {},
    }  # fmt: skip
    return ScreenState(**{**given, **parts})


def show(shown, width=91):
    describe = {EXAMINATION: describe_examination, COMPATIBILITY: describe_compatibility}.get(
        shown.probe_face, describe_probes
    )
    return describe(shown, width, NOW)


@pytest.mark.parametrize("face", [EXAMINATION, COMPATIBILITY, "results"])
@pytest.mark.parametrize("width", WIDTHS)
def test_nothing_is_too_wide(face, width):
    for under in ("", "finding:1", "finding:99", "verdict:2", "probe:tensorflow", "finding:x"):
        assert_fits(show(state(under, probe_face=face), width), width)


HOSTILE = "\x1b]52;c;T1dORUQ=\x07[/oops][@click=app.leave]x[/]\x9b2J\n‮"


def test_evidence_from_outside_is_literal():
    bad = replace(
        samples.CPU_BUILD, title=HOSTILE, cause=HOSTILE, evidence=HOSTILE * 20, found_in=HOSTILE
    )
    for view in (
        show(state(examination=Fact(replace(samples.EXAMINED, findings=(bad,), notes=(HOSTILE,)), about=NAME))),
        show(state(probe_face=COMPATIBILITY, compatibility=Fact(replace(
            samples.COMPATIBILITY, notes=(HOSTILE,), host=HOSTILE,
            rows=(replace(samples.COMPATIBILITY.rows[0], reason=HOSTILE, proof=HOSTILE, build=HOSTILE),),
        ), about=NAME))),
    ):  # fmt: skip
        assert all(line.isprintable() for line in lines_of(view))


def test_findings_are_listed_with_the_chosen_one_in_detail():
    shown = show(state("finding:1"))
    assert (shown.badge, shown.badge_role) == ("1 error, 1 warning", "error")
    assert [row.key for row in shown.rows] == ["finding:0", "finding:1"]
    assert shown.rows[0].plain.startswith("× pandas was built for NumPy 2")
    said = text_of(shown)
    for words in (
        "examined 2 min ago, 1.9 s python 3.9.18 2 changes solved nothing of it was run",
        "▲ 3 libraries cannot be read",
        "cause A CPU build was chosen: no __cuda was there when this was solved. certain",
        "proof build string cpu_py39h4655687_0 (facts)",
        "fix 1 ask for a build with CUDA solved: tensorflow 2.13.1 f puts it into the spec",
        "require tensorflow * cuda*",
        "$ envbench host > box.toml",
        "fix 3 take the wheel no solution: numpy 1.23.5 is too old",
        "require tensorflow[and-cuda] (pip)",
    ):
        assert words in said
    assert "fix 3 take the wheel no solution: numpy 1.23.5 is too old f puts" not in said


def test_the_worst_finding_is_meant_first():
    finding = chosen_finding(state())
    assert finding is not None
    assert finding.code == "abi.numpy"


@pytest.mark.parametrize(
    ("under", "parts", "why"),
    [
        ("finding:1", {}, ""),
        ("finding:0", {}, "no change of the spec mends it"),
        ("finding:1", {"spec": None}, "open the spec of ai_dev_env first"),
        ("finding:1", {"spec": replace(OPEN, environment="other")}, "open the spec of ai_dev_env first"),
        ("finding:1", {"spec": replace(OPEN, read_only="it belongs to bob")}, "it belongs to bob"),
        ("", {"examination": Fact(about=NAME)}, "nothing is wrong here that is known"),
        ("probe:tensorflow", {"probe_face": "results"}, ""),
        ("probe:numpy", {"probe_face": "results"}, "nothing is wrong here that is known"),
    ],
)  # fmt: skip
def test_a_fix_that_is_off_says_why(under, parts, why):
    refusal = refuse_fix(state(under, **parts))
    assert (why in refusal) if why else not refusal


def test_what_was_not_solved_is_not_offered():
    refuted, untried = (
        replace(samples.CPU_BUILD.remedies[0], proof=proof, is_refuted=is_refuted)
        for proof, is_refuted in (("no solution", True), ("", False))
    )
    for remedies, why in (
        ((refuted,), "every change that was tried has no solution"),
        ((refuted, untried), "its change was not solved"),
    ):
        finding = replace(samples.CPU_BUILD, remedies=remedies)
        report = replace(samples.EXAMINED, findings=(finding,))
        assert why in refuse_fix(state(examination=Fact(report, about=NAME)))


def test_a_sound_environment_is_said_to_be():
    fine = replace(samples.EXAMINED, findings=(), notes=(), remedies_solved=0)
    shown = show(state(examination=Fact(fine, about=NAME)))
    assert (shown.badge, shown.badge_role) == ("FINE", "ok")
    assert "● Nothing was found that is bound to fail." in text_of(shown)


@pytest.mark.parametrize(
    ("face", "field", "key"), [(EXAMINATION, "examination", "v"), (COMPATIBILITY, "compatibility", "M")]
)  # fmt: skip
def test_before_while_and_without(face, field, key):
    other = show(state(probe_face=face, **{field: Fact(samples.EXAMINED, about="other")}))
    assert text_of(other).startswith(f"{key} ")
    working = show(state(probe_face=face, **{field: Fact(working="looking", about=NAME)}))
    assert text_of(working) == "► looking"
    failed = show(state(probe_face=face, **{field: Fact(fault="it is gone", about=NAME)}))
    assert text_of(failed) == "× it is gone"


def test_probes_say_what_their_outcome_means_and_what_they_did_not_check():
    said = text_of(show(state("probe:tensorflow", probe_face="results")))
    assert "cause A CPU build was chosen" in said
    assert "f puts it into the spec" in said
    assert "skipped mixed precision: no GPU was used" in said
    assert "used GPU 3 A100-SXM4-80GB, at most 1.20 GB, 34 % on average, 2.5 kJ" in said
    assert "again once more, isolated from your own packages and variables: DEGRADED" in said
    text = write_report(samples.PROBES)
    assert "warning gpu.cpu_build: tensorflow is built for the CPU alone" in text
    assert "not checked: mixed precision" in text


def test_findings_as_text():
    text = write_findings(samples.EXAMINED)
    assert "error abi.numpy: pandas was built for NumPy 2" in text
    assert "fix 1: ask for a build with CUDA [solved: tensorflow 2.13.1]" in text
    assert "    require tensorflow * cuda* (conda)" in text
    assert text.isascii()


def test_the_report_is_a_table_with_what_each_verdict_rests_on():
    shown = show(state("verdict:2", probe_face=COMPATIBILITY), 118)
    assert shown.badge == "2 works, 1 degraded, 1 will fail, 1 unknown"
    assert shown.badge_role == "error"
    row = " ".join(shown.rows[2].plain.split())
    assert row == "× torch 1.13.1 cuda 11.7 H100 will fail no code for sm_90 in this build"
    assert " ".join(shown.rows[4].plain.split()) == "- jax - - cpu unknown"
    said = text_of(shown)
    assert "proof arch list sm_37 .. sm_86" in said
    assert "▲ jax was not probed" in said
    assert "driver 550.54.15, CUDA 12.4" in said


def test_equal_gpus_are_one_row_whose_device_can_be_read():
    first = samples.COMPATIBILITY.rows[0]
    gpus = tuple(
        replace(first, device="NVIDIA H100 80GB HBM3", device_id=f"GPU-{n}", reason="x" * 200)
        for n in range(8)
    )
    report = replace(samples.COMPATIBILITY, rows=(first, *gpus))
    shown = show(state(probe_face=COMPATIBILITY, compatibility=Fact(report, about=NAME)))
    assert len(shown.rows) == 2
    assert " 8 x H100 80GB" in shown.rows[1].plain
