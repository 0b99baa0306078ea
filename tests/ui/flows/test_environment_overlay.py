"""Newer rows of environments over older ones."""

from envbench.ui.flows.environments import overlay
from envbench.workbench.values.environment_rows import EnvironmentRow

BUILT = EnvironmentRow("/envs/my", "my", "envbench", "/envs/my", live_generation=1, size_bytes=7)
WAITING = EnvironmentRow("spec:my", "my", "envbench", "")
THEIRS = EnvironmentRow("/conda/my", "my", "conda", "/conda/my")


def test_what_was_built_or_deleted_meanwhile_is_listed_once():
    assert overlay((WAITING, THEIRS), (BUILT,)) == (BUILT, THEIRS)
    assert overlay((BUILT, THEIRS), (WAITING,)) == (WAITING, THEIRS)


def test_what_is_not_told_yet_stays():
    told = EnvironmentRow("/envs/my", "my", "envbench", "/envs/my", live_generation=1)
    assert overlay((BUILT, THEIRS), (told,)) == (BUILT, THEIRS)
