"""`python -m envbench` and the `envbench` command."""

import os
import sys


def main() -> None:
    """Run the command line, or open the screen; nothing is loaded that is not needed for it."""
    arguments = sys.argv[1:]
    if arguments in (["--version"], ["-V"]):
        from envbench import __version__

        sys.stdout.write(f"envbench {__version__}\n")
        return
    target = _find_target(arguments)
    if target is not None:
        from envbench.ui.start import run_screen

        sys.exit(run_screen(target))
    from envbench.cli.app import run

    run(_open_demo)


def _open_demo(directory: str) -> int:
    """Open the screen on the demo: `cli` and `ui` do not know each other, and meet here."""
    from envbench.ui.start import run_screen

    return run_screen(directory, demo=True)


def _find_target(arguments: list[str]) -> str | None:
    """Tell what the screen is to open: a folder, or a spec; None when a verb is meant."""
    if not arguments:
        # Without a terminal `envbench` alone gives its help, as it does in scripts and pipes.
        return "." if sys.stdin.isatty() and sys.stdout.isatty() else None
    from envbench.cli.verbs import VERBS

    name = arguments[0]
    if len(arguments) > 1 or name.startswith("-") or name in VERBS:
        return None
    is_spec = name.endswith((".yml", ".yaml")) and os.path.isfile(name)  # noqa: PTH113 - pathlib is not loaded yet
    return name if is_spec or os.path.isdir(name) else None  # noqa: PTH112


if __name__ == "__main__":
    main()
