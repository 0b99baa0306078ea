"""What is wrong with an environment, and what works in it: asked for, shown, mended, written."""

from typing import TYPE_CHECKING

from envbench.ui.bench import Bench
from envbench.ui.command_lines import quote
from envbench.ui.environment_choice import show_name
from envbench.ui.finding_choice import chosen_finding, offered_remedies
from envbench.ui.flows.facts import learn
from envbench.ui.state import COMPATIBILITY, EXAMINATION, PROBE_RESULTS, PROBES, SPEC

if TYPE_CHECKING:
    from envbench.model.diagnosis import Remedy


async def examine(bench: Bench, reference: str) -> None:
    """Let the doctor look at an environment; changes of the spec are solved meanwhile."""
    bench.note(f"envbench doctor {quote(reference)}")
    bench.change(environment=reference, probe_face=EXAMINATION)
    bench.go(PROBES)
    what = f"examining {show_name(bench.state, reference)}, and solving what would mend it"
    answer = bench.desk.examine_environment(reference)
    report = await learn(bench, "examination", what, answer, about=reference)
    if report is None:
        return
    count = len(report.findings)
    shown = show_name(bench.state, reference)
    if report.is_fine:
        bench.tell(f"The doctor finds nothing in {shown} that is bound to fail", "ok")
    else:
        bench.tell(
            f"The doctor has {count} {'finding' if count == 1 else 'findings'} in {shown}",
            "warning",
        )


async def report(bench: Bench, reference: str) -> None:
    """Make the compatibility report of an environment."""
    bench.note(f"envbench doctor {quote(reference)} --table")
    bench.change(environment=reference, probe_face=COMPATIBILITY)
    bench.go(PROBES)
    what = f"putting together what works in {show_name(bench.state, reference)}"
    answer = bench.desk.report_compatibility(reference)
    await learn(bench, "compatibility", what, answer, about=reference)


def show_results(bench: Bench) -> None:
    """Go back to what the probes found."""
    bench.change(probe_face=PROBE_RESULTS)


async def mend(bench: Bench) -> None:
    """Put a solved change into the open spec, as one step that undo takes back."""
    finding = chosen_finding(bench.state)
    remedies = offered_remedies(finding) if finding is not None else ()
    remedy = await _choose(bench, remedies)
    if remedy is None:
        return
    bench.editor.hand_over()
    spec = bench.state.spec
    if spec is None:
        return
    edit = await bench.desk.write_changes(spec.text, spec.path, remedy.text, remedy.changes)
    if not edit.replacements:
        bench.tell(f"{spec.name} says so already: b builds it", "ok")
        return
    if bench.editor.apply_edit(edit, spec.version):
        bench.go(SPEC)
        bench.tell(f"Did: {remedy.text} ({remedy.proof}); ^Z takes it back, s solves", "ok")


async def _choose(bench: Bench, remedies: "tuple[Remedy, ...]") -> "Remedy | None":
    if len(remedies) < 2:
        return next(iter(remedies), None)
    options = [(str(n), f"{each.text} ({each.proof})") for n, each in enumerate(remedies)]
    chosen = await bench.choose("Put which remedy into the spec?", options)
    return remedies[int(chosen)] if chosen is not None else None


async def copy_report(bench: Bench) -> None:
    """Copy the compatibility report as Markdown."""
    found = bench.state.compatibility.value
    if found is not None:
        text = await bench.desk.format_compatibility(found)
        bench.copy(text, "the compatibility report")


async def save_report(bench: Bench) -> None:
    """Ask for a file name, and write the compatibility report there."""
    found = bench.state.compatibility.value
    if found is None:
        return
    name = show_name(bench.state, bench.state.environment).replace("/", "-")
    fields = [("file", "file; .md or .json", f"{name}-compatibility.md")]
    filled = await bench.fill("Save the compatibility report", fields)
    file = (filled or {}).get("file", "").strip()
    if not file:
        return
    folder = bench.state.directory.rstrip("/")
    path = file if file.startswith("/") else f"{folder}/{file}"
    bench.note(f"envbench doctor {quote(bench.state.environment)} --report {quote(file)}")
    await bench.desk.save_compatibility(found, path)
    bench.tell(f"Wrote {file}", "ok")
