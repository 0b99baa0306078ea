"""Building from a pack, with everything in it and no network."""

import hashlib
from collections.abc import Callable
from dataclasses import replace

from envbench.model.build import LockedInput
from envbench.model.cleaning import clean
from envbench.model.errors import UsageError
from envbench.model.locked_set import lock_to_set
from envbench.settings.load import Settings
from envbench.workbench.building import SubmittedBuild
from envbench.workbench.locked_builds.submitting import LockedOrder, submit_locked_build
from envbench.workbench.packs.opened import OpenedPack, open_pack
from envbench.workbench.packs.opened import is_pack as is_pack


def submit_pack_build(
    order: LockedOrder, settings: Settings, on_bytes: Callable[[int, int], None] | None = None
) -> SubmittedBuild:
    """Check a pack and hand it to a detached job; returns before anything is installed.

    Args:
        order: Its only lock is the pack.
        settings: The user's settings.
        on_bytes: Told how many bytes of the pack have been checked, and of how many.

    Raises:
        UsageError: It is no pack, or comes with further locks, or the name is not allowed.
        NotFineError: It is damaged, holds something that it must not hold, or is for another
            platform.
        PreventedError: The disk is full, or no job can be started.
    """
    if len(order.locks) != 1:
        raise UsageError("a pack says everything already; give no further --from with it")
    opened = open_pack(order.locks[0], settings, on_bytes)
    try:
        submitted = submit_locked_build(
            replace(order, locked=_as_input(opened, order), offline=True), settings
        )
    except BaseException:
        opened.close()
        raise
    opened.hand_over(submitted.job)
    return submitted


def _as_input(opened: OpenedPack, order: LockedOrder) -> LockedInput:
    lock, path = opened.manifest.lock, clean(str(order.locks[0]))
    places = tuple((url, place.as_uri()) for url, place in opened.places.items())
    sums = "\n".join(f"{file.sha256} {file.path}" for file in opened.manifest.files)
    return LockedInput(
        path=path,
        sha256=hashlib.sha256(sums.encode()).hexdigest(),
        format="pack",
        platform=opened.manifest.platform,
        packages=lock.packages,
        pip=lock.pip,
        indexes=lock.indexes,
        pip_path=path,
        says=lock_to_set(lock),
        places=places,
    )
