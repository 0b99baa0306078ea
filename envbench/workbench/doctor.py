"""The static doctor of an environment: what is wrong, why, and ways out that were tried."""

import os
import time
from datetime import UTC, datetime
from pathlib import Path

from envbench.envs.doctor.examination import examine_prefix
from envbench.envs.doctor.reading import read_view
from envbench.envs.doctor.view import DriverState, GpuFacts, PrefixView
from envbench.envs.generation_files import read_generation
from envbench.machine.gpus import DriverFacts, ask_driver
from envbench.settings.load import Settings
from envbench.workbench.doctor_remedies import TriedRemedies, try_remedies
from envbench.workbench.environments import find_prefix
from envbench.workbench.values.doctor import DoctorReport as DoctorReport


def examine_environment(
    reference: str,
    settings: Settings,
    *,
    driver: DriverFacts | None = None,
    solve: bool = True,
) -> DoctorReport:
    """Examine an environment without importing any of it.

    Args:
        reference: Name, `NAME@GENERATION`, or path.
        settings: The user's settings.
        driver: What the driver says; it is asked when this is None.
        solve: Try the changes of the spec that remedies consist of.

    Raises:
        UsageError: There is no such environment.
    """
    started = time.monotonic()
    view = view_environment(reference, settings, driver)
    tried = TriedRemedies(findings=examine_prefix(view))
    if solve:
        tried = try_remedies(tried.findings, view, settings)
    generation = read_generation(view.prefix)
    return DoctorReport(
        environment=reference,
        prefix=str(view.prefix),
        generation=generation.number if generation else None,
        made=datetime.now(UTC).isoformat(timespec="seconds"),
        python=view.python,
        findings=tried.findings,
        remedies_solved=tried.solved,
        notes=(*_note(view), *((tried.note,) if tried.note else ())),
        duration_s=round(time.monotonic() - started, 3),
    )


def view_environment(
    reference: str, settings: Settings, driver: DriverFacts | None = None
) -> PrefixView:
    """Read an environment, and what of this box concerns it.

    Raises:
        UsageError: There is no such environment.
    """
    prefix = find_prefix(reference, settings)
    facts = ask_driver(os.environ) if driver is None else driver
    return read_view(
        prefix,
        environ=os.environ,
        home=Path.home(),
        driver=_describe(facts),
        cache_dir=settings.paths.cache_dir,
    )


def _describe(facts: DriverFacts) -> DriverState:
    return DriverState(
        version=facts.driver,
        cuda=facts.cuda,
        gpus=tuple(
            GpuFacts(
                name=gpu.name or f"GPU {gpu.index}", uuid=gpu.uuid or "", capability=gpu.capability
            )
            for gpu in facts.gpus
        ),
        reason=facts.reason,
    )


def _note(view: PrefixView) -> tuple[str, ...]:
    notes = []
    if not view.python:
        notes.append("no Python in it: only conda's records were examined")
    if view.driver.version is None:
        why = view.driver.reason or "the driver did not tell its version"
        notes.append(f"nothing was compared with a driver: {why}")
    return tuple(notes)
