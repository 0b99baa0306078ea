"""The desk with one short method for each thing that the screen asks of the workbench."""

from typing import TYPE_CHECKING

from envbench.workbench.desk.environment_desk import EnvironmentDesk
from envbench.workbench.desk.job_desk import JobDesk
from envbench.workbench.desk.spec_desk import SpecDesk

if TYPE_CHECKING:
    from envbench.model.host import HostProfile
    from envbench.settings.values import SettingProblem
    from envbench.workbench.values.box_facts import BoxReport
    from envbench.workbench.values.preferences import SettingRow, WrittenPreference


class WorkbenchDesk(SpecDesk, EnvironmentDesk, JobDesk):
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
