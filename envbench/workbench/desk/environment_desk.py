"""What the screen asks about environments and their locks, and does to them."""

from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing
from typing import TYPE_CHECKING

from envbench.workbench.desk.client import Desk
from envbench.workbench.path_texts import make_carriable

if TYPE_CHECKING:
    from envbench.model.compatibility_report import CompatibilityReport
    from envbench.workbench.values.doctor import DoctorReport
    from envbench.workbench.values.environment_details import EnvironmentDetails, GenerationSize
    from envbench.workbench.values.environment_rows import EnvironmentRow, KnownSpec
    from envbench.workbench.values.environments import Comparison, RemovalReport, RollbackReport
    from envbench.workbench.values.generation_comparison import GenerationComparison
    from envbench.workbench.values.lock_offers import LockOffers, LockPreview, WrittenLock
    from envbench.workbench.values.probe_records import ProbeChoice, ProbeRecord
    from envbench.workbench.values.verifying import VerifyReport


class EnvironmentDesk(Desk):
    """Questions about environments; all raise `EnvbenchError`."""

    async def list_environment_rows(
        self, *, with_size: bool, specs: "Sequence[KnownSpec]" = (), folder: str | None = None
    ) -> "AsyncIterator[tuple[EnvironmentRow, ...]]":
        """Give all environments that are known so far, again and again as more becomes known."""
        from envbench.workbench.values.environment_rows import EnvironmentRow

        rows: dict[str, EnvironmentRow] = {}
        arguments = {"with_size": with_size, "specs": tuple(specs), "folder": folder}
        batches = self.stream_batches("slow", "list_environment_rows", EnvironmentRow, **arguments)
        async with aclosing(batches):
            async for batch in batches:
                rows |= {row.key: row for row in batch}
                yield tuple(rows.values())

    async def describe_environment(
        self, reference: str, *, keep: bool = False
    ) -> "EnvironmentDetails":
        """Tell generations, contents and users of an environment.

        Args:
            reference: Name, or path.
            keep: Answer even when a newer such question comes while this one waits.
        """
        from envbench.workbench.values.environment_details import EnvironmentDetails

        ask = self.ask if keep else self.ask_latest
        return await ask("files", "describe_environment", EnvironmentDetails, reference=reference)

    async def measure_environment(self, reference: str) -> "AsyncIterator[GenerationSize]":
        """Measure an environment generation by generation."""
        from envbench.workbench.values.environment_details import GenerationSize

        sizes = self.stream_batches(
            "slow", "measure_environment", GenerationSize, reference=reference
        )
        async with aclosing(sizes):
            async for batch in sizes:
                for size in batch:
                    yield size

    async def rollback_environment(self, name: str, number: int | None = None) -> "RollbackReport":
        """Make an earlier generation live again; None takes the one before."""
        from envbench.workbench.values.environments import RollbackReport

        return await self.ask(
            "change", "rollback_environment", RollbackReport, name=name, number=number
        )

    async def remove_environment(self, name: str, *, force: bool = False) -> "RemovalReport":
        """Remove an environment with all its generations."""
        from envbench.workbench.values.environments import RemovalReport

        return await self.ask("change", "remove_environment", RemovalReport, name=name, force=force)

    async def compare_environments(self, a: str, b: str) -> "Comparison":
        """Say what would have to change in A to make it like B."""
        from envbench.workbench.values.environments import Comparison

        return await self.ask("files", "compare_environments", Comparison, a=a, b=b)

    async def compare_in_words(self, a: str, b: str) -> tuple[str, ...]:
        """Say in lines what would have to change in A to make it like B; none when nothing."""
        return await self.ask("files", "compare_in_words", tuple[str, ...], a=a, b=b)

    async def compare_generations(self, name: str, a: int, b: int) -> "GenerationComparison":
        """Say what would have to change in generation A to make it like generation B."""
        from envbench.workbench.values.generation_comparison import GenerationComparison

        return await self.ask(
            "files", "compare_generations", GenerationComparison, name=name, a=a, b=b
        )

    async def examine_environment(self, reference: str, *, solve: bool = True) -> "DoctorReport":
        """Examine an environment without importing any of it.

        Args:
            reference: Name, or path.
            solve: Try the changes of the spec that remedies consist of, which takes its time.
        """
        from envbench.workbench.values.doctor import DoctorReport

        return await self.ask(
            "slow", "examine_environment", DoctorReport, reference=reference, solve=solve
        )

    async def report_compatibility(self, reference: str) -> "CompatibilityReport":
        """Say for each framework of an environment on which device it works."""
        from envbench.model.compatibility_report import CompatibilityReport

        return await self.ask(
            "slow", "report_compatibility", CompatibilityReport, reference=reference
        )

    async def format_compatibility(self, found: "CompatibilityReport") -> str:
        """Write a compatibility report as Markdown."""
        return await self.ask("files", "format_compatibility", str, found=found)

    async def save_compatibility(self, found: "CompatibilityReport", path: str) -> None:
        """Write a compatibility report into a file that ends in `.md` or `.json`."""
        carriable = make_carriable(path)
        await self.ask("write", "save_compatibility", type(None), found=found, path=carriable)

    async def latest_probes(self, environment: str) -> "ProbeRecord | None":
        """Give what the last probes of an environment found; None when there were none."""
        from envbench.workbench.values.probe_records import ProbeRecord

        return await self.ask_maybe("files", "latest_probes", ProbeRecord, environment=environment)

    async def list_probe_names(self) -> "tuple[ProbeChoice, ...]":
        """List the probes there are."""
        from envbench.workbench.values.probe_records import ProbeChoice

        return await self.ask("files", "list_probe_names", tuple[ProbeChoice, ...])

    async def lock_offers(self, reference: str, folder: str | None = None) -> "LockOffers":
        """Tell what each format keeps of an environment and loses; nothing is written."""
        from envbench.workbench.values.lock_offers import LockOffers

        return await self.ask_latest(
            "files", "lock_offers", LockOffers, reference=reference, folder=folder
        )

    async def preview_lock(self, reference: str, format_name: str) -> "LockPreview":
        """Show what would be written in a format."""
        from envbench.workbench.values.lock_offers import LockPreview

        return await self.ask_latest(
            "files", "preview_lock", LockPreview, reference=reference, format_name=format_name
        )

    async def write_lock(
        self, reference: str, format_name: str, output: str | None, *, overwrite: bool = False
    ) -> "WrittenLock":
        """Write a lock, unless that would replace a file that is something else."""
        from envbench.workbench.values.lock_offers import WrittenLock

        return await self.ask(
            "change",
            "write_lock",
            WrittenLock,
            reference=reference,
            format_name=format_name,
            output=make_carriable(output) if output else output,
            overwrite=overwrite,
        )

    async def verify_environment(
        self,
        reference: str,
        lock_file: str | None = None,
        *,
        shallow: bool = False,
        extra: bool = False,
    ) -> "VerifyReport":
        """Compare all files of an environment with their records, and it with a lock."""
        from envbench.workbench.values.verifying import VerifyReport

        return await self.ask(
            "slow",
            "verify_environment",
            VerifyReport,
            reference=reference,
            lock_file=lock_file,
            shallow=shallow,
            extra=extra,
        )
