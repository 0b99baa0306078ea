"""The spec's way through the screen: open, check while it is written, save, keep what is unsaved."""

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from envbench.ui.bench import Bench
from envbench.ui.flows.facts import learn
from envbench.ui.state import SPEC, OpenSpec

if TYPE_CHECKING:
    from envbench.workbench.values.spec_files import OpenedSpec, SaveClash

DRAFT_AFTER_S = 1.0
"""How long the keys must rest before unsaved work goes into the recovery file."""


async def list_folder(bench: Bench) -> None:
    """Read which specs the folder has."""
    await learn(bench, "specs", "reading the folder", bench.desk.list_specs())


async def open_path(bench: Bench, path: str, *, is_sample: bool = False) -> None:
    """Open a spec; unsaved work on the one before is kept, that on the new one is offered."""
    await keep_unsaved(bench)
    opened = await bench.desk.open_spec(path)
    spec = _describe(opened, is_sample=is_sample)
    version = bench.editor.load(spec.text, spec.path)
    change_spec(bench, replace(spec, version=version))
    await check_open(bench)
    if opened.draft is not None:
        await _offer_draft(bench, opened)
    bench.begin("recent", bench.desk.note_recent(path))


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


async def _offer_draft(bench: Bench, opened: "OpenedSpec") -> None:
    draft = opened.draft
    if draft is None:
        return
    details = [f"It was kept at {draft.written}, when the screen ended without saving."]
    if draft.base_sha256 != opened.sha256:
        details.append("The file on disk has changed since then; u in the editor goes back to it.")
    if await bench.ask(f"Take up your unsaved work on {opened.shown}?", details):
        bench.editor.replace_text(draft.text)
        bench.tell("Your unsaved work is back; ^S saves it, ^Z goes back to the file", "ok")
    else:
        await bench.desk.drop_draft(opened.path)


def change_spec(bench: Bench, spec: OpenSpec) -> None:
    """Replace the open spec; a new environment name becomes the one that panes are about."""
    before = bench.state.spec
    parts: dict[str, Any] = {"spec": spec}
    if spec.environment and (before is None or before.environment != spec.environment):
        parts["environment"] = spec.environment
    bench.change(**parts)


def take_text(bench: Bench, text: str, version: int) -> None:
    """Take what was written; it is checked at once and kept soon."""
    spec = bench.state.spec
    if spec is None:
        return
    bench.change(spec=replace(spec, text=text, version=version))
    bench.begin("check", check_open(bench))
    bench.later(DRAFT_AFTER_S, "draft", keep_unsaved(bench))


async def check_open(bench: Bench) -> None:
    """Check the text as it stands; an answer about an older text is not shown."""
    spec = bench.state.spec
    if spec is None:
        return
    version = spec.version
    report = await bench.desk.check_text(spec.text, spec.path)
    now = bench.state.spec
    if now is None or now.path != spec.path or now.version != version:
        return
    found = replace(
        now,
        problems=report.problems,
        checked=version,
        environment=report.name or now.environment,
    )
    change_spec(bench, found)
    bench.editor.show_problems(report.problems, version)


async def keep_unsaved(bench: Bench) -> None:
    """Put unsaved work into the recovery file, or drop that file when there is none."""
    spec = bench.state.spec
    if spec is None or spec.is_sample:
        return
    if spec.is_dirty:
        await bench.desk.keep_draft(spec.path, spec.text, spec.sha256, has_bom=spec.has_bom)


async def save_open(bench: Bench) -> bool:
    """Save the open spec; tells whether the file now holds what the editor shows."""
    spec = bench.state.spec
    if spec is None:
        return False
    if spec.is_sample:
        return await save_copy(bench)
    if not spec.is_dirty and not spec.disk:
        return True
    outcome = await bench.desk.save_spec(
        spec.path, spec.text, expected_sha256=spec.sha256, has_bom=spec.has_bom, keep_ends=True
    )
    if outcome.clash is not None:
        return await _settle_clash(bench, spec, outcome.clash)
    return _take_saved(bench, spec, outcome.saved)


def _take_saved(bench: Bench, spec: OpenSpec, saved: Any) -> bool:
    now = bench.state.spec
    if now is None or now.path != spec.path or saved is None:
        return False
    bench.stop("draft")
    change_spec(bench, replace(now, saved_text=saved.text, sha256=saved.sha256, disk=""))
    bench.tell(f"Saved {spec.name}" + (f"; {saved.note}" if saved.note else ""), "ok")
    bench.begin("specs", list_folder(bench))
    if now.is_dirty:
        bench.later(DRAFT_AFTER_S, "draft", keep_unsaved(bench))
    return True


async def _settle_clash(bench: Bench, spec: OpenSpec, clash: "SaveClash") -> bool:
    answer = await bench.choose(
        clash.message,
        (
            ("keep", "Keep both: go on editing, nothing is written"),
            ("mine", "Write mine over it"),
            ("theirs", "Take what is on disk; ^Z brings mine back"),
        ),
        details=clash.difference,
    )
    if answer == "mine":
        outcome = await bench.desk.save_spec(
            spec.path,
            spec.text,
            expected_sha256=spec.sha256,
            has_bom=spec.has_bom,
            keep_ends=True,
            force=True,
        )
        return _take_saved(bench, spec, outcome.saved)
    if answer == "theirs":
        change_spec(
            bench,
            replace(spec, saved_text=clash.disk_text, sha256=clash.disk_sha256, disk=""),
        )
        bench.editor.replace_text(clash.disk_text)
        return True
    change_spec(bench, replace(bench.state.spec or spec, disk=clash.kind.value))
    return False


async def save_copy(bench: Bench) -> bool:
    """Save a sample as a file of the folder."""
    spec = bench.state.spec
    if spec is None:
        return False
    name = await _ask_name(bench, "Save a copy of this sample as", spec.name)
    if not name:
        return False
    path = f"{bench.state.directory.rstrip('/')}/{name}"
    outcome = await bench.desk.save_spec(path, spec.text, expected_sha256="")
    if outcome.saved is None:
        bench.tell(outcome.clash.message if outcome.clash else "not saved", "error")
        return False
    bench.change(spec=None)
    await open_path(bench, path)
    bench.begin("specs", list_folder(bench))
    return True


async def make_new(bench: Bench) -> None:
    """Make a new spec in the folder and open it."""
    name = await _ask_name(bench, "Name of the new spec", "environment.yml")
    if not name:
        return
    path = f"{bench.state.directory.rstrip('/')}/{name}"
    text = await bench.desk.new_spec_text(name)
    outcome = await bench.desk.save_spec(path, text, expected_sha256="")
    if outcome.saved is None:
        bench.tell(outcome.clash.message if outcome.clash else "not saved", "error")
        return
    await open_path(bench, path)
    bench.begin("specs", list_folder(bench))
    bench.go(SPEC)


async def _ask_name(bench: Bench, title: str, proposal: str) -> str:
    filled = await bench.fill(title, [("name", "file name", proposal)])
    name = (filled or {}).get("name", "").strip()
    if name and not name.endswith((".yml", ".yaml")):
        name += ".yml"
    return name


async def reload(bench: Bench) -> None:
    """Take what is on disk; the editor's undo goes back."""
    spec = bench.state.spec
    if spec is None:
        return
    opened = await bench.desk.open_spec(spec.path)
    change_spec(bench, replace(spec, saved_text=opened.text, sha256=opened.sha256, disk=""))
    bench.editor.replace_text(opened.text)
    bench.tell(f"Read {spec.name} again; ^Z brings your text back", "ok")


def take_fix(bench: Bench) -> None:
    """Make the edit of the problem under the cursor, or else of the first one that has an edit."""
    spec = bench.state.spec
    if spec is None or spec.checked != spec.version:
        bench.tell("The text is being checked; press again", "warning")
        return
    line = bench.editor.cursor_line
    with_edit = [p for p in spec.problems if p.edit is not None]
    here = [p for p in with_edit if p.span is not None and p.span.line == line]
    chosen = next(iter((*here, *with_edit)), None)
    if chosen is None or chosen.edit is None:
        bench.tell("No problem here has a sure fix; its hint says what to do", "warning")
        return
    if bench.editor.apply_edit(chosen.edit, spec.version):
        bench.tell(f"Did: {chosen.edit.title}; ^Z takes it back", "ok")


DISK_EVERY_S = 3.0


async def watch_disk(bench: Bench) -> None:
    """Notice when the open file is changed or removed by somebody else; never ends."""
    import asyncio

    while True:
        await asyncio.sleep(DISK_EVERY_S)
        spec = bench.state.spec
        if spec is None or spec.is_sample:
            continue
        found = await bench.desk.hash_file(spec.path)
        now = bench.state.spec
        if now is None or now.path != spec.path or now.sha256 != spec.sha256:
            continue
        disk = "" if found == now.sha256 else "changed" if found else "gone"
        if disk != now.disk:
            change_spec(bench, replace(now, disk=disk))
            if disk:
                said = "has changed on disk: r in Specs reads it again" if found else "is gone"
                bench.tell(f"{now.name} {said}", "warning")
