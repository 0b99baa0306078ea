"""The open spec: checked while it is written, mended, compared with what is on the disk."""

from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from envbench.ui.bench import Bench
from envbench.ui.flows.drafts import keep_unsaved
from envbench.ui.flows.facts import learn
from envbench.ui.state import PROBLEMS, OpenSpec, ScreenState

if TYPE_CHECKING:
    from envbench.model.problem import Problem

DRAFT_AFTER_S = 1.0
"""How long the keys must rest before unsaved work goes into the recovery file."""
DISK_EVERY_S = 3.0
"""How often the open file is compared with what was read."""


async def list_folder(bench: Bench) -> None:
    """Read which specs the folder has."""
    await learn(bench, "specs", "reading the folder", bench.desk.list_specs())


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
    if spec is None or version <= spec.version:
        # It was written into the spec that was open before: that one is kept already.
        return
    bench.change(spec=replace(spec, text=text, version=version))
    bench.begin("check", check_open(bench))
    bench.later(DRAFT_AFTER_S, "draft", keep_unsaved(bench))


async def check_open(bench: Bench) -> None:
    """Check the text as it stands; an answer about an older text is not shown."""
    from envbench.model.errors import EnvbenchError
    from envbench.ui.flows.faults import say_error

    spec = bench.state.spec
    if spec is None:
        return
    version = spec.version
    try:
        report = await bench.desk.check_text(spec.text, spec.path, has_bom=spec.has_bom)
    except EnvbenchError as fault:
        now = bench.state.spec
        if now is not None and now.version == version:
            bench.change(spec=replace(now, check_fault=say_error(fault)))
        return
    now = bench.state.spec
    if now is None or now.path != spec.path or now.version != version:
        return
    found = replace(
        now,
        problems=report.problems,
        checked=version,
        check_fault="",
        environment=report.name or now.environment,
    )
    change_spec(bench, found)
    bench.editor.show_problems(report.problems, version)


async def reload(bench: Bench, *, said: bool = True) -> None:
    """Take what is on disk; the editor's undo goes back.

    Args:
        bench: The screen.
        said: Tell of it.
    """
    spec = bench.state.spec
    if spec is None:
        return
    opened = await bench.desk.open_spec(spec.path)
    bench.editor.hand_over()
    now = bench.state.spec
    if now is None or now.path != spec.path:
        return
    had_changed = now.text != opened.text
    read = replace(
        now,
        saved_text=opened.text,
        sha256=opened.sha256,
        has_bom=opened.has_bom,
        read_only="" if now.is_sample else opened.read_only,
        disk="",
    )
    change_spec(bench, read)
    bench.editor.replace_text(opened.text)
    bench.editor.hand_over()
    if said:
        back = f"; {name_undo(bench.state)} brings your text back" if had_changed else ""
        bench.tell(f"Read {spec.name} again{back}", "ok")


def take_fix(bench: Bench) -> None:
    """Make the edit of the problem under the cursor, or else of the first one that has an edit."""
    bench.editor.hand_over()
    spec = bench.state.spec
    if spec is None or spec.checked != spec.version:
        bench.tell("The text is being checked; press again", "warning")
        return
    chosen = find_fix(spec, bench.editor.cursor_line, chosen_problem(bench.state))
    if chosen is None or chosen.edit is None:
        bench.tell("No problem here has a sure fix; its hint says what to do", "warning")
        return
    if bench.editor.apply_edit(chosen.edit, spec.version):
        bench.tell(f"Did: {chosen.edit.title}; {name_undo(bench.state)} takes it back", "ok")


def name_undo(state: ScreenState) -> str:
    """Name the keys that undo: outside the editor ^Z is the terminal's own and suspends."""
    return "^Z" if state.editing else "e, ^Z"


def chosen_problem(state: ScreenState) -> int:
    """Give the index of the problem under the cursor of their list; -1 when it has not the keys."""
    kind, _, rest = state.selected.get(PROBLEMS, "").partition(":")
    number = rest.partition(":")[0]
    in_list = state.focus == PROBLEMS and kind == "problem" and number.isdigit()
    return int(number) if in_list else -1


def find_fix(spec: OpenSpec, line: int, chosen: int = -1) -> "Problem | None":
    """Find the problem to mend: the chosen one or the next below it, one of the line, or the first.

    It is one with an edit; None when there is none.
    """
    if 0 <= chosen < len(spec.problems):
        from_there = (*spec.problems[chosen:], *spec.problems[:chosen])
        return next((p for p in from_there if p.edit is not None), None)
    with_edit = [p for p in spec.problems if p.edit is not None]
    here = [p for p in with_edit if p.span is not None and p.span.line == line]
    return next(iter((*here, *with_edit)), None)


async def watch_disk(bench: Bench) -> None:
    """Notice when the open file is changed or removed by somebody else; never ends."""
    import asyncio

    from envbench.model.errors import EnvbenchError

    while True:
        await asyncio.sleep(DISK_EVERY_S)
        # A file system that does not answer now may do so the next time.
        with suppress(EnvbenchError):
            await look_at_disk(bench)


async def look_at_disk(bench: Bench) -> None:
    """Compare the open file with what was read."""
    spec = bench.state.spec
    if spec is None or spec.is_sample:
        return
    found = await bench.desk.hash_file(spec.path)
    now = bench.state.spec
    if now is None or now.path != spec.path or now.sha256 != spec.sha256:
        return
    disk = "" if found == now.sha256 else "changed" if found else "gone"
    if disk == now.disk:
        return
    change_spec(bench, replace(now, disk=disk))
    if disk == "changed":
        bench.tell(f"{now.name} has changed on disk: r in Specs reads it again", "warning")
    elif disk == "gone":
        bench.tell(f"{now.name} is gone from the disk: ^S writes it again", "warning")
