"""The logical lines of a requirements file.

Source: pip's requirements file format (a backslash continues a line; comments end one).
"""

from collections.abc import Iterator


def join_lines(text: str) -> Iterator[tuple[int, str]]:
    """Join continued lines; each has the number of its first, and comments are lines too."""
    begun = 0
    parts: list[str] = []
    for number, raw in enumerate(text.splitlines(), start=1):
        line = raw.strip()
        if parts and line.startswith("#"):
            # pip ends a continued line at a comment.
            yield begun, " ".join(parts)
            begun, parts = 0, []
        begun = begun or number
        if line.endswith("\\") and not line.startswith("#"):
            parts.append(line[:-1].strip())
            continue
        yield begun, " ".join((*parts, line)).strip()
        begun, parts = 0, []
    if parts:
        yield begun, " ".join(parts)
