"""Who the processes are that a driver says use its GPUs.

What is known of a process is kept for as long as its pid and its start stay the same, so that a
tick costs one small read for each.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from envbench.machine.pid_matching import DEVICE_FILES, Doubt, Match, PidMatcher
from envbench.machine.process_facts import ProcessFacts, read_facts, read_place
from envbench.machine.process_files import EndedError, ProcessFiles, ProcessStat, UnreadError
from envbench.machine.process_start import StartClock
from envbench.machine.user_names import UserNames
from envbench.model.gpu_process import GpuProcess

RENEWAL_S = 60.0
"""After so long a process is read anew: programs rename themselves."""
DOUBT_RENEWAL_S = 10.0
_FIELDS = (
    "user",
    "name",
    "command",
    "started_s",
    "container",
    "environment",
    "visible_devices",
    "slurm_job",
)


@dataclass(frozen=True, slots=True)
class _Known:
    """What is kept of one process."""

    match: Match
    start_ticks: int = -1
    facts: ProcessFacts | None = None
    """None for what is not the process that is meant."""
    read_at_s: float = 0.0
    """Of the monotonic clock."""
    refusal: str = ""
    """Why it is here and tells nothing."""

    def is_fresh(self, now_s: float) -> bool:
        """Tell whether it may still be believed without another look."""
        renewal_s = DOUBT_RENEWAL_S if self.facts is None else RENEWAL_S
        return now_s - self.read_at_s < renewal_s


class OwnerReader:
    """Describes the processes of a driver's list, again and again."""

    def __init__(
        self,
        *,
        proc: str = "/proc",
        devices: Sequence[str] = DEVICE_FILES,
        is_host: bool | None = None,
    ) -> None:
        """Look around, but at no process yet.

        Args:
            proc: Where `/proc` is mounted.
            devices: How the paths of a GPU's device files begin.
            is_host: Whether the driver's pids are certainly those of this `/proc`; None finds out.
        """
        self._proc = proc
        self._place = read_place(proc)
        self._matcher = PidMatcher(proc, devices, is_host=is_host)
        self._names = UserNames()
        self._clock = StartClock()
        self._known: dict[int, _Known] = {}

    def describe(self, raw: Sequence[GpuProcess]) -> tuple[GpuProcess, ...]:
        """Fill in who each process is; none is dropped, in the order in which they came.

        Args:
            raw: Processes as a driver tells them; GPU, memory and so on are kept.

        Returns:
            The same ones; each field that stays None has its reason in `unread`.
        """
        now_s = time.monotonic()
        # Those that are not listed any more are forgotten.
        self._known = {pid: self._look(pid, now_s) for pid in {p.pid: None for p in raw}}
        self._matcher.learn({pid: known.match for pid, known in self._known.items()})
        return tuple(self._fill(process, self._known[process.pid]) for process in raw)

    def _look(self, pid: int, now_s: float) -> _Known:
        files = ProcessFiles(self._proc, pid)
        try:
            stat = files.read_stat()
        except EndedError:
            return _Known(Match.ABSENT)
        except UnreadError as fault:
            return _Known(Match.OPEN, refusal=str(fault))
        former = self._known.get(pid)
        if former is not None and former.start_ticks != stat.start_ticks:
            former = None
        if former is not None and former.is_fresh(now_s):
            return former
        try:
            return self._read(files, stat, former, now_s)
        except UnreadError as fault:
            # It ended between two reads.
            return _Known(Match.OPEN, refusal=str(fault))

    def _read(
        self, files: ProcessFiles, stat: ProcessStat, former: _Known | None, now_s: float
    ) -> _Known:
        match = self._matcher.match(files, stat)
        if match is Match.REFUTED:
            return _Known(match, stat.start_ticks, None, now_s)
        facts = read_facts(files, stat, names=self._names, place=self._place)
        if former is not None and former.facts is not None:
            facts = _keep_variables(former.facts, facts)
        return _Known(match, stat.start_ticks, facts, now_s)

    def _fill(self, process: GpuProcess, known: _Known) -> GpuProcess:
        facts = known.facts
        doubt = self._matcher.doubt(process.pid, known.match)
        if facts is None or doubt is not None:
            return _withhold(process, doubt or Doubt(known.refusal, is_here=True))
        return replace(
            process,
            is_here=True,
            is_own=facts.is_own,
            user=facts.user,
            name=facts.name,
            command=facts.command,
            started_s=self._clock.to_unix(known.start_ticks),
            container=facts.container,
            environment=facts.environment,
            visible_devices=facts.visible_devices,
            slurm_job=facts.slurm_job,
            unread={**facts.unread, **process.unread},
        )


def _withhold(process: GpuProcess, doubt: Doubt) -> GpuProcess:
    unread = {**dict.fromkeys(_FIELDS, doubt.reason), **process.unread}
    return replace(process, is_here=doubt.is_here, is_own=False, unread=unread)


def _keep_variables(former: ProcessFacts, facts: ProcessFacts) -> ProcessFacts:
    """Keep what was told by its variables and its command line before it wrote over them.

    Source: setproctitle, which uses the memory of both for the title.
    """
    kept: dict[str, Any] = {}
    if facts.environment is None or facts.environment.is_inferred:
        kept["environment"] = former.environment or facts.environment
    for name in ("visible_devices", "slurm_job"):
        kept[name] = getattr(former, name) or getattr(facts, name)
    unread = {name: why for name, why in facts.unread.items() if kept.get(name) is None}
    return replace(facts, **kept, unread=unread)
