"""When no screen can be shown: say so, and what does the same without one."""

from collections.abc import Mapping
from typing import Final

REFUSED: Final = 2
"""Exit code: the screen was asked for where none can be."""

_SCREENLESS: Final = frozenset({"", "dumb", "unknown"})
_HINT: Final = """\
Everything works without the screen too:
  envbench check SPEC    problems in a spec
  envbench solve SPEC    the plan, or the conflict and its fixes
  envbench build SPEC    build the environment
  envbench jobs          what runs, and what ran
  envbench --help        all verbs; most know --json
"""


def explain_refusal(
    environ: Mapping[str, str], *, stdin_isatty: bool, stdout_isatty: bool
) -> str | None:
    """Say why the screen cannot open here.

    Args:
        environ: The environment.
        stdin_isatty: Keys can be read from standard input.
        stdout_isatty: Standard output is a terminal.

    Returns:
        Text for standard error, to be followed by exit code `REFUSED`; None when it can open.
    """
    reason = _find_reason(environ, stdin_isatty, stdout_isatty)
    return f"envbench: no screen here: {reason}\n\n{_HINT}" if reason else None


def _find_reason(environ: Mapping[str, str], stdin_isatty: bool, stdout_isatty: bool) -> str | None:
    if not stdin_isatty:
        return "standard input is not a terminal, so no keys can be read."
    if not stdout_isatty:
        return "standard output is not a terminal (it is a pipe or a file)."
    term = environ.get("TERM", "").strip().lower()
    if term in _SCREENLESS:
        shown = f"TERM is {term}" if term else "TERM is not set"
        return f"{shown}, so the cursor cannot be moved. With a real terminal, set TERM=xterm."
    return None
