"""A compatibility report that somebody has before them, as text and as a file."""

from envbench.formats.compatibility_markdown import write_markdown
from envbench.model.compatibility_report import CompatibilityReport
from envbench.workbench.compatibility import write_report
from envbench.workbench.path_texts import read_path


def format_compatibility(found: CompatibilityReport) -> str:
    """Write it as Markdown."""
    return write_markdown(found)


def save_compatibility(found: CompatibilityReport, path: str) -> None:
    """Write it into a file, as its ending says.

    Raises:
        UsageError: Another ending than `.md` and `.json`, or the file is something else.
        PreventedError: The system refused.
    """
    write_report(found, read_path(path))
