"""The doctor and the compatibility report on the screen, with the real workbench behind them."""

from dataclasses import replace
from typing import Any

import pytest

from envbench.model.diagnosis import SpecChange
from envbench.model.errors import UsageError
from envbench.model.problem import Edit
from envbench.ui.commands.catalogue import by_id
from envbench.ui.flows import examining
from envbench.ui.state import COMPATIBILITY, EXAMINATION, PROBES, SPEC, Fact
from envbench.workbench.spec_repairs import write_changes
from tests.ui.flows.real_bench import Editor, open_bench_at
from tests.ui.recording_bench import RecordingBench
from tests.ui.states import SPEC as OPEN
from tests.ui.still import sample_environments as samples

TEXT = "name: ai_dev_env\ndependencies:\n  - python=3.9\n  # why: paper\n  - tensorflow=2.13.1\n"
NAME = samples.NAME


class EditedEditor(Editor):
    """Makes edits."""

    def apply_edit(self, edit: Edit, version: int) -> bool:
        del version
        self.text = edit.apply(self.text)
        return True


def prepare(bench: RecordingBench, **parts: Any) -> None:
    bench.editor = EditedEditor()
    bench.editor.load(TEXT, "")
    spec = replace(OPEN, text=TEXT, saved_text=TEXT, environment=NAME, name="ai_dev_env.yml")
    given = {"environment": NAME, "spec": spec, "place": PROBES, "focus": PROBES,
             "environments": Fact(samples.ROWS), "probe_face": EXAMINATION,
             "examination": Fact(samples.EXAMINED, about=NAME), "selected": {PROBES: "finding:1"}}  # fmt: skip
    bench.change(**{**given, **parts})


async def test_a_solved_remedy_goes_into_the_spec_and_nothing_else_moves(tmp_path):
    async with open_bench_at(tmp_path, tmp_path) as bench:
        prepare(bench)
        assert by_id("fix-finding").refuse(bench.state) == ""
        await by_id("fix-finding").run(bench)
        assert bench.editor.text == TEXT.replace("tensorflow=2.13.1", "tensorflow=*=cuda*")
        assert bench.state.place == SPEC
        assert bench.said[-1].startswith(
            "Did: ask for a build with CUDA (solved: tensorflow 2.13.1); ^Z takes it back"
        )


async def test_several_remedies_are_offered(tmp_path):
    first = samples.CPU_BUILD.remedies[0]
    other = replace(first, text="take 2.14", proof="solved: tensorflow 2.14.0",
                    changes=(SpecChange(kind="require", requirement="tensorflow 2.14.*"),))  # fmt: skip
    finding = replace(samples.CPU_BUILD, remedies=(first, other))
    async with open_bench_at(tmp_path, tmp_path) as bench:
        report = replace(samples.EXAMINED, findings=(finding,))
        prepare(bench, examination=Fact(report, about=NAME), selected={})
        bench.choices = [None, "1"]
        await examining.mend(bench)
        assert bench.editor.text == TEXT, "nothing was chosen"
        await examining.mend(bench)
        assert "  - tensorflow=2.14.*\n" in bench.editor.text
        assert len(bench.offered[0][1]) == 2


async def test_the_report_is_copied_and_saved_and_nothing_else_is_overwritten(tmp_path):
    async with open_bench_at(tmp_path, tmp_path) as bench:
        prepare(
            bench, probe_face=COMPATIBILITY, compatibility=Fact(samples.COMPATIBILITY, about=NAME)
        )
        await by_id("copy-probes").run(bench)
        text, what = bench.copied[0]
        assert text.startswith("# Compatibility of ai\\_dev\\_env")
        assert what == "the compatibility report"
        bench.fillings = [{"file": "c.md"}, {"file": "c.json"}, {"file": "mine.md"}, None]
        await by_id("save-report").run(bench)
        await by_id("save-report").run(bench)
        assert (tmp_path / "c.md").read_text() == text
        assert '"envbench.compatibility/1"' in (tmp_path / "c.json").read_text()
        assert bench.done[-1] == "envbench doctor ai_dev_env --report c.json"
        (tmp_path / "mine.md").write_text("# My notes\n")
        with pytest.raises(UsageError, match="the file is no report"):
            await by_id("save-report").run(bench)
        await by_id("save-report").run(bench)
        assert (tmp_path / "mine.md").read_text() == "# My notes\n"


async def test_the_doctor_looks_at_a_real_environment(tmp_path):
    prefix = tmp_path / "lab"
    (prefix / "conda-meta").mkdir(parents=True)
    (prefix / "conda-meta" / "history").write_text("")
    async with open_bench_at(tmp_path, tmp_path) as bench:
        reference = str(prefix)
        await examining.examine(bench, reference)
        assert (bench.state.place, bench.state.probe_face) == (PROBES, EXAMINATION)
        assert bench.state.examination.value is not None, bench.state.examination.fault
        assert bench.state.examination.value.prefix == reference
        assert "doctor" in bench.said[-1].lower()
        await examining.report(bench, reference)
        assert bench.state.compatibility.value is not None, bench.state.compatibility.fault
        assert bench.state.compatibility.value.rows == ()
        assert bench.done == [
            f"envbench doctor {reference}",
            f"envbench doctor {reference} --table",
        ]
        await by_id("back").run(bench)
        assert bench.state.probe_face == "results"


async def test_an_environment_that_is_not_there_is_told(tmp_path):
    async with open_bench_at(tmp_path, tmp_path) as bench:
        await examining.examine(bench, str(tmp_path / "nowhere"))
        assert bench.state.examination.fault


def test_changes_are_one_edit_that_touches_only_what_differs():
    change = SpecChange(kind="require", requirement="numpy<2")
    edit = write_changes(TEXT, "a.yml", "hold numpy back", (change,))
    assert edit.title == "hold numpy back"
    assert len(edit.replacements) == 1
    assert edit.apply(TEXT) == TEXT + "  - numpy<2\n"
    assert write_changes(edit.apply(TEXT), "a.yml", "again", (change,)).replacements == ()
