"""The backend that needs no conda: solver, downloader and linker in one library."""

import asyncio
import os
from collections.abc import Sequence
from pathlib import Path

from envbench.engine.backends.base import (
    FetchReport,
    LinkReport,
    ProgressSink,
    Solver,
    UnmetNeed,
)
from envbench.engine.backends.rattler.fetch import fetch_packages
from envbench.engine.backends.rattler.link import LinkOrder, link_packages
from envbench.engine.backends.rattler.locked_records import (
    adopt_packages,
    complete_packages,
    find_unmet_needs,
)
from envbench.engine.backends.rattler.network import list_variables
from envbench.engine.engine_settings import EngineSettings
from envbench.model.conflict import Conflict
from envbench.model.plan import PackageRecord, Plan, SolveRequest


class RattlerBackend:
    """Runs in a process of its own, which is ended by `os._exit`: see `Backend`.

    The library's native threads outlive a cancelled call and can crash the interpreter when it
    shuts down in the ordinary way.
    """

    def __init__(self, settings: EngineSettings, solver: Solver) -> None:
        """Take what the engine knows of the configuration.

        Args:
            settings: Places and network. Where they name credentials or certificates, these are
                put into this process's environment, where the library looks for them.
            solver: Answers `solve`; the client of a solver process.
        """
        self._settings = settings
        self._solver = solver
        os.environ.update(list_variables(settings))

    def solve(self, request: SolveRequest) -> Plan | Conflict:
        """Find the packages for a request; see `Solver`."""
        return self._solver.solve(request)

    def adopt(self, packages: Sequence[PackageRecord], request: SolveRequest) -> Plan:
        """Make a plan of the packages of a lock; see `Backend`."""
        return adopt_packages(packages, request)

    def complete(self, plan: Plan, request: SolveRequest) -> Plan:
        """Complete the records of a plan from its archives; see `Backend`."""
        return complete_packages(plan, self._settings, request)

    def find_unmet(self, plan: Plan) -> tuple[UnmetNeed, ...]:
        """List what is needed and not there; see `Backend`."""
        return find_unmet_needs(plan.packages, plan.host)

    def fetch(self, plan: Plan, progress: ProgressSink) -> FetchReport:
        """Bring all archives of a plan into the package cache; see `Backend`."""
        return asyncio.run(fetch_packages(plan.packages, self._settings, progress))

    def link(
        self,
        plan: Plan,
        prefix: Path,
        target_prefix: Path,
        progress: ProgressSink,
        *,
        requested: Sequence[str] = (),
        run_link_scripts: bool = False,
    ) -> LinkReport:
        """Make the packages of a plan into a prefix and verify each file; see `Backend`."""
        order = LinkOrder(
            packages=plan.packages,
            prefix=prefix,
            target_prefix=target_prefix,
            requested=requested,
            run_link_scripts=run_link_scripts,
        )
        return asyncio.run(link_packages(order, self._settings, progress))
