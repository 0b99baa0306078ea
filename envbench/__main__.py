"""`python -m envbench` and the `envbench` command."""

import sys


def main() -> None:
    """Run the command line; the version alone is told without loading anything."""
    if sys.argv[1:] in (["--version"], ["-V"]):
        from envbench import __version__

        sys.stdout.write(f"envbench {__version__}\n")
        return
    from envbench.cli.app import run

    run()


if __name__ == "__main__":
    main()
