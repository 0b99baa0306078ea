"""Asks the front door for the fixes of a case, in a home of its own."""

import os
import time
from dataclasses import dataclass
from pathlib import Path

from envbench.engine.solver.client import SolverProcess
from envbench.machine import host_file
from envbench.model.channel import ChannelPriority
from envbench.model.repair import Fix, FixReport, MoveKind
from envbench.settings.load import Settings, load_settings
from envbench.workbench.fixing import FixOrder, find_fixes
from envbench.workers.engine import describe_engine
from tests.conflicts.case import Case, read_parts
from tests.conflicts.oracle import World


@dataclass(slots=True)
class Asked:
    """One search, as it ended."""

    report: FixReport
    seconds: float
    first_core_s: float
    first_fix_s: float | None


class Fixer:
    """A home in which the channels' names stand for the folders of a tree."""

    def __init__(self, root: Path, shared: Path, tree: str) -> None:
        self.root = root / tree
        self.root.mkdir()
        (self.root / "condarc.yml").write_text(
            f"channel_alias: file://{shared / tree}\nchannels: [conda-forge]\n"
            f"default_channels: [file://{shared / tree}/main]\n"
        )
        self.settings = self._load()
        self.solver = SolverProcess(describe_engine(self.settings))

    def _load(self) -> Settings:
        moved = {
            "CONDARC": str(self.root / "condarc.yml"),
            "HOME": str(self.root),
            "PIP_CONFIG_FILE": os.environ.get("PIP_CONFIG_FILE", os.devnull),
        }
        moved |= {
            f"ENVBENCH_{name}": str(self.root / name.lower())
            for name in ("STATE_DIR", "CACHE_DIR", "ENVS_DIR")
        }
        before = {name: os.environ.get(name) for name in moved}
        os.environ.update(moved)
        try:
            return load_settings()
        finally:
            for name, value in before.items():
                if value is None:
                    del os.environ[name]
                else:
                    os.environ[name] = value

    def ask(self, case: Case, *, budget_s: float = 120.0, text: str | None = None) -> Asked:
        """Look for fixes until the search is over."""
        spec = self.root / f"{case.name}.yml"
        spec.write_text(case.text if text is None else text)
        box = self.root / f"{case.name}.toml"
        box.write_text(host_file.write(case.host()))
        order = FixOrder(
            spec=spec,
            host_file=box,
            priority=ChannelPriority(case.priority),
            budget_s=budget_s,
            # No package index is asked.
            with_pip=False,
        )
        began, core, fix, report = time.monotonic(), 0.0, None, None
        for report in find_fixes(order, self.settings, self.solver):
            now = time.monotonic() - began
            if report.conflict is not None and not core:
                core = now
            if report.fixes and fix is None:
                fix = now
        assert report is not None and report.is_over
        return Asked(report, time.monotonic() - began, core, fix)

    def close(self) -> None:
        self.solver.close()


def text_after(case: Case, fix: Fix) -> str:
    return case.text if fix.edit is None else fix.edit.apply(case.text)


def world_after(case: Case, fix: Fix, shared: Path) -> tuple[World, list[str]]:
    """Say where the oracle must look to check a fix, and for what."""
    channels, conda, _ = read_parts(text_after(case, fix))
    world = case.world(shared)
    changed = {"channels": tuple(channels)}
    for move in fix.moves:
        if move.kind is MoveKind.PRIORITY:
            changed["priority"] = move.new
        elif move.kind is MoveKind.HOST:
            name, _, version = move.new.removeprefix("__").partition("=")
            changed[name] = version
    fields = {name: getattr(world, name) for name in world.__dataclass_fields__}
    return World(**(fields | changed)), [text for _, text in conda]
