"""The sampler process: reads orders on standard input, writes samples on standard output.

It ends with `os._exit`, always: a driver's library may hang or crash an interpreter that shuts
down. It ends when its input does, when its parent does, and when nobody reads its samples.
"""

import contextlib
import os
import resource
import sys
import threading
import traceback
from queue import SimpleQueue
from typing import NoReturn

from envbench.jobs.launching import end_with_parent
from envbench.jobs.private_pipe import PrivatePipe
from envbench.machine.sampler.nvidia import StaleLibraryError
from envbench.machine.sampler.orders import EXIT_STALE, Orders, decode_orders
from envbench.machine.sampler.ticking import Ticker

_LONGEST_LINE = 1024 * 1024


def main() -> None:
    """Sample until something ends this process."""
    code = 1
    try:
        end_with_parent(os.getppid())
        # A driver's library that crashes again and again would fill the disk with its dumps.
        resource.setrlimit(resource.RLIMIT_CORE, (0, resource.getrlimit(resource.RLIMIT_CORE)[1]))
        pipe = PrivatePipe()
        inbox: SimpleQueue[Orders] = SimpleQueue()
        threading.Thread(target=_read_orders, args=(inbox,), daemon=True).start()
        Ticker(pipe, inbox, inbox.get()).run()
    except StaleLibraryError:
        leave(EXIT_STALE)
    except BaseException:  # noqa: BLE001 - the edge of the process: its last words say why
        traceback.print_exc()
    finally:
        leave(code)


def leave(code: int) -> NoReturn:
    """End the process at once."""
    with contextlib.suppress(OSError, ValueError):
        sys.stderr.flush()
    os._exit(code)


def _read_orders(inbox: "SimpleQueue[Orders]") -> None:
    """Hand on orders; end the process at the end of input, even in the middle of a call."""
    code = 1
    try:
        with os.fdopen(0, "rb", closefd=False) as stream:
            while line := stream.readline(_LONGEST_LINE):
                inbox.put(decode_orders(line))
        code = 0
    except BaseException:  # noqa: BLE001 - the edge of the process: its last words say why
        traceback.print_exc()
    finally:
        leave(code)


if __name__ == "__main__":
    main()
