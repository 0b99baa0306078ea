"""What the screen asks about specs: texts while they are written, files, drafts."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from envbench.workbench.desk.client import Desk
from envbench.workbench.path_texts import make_carriable

if TYPE_CHECKING:
    from pathlib import Path

    from envbench.model.completion import CompletionReport
    from envbench.model.diagnosis import SpecChange
    from envbench.model.inspection import LineInspection
    from envbench.model.problem import Edit
    from envbench.workbench.values.checked_texts import TextReport
    from envbench.workbench.values.demo_folder import DemoFolder, DemoStep
    from envbench.workbench.values.dependency_form import DependencyForm
    from envbench.workbench.values.drafts import DraftNote
    from envbench.workbench.values.spec_files import OpenedSpec, SaveOutcome
    from envbench.workbench.values.spec_folder import SpecFolder


class SpecDesk(Desk):
    """Questions about specs; all raise `EnvbenchError`."""

    async def check_text(self, text: str, path: str, *, has_bom: bool = False) -> "TextReport":
        """Check a text that need not be saved; a newer one takes the place of one that waits."""
        from envbench.workbench.values.checked_texts import TextReport

        return await self.ask_latest(
            "quick", "check_text", TextReport, text=text, path=path, has_bom=has_bom
        )

    async def complete(self, text: str, line: int, column: int, *, path: str) -> "CompletionReport":
        """List what may stand at a cursor; `line` from 1, `column` characters before it."""
        from envbench.model.completion import CompletionReport

        return await self.ask_latest(
            "index", "complete", CompletionReport, text=text, line=line, column=column, path=path
        )

    async def inspect(self, text: str, line: int, *, path: str) -> "LineInspection":
        """Say what a line means, what it accepts and what there is beside it."""
        from envbench.model.inspection import LineInspection

        return await self.ask_latest(
            "index", "inspect", LineInspection, text=text, line=line, path=path
        )

    async def describe_dependency(self, text: str, line: int) -> "DependencyForm":
        """Take the item on a line apart into the fields of a form."""
        from envbench.workbench.values.dependency_form import DependencyForm

        return await self.ask("quick", "describe_dependency", DependencyForm, text=text, line=line)

    async def write_dependency(
        self, text: str, path: str, form: "DependencyForm", line: int | None = None
    ) -> "Edit":
        """Make the edit that puts the fields of a form into a spec; None adds an item."""
        from envbench.model.problem import Edit

        return await self.ask(
            "quick", "write_dependency", Edit, text=text, path=path, form=form, line=line
        )

    async def write_changes(
        self, text: str, path: str, title: str, changes: "Sequence[SpecChange]"
    ) -> "Edit":
        """Make the edit that makes all changes of a remedy in a spec in one step."""
        from envbench.model.problem import Edit

        return await self.ask(
            "quick",
            "write_changes",
            Edit,
            text=text,
            path=path,
            title=title,
            changes=tuple(changes),
        )

    async def open_spec(self, path: str) -> "OpenedSpec":
        """Read a spec for the editor, with the draft that was kept of it."""
        from envbench.workbench.values.spec_files import OpenedSpec

        return await self.ask("quick", "open_spec", OpenedSpec, path=make_carriable(path))

    async def save_spec(
        self,
        path: str,
        text: str,
        *,
        expected_sha256: str,
        has_bom: bool = False,
        keep_ends: bool = False,
        force: bool = False,
    ) -> "SaveOutcome":
        """Save a text, unless the file is no longer what it was; `force` saves all the same."""
        from envbench.workbench.values.spec_files import SaveOutcome

        return await self.ask(
            "write",
            "save_spec",
            SaveOutcome,
            path=make_carriable(path),
            text=text,
            expected_sha256=expected_sha256,
            has_bom=has_bom,
            keep_ends=keep_ends,
            force=force,
        )

    async def hash_file(self, path: str) -> str:
        """Give the SHA-256 of a file's bytes; empty when it cannot be read any more."""
        return await self.ask_latest("quick", "hash_file", str, path=path)

    async def list_specs(self, directory: str = "", *, with_git: bool = True) -> "SpecFolder":
        """List the specs of a folder, by default that of the workbench."""
        from envbench.workbench.values.spec_folder import SpecFolder

        return await self.ask(
            "files",
            "list_specs",
            SpecFolder,
            directory=make_carriable(directory or self.directory),
            with_git=with_git,
        )

    async def new_spec_text(self, name: str, channels: Sequence[str] = ()) -> str:
        """Give the text to start a new spec from."""
        given = {"channels": tuple(channels)} if channels else {}
        return await self.ask("quick", "new_spec_text", str, name=name, **given)

    async def copy_sample(self, name: str, directory: str = "") -> str:
        """Copy a spec that comes with envbench into a folder; the path of the copy."""
        return await self.ask(
            "write", "copy_sample", str, name=name, directory=directory or self.directory
        )

    async def note_recent(self, path: str) -> None:
        """Remember that a spec was opened."""
        await self.ask("write", "note_recent", type(None), path=path)

    async def forget_recent(self, path: str) -> None:
        """Take a spec out of those that were opened."""
        await self.ask("write", "forget_recent", type(None), path=path)

    async def keep_draft(
        self, path: str, text: str, base_sha256: str, *, has_bom: bool = False
    ) -> None:
        """Keep unsaved work; a newer one takes the place of one that waits."""
        await self.ask_latest(
            "write",
            "keep_draft",
            type(None),
            path=path,
            text=text,
            base_sha256=base_sha256,
            has_bom=has_bom,
        )

    async def drop_draft(self, path: str) -> bool:
        """Forget unsaved work; tell whether there was any."""
        return await self.ask("write", "drop_draft", bool, path=path)

    async def list_drafts(self) -> "tuple[DraftNote, ...]":
        """List the unsaved work that is kept."""
        from envbench.workbench.values.drafts import DraftNote

        return await self.ask("quick", "list_drafts", tuple[DraftNote, ...])

    async def prepare_demo(
        self, directory: "Path | None", on_step: "Callable[[DemoStep], None]" = lambda _: None
    ) -> "DemoFolder":
        """Make the folder of the demo: a channel out of this Python, and specs to try."""
        from envbench.workbench.values.demo_folder import DemoFolder, DemoStep

        return await self.ask_telling(
            "change", "prepare_demo", DemoFolder, DemoStep, on_step, directory=directory
        )
