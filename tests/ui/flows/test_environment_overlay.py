"""Newer rows of environments over older ones."""

from typing import Any

from envbench.ui.flows.environments import overlay
from envbench.workbench.values.environment_rows import EnvironmentRow


def row(key: str, kind: str = "envbench", **more: Any) -> EnvironmentRow:
    return EnvironmentRow(key=key, name="my", kind=kind, path=key, **more)


BUILT = row("/envs/my", live_generation=1, size_bytes=7)
WAITING = row("spec:my")
THEIRS = row("/conda/my", "conda")


def test_what_was_built_or_deleted_meanwhile_is_listed_once():
    assert overlay((WAITING, THEIRS), (BUILT,)) == (BUILT, THEIRS)
    assert overlay((BUILT, THEIRS), (WAITING,)) == (WAITING, THEIRS)


def test_what_is_not_told_yet_stays():
    assert overlay((BUILT, THEIRS), (row("/envs/my", live_generation=1),)) == (BUILT, THEIRS)
