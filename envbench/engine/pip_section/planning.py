"""Resolves a pip section before there is a prefix, so that a plan can show it."""

import re
from dataclasses import replace

from envbench.engine.pip_section.cautions import collect_warnings
from envbench.engine.pip_section.errors import UvError
from envbench.engine.pip_section.items import refuse_excluded_pins, vet_items
from envbench.engine.pip_section.keeping import KeptVersions, choose_kept, hold_commits
from envbench.engine.pip_section.phantom import PhantomPrefix
from envbench.engine.pip_section.planned import describe_planned
from envbench.engine.pip_section.request import (
    OnOutput,
    PipPlanRequest,
    PipSectionResult,
)
from envbench.engine.pip_section.resolution import Resolver
from envbench.engine.pip_section.uv_environment import UvReach, compose_reach
from envbench.engine.pip_section.uv_process import UvRunner
from envbench.engine.pip_section.workspace import open_workspace
from envbench.formats.pylock_part import write_pylock

_MANYLINUX = (17, *range(28, 29), *range(31, 41))
"""Minor versions of glibc 2 for which uv has a platform name."""
_MACHINES = {"linux-64": "x86_64", "linux-aarch64": "aarch64"}
_OTHER_PLATFORMS = {
    "osx-64": "x86_64-apple-darwin",
    "osx-arm64": "aarch64-apple-darwin",
    "win-64": "x86_64-pc-windows-msvc",
}


def plan_pip_section(
    request: PipPlanRequest, on_output: OnOutput | None = None
) -> PipSectionResult:
    """Resolve the pip section against the conda packages of a plan; installs nothing.

    Raises:
        EnvbenchError: As `install_pip_section`.
    """
    task = request.task
    items = hold_commits(vet_items(task), request.kept, request.update)
    if not items:
        return PipSectionResult()
    refuse_excluded_pins(items, task)
    held = KeptVersions()
    with open_workspace(task.work_dir) as directory:
        reach = _aim_at(request, compose_reach(task))
        runner = UvRunner(reach, directory, task.timeout_s, on_output)
        phantom = PhantomPrefix(runner, directory / "phantom")
        phantom.hold(task.owned)
        target = name_target(request.python_version, request.platform, request.glibc)
        resolver = Resolver(runner, task, phantom.python, target)
        if request.kept:
            held = choose_kept(resolver, items, request.kept, request.update)
            resolver = replace(resolver, held=held.pins)
        resolution = resolver.resolve(items)
        packages = resolver.name_indexes(resolution.packages)
    text = write_pylock(packages, requires_python=resolution.requires_python) if packages else ""
    return PipSectionResult(
        packages=describe_planned(packages, request),
        pylock_text=text,
        warnings=collect_warnings(task, packages, ()),
        runs_code_of=resolution.runs_code_of,
        freed=held.freed,
    )


def _aim_at(request: PipPlanRequest, reach: UvReach) -> UvReach:
    """Name the version of macOS, which uv's names of platforms do not say."""
    if request.osx is None or not request.platform.startswith("osx-"):
        return reach
    return replace(reach, variables={**reach.variables, "MACOSX_DEPLOYMENT_TARGET": request.osx})


def name_uv_platform(platform: str, glibc: str | None) -> str:
    """Name a conda platform in uv's words.

    Args:
        platform: conda subdir.
        glibc: Version of the C library; the newest manylinux that it can load is taken.

    Raises:
        UvError: uv has no name for it.
    """
    machine = _MACHINES.get(platform)
    if machine is None:
        if platform in _OTHER_PLATFORMS:
            return _OTHER_PLATFORMS[platform]
        raise UvError(f"uv has no name for the platform {platform}")
    match = re.match(r"2\.(\d+)", glibc or "")
    minor = int(match[1]) if match else _MANYLINUX[0]
    best = max((known for known in _MANYLINUX if known <= minor), default=_MANYLINUX[0])
    return f"{machine}-manylinux_2_{best}"


def name_target(python_version: str, platform: str, glibc: str | None) -> tuple[str, ...]:
    """Give uv's options for a Python and a platform that need not be those of this box.

    Raises:
        UvError: uv has no name for the platform.
    """
    uv_platform = name_uv_platform(platform, glibc)
    return ("--python-version", python_version, "--python-platform", uv_platform)
