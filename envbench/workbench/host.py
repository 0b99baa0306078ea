"""This box, as the solver sees it and as people do."""

import os
from dataclasses import dataclass

from envbench.machine import host_file
from envbench.machine.box import BoxFacts, describe_box
from envbench.machine.host import detect_host
from envbench.model.host import HostProfile, VirtualPackage
from envbench.settings.load import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class HostReport:
    """A box: what a solve must know, and what is worth knowing."""

    profile: HostProfile
    virtual_packages: tuple[VirtualPackage, ...]
    profile_text: str
    """The profile as a file for `--host`."""
    box: BoxFacts


def describe_host(settings: Settings) -> HostReport:
    """Describe this box."""
    profile = detect_host()
    directories = (settings.paths.envs_dir, settings.paths.cache_dir, settings.paths.state_dir)
    return HostReport(
        profile=profile,
        virtual_packages=profile.virtual_packages(),
        profile_text=host_file.write(profile),
        box=describe_box(os.environ, directories),
    )
