"""What the tests ask of a child process, and what it answers."""

import asyncio
import subprocess
import sys
from pathlib import Path
from typing import Any

import msgspec

from envbench.engine.backends.base import FetchReport, LinkReport
from envbench.engine.backends.rattler.fetch import fetch_packages
from envbench.engine.engine_settings import EngineSettings
from envbench.model.channel import ChannelPriority
from envbench.model.errors import EnvbenchError
from envbench.model.host import HostProfile
from envbench.model.plan import PackageRecord, Plan

ROOT = Path(__file__).resolve().parents[3]
CHILD = Path(__file__).with_name("child.py")


class Order(msgspec.Struct, kw_only=True):
    settings: EngineSettings
    packages: list[PackageRecord]
    prefix_path: str
    target_path: str
    steps: tuple[str, ...] = ("fetch", "link")
    requested: tuple[str, ...] = ()
    run_link_scripts: bool = False

    @property
    def prefix(self) -> Path:
        return Path(self.prefix_path)

    @property
    def target_prefix(self) -> Path:
        return Path(self.target_path)


class Outcome(msgspec.Struct, kw_only=True):
    fetched: FetchReport | None = None
    linked: LinkReport | None = None
    error: str = ""
    what: str = ""
    where: str = ""
    why: str = ""
    hint: str = ""
    package: str = ""
    fault: str = ""
    events: list[dict[str, Any]] = []

    def take(self, error: EnvbenchError) -> None:
        self.error = type(error).__name__
        self.what, self.where = error.what, error.where
        self.why, self.hint = error.why, error.hint
        self.package = getattr(error, "package", "")
        self.fault = str(getattr(error, "fault", ""))

    @property
    def message(self) -> str:
        return f"{self.what}\n{self.where}\n{self.why}\n{self.hint}"


def make_plan(packages: list[PackageRecord]) -> Plan:
    return Plan(
        platform="linux-64",
        packages=tuple(packages),
        channels=(),
        channel_priority=ChannelPriority.FLEXIBLE,
        host=HostProfile(platform="linux-64"),
    )


def fetch_here(order: Order) -> Outcome:
    """Fetch from `file://` channels in this process: no native call is left behind by that."""
    outcome = Outcome()
    work = fetch_packages(order.packages, order.settings, [].append)
    try:
        outcome.fetched = asyncio.run(work)
    except EnvbenchError as error:
        outcome.take(error)
    return outcome


def start(order: Order, *, wrapper: tuple[str, ...] = ()) -> subprocess.Popen[bytes]:
    """Start a child that works on an order."""
    child = subprocess.Popen(
        [*wrapper, sys.executable, "-I", str(CHILD), str(ROOT)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    assert child.stdin is not None
    child.stdin.write(msgspec.json.encode(order))
    child.stdin.close()
    child.stdin = None
    return child


def finish(child: subprocess.Popen[bytes], timeout_s: float = 90) -> Outcome:
    """Wait for a child and read what it says."""
    out, errors = child.communicate(timeout=timeout_s)
    assert child.returncode == 0, errors.decode(errors="replace")[-3000:]
    return msgspec.json.decode(out, type=Outcome)


def run(order: Order, *, wrapper: tuple[str, ...] = (), timeout_s: float = 90) -> Outcome:
    """Let a child do the work."""
    return finish(start(order, wrapper=wrapper), timeout_s)
