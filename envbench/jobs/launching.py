"""How envbench starts its own programs: isolated from the user's, but able to find themselves.

`python -I` keeps the working directory and PYTHONPATH out, and the user's own site-packages too; in
those, envbench itself may be installed (`pip install --user`).
"""

import contextlib
import ctypes
import os
import signal
import sys
from pathlib import Path

import msgspec

_PR_SET_PDEATHSIG = 1
"""Source: prctl(2)."""
_BOOT = (
    "import runpy, sys; module, *roots = sys.argv[1:]; del sys.argv[1:]; "
    "sys.path += [root for root in roots if root not in sys.path]; "
    "runpy.run_module(module, run_name='__main__', alter_sys=True)"
)


def build_command(module: str) -> tuple[str, ...]:
    """Build the command line that runs one of envbench's modules as a program.

    Args:
        module: Its dotted name, such as `envbench.workers.build`.
    """
    return (sys.executable, "-I", "-c", _BOOT, module, *find_roots())


def end_with_parent(parent: int) -> None:
    """Have the kernel end this process with its parent: what is busy or hangs hears no pipe close.

    It also ends when the *thread* of the parent does that started it.

    Args:
        parent: The parent as it was at the start; if it is gone already, this process ends now.
    """
    with contextlib.suppress(OSError, AttributeError):  # another system than Linux
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(0)


def find_roots() -> tuple[str, ...]:
    """List the directories from which this process imported envbench and what it needs.

    They go behind everything else on the path of a child, so that nothing in them ever stands in
    for the standard library or for what is installed beside the interpreter.
    """
    # Links are not followed: what lies behind one may be alone there.
    here, other = Path(__file__).absolute().parents[2], Path(msgspec.__file__).absolute().parents[1]
    return tuple(dict.fromkeys((str(here), str(other))))
