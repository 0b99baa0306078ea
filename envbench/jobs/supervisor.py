"""The program that stays with one job: `python -I -S supervisor.py DIRECTORY`.

It starts with nothing but the standard library, and leaves whoever started it at once; the work
is in `supervision`. Of this package it loads only the few files that say so in their first lines.
"""

import os
import sys


def leave(directory: str) -> None:
    """Let the caller go on, and supervise from a process that nobody has to wait for."""
    # The first process leads a session of its own and ends here; its child can never get a
    # terminal, and its parent is the one that reaps orphans.
    if os.fork():
        os._exit(0)
    # Last on the path: whatever lies beside this package never stands in for the standard library.
    sys.path.append(__file__.rpartition("/envbench/")[0])
    from envbench.jobs.supervision import supervise

    supervise(directory)
    os._exit(0)


if __name__ == "__main__":
    leave(sys.argv[1])
