"""Something to tell while the driver is being greeted, which may take many seconds, or for ever."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

_FIRST_S = 0.4
_PATIENCE_S = 1.0


@contextmanager
def telling_meanwhile(tell: Callable[[], None], period_s: float) -> Iterator[None]:
    """Call something now and then from a thread, if what is done here takes long.

    Args:
        tell: Is never called when all is over soon.
        period_s: Between two calls.
    """
    is_over = threading.Event()

    def go_on() -> None:
        wait_s = _FIRST_S
        while not is_over.wait(wait_s):
            tell()
            wait_s = period_s

    thread = threading.Thread(target=go_on, daemon=True)
    thread.start()
    try:
        yield
    finally:
        is_over.set()
        thread.join(_PATIENCE_S)
