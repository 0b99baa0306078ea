"""The `pip:` part of a spec, resolved and installed by uv beside what conda owns.

The steps: items are vetted once more, a dry run resolves them against the prefix with every
conda-owned distribution pinned, the guard reads what the dry run would do, the exact set is
written as a `pylock.toml`, installed from `==` and hashes, and the outcome is checked on disk.
"""

from envbench.engine.pip_section.conda_part import CondaPart
from envbench.engine.pip_section.cores import find_pip_cores
from envbench.engine.pip_section.held_back import explain_held_back
from envbench.engine.pip_section.hold_ranges import HeldRange, hold_ranges
from envbench.engine.pip_section.install import install_pip_section
from envbench.engine.pip_section.planning import plan_pip_section
from envbench.engine.pip_section.provenance.search import SourceSearch, search_sources
from envbench.engine.pip_section.request import (
    IndexCredential,
    PipPlanRequest,
    PipSectionRequest,
    PipSectionResult,
    PipTask,
)
from envbench.engine.pip_section.series import PipSeries, suggest_pip_series
from envbench.engine.pip_section.trial import PipTrials
from envbench.engine.pip_section.variant import PipTrial
from envbench.engine.pip_section.workspace import sweep_workspaces

__all__ = [
    "CondaPart",
    "HeldRange",
    "IndexCredential",
    "PipPlanRequest",
    "PipSectionRequest",
    "PipSectionResult",
    "PipSeries",
    "PipTask",
    "PipTrial",
    "PipTrials",
    "SourceSearch",
    "explain_held_back",
    "find_pip_cores",
    "hold_ranges",
    "install_pip_section",
    "plan_pip_section",
    "search_sources",
    "suggest_pip_series",
    "sweep_workspaces",
]
