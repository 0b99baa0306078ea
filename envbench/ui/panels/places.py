"""Where each pane comes from; those of the centre are imported when they are first gone to."""

from importlib import import_module
from typing import Protocol, cast, runtime_checkable

from textual.widget import Widget

from envbench.ui import state as names
from envbench.ui.state import ScreenState

PLACES = {
    names.SPEC: "envbench.ui.panels.spec_place:SpecPlace",
    names.PLAN: "envbench.ui.panels.plan_panel:PlanPanel",
    names.PROBES: "envbench.ui.panels.probes_panel:ProbesPanel",
    names.LOCK: "envbench.ui.panels.lock_panel:LockPanel",
    names.ENVIRONMENTS: "envbench.ui.panels.environments_panel:EnvironmentsPanel",
    names.LOG: "envbench.ui.panels.log_place:LogPlace",
    names.GPUS: "envbench.ui.panels.gpus_panel:GpusPanel",
    names.JOBS: "envbench.ui.panels.jobs_panel:JobsPanel",
    names.SETTINGS: "envbench.ui.panels.settings_panel:SettingsPanel",
    names.HISTORY: "envbench.ui.panels.history_panel:HistoryPanel",
}
"""Place to `module:class`; the class takes the place's name as its `id`."""

SIDES = {
    "left": {
        names.SPECS: "envbench.ui.panels.specs_panel:SpecsPanel",
        names.SIDE_ENVIRONMENTS: "envbench.ui.panels.side_environments:SideEnvironments",
        names.SIDE_JOBS: "envbench.ui.panels.side_jobs:SideJobs",
    },
    "right": {
        names.INSPECTION: "envbench.ui.panels.inspection_panel:InspectionPanel",
        names.SIDE_GPUS: "envbench.ui.panels.side_gpus:SideGpus",
        names.SIDE_GPU_USERS: "envbench.ui.panels.side_gpu_users:SideGpuUsers",
        names.BOX: "envbench.ui.panels.box_panel:BoxPanel",
    },
}
"""Column to its panes, from above."""


@runtime_checkable
class Showing(Protocol):
    """What every pane offers: `Panel` does, and the places that hold several widgets."""

    def show(self, state: ScreenState) -> None:
        """Take a state."""

    def keys_target(self) -> Widget:
        """Give the widget that takes the keys when the pane is gone to."""


def make_pane(name: str, source: str) -> Widget:
    """Make a pane.

    Args:
        name: Its id.
        source: `module:class`.
    """
    module, _, class_name = source.partition(":")
    return cast(Widget, getattr(import_module(module), class_name)(id=name))
