"""From answers of the terminal to rates: how often a log and the GPUs may be painted.

Pure: times and bytes go in, a state comes out. A question is written behind a picture; its answer
comes when the picture was drawn, so that the time is that of the way and back plus that of all
bytes which were still under way. The shortest answer of late is taken for the way alone.
"""

from dataclasses import dataclass, replace
from typing import Final, Literal, TypeAlias

LinkMode: TypeAlias = Literal["fast", "slow", "strip"]
LinkWish: TypeAlias = Literal["auto", "fast", "slow"]

LATE_S: Final = 0.25
"""Time in the queue from which on an answer is late."""
QUICK_S: Final = 0.12
STUCK_S: Final = 1.0
"""An answer that is open for so long makes the link slow at once."""
SLOW_BYTES_PER_S: Final = 50_000.0
FAST_BYTES_PER_S: Final = 80_000.0
STRIP_BYTES_PER_S: Final = 6_000.0
"""Below this a page of the log takes seconds: it becomes one line."""
PAGE_BYTES_PER_S: Final = 9_000.0
FAST_BUDGET: Final = 25_000.0
"""Bytes a second that may be spent on a fast link."""
SLOW_BUDGET: Final = 4_000.0

_JITTER_S: Final = 0.03
_TELLING_BYTES: Final = 2048
"""Fewer bytes say nothing about the rate."""
_BASE_WINDOW_S: Final = 30.0
_SPENT_OVER_S: Final = 4.0
_STRAIN_LIMIT: Final = 4.0
_PATIENCE: Final = 30
"""Quick answers in a row after which a better mode is tried."""
_MOST_PATIENCE: Final = 240
_RELAPSE_S: Final = 60.0
_MOST_STRETCH: Final = 8.0
_MODES: Final[tuple[LinkMode, ...]] = ("fast", "slow", "strip")
_FAST_STEPS: Final = (0.25, 0.5, 1.0, 2.0)
"""Few steps: each change is told, and painted."""
_SLOW_STEPS: Final = (2.0, 4.0, 8.0)
_SHOWN_MS: Final = (1, 2, 3, 5, 7, 10, 15, 20, 30, 40, 60, 80)


@dataclass(frozen=True, slots=True)
class LinkState:
    """What panels need to know about the link."""

    latency_ms: float | None
    """From writing a picture until the terminal has drawn it, smoothed and rounded; None when
    it cannot be measured."""
    mode: LinkMode
    """`strip`: the log is one line, GPUs are numbers."""
    reason: str
    """Why it is so, for the user."""
    log_interval_s: float
    """Least seconds between two paints of a log."""
    gpu_interval_s: float
    """Least seconds between two paints of the GPUs and other meters."""


MODEST: Final = LinkState(None, "fast", "", 0.5, 2.0)
"""Rates for links that cannot be measured."""
_CHOSEN: Final = {
    "fast": LinkState(None, "fast", "chosen: fast", 0.25, 1.0),
    "slow": LinkState(None, "slow", "chosen: slow", 2.0, 5.0),
}


class LinkRule:
    """Keeps the memory from which the state follows."""

    def __init__(self, wish: LinkWish = "auto", cannot_measure: str = "") -> None:
        """Begin with a fast link.

        Args:
            wish: What the user chose.
            cannot_measure: Why nothing can be measured; empty when it can.
        """
        self.wish, self.cannot_measure = wish, cannot_measure
        self.bytes_per_s: float | None = None
        """Estimated rate of the link."""
        self._mode: LinkMode = "fast"
        self._stretch, self._strain, self._spent = 1.0, 0.0, 0.0
        self._latency_s: float | None = None
        self._shown_ms: float | None = None
        self._bases: list[tuple[float, float]] = []
        self._streak, self._patience = 0, _PATIENCE
        self._then_s: float | None = None
        self._improved_s: float | None = None

    @property
    def base_s(self) -> float:
        """The shortest answer of late: the way there and back."""
        return min((base for _, base in self._bases), default=0.0)

    @property
    def window_bytes(self) -> int:
        """Bytes that may be under way before paints are held back."""
        if self.bytes_per_s is None:
            return 16_384
        return int(min(65_536, max(1024, self.bytes_per_s * 0.15)))

    @property
    def state(self) -> LinkState:
        """The present state."""
        if self.wish != "auto":
            return replace(_CHOSEN[self.wish], latency_ms=self._shown_ms)
        if self.cannot_measure and self._mode == "fast":
            return replace(MODEST, reason=self.cannot_measure)
        log_s, gpu_s = _choose_intervals(self._mode, self._stretch)
        return LinkState(self._shown_ms, self._mode, self._explain(), log_s, gpu_s)

    def observe(self, latency_s: float, sent_bytes: int, now_s: float) -> LinkState:
        """Take an answer into account.

        Args:
            latency_s: Seconds from the question to its answer.
            sent_bytes: Bytes that were under way when the question was asked.
            now_s: The time, of a clock that never goes back.
        """
        queued_s = self._note_latency(latency_s, now_s)
        self._note_spent(sent_bytes, now_s)
        self._note_rate(queued_s, sent_bytes)
        self._adjust_stretch(queued_s)
        self._strain = max(0.0, self._strain + _strain_of(queued_s))
        self._streak = self._streak + 1 if queued_s < QUICK_S else 0
        self._choose_mode(now_s)
        return self.state

    def wait(self, waited_s: float, pending_bytes: int, now_s: float) -> LinkState:
        """Take into account that an answer is still open.

        Args:
            waited_s: For how long.
            pending_bytes: Bytes that were under way when the question was asked.
            now_s: The time.
        """
        if waited_s - self.base_s > STUCK_S:
            self._strain, self._streak = max(self._strain, _STRAIN_LIMIT), 0
            if pending_bytes >= _TELLING_BYTES:
                most = pending_bytes / (waited_s - self.base_s)
                self.bytes_per_s = min(self.bytes_per_s or most, most)
            self._choose_mode(now_s)
        return self.state

    def _note_latency(self, latency_s: float, now_s: float) -> float:
        smooth = latency_s if self._latency_s is None else self._latency_s
        self._latency_s = smooth + 0.3 * (latency_s - smooth)
        self._shown_ms = _round_shown(self._latency_s * 1000, self._shown_ms)
        recent = [(then, base) for then, base in self._bases if now_s - then < _BASE_WINDOW_S]
        # Of what is remembered only what is shorter than everything later can ever be the least.
        self._bases = [(t, base) for t, base in recent if base < latency_s] + [(now_s, latency_s)]
        return max(0.0, latency_s - self.base_s)

    def _note_spent(self, sent_bytes: int, now_s: float) -> None:
        if self._then_s is not None:
            passed = max(1e-3, now_s - self._then_s)
            weight = min(1.0, passed / _SPENT_OVER_S)
            self._spent += weight * (sent_bytes / passed - self._spent)
        self._then_s = now_s

    def _note_rate(self, queued_s: float, sent_bytes: int) -> None:
        if sent_bytes < _TELLING_BYTES:
            return
        sample = sent_bytes / max(0.005, queued_s - _JITTER_S)
        before = sample if self.bytes_per_s is None else self.bytes_per_s
        self.bytes_per_s = min(1e7, before + 0.4 * (sample - before))

    def _adjust_stretch(self, queued_s: float) -> None:
        budget = FAST_BUDGET if self._mode == "fast" else SLOW_BUDGET
        if queued_s > LATE_S or self._spent > budget:
            self._stretch = min(_MOST_STRETCH, self._stretch * 1.5)
        elif queued_s < QUICK_S and self._spent < 0.7 * budget:
            self._stretch = max(1.0, self._stretch * 0.85)

    def _choose_mode(self, now_s: float) -> None:
        rate = self.bytes_per_s
        if self._mode == "fast" and (
            self._strain >= _STRAIN_LIMIT or (rate is not None and rate < SLOW_BYTES_PER_S)
        ):
            self._worsen("slow", now_s)
        if self._mode == "slow" and rate is not None and rate < STRIP_BYTES_PER_S:
            self._worsen("strip", now_s)
        if self._mode != "fast" and self._is_better():
            self._improve(now_s)

    def _is_better(self) -> bool:
        if self._streak >= self._patience:
            return True
        bound = FAST_BYTES_PER_S if self._mode == "slow" else PAGE_BYTES_PER_S
        rate = self.bytes_per_s
        return rate is not None and rate > bound and self._streak >= 3 and self._strain < 1.0

    def _worsen(self, mode: LinkMode, now_s: float) -> None:
        if self._improved_s is not None and now_s - self._improved_s < _RELAPSE_S:
            self._patience = min(_MOST_PATIENCE, self._patience * 2)
        self._mode, self._streak = mode, 0

    def _improve(self, now_s: float) -> None:
        if self._improved_s is not None and now_s - self._improved_s > 5 * _RELAPSE_S:
            self._patience = _PATIENCE
        if self._streak >= self._patience:
            # The estimate is of the time when there was something to measure.
            self.bytes_per_s = None
        self._mode = _MODES[_MODES.index(self._mode) - 1]
        self._streak, self._strain, self._improved_s = 0, 0.0, now_s

    def _explain(self) -> str:
        if self._mode == "fast":
            return ""
        rate = self.bytes_per_s
        if rate is None or rate > FAST_BYTES_PER_S:
            return "the terminal answers late"
        return f"about {max(1, round(rate / 1000))} kB/s"


def _strain_of(queued_s: float) -> float:
    if queued_s > STUCK_S:
        return _STRAIN_LIMIT
    if queued_s > LATE_S:
        return 1.0
    return -0.5 if queued_s < QUICK_S else 0.0


def _choose_intervals(mode: LinkMode, stretch: float) -> tuple[float, float]:
    if mode == "strip":
        return 2.0, 10.0
    steps = _FAST_STEPS if mode == "fast" else _SLOW_STEPS
    log_s = next((s for s in steps if s >= stretch * steps[0] / 1.2), steps[-1])
    return log_s, max(1.0 if mode == "fast" else 5.0, log_s)


def _round_shown(latency_ms: float, shown_ms: float | None) -> float:
    """Round to a few steps, and stay where it was unless it changed much: it is painted."""
    if shown_ms is not None and shown_ms / 1.6 <= max(1.0, latency_ms) <= shown_ms * 1.6:
        return shown_ms
    scale = 1.0
    while latency_ms >= 100 * scale:
        scale *= 10
    return min((step * scale for step in _SHOWN_MS), key=lambda step: abs(step - latency_ms))
