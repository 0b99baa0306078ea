"""How far a job is, as a bar and as figures; pure functions."""

from typing import TYPE_CHECKING

from envbench.ui.ink import Line, ink, measure
from envbench.ui.sizes import show_bytes

if TYPE_CHECKING:
    from envbench.workbench.job_rows import JobProgress, WatchedJob

WIDEST_BAR = 40
NARROWEST_BAR = 6
_FULL, _HALF = "█", "▌"


def describe_progress(job: "WatchedJob", width: int, now: float) -> Line:
    """Draw `[██████▌   ] 62%  2.9 of 4.7 GB  38 MB/s  0:41 left`; less of it where it is narrow.

    Args:
        job: The job.
        width: Of the line, in cells.
        now: Unix time.
    """
    progress = job.progress
    if progress is None:
        return ink((say_step(job, now, width), "accent"))
    share = job.share
    percent = f" {share:.0%}" if share is not None else ""
    figures = [say_amount(progress), say_pace(progress), say_left(progress, now)]
    texts = _variants(figures)
    least = NARROWEST_BAR + 2 + len(percent) if share is not None else 0
    text = next((t for t in texts if measure(t) + least <= width), "")
    if share is None:
        return ink((text.strip() or say_step(job, now, width), "accent"))
    cells = min(WIDEST_BAR, width - len(percent) - measure(text) - 2)
    bar = draw_bar(share, cells) if cells >= 1 else ""
    return ink((bar + (percent if bar else percent.strip()), "accent"), text)


def _variants(parts: list[str]) -> list[str]:
    """All that is known, then less and less; the time left goes last, the pace first."""
    amount, pace, left = parts
    wanted = [(amount, pace, left), (amount, left), (left,), (amount,), ()]
    return ["".join(f"  {part}" for part in each if part) for each in wanted]


def draw_bar(share: float, cells: int) -> str:
    """Draw a bar in brackets.

    Args:
        share: How much of it is full, 0 to 1.
        cells: Between the brackets, at least 1.
    """
    halves = int(min(1.0, max(0.0, share)) * cells * 2)
    full = _FULL * (halves // 2) + _HALF * (halves % 2)
    return f"[{full}{' ' * (cells - len(full))}]"


def say_amount(progress: "JobProgress") -> str:
    """Say how much is done: `2.9 of 4.7 GB`, `118 of 190 packages`."""
    done, total = progress.done, progress.total
    if progress.unit == "bytes":
        if total is None:
            return show_bytes(done)
        whole, part = show_bytes(total), show_bytes(done)
        number, _, unit = part.partition(" ")
        return f"{number if whole.endswith(f' {unit}') else part} of {whole}"
    return f"{done} {progress.unit}" if total is None else f"{done} of {total} {progress.unit}"


def say_pace(progress: "JobProgress") -> str:
    """Say how fast it goes; empty when that is not known."""
    pace = progress.per_second
    if not pace:
        return ""
    return f"{show_bytes(pace)}/s" if progress.unit == "bytes" else f"{pace:.0f}/s" * (pace >= 1)


def say_left(progress: "JobProgress", now: float) -> str:
    """Say when it will be done: `0:41 left`; empty when that is not known."""
    seconds = find_left(progress, now)
    return "" if seconds is None else f"{show_clock(seconds)} left"


def find_left(progress: "JobProgress", now: float) -> float | None:
    """Give the seconds that are left; None when that is not known."""
    if progress.eta_s is None:
        return None
    return max(0.0, progress.eta_s - max(0.0, now - progress.at))


def show_clock(seconds: float) -> str:
    """Write a time that runs, always of one kind: `0:41`, `1:02:03`."""
    whole = max(0, int(seconds))
    hours, rest = divmod(whole, 3600)
    return f"{hours}:{rest // 60:02}:{rest % 60:02}" if hours else f"{rest // 60}:{rest % 60:02}"


def say_step(job: "WatchedJob", now: float, width: int = 1000) -> str:
    """Say in short what a job is doing: `link 118/190  0:41`, `solve  0:12`.

    The time is what is left where that is known, else what the phase has taken.

    Args:
        job: The job.
        now: Unix time.
        width: In cells; the time is left out where it does not fit.
    """
    progress = job.progress
    phase = job.phase or ("" if progress is None else progress.unit)
    count = _say_count(progress) if progress is not None else ""
    step = f"{phase} {count}".strip() or job.says
    seconds = find_left(progress, now) if progress is not None else None
    if seconds is None:
        began = next((p.began for p in reversed(job.phases) if p.state == "running"), job.started)
        seconds = now - began if began else None
    clock = f"  {show_clock(seconds)}" if seconds is not None else ""
    return step + clock if measure(step + clock) <= width else step


def _say_count(progress: "JobProgress") -> str:
    if progress.unit == "bytes":
        return say_amount(progress).replace(" of ", "/")
    return str(progress.done) if progress.total is None else f"{progress.done}/{progress.total}"
