"""Opening a spec, or a new one; unsaved work on the one before is kept."""

from dataclasses import replace
from typing import TYPE_CHECKING

from envbench.ui.bench import Bench
from envbench.ui.flows import saving, specs
from envbench.ui.flows.drafts import keep_unsaved, offer_draft
from envbench.ui.state import SPEC, OpenSpec

if TYPE_CHECKING:
    from envbench.workbench.values.spec_files import OpenedSpec


async def open_path(bench: Bench, path: str, *, is_sample: bool = False) -> None:
    """Open a spec; unsaved work on the one before is kept, that on the new one is offered."""
    if _is_open(bench, path) or not await put_aside(bench):
        return
    opened = await bench.desk.open_spec(path)
    # What was written while the file was read is kept, too.
    if _is_open(bench, opened.path) or not await put_aside(bench):
        return
    spec = _describe(opened, is_sample=is_sample)
    version = bench.editor.load(spec.text, spec.path)
    specs.change_spec(bench, replace(spec, version=version))
    bench.begin("check", specs.check_open(bench))
    bench.begin("recent", bench.desk.note_recent(path))
    if opened.draft is not None:
        bench.begin("offer", offer_draft(bench, opened))


def _is_open(bench: Bench, path: str) -> bool:
    """Tell whether a spec is in the editor just as it lies on disk: then its undo stays."""
    spec = bench.state.spec
    return spec is not None and spec.path == path and not spec.disk


def _describe(opened: "OpenedSpec", *, is_sample: bool) -> OpenSpec:
    return OpenSpec(
        path=opened.path,
        name=opened.shown.rpartition("/")[2],
        text=opened.text,
        saved_text=opened.text,
        sha256=opened.sha256,
        has_bom=opened.has_bom,
        read_only="" if is_sample else opened.read_only,
        is_sample=is_sample,
    )


async def make_new(bench: Bench) -> None:
    """Make a new spec in the folder and open it."""
    path = await saving.ask_path(bench, "Name of the new spec", "environment.yml")
    if not path:
        return
    text = await bench.desk.new_spec_text(saving.name_environment(path))
    outcome = await bench.desk.save_spec(path, text, expected_sha256="")
    if outcome.saved is None:
        bench.tell(outcome.clash.message if outcome.clash else "not saved", "error")
        return
    bench.begin("specs", specs.list_folder(bench))
    await open_path(bench, path)
    bench.go(SPEC)


async def put_aside(bench: Bench) -> bool:
    """Keep the unsaved work of the open spec; tells whether another one may take its place."""
    bench.editor.hand_over()
    spec = bench.state.spec
    if spec is None or not spec.is_dirty:
        return True
    if spec.is_sample:
        return await _settle_sample(bench, spec)
    while (now := bench.state.spec) is not None and now.is_dirty and now.kept != now.text:
        bench.stop("draft")
        await keep_unsaved(bench)
        bench.editor.hand_over()
    bench.tell(f"Your unsaved work on {spec.name} is kept: open it again to take it up")
    return True


async def _settle_sample(bench: Bench, spec: OpenSpec) -> bool:
    """Ask about work on a sample: it is nobody's file, there is none that a draft belongs to."""
    options = (
        ("save", "Save a copy in this folder first"),
        ("stay", "Stay here"),
        ("drop", "Leave the changes behind"),
    )
    answer = await bench.choose(f"You changed the sample {spec.name}", options)
    if answer == "save":
        return await saving.save_copy(bench)
    return answer == "drop"
