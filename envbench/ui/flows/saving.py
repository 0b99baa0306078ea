"""Saving the spec, or a copy of a sample; what somebody else wrote is never overwritten."""

import os
import re
from dataclasses import replace
from typing import TYPE_CHECKING

from envbench.ui.bench import Bench
from envbench.ui.flows import specs
from envbench.ui.flows.drafts import keep_unsaved
from envbench.ui.state import OpenSpec

if TYPE_CHECKING:
    from envbench.workbench.values.spec_files import SaveClash, SavedSpec

KEEP, MINE, THEIRS = "keep", "mine", "theirs"
SAYS_NOTHING = frozenset({"environment", "env", "conda", "spec"})
"""Names of files that every project has."""
CONDAS_OWN = frozenset({"base", "root"})


async def save_open(bench: Bench) -> bool:
    """Save the open spec; tells whether the file now holds what the editor shows."""
    if bench.state.spec is not None:
        bench.editor.hand_over()
    spec = bench.state.spec
    if spec is None:
        return False
    if spec.is_sample:
        return await save_copy(bench)
    if not spec.is_dirty and not spec.disk:
        return True
    return await _save(bench, spec)


async def _save(bench: Bench, spec: OpenSpec, *, force: bool = False) -> bool:
    # The editor gives back every line end as it was: nothing has to be mended.
    outcome = await bench.desk.save_spec(
        spec.path,
        spec.text,
        expected_sha256=spec.sha256,
        has_bom=spec.has_bom,
        force=force,
    )
    if outcome.clash is not None:
        return await _settle_clash(bench, outcome.clash)
    return outcome.saved is not None and _take_saved(bench, spec, outcome.saved)


def _take_saved(bench: Bench, spec: OpenSpec, saved: "SavedSpec") -> bool:
    now = bench.state.spec
    if now is None or now.path != spec.path:
        return False
    was_kept = bench.stop("draft") or now.kept is not None
    now = replace(now, saved_text=saved.text, sha256=saved.sha256, disk="", kept=None)
    specs.change_spec(bench, now)
    bench.tell(f"Saved {spec.name}" + (f"; {saved.note}" if saved.note else ""), "ok")
    bench.begin("specs", specs.list_folder(bench))
    if now.is_dirty:
        bench.later(specs.DRAFT_AFTER_S, "draft", keep_unsaved(bench))
    elif was_kept:
        # Saving drops the draft; one that was on its way meanwhile would come after it.
        bench.begin("draft", bench.desk.drop_draft(now.path))
    return True


async def _settle_clash(bench: Bench, clash: "SaveClash") -> bool:
    """Let the user choose between his text and the one on disk; leaving loses neither."""
    answer = await bench.choose(clash.message, list_answers(clash), details=clash.difference)
    bench.editor.hand_over()
    spec = bench.state.spec
    if spec is None:
        return False
    if answer == MINE:
        return await _save(bench, spec, force=True)
    if answer == THEIRS:
        taken = replace(
            spec,
            saved_text=clash.disk_text,
            sha256=clash.disk_sha256,
            has_bom=clash.disk_has_bom,
            disk="",
        )
        specs.change_spec(bench, taken)
        bench.editor.replace_text(clash.disk_text)
        bench.editor.hand_over()
        back = specs.name_undo(bench.state)
        bench.tell(f"Took {spec.name} as it is on disk; {back} brings yours back", "ok")
        return True
    specs.change_spec(bench, replace(spec, disk=clash.kind.value))
    return False


def list_answers(clash: "SaveClash") -> tuple[tuple[str, str], ...]:
    """Give what can be done about a clash; the first one is the default and writes nothing."""
    keep = (KEEP, "Go on editing: nothing is written")
    if clash.kind.value == "gone":
        return keep, (MINE, "Write it there again")
    if not clash.disk_sha256:
        # It is no text any more: there is nothing that could be shown in the editor.
        return keep, (MINE, "Write mine over it")
    return (
        keep,
        (MINE, "Write mine over what is on disk"),
        (THEIRS, "Take what is on disk; ^Z brings mine back"),
    )


async def save_copy(bench: Bench) -> bool:
    """Save a sample as a file of the folder, and go on with that file."""
    spec = bench.state.spec
    if spec is None:
        return False
    path = await ask_path(bench, "Save a copy of this sample as", spec.name)
    if not path:
        return False
    outcome = await bench.desk.save_spec(path, spec.text, expected_sha256="")
    now = bench.state.spec
    if outcome.saved is None or now is None:
        bench.tell(outcome.clash.message if outcome.clash else "not saved", "error")
        return False
    copy = replace(
        now,
        path=outcome.saved.path,
        name=os.path.basename(outcome.saved.path),  # noqa: PTH119 - a name, no path
        saved_text=outcome.saved.text,
        sha256=outcome.saved.sha256,
        is_sample=False,
    )
    specs.change_spec(bench, copy)
    bench.tell(f"Saved as {copy.name}", "ok")
    bench.begin("check", specs.check_open(bench))
    bench.begin("specs", specs.list_folder(bench))
    bench.begin("recent", bench.desk.note_recent(copy.path))
    return True


def name_environment(path: str) -> str:
    """Propose a name for what a new spec builds: that of its file, or else that of its folder."""
    folder, file = os.path.split(path)
    stem = os.path.splitext(file)[0]  # noqa: PTH122 - a name, no path
    said = stem if stem not in SAYS_NOTHING else os.path.basename(folder)  # noqa: PTH119
    plain = re.sub(r"[^A-Za-z0-9._+-]+", "-", said).strip("-.+")[:60].rstrip(".")
    return plain if plain and plain.lower() not in CONDAS_OWN else f"{plain or 'my'}-env"


async def ask_path(bench: Bench, title: str, proposal: str) -> str:
    """Ask for a file name; the absolute path, or nothing."""
    filled = await bench.fill(title, [("name", "file name", proposal)])
    name = (filled or {}).get("name", "").strip()
    if not name:
        return ""
    if not name.endswith((".yml", ".yaml")):
        name += ".yml"
    return _place(bench.state.directory, name)


def _place(directory: str, name: str) -> str:
    """Put a name into a folder; a name that is a path of its own stays what it is."""
    return os.path.join(directory, os.path.expanduser(name))  # noqa: PTH111, PTH118
