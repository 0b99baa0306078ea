"""Runs the rest of its command line as `envbench run` does where there are GPUs."""

import os
import sys

from envbench.workbench.foreground_child import end_as, run_in_foreground


def main() -> None:
    command = sys.argv[1:]
    code = run_in_foreground(
        command[0],
        command,
        dict(os.environ),
        on_started=lambda pid: print(f"pid {pid}", file=sys.stderr, flush=True),
    )
    print(f"ended {code}", file=sys.stderr, flush=True)
    end_as(code)


main()
