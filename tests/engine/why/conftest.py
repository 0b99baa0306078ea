"""One solver process for all questions, and channels of metadata only."""

from tests.engine.solver.conftest import real_channels, shared_solver, write

__all__ = ["real_channels", "shared_solver", "write"]
