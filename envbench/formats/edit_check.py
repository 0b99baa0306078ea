"""Proof of an edit: the edited text is read again and must say what was wanted."""

from collections.abc import Callable
from dataclasses import dataclass

from envbench.formats.sequence_edits import LayoutError
from envbench.formats.spec_parsing import parse_spec
from envbench.model.errors import UsageError
from envbench.model.problem import Edit, Replacement
from envbench.model.span import Span
from envbench.model.spec import SpecText


@dataclass(slots=True)
class SpecContents:
    """What a spec says; an edit changes it as it means to change the text."""

    conda: list[tuple[Span, str]]
    """Place and text of each conda dependency, in order."""
    pip: list[tuple[Span, str]]
    channels: list[str]
    name: str | None
    others: object
    """Everything that no edit touches."""
    added_conda: str | None = None
    """A dependency that is to be found anywhere among the others."""
    added_pip: str | None = None

    def replace(self, span: Span, text: str) -> None:
        """Expect another text for the item at a place."""
        for items in (self.conda, self.pip):
            items[:] = [(s, text if s == span else old) for s, old in items]

    def drop(self, span: Span) -> None:
        """Expect that the item at a place is gone."""
        for items in (self.conda, self.pip):
            items[:] = [(s, text) for s, text in items if s != span]


def contents_of(source: SpecText) -> SpecContents:
    """Read what a text says.

    Raises:
        UsageError: It is no spec.
    """
    spec = parse_spec(source).spec
    if spec is None:
        raise UsageError("the spec cannot be edited", where=source.path)
    return SpecContents(
        conda=[(item.span, item.text) for item in spec.dependencies],
        pip=[(item.span, item.text) for item in spec.pip],
        channels=[entry.name for entry in spec.channels],
        name=spec.name,
        others=(
            spec.prefix,
            spec.platforms,
            [(v.name, v.value) for v in spec.variables],
            [key.path for key in spec.unknown_keys],
        ),
    )


def refuse_unusual(source: SpecText, make: Callable[[], Replacement]) -> Replacement:
    """Make a splice; a layout that is not edited becomes an error for the user.

    Raises:
        UsageError: The layout is not edited.
    """
    try:
        return make()
    except LayoutError as error:
        raise not_edited(source, error) from error


def not_edited(source: SpecText, error: LayoutError) -> UsageError:
    """Make the error for the user of a layout that is not edited."""
    return UsageError(
        "this edit is not made", where=source.path, why=str(error), hint="edit the file by hand"
    )


def checked_edit(source: SpecText, edit: Edit, expected: SpecContents) -> Edit:
    """Return the edit when the edited text says what was wanted.

    Raises:
        UsageError: It says something else.
    """
    check_outcome(source.with_text(edit.apply(source.text)), expected)
    return edit


def check_outcome(edited: SpecText, expected: SpecContents) -> SpecContents:
    """Read an edited text, which must say what was wanted; returns what it says.

    Raises:
        UsageError: It says something else.
    """
    found = contents_of(edited)
    if (
        _matches(found.conda, expected.conda, expected.added_conda)
        and _matches(found.pip, expected.pip, expected.added_pip)
        and (found.channels, found.name) == (expected.channels, expected.name)
        and found.others == expected.others
    ):
        return found
    raise UsageError(
        "this edit is not made",
        where=edited.path,
        why="the layout of the file is unusual: the outcome would not be the wanted spec",
        hint="edit the file by hand",
    )


def _matches(
    found: list[tuple[Span, str]], expected: list[tuple[Span, str]], added: str | None
) -> bool:
    texts = [text for _, text in found]
    # What is added stands nowhere else: names are listed once.
    if added is not None and added in texts:
        texts.remove(added)
    elif added is not None:
        return False
    return texts == [text for _, text in expected]
