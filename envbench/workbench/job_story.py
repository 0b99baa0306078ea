"""From the events of a job to where it stands: phases, progress with its pace, last words."""

from collections import deque
from dataclasses import replace

from envbench.model.event import (
    AnyEvent,
    Message,
    PhaseEnded,
    PhaseStarted,
    Progress,
    WorkerStarted,
)
from envbench.workbench.job_rows import JobMessage, JobPhase, JobProgress

PACE_WINDOW_S = 10.0
"""The pace is that of the last seconds: caches and networks change it."""
SHORTEST_PACE_S = 1.0
"""Less says nothing about a pace."""
STALLED_S = 10.0
"""Without news for so long, a pace of before says nothing about the end."""
MOST_MESSAGES = 500


class JobStory:
    """Takes events, in order, and knows what they add up to."""

    def __init__(self) -> None:
        """Begin before the first event."""
        self.phases: list[JobPhase] = []
        self.messages: deque[JobMessage] = deque(maxlen=MOST_MESSAGES)
        self.started = 0.0
        """Unix time of the first sign of work; 0 before."""
        self._progress: Progress | None = None
        self._samples: deque[tuple[float, int]] = deque()

    def take(self, event: AnyEvent) -> None:
        """Take the next event."""
        match event:
            case WorkerStarted(t=t):
                self.started = self.started or t
            case PhaseStarted(phase=phase, t=t):
                self.started = self.started or t
                self.phases.append(JobPhase(name=phase, state="running", began=t))
                self._forget_progress()
            case PhaseEnded():
                self._end_phase(event)
            case Progress():
                self._advance(event)
            case Message(text=text, level=level, t=t):
                self.messages.append(JobMessage(at=t, level=level, text=text))

    @property
    def phase(self) -> str:
        """The phase that runs, the innermost one; empty when none does."""
        running = [each.name for each in self.phases if each.state == "running"]
        return running[-1] if running else ""

    def stop(self) -> None:
        """Take note that the job is over: nothing of it runs any more."""
        self.phases = [
            replace(each, state="stopped") if each.state == "running" else each
            for each in self.phases
        ]
        self._forget_progress()

    def measure(self, now: float) -> JobProgress | None:
        """Say how far the running phase is, with its pace as far as that is known.

        Args:
            now: Unix time.
        """
        last = self._progress
        if last is None:
            return None
        pace = self._measure_pace() if now - last.t < STALLED_S else None
        left = last.total - last.done if last.total is not None else None
        return JobProgress(
            done=last.done,
            total=last.total,
            unit=last.unit,
            item=last.item,
            at=last.t,
            per_second=pace,
            eta_s=round(left / pace, 1) if pace and left is not None and left >= 0 else None,
        )

    def _end_phase(self, event: PhaseEnded) -> None:
        for index in reversed(range(len(self.phases))):
            phase = self.phases[index]
            if phase.name == event.phase and phase.state == "running":
                self.phases[index] = replace(
                    phase,
                    state="done" if event.ok else "failed",
                    duration_s=event.duration_s,
                    detail=event.detail,
                )
                break
        self._forget_progress()

    def _advance(self, event: Progress) -> None:
        last = self._progress
        if last is not None and (
            (last.phase, last.unit) != (event.phase, event.unit) or event.done < last.done
        ):
            self._samples.clear()
        self._progress = event
        self._samples.append((event.t, event.done))
        while self._samples[0][0] < event.t - PACE_WINDOW_S:
            self._samples.popleft()

    def _measure_pace(self) -> float | None:
        (first_t, first), (last_t, last) = self._samples[0], self._samples[-1]
        span_s, gained = last_t - first_t, last - first
        return round(gained / span_s, 3) if span_s >= SHORTEST_PACE_S and gained > 0 else None

    def _forget_progress(self) -> None:
        self._progress = None
        self._samples.clear()
