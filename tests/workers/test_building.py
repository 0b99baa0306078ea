"""The last steps of a build: the switch, the word about it, and what comes after."""

import signal
from contextlib import nullcontext
from pathlib import Path

import pytest

from envbench.engine.backends.base import FetchReport, LinkReport
from envbench.envs.generations import EnvironmentStore
from envbench.envs.verification import verify_prefix
from envbench.jobs.termination import TerminatedError, Termination
from envbench.model.build import BuildRequest, BuildResult
from envbench.model.channel import ChannelPriority
from envbench.model.event import Message
from envbench.model.host import HostProfile
from envbench.model.plan import Plan, SolveRequest
from envbench.workers.building import Build, BuildParts
from envbench.workers.phases import Phases

HOST = HostProfile(platform="linux-64")


class EmptyBackend:
    """Solves to nothing, and links it."""

    def solve(self, request: SolveRequest) -> Plan:
        return Plan(
            platform=request.host.platform,
            packages=(),
            channels=(),
            channel_priority=ChannelPriority.FLEXIBLE,
            host=request.host,
        )

    def fetch(self, plan, progress) -> FetchReport:
        return FetchReport()

    def link(self, plan, prefix: Path, target_prefix, progress, **_) -> LinkReport:
        (prefix / "conda-meta").mkdir()
        return LinkReport(packages=0, files=0, linked_bytes=0)


class Bench:
    """One environment, built as often as one likes."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.store = EnvironmentStore(root / "envs")
        self.announced: list[BuildResult] = []
        self.warnings: list[str] = []

    def build(self, hold=nullcontext, keep: int = 3) -> BuildResult:
        request = BuildRequest(
            environment="env",
            envs_dir=str(self.store.envs_dir),
            cache_dir=str(self.root / "cache"),
            spec_path="env.yml",
            spec_text="",
            spec_sha256="",
            solve=SolveRequest(specs=(), channels=(), host=HOST),
            keep_generations=keep,
        )
        parts = BuildParts(
            backend=EmptyBackend(),
            install_pip=lambda *_: (),
            verify=lambda prefix, _: verify_prefix(prefix),
            prove=lambda *_: (),
            uninterrupted=hold,
            announce=self.announced.append,
        )
        return Build(request, parts, Phases(self._hear), job="job").run()

    def _hear(self, event) -> None:
        if isinstance(event, Message) and event.level == "warning":
            self.warnings.append(event.text)


@pytest.fixture
def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Bench:
    monkeypatch.setenv("HOME", str(tmp_path))
    return Bench(tmp_path)


def test_what_went_live_is_announced_although_a_cancel_came_meanwhile(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
):
    flip = EnvironmentStore.flip

    def flip_and_be_cancelled(store: EnvironmentStore, *args, **kwargs) -> None:
        flip(store, *args, **kwargs)
        signal.raise_signal(signal.SIGTERM)

    monkeypatch.setattr(EnvironmentStore, "flip", flip_and_be_cancelled)
    termination, before = Termination(), signal.getsignal(signal.SIGTERM)
    termination.install()
    try:
        with pytest.raises(TerminatedError):
            bench.build(termination.hold)
    finally:
        signal.signal(signal.SIGTERM, before)
    assert [built.generation for built in bench.announced] == [1]
    assert bench.store.find("env").live.generation.number == 1


def test_a_home_that_refuses_keeps_no_old_generation_from_going(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
):
    (bench.root / ".conda").touch()
    for _ in range(3):
        bench.build(keep=1)
    assert [each.generation.number for each in bench.store.find("env").generations] == [3]
    assert len(bench.warnings) == 3
    assert "list of environments" in bench.warnings[0]


def test_a_disk_that_fails_after_the_switch_is_a_warning(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
):
    def fail(*_, **__):
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(EnvironmentStore, "collect", fail)
    assert bench.build().generation == 1
    assert "Input/output error" in bench.warnings[-1]
