"""The desk with one short method for each thing that the screen asks of the workbench."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from envbench.workbench.desk.environment_desk import EnvironmentDesk
from envbench.workbench.desk.job_desk import JobDesk
from envbench.workbench.desk.solver_desk import SolverDesk
from envbench.workbench.desk.spec_desk import SpecDesk
from envbench.workbench.path_texts import make_carriable

if TYPE_CHECKING:
    from envbench.model.host import HostProfile
    from envbench.settings.values import SettingProblem
    from envbench.workbench.values.box_facts import BoxReport
    from envbench.workbench.values.gpu_owners import KnownEnvironment
    from envbench.workbench.values.preferences import SettingRow, WrittenPreference


class WorkbenchDesk(SpecDesk, SolverDesk, EnvironmentDesk, JobDesk):
    """All questions; answers are the values that the functions of the workbench return.

    Example:
        desk = WorkbenchDesk("/home/me/project")
        report = await desk.check_text(text, path)
    """

    async def describe_box(self) -> "BoxReport":
        """Describe this box: processor, memory, disks, GPUs."""
        from envbench.workbench.values.box_facts import BoxReport

        return await self.ask("slow", "describe_box", BoxReport)

    async def describe_host(self) -> "HostProfile":
        """Describe this box as a solve sees it."""
        from envbench.model.host import HostProfile

        return await self.ask("slow", "describe_host", HostProfile)

    async def identify_environments(
        self, prefixes: Sequence[str]
    ) -> "tuple[KnownEnvironment, ...]":
        """Tell which environments lie at the prefixes that processes run in, each once."""
        from envbench.workbench.values.gpu_owners import KnownEnvironment

        carriable = tuple(make_carriable(prefix) for prefix in prefixes)
        return await self.ask(
            "files", "identify_environments", tuple[KnownEnvironment, ...], prefixes=carriable
        )

    async def signal_process(self, pid: int, started_s: float, name: str) -> None:
        """Send a signal to one's own process.

        Args:
            pid: The process.
            started_s: When it was started, Unix time: another one may have its number by now.
            name: `TERM`, `INT`, `KILL`, `STOP`, `CONT`, `HUP` or `USR1`.
        """
        await self.ask(
            "cancel", "signal_process", type(None), pid=pid, started_s=started_s, name=name
        )

    async def describe_settings(self) -> "tuple[SettingRow, ...]":
        """List all settings with what they mean and where they come from."""
        from envbench.workbench.values.preferences import SettingRow

        return await self.ask("quick", "describe_settings", tuple[SettingRow, ...])

    async def list_setting_problems(self) -> "tuple[SettingProblem, ...]":
        """List what is wrong in the configuration."""
        from envbench.settings.values import SettingProblem

        return await self.ask("quick", "list_setting_problems", tuple[SettingProblem, ...])

    async def set_preference(
        self, key: str, value: str | float | bool | list[str]
    ) -> "WrittenPreference":
        """Write one key of envbench's own settings file."""
        from envbench.workbench.values.preferences import WrittenPreference

        return await self.ask("write", "set_preference", WrittenPreference, key=key, value=value)
