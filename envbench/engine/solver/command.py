"""How a solver process is started: its command line and its environment."""

import os
import sys
from collections.abc import Mapping

from envbench.engine.backends.rattler.network import list_variables
from envbench.engine.engine_settings import EngineSettings
from envbench.jobs.launching import find_roots

ARENAS = "2"
"""Heaps of the C library. The solver's many threads would fill one each, and what is freed in one
is of no use to another: three times the memory after a dozen conflicts, for no gain in time."""
_BOOT = (
    "import sys; sys.path += sys.argv[1:]; del sys.argv[1:]; "
    "from envbench.engine.solver.server import main; main()"
)


def build_command() -> list[str]:
    """Build the command line; it holds no secret and starts from an installation or a checkout.

    `-I` keeps the working directory and PYTHONPATH out; what this process imported `envbench`
    and its libraries from is put behind everything else.
    """
    return [sys.executable, "-I", "-c", _BOOT, *find_roots()]


def build_environment(settings: EngineSettings, environ: Mapping[str, str]) -> dict[str, str]:
    """Build the environment variables: the user's, without those that steer Python or the library.

    Args:
        settings: Says what takes the place of what was removed.
        environ: The variables to start from, such as `os.environ`.
    """
    kept = {
        name: value
        for name, value in environ.items()
        if not name.startswith(("PYTHON", "RATTLER_", "PIXI_", "LD_PRELOAD"))
    }
    return {"MALLOC_ARENA_MAX": ARENAS} | kept | list_variables(settings)


def current_environment(settings: EngineSettings) -> dict[str, str]:
    """Build the environment from this process's own."""
    return build_environment(settings, os.environ)
