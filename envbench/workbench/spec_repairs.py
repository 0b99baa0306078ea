"""The changes that a remedy consists of, as one edit of the text that somebody has before them."""

from envbench.formats.spec_changes import apply_changes, fit_changes
from envbench.model.cleaning import clean
from envbench.model.diagnosis import SpecChange
from envbench.model.problem import Edit, Replacement
from envbench.model.spec import SpecText


def write_changes(text: str, path: str, title: str, changes: tuple[SpecChange, ...]) -> Edit:
    """Make the edit that makes all changes of a remedy in one step, comments and layout kept.

    Args:
        text: The whole spec.
        path: How messages name the file.
        title: What the edit does, in the imperative.
        changes: Fitted to what the text lists before they are made.

    Returns:
        The edit; without replacements when the text says so already.

    Raises:
        UsageError: A change does not fit the text, or its layout is not edited.
    """
    source = SpecText.from_decoded(text, clean(path, limit=1000))
    changed = apply_changes(source, fit_changes(source, changes)).text
    return Edit(title, _find_difference(source.text, changed))


def _find_difference(old: str, new: str) -> tuple[Replacement, ...]:
    """Give the one piece in which two texts differ."""
    if old == new:
        return ()
    most = min(len(old), len(new))
    start = 0
    while start < most and old[start] == new[start]:
        start += 1
    same = 0
    while same < most - start and old[-1 - same] == new[-1 - same]:
        same += 1
    return (Replacement(start, len(old) - same, new[start : len(new) - same]),)
