"""A screen with nothing but the spec editor, that keeps what the editor says."""

from typing import Any, ClassVar, TypeVar

from textual.app import App, ComposeResult
from textual.message import Message

from envbench.model.problem import Edit, Problem, Replacement, Severity
from envbench.model.span import Span
from envbench.ui.widgets.spec_editor import SpecEditor

SPEC = """\
name: ai_dev_env
channels:
  - defaults
  - conda-forge
dependencies:
  - python=3.9
  - pytorch::torch
  - tensorflow=2.13.1  # why
"""
Kind = TypeVar("Kind", bound=Message)


class EditorApp(App[None]):
    """One editor."""

    CSS = "SpecEditor { height: 1fr; width: 1fr; }"
    letters = ""
    BINDINGS: ClassVar = [("s", "letter('s')"), ("tab", "app.focus_next")]

    def __init__(self, text: str = SPEC) -> None:
        super().__init__()
        self.editor = SpecEditor(text)
        self.heard: list[Message] = []

    def compose(self) -> ComposeResult:
        yield self.editor

    def on_mount(self) -> None:
        self.editor.focus()

    def action_letter(self, letter: str) -> None:
        self.letters += letter

    def all_of(self, kind: type[Kind]) -> list[Kind]:
        return [one for one in self.heard if isinstance(one, kind)]

    async def _on_message(self, message: Message) -> None:
        if message.namespace == "spec_editor":
            self.heard.append(message)
        await super()._on_message(message)


def problem(
    text: str, place: str, message: str = "it is wrong", *, fix: str | None = None, **more: Any
) -> Problem:
    """Make a problem about a part of a text; `fix` goes in the place of the part."""
    start = text.index(place)
    span = Span.locate(text, start, start + len(place))
    edit = None
    if fix is not None:
        edit = Edit(f"write {fix}", (Replacement(start, start + len(place), fix),))
    severity = more.pop("severity", Severity.ERROR)
    return Problem("EB101", severity, message, span, edit=edit, **more)
