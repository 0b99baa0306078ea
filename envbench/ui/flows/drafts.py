"""Unsaved work: kept in the recovery file while it is written, and offered when it is opened again."""

import time
from dataclasses import replace
from typing import TYPE_CHECKING

from envbench.ui.bench import Bench
from envbench.ui.state import OpenSpec
from envbench.ui.times import show_since

if TYPE_CHECKING:
    from envbench.workbench.values.spec_files import OpenedSpec

TAKE, LATER, DROP = "take", "later", "drop"


async def keep_unsaved(bench: Bench) -> None:
    """Put unsaved work into the recovery file; take it out when the text is as saved again."""
    spec = bench.state.spec
    if spec is None or spec.is_sample:
        return
    if spec.is_dirty and spec.kept != spec.text:
        await bench.desk.keep_draft(spec.path, spec.text, spec.sha256, has_bom=spec.has_bom)
        _remember(bench, spec, spec.text)
    elif not spec.is_dirty and spec.kept is not None:
        await bench.desk.drop_draft(spec.path)
        _remember(bench, spec, None)


def _remember(bench: Bench, spec: OpenSpec, kept: str | None) -> None:
    now = bench.state.spec
    if now is not None and now.path == spec.path:
        bench.change(spec=replace(now, kept=kept))


async def offer_draft(bench: Bench, opened: "OpenedSpec") -> None:
    """Offer the unsaved work that was kept of a spec; nothing is lost without being chosen."""
    draft = opened.draft
    if draft is None:
        return
    since = show_since(draft.written, time.time())
    details = [f"It was kept {since}, when the screen was left without saving."]
    if draft.base_sha256 != opened.sha256:
        details.append("The file on disk has changed since then.")
    options = (
        (TAKE, "Take it up; undo goes back to the file"),
        (LATER, "Not now: it is offered again, until you change the file here"),
        (DROP, "Throw it away"),
    )
    answer = await bench.choose(f"There is unsaved work on {opened.shown}", options, details)
    now = bench.state.spec
    if answer == DROP:
        await bench.desk.drop_draft(opened.path)
        bench.tell("The unsaved work was thrown away; this is the file as it is on disk")
    elif answer == TAKE and now is not None and now.path == opened.path:
        bench.editor.replace_text(draft.text)
        bench.editor.hand_over()
        bench.tell("Your unsaved work is back: ^S saves it; e, ^Z goes back to the file", "ok")
