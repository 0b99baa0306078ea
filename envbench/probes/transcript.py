"""What a probe said: its event lines, read one by one, without any process at hand."""

import json
import math
from dataclasses import dataclass, field
from typing import Any

from envbench.model.cleaning import clean
from envbench.model.probe import ProbeCheck, ProbeError, ProbeStage
from envbench.model.redaction import redact

MAX_EVENTS = 5000


@dataclass(slots=True)
class Transcript:
    """Everything that the events of one run told, in the order they came."""

    open_stage: str = ""
    """The stage that began and has not ended."""
    failed_stage: str = ""
    """The first stage that ended with an exception or a wrong number."""
    done: bool = False
    not_installed: bool = False
    skipped: str = ""
    """Why nothing was run; empty when something was."""
    unchecked: list[str] = field(default_factory=list)
    python: str = ""
    stages: list[ProbeStage] = field(default_factory=list)
    checks: list[ProbeCheck] = field(default_factory=list)
    errors: list[ProbeError] = field(default_factory=list)
    frames: list[str] = field(default_factory=list)
    facts: dict[str, Any] = field(default_factory=dict)
    distributions: dict[str, dict[str, str]] = field(default_factory=dict)
    memory_peak_bytes: int = 0
    _count: int = 0

    def feed(self, line: bytes) -> None:
        """Take in one line; what is no event of ours is passed over."""
        self._count += 1
        event = _read_event(line) if self._count <= MAX_EVENTS else None
        if event is None:
            return
        peak = event.get("memory_peak_bytes")
        if isinstance(peak, int):
            self.memory_peak_bytes = max(self.memory_peak_bytes, peak)
        match event.get("k"):
            case "stage_start":
                self.open_stage = str(event.get("stage", ""))
            case "stage_end":
                self._end_stage(event)
            case "not_installed":
                self.not_installed = True
            case "skipped":
                self.skipped = _tell(event.get("reason")) or "no reason was given"
            case "unchecked":
                told = event.get("what")
                self.unchecked += map(_tell, told if isinstance(told, list) else [told])
            case "done":
                self.done = True

    def _end_stage(self, event: dict[str, Any]) -> None:
        name, ok = str(event.get("stage", "")), event.get("ok") is True
        duration_s = _number(event.get("sec")) or 0.0
        self.open_stage = ""
        data = event.get("data")
        data = _clean_values(data) if isinstance(data, dict) else {}
        if ok and name.startswith("check:"):
            ok = self._add_check(name.removeprefix("check:"), data, duration_s)
        elif ok:
            self._keep_data(name, data)
        else:
            self._keep_error(event)
        if not ok and not self.failed_stage:
            self.failed_stage = name
        self.stages.append(
            ProbeStage(
                name=name,
                ok=ok,
                duration_s=duration_s,
                memory_peak_bytes=self.memory_peak_bytes or None,
            )
        )

    def _add_check(self, name: str, data: dict[str, Any], duration_s: float) -> bool:
        device = str(data.get("device", "cpu"))
        if skipped := _tell(data.get("skipped")):
            self.checks.append(ProbeCheck(name=name, device=device, ok=False, skipped=skipped))
            return True
        error, tolerance = _number(data.get("error")), _number(data.get("tolerance"))
        # Judged here once more: the verdict of a payload is not taken on trust, and NaN never passes.
        ok = error is not None and tolerance is not None and error <= tolerance
        self.checks.append(
            ProbeCheck(
                name=name,
                device=device,
                ok=ok,
                error=error,
                tolerance=tolerance,
                duration_s=duration_s,
            )
        )
        return ok

    def _keep_data(self, stage: str, data: dict[str, Any]) -> None:
        if stage == "static":
            found = data.get("distributions")
            self.distributions = found if isinstance(found, dict) else {}
            self.python = str(data.get("python", ""))
        elif stage == "import":
            self.facts["modules"] = data
        elif stage == "facts":
            self.facts.update(data)

    def _keep_error(self, event: dict[str, Any]) -> None:
        if self.errors:
            return
        for error in event.get("error") or ():
            self.errors.append(
                ProbeError(
                    type=clean(str(error.get("type", "")), limit=200),
                    message=redact(clean(str(error.get("message", "")), multiline=True)),
                )
            )
        self.frames.extend(redact(clean(str(frame))) for frame in event.get("frames") or ())


def _read_event(line: bytes) -> dict[str, Any] | None:
    try:
        event = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return event if isinstance(event, dict) else None


def _tell(value: object) -> str:
    return redact(clean("" if value is None else str(value), limit=500))


def _clean_values(value: Any) -> Any:
    if isinstance(value, dict):
        return {clean(str(key), limit=200): _clean_values(entry) for key, entry in value.items()}
    if isinstance(value, list):
        return [_clean_values(entry) for entry in value]
    return redact(clean(value)) if isinstance(value, str) else value


def _number(value: object) -> float | None:
    try:
        number = float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return None
    return None if math.isnan(number) else number
