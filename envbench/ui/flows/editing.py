"""What the editor asks for: offers at the cursor, the meaning of a line, a form, another editor."""

import os
import shlex
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Protocol

from envbench.ui.bench import Bench
from envbench.ui.flows import saving, specs
from envbench.ui.state import Fact

if TYPE_CHECKING:
    from collections.abc import Sequence

    from envbench.model.completion import CompletionItem
    from envbench.workbench.values.dependency_form import DependencyForm


NOT_STARTED = 127
"""Exit code of a program that is not there, as shells have it."""


class OfferTaker(Protocol):
    """Who shows offers: the place of the editor."""

    def offer(self, items: "Sequence[CompletionItem]", version: int) -> None:
        """Offer something at the cursor of a version."""


class MeaningTaker(Protocol):
    """Who shows what a line means: the place of the editor."""

    def show_inspection(self, line: int, headline: str) -> None:
        """Say under the text what a line means."""


async def complete(
    bench: Bench, taker: OfferTaker, text: str, place: tuple[int, int], version: int
) -> None:
    """Ask what may stand at a place, and offer it; a late answer is dropped by the editor.

    Args:
        bench: The screen.
        taker: Shows the offers.
        text: The whole text.
        place: Line from 1 and number of characters before the cursor.
        version: Of the text.
    """
    spec = bench.state.spec
    if spec is None:
        return
    line, column = place
    report = await bench.desk.complete(text, line, column, path=spec.path)
    taker.offer(report.items, version)
    if report.status and not report.items:
        bench.tell(report.status)


async def inspect(bench: Bench, taker: MeaningTaker, text: str, line: int) -> None:
    """Ask what a line matches, which channel wins and which version is the newest.

    Args:
        bench: The screen.
        taker: Shows the short form.
        text: The whole text.
        line: From 1.
    """
    from envbench.ui.flows.facts import learn

    spec = bench.state.spec
    if spec is None:
        bench.change(inspection=Fact())
        return
    answer = bench.desk.inspect(text, line, path=spec.path)
    found = await learn(bench, "inspection", "looking the line up", answer, about=spec.path)
    if found is not None:
        taker.show_inspection(line, found.headline)


async def edit_outside(bench: Bench, line: int) -> None:
    """Save, give the terminal to the user's own editor, and take what it wrote."""
    from envbench.workbench.path_texts import read_path

    if not await saving.save_open(bench) or (spec := bench.state.spec) is None:
        return
    command = choose_editor(str(bench.preference("editor") or ""), dict(os.environ))
    # A name that is no UTF-8 is told as an address, which no editor takes for the file.
    path = os.fspath(read_path(spec.path))
    code = await bench.suspend_for([*command, *say_line(command[0], line), path])
    await specs.reload(bench, said=False)
    if code == NOT_STARTED:
        hint = "set EDITOR, or the key editor in the settings"
        bench.tell(f"{command[0]} could not be started: {hint}", "warning")
    elif code != 0:
        bench.tell(f"{command[0]} ended with exit code {code}", "warning")


def choose_editor(preferred: str, environ: dict[str, str]) -> list[str]:
    """Choose the editor as git does: the setting, then VISUAL, then EDITOR, then vi."""
    for text in (preferred, environ.get("VISUAL", ""), environ.get("EDITOR", "")):
        if text.strip():
            return _split(text)
    return ["vi"]


def _split(text: str) -> list[str]:
    try:
        return shlex.split(text)
    except ValueError:
        # A quotation mark that nothing closes: then it is part of the name.
        return text.split()


def say_line(program: str, line: int) -> list[str]:
    """Give the argument that opens a line, for the editors that know one."""
    name = os.path.basename(program)  # noqa: PTH119 - a name, no path
    return [f"+{line}"] if name in {"vi", "vim", "nvim", "nano", "emacs", "micro"} else []


async def fill_dependency(bench: Bench, at: int, line: int | None) -> None:
    """Put a dependency in, or change the one on a line, through a small form.

    Args:
        bench: The screen.
        at: The line of the cursor.
        line: The item to change; None puts a new one in.
    """
    bench.editor.hand_over()
    spec = bench.state.spec
    if spec is None:
        return
    form = await bench.desk.describe_dependency(spec.text, at)
    if form.locked and line is not None:
        bench.tell(f"The form cannot change line {at}: {form.locked}", "warning")
        return
    if line is None:
        kind = (
            form.kind
            if form.kind.value in {"conda", "pip", "channel"}
            else type(form.kind)("conda")
        )
        form = type(form)(kind=kind)
    fields = _fields_of(form)
    title = f"New {form.kind.value} dependency" if line is None else f"Line {at}: {form.meaning}"
    if form.kind.value == "channel":
        title = "New channel" if line is None else f"Line {at}: channel"
    filled = await bench.fill(title, fields)
    now = bench.state.spec
    if filled is None or now is None:
        return
    texts: dict[str, Any] = dict(filled)
    written = replace(form, **texts)
    edit = await bench.desk.write_dependency(now.text, now.path, written, line)
    if bench.editor.apply_edit(edit, now.version):
        bench.tell(f"Did: {edit.title}; ^Z takes it back", "ok")


def _fields_of(form: "DependencyForm") -> list[tuple[str, str, str]]:
    labels = {
        "conda": (
            ("name", "package"),
            ("version", "version, such as 1.26.* or >=1.20,<2 (empty: any)"),
            ("build", "build, such as cuda* (empty: any)"),
            ("channel", "only from this channel (empty: any listed one)"),
        ),
        "pip": (
            ("name", "package"),
            ("version", "version, such as >=4.40 (empty: any)"),
            ("extras", "extras, with commas between"),
            ("marker", "marker"),
        ),
    }
    chosen = labels.get(form.kind.value, (("name", "name"),))
    return [(name, label, str(getattr(form, name))) for name, label in chosen]
