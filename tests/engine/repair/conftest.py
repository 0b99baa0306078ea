"""One solver process for the searches, small channels, and the real metadata where it is there."""

from tests.engine.solver.conftest import real_channels as real_channels
from tests.engine.solver.conftest import shared_solver as shared_solver
from tests.engine.solver.conftest import write as write
