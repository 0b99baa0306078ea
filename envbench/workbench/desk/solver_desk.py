"""What the screen asks of the solver: plans, ways out of conflicts, why, what if."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from envbench.workbench.desk.client import Desk

if TYPE_CHECKING:
    from envbench.model.repair import FixReport
    from envbench.model.what_if import WhatIfReport
    from envbench.model.why import WhyReport
    from envbench.workbench.desk.solve_phase import SolvePhase
    from envbench.workbench.values.lock_offers import LockOffers, LockPreview, WrittenLock
    from envbench.workbench.values.solving import SolveOrder, SolveReport


class SolverDesk(Desk):
    """Questions to one solver, one at a time; all raise `EnvbenchError`.

    Cancelling one kills the solver, and the next question starts another one.
    """

    async def solve(
        self, order: "SolveOrder", on_phase: "Callable[[SolvePhase], None]" = lambda _: None
    ) -> "SolveReport":
        """Solve a spec."""
        from envbench.workbench.desk.solve_phase import SolvePhase
        from envbench.workbench.values.solving import SolveReport

        return await self.ask_telling(
            "solve", "solve", SolveReport, SolvePhase, on_phase, order=order
        )

    async def find_fixes(
        self, order: "SolveOrder", on_report: "Callable[[FixReport], None]", *, far: bool = False
    ) -> "FixReport":
        """Look for ways out of the conflict of a spec, each proved before it is told.

        Args:
            order: What was solved.
            on_report: Hears all that is known whenever more is.
            far: Also look into channels that the spec does not list; their indexes may be fetched.
        """
        from envbench.model.repair import FixReport

        return await self.ask_telling(
            "solve", "find_fixes", FixReport, FixReport, on_report, order=order, far=far
        )

    async def explain_package(
        self, order: "SolveOrder", package: str, on_report: "Callable[[WhyReport], None]"
    ) -> "WhyReport":
        """Tell who requires a package of a plan, and what keeps it from being newer."""
        from envbench.model.why import WhyReport

        return await self.ask_telling(
            "solve", "explain_package", WhyReport, WhyReport, on_report,
            order=order, package=package,
        )  # fmt: skip

    async def what_if(
        self, order: "SolveOrder", on_report: "Callable[[WhatIfReport], None]"
    ) -> "WhatIfReport":
        """Solve a spec under other conditions, side by side."""
        from envbench.model.what_if import WhatIfReport

        return await self.ask_telling(
            "solve", "what_if", WhatIfReport, WhatIfReport, on_report, order=order
        )

    async def plan_lock_offers(self, order: "SolveOrder", folder: str) -> "LockOffers":
        """Tell what each format keeps of the plan of a spec and loses."""
        from envbench.workbench.values.lock_offers import LockOffers

        return await self.ask("solve", "plan_lock_offers", LockOffers, order=order, folder=folder)

    async def preview_plan_lock(self, order: "SolveOrder", format_name: str) -> "LockPreview":
        """Show what would be written of the plan of a spec."""
        from envbench.workbench.values.lock_offers import LockPreview

        return await self.ask(
            "solve", "preview_plan_lock", LockPreview, order=order, format_name=format_name
        )

    async def write_plan_lock(
        self, order: "SolveOrder", format_name: str, output: str, *, overwrite: bool = False
    ) -> "WrittenLock":
        """Write a lock of the plan of a spec, unless that would replace something else."""
        from envbench.workbench.path_texts import make_carriable
        from envbench.workbench.values.lock_offers import WrittenLock

        return await self.ask(
            "solve", "write_plan_lock", WrittenLock, order=order, format_name=format_name,
            output=make_carriable(output), overwrite=overwrite,
        )  # fmt: skip
