"""Opens the screen in this terminal, and leaves with an exit code that is true."""

import contextlib
import os
import sys


def run_screen(target: str, *, demo: bool = False) -> int:
    """Open the workbench and stay until it is left.

    Args:
        target: A folder, or a spec to open with its folder.
        demo: Prepare the demo there first, and offer the guided walk.

    Returns:
        The exit code of the process: 0 when it was left, 2 when no screen can be shown here,
        128 and the signal's number when a signal ended it.
    """
    from envbench.ui.terminal.refusal import REFUSED, explain_refusal

    refusal = explain_refusal(
        os.environ, stdin_isatty=sys.stdin.isatty(), stdout_isatty=sys.stdout.isatty()
    )
    if refusal is not None:
        sys.stderr.write(refusal)
        return REFUSED
    from pathlib import Path

    from envbench.settings.glance import glance_at
    from envbench.settings.paths import find_config_file, guess_state_dir
    from envbench.ui.app import EnvbenchApp
    from envbench.ui.terminal.last_words import install_last_words
    from envbench.ui.terminal.signals import run_app

    directory, spec = _split(target)
    seen = glance_at(find_config_file(os.environ, Path.home()), os.environ)
    app = EnvbenchApp(directory, first_spec=spec, demo=demo)
    install_last_words(app, guess_state_dir(os.environ, Path.home()) / "faults")
    code = run_app(app, mouse=seen.get("mouse", "true").lower() not in {"false", "0", "no", "off"})
    with contextlib.suppress(OSError):
        _say(app.farewell)
    _forget_unwritten()
    return code


def _say(text: str) -> None:
    """Write lines for the shell: no screen stands between them and the terminal any more."""
    if not text:
        return
    from envbench.model.cleaning import clean

    encoding = sys.stdout.encoding or "ascii"
    harmless = clean(text, multiline=True).encode(encoding, "replace").decode(encoding)
    sys.stdout.write(harmless + "\n")


def _forget_unwritten() -> None:
    """Drop what a terminal that is gone did not take: Python would end with 120 over it."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError:
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, stream.fileno())
            os.close(nowhere)


def _split(target: str) -> tuple[str, str]:
    path = os.path.abspath(target)  # noqa: PTH100 - pathlib is not needed before the first paint
    if os.path.isdir(path):  # noqa: PTH112
        return path, ""
    return os.path.dirname(path), path  # noqa: PTH120
