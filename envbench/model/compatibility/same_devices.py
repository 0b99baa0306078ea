"""Rows of a compatibility report that say the same of several GPUs, as one row."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace

from envbench.model.compatibility_report import CompatibilityRow

_TELLING = 12
"""So much of a UUID tells GPUs apart, and is enough for `--gpu`."""


def merge_devices(rows: Iterable[CompatibilityRow]) -> tuple[CompatibilityRow, ...]:
    """Say once, as `8 x NVIDIA H100`, what is said of equal GPUs.

    Equal GPUs of which different things are said keep the beginning of their UUIDs.

    Returns:
        The rows in their order, each where its first GPU stood.
    """
    same: dict[CompatibilityRow, list[str]] = {}
    for row in rows:
        same.setdefault(replace(row, device_id=""), []).append(row.device_id)
    names = Counter((row.framework, row.version, row.device) for row in same)
    return tuple(
        replace(
            row,
            device=_name(
                row.device, ids, is_alone=names[row.framework, row.version, row.device] == 1
            ),
            device_id=" ".join(ids),
        )
        for row, ids in same.items()
    )


def _name(device: str, ids: list[str], *, is_alone: bool) -> str:
    counted = f"{len(ids)} x {device}" if len(ids) > 1 else device
    return counted if is_alone else f"{counted} ({', '.join(uuid[:_TELLING] for uuid in ids)})"
