"""Local channels, for air-gapped boxes."""

from collections.abc import Sequence
from pathlib import Path

from envbench.engine.local_channel import ChannelReport, make_channel


def make_local_channel(
    directory: Path,
    *,
    python: bool,
    distributions: Sequence[str],
    wheels: Sequence[Path],
    with_dependencies: bool,
) -> ChannelReport:
    """Make or extend a channel out of what is installed here.

    Raises:
        UsageError: A distribution is not installed, or a wheel cannot be used; names it.
        PreventedError: The disk refused.
    """
    return make_channel(
        directory,
        python=python,
        distributions=distributions,
        wheels=wheels,
        with_dependencies=with_dependencies,
    )
