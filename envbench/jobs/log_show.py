"""Makes raw log lines safe to show; reads no files, so that a screen may load it."""

from envbench.jobs.log_lines import LINE_LIMIT_BYTES, LogLine, say_hole
from envbench.model.cleaning import clean
from envbench.model.redaction import redact


def show_line(line: LogLine) -> str:
    """Make a raw line safe to show: cleaned, redacted, with a word about what is missing."""
    if line.hole_bytes:
        return say_hole(line.hole_bytes)
    text = redact(clean(line.text, limit=2 * LINE_LIMIT_BYTES))
    return f"{text} ... (+{line.cut_bytes} bytes)" if line.cut_bytes else text
