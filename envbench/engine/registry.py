"""Which backends there are, by the name that users give them."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib import import_module

from envbench.engine.backends.base import Backend
from envbench.engine.engine_settings import EngineSettings
from envbench.model.errors import UsageError

BACKENDS = ("rattler",)


def check_backend(name: str) -> None:
    """Make sure that a backend of this name exists.

    Raises:
        UsageError: There is none.
    """
    if name not in BACKENDS:
        raise UsageError(
            f"there is no backend named {name!r}", hint=f"Backends: {', '.join(BACKENDS)}."
        )


@contextmanager
def open_backend(name: str, settings: EngineSettings, *, solving: bool = True) -> Iterator[Backend]:
    """Open a backend for the life of a worker; its processes end with it.

    Args:
        name: Of the backend.
        settings: Places, network, limits.
        solving: Whether something will be solved, so that the solver had better start now.

    Raises:
        UsageError: There is no backend of this name.
    """
    check_backend(name)
    # Only the worker that builds loads the library: the front door imports this module too.
    from envbench.engine.solver.client import SolverProcess

    with SolverProcess(settings) as solver:
        if solving:
            solver.begin()
        from envbench.engine.backends.rattler.backend import RattlerBackend

        backend = RattlerBackend(settings, solver)
        # Linking needs it, and while the solver thinks there is nothing else to do.
        threading.Thread(target=_load_library, daemon=True).start()
        yield backend


def _load_library() -> None:
    with suppress(ImportError):  # whoever needs it says so
        import_module("rattler")
