"""This box in facts to show: processor, memory, disks, driver, and whether jobs outlive a logout."""

import os
import time
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

from envbench.jobs.login import warn_about_logout
from envbench.jobs.state_directory import warn_about_state_directory
from envbench.machine import box as machine_box
from envbench.machine.box import NETWORK_FILE_SYSTEMS, DiskFacts
from envbench.machine.gpus import DriverFacts, ask_driver
from envbench.machine.host import detect_archspec, detect_glibc
from envbench.settings.load import Settings
from envbench.workbench.values.box_facts import BoxDisk as BoxDisk
from envbench.workbench.values.box_facts import BoxGpu as BoxGpu
from envbench.workbench.values.box_facts import BoxReport as BoxReport

_AGE_S = 300.0
"""For so long the driver and the login manager are not asked again: both take their time."""
_GPU_TIMEOUT_S = 10.0
_IN_MEMORY = frozenset({"tmpfs", "ramfs"})


def describe_box(settings: Settings) -> BoxReport:
    """Describe this box.

    The driver and the login manager are asked once in five minutes, which may take seconds; all
    else is read anew each time.
    """
    driver, logout = _ask_slow_ones(int(time.monotonic() // _AGE_S))
    facts = machine_box.describe_box(os.environ, driver=driver)
    state_warning = warn_about_state_directory(settings.paths.state_dir)
    return BoxReport(
        name=facts.name,
        system=facts.system,
        kernel=facts.kernel,
        processor=facts.processor,
        cores=facts.cores,
        load=_read_load(),
        memory_bytes=facts.memory_bytes,
        memory_available_bytes=facts.memory_free_bytes,
        disks=_describe_disks(_list_directories(settings, os.environ)),
        glibc=_detect_library(),
        archspec=_detect_processor(),
        driver=driver.driver,
        cuda=driver.cuda,
        gpus=tuple(
            BoxGpu(
                index=gpu.index,
                name=gpu.name,
                capability=gpu.capability,
                memory_bytes=gpu.memory_bytes,
            )
            for gpu in driver.gpus
        ),
        gpu_note=_say_gpus(driver),
        jobs_note=logout or state_warning or "nothing here is known to end jobs at the logout",
        jobs_outlive_logout=logout is None,
    )


@lru_cache(maxsize=1)
def _ask_slow_ones(window: int) -> tuple[DriverFacts, str | None]:
    """Ask those whose answers do not change from one minute to the next.

    Args:
        window: Number of the span of time for which the answers count.
    """
    del window
    return ask_driver(os.environ, timeout_s=_GPU_TIMEOUT_S), warn_about_logout()


@lru_cache(maxsize=1)
def _detect_library() -> str | None:
    return detect_glibc()


@lru_cache(maxsize=1)
def _detect_processor() -> str | None:
    return detect_archspec()


def _read_load() -> tuple[float, float, float] | None:
    try:
        return os.getloadavg()
    except OSError:
        return None


def _list_directories(settings: Settings, environ: Mapping[str, str]) -> dict[str, Path]:
    paths = settings.paths
    home = environ.get("HOME", "")
    homes = {"home": Path(home)} if home.startswith("/") else {}
    own = {"envs": paths.envs_dir, "cache": paths.cache_dir, "state": paths.state_dir}
    return homes | own


def _describe_disks(directories: Mapping[str, Path]) -> tuple[BoxDisk, ...]:
    """Describe each file system once, however many uses it has."""
    uses: dict[int, list[str]] = {}
    found: dict[int, DiskFacts] = {}
    for use, directory in directories.items():
        try:
            device = _find_device(directory)
            facts = found.get(device) or machine_box.describe_disk(directory)
        except OSError:
            # A network file system that is gone: the others are still worth telling.
            continue
        found[device] = facts
        uses.setdefault(device, []).append(use)
    return tuple(
        BoxDisk(
            uses=tuple(uses[device]),
            path=facts.path,
            file_system=facts.file_system,
            total_bytes=facts.total_bytes,
            free_bytes=facts.free_bytes,
            is_network=facts.file_system in NETWORK_FILE_SYSTEMS,
            is_in_memory=facts.file_system in _IN_MEMORY,
            warning=facts.warning,
        )
        for device, facts in found.items()
    )


def _find_device(directory: Path) -> int:
    existing = directory.absolute()
    while not existing.exists() and existing != existing.parent:
        existing = existing.parent
    return existing.stat().st_dev


def _say_gpus(driver: DriverFacts) -> str:
    if driver.reason == "no NVIDIA driver":
        return "no NVIDIA driver found"
    if driver.reason:
        return f"GPUs are not known: {driver.reason}"
    if not driver.gpus:
        return "the NVIDIA driver is there, and it has no GPU"
    names = dict.fromkeys(gpu.name or "unnamed" for gpu in driver.gpus)
    return f"{len(driver.gpus)} x {' and '.join(names)}; no live readings here"
