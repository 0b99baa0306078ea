"""Local channels: real `.conda` packages and an index, made without any network.

The packages come from the interpreter that runs envbench (or another one on this box), from
installed distributions and from wheels.
"""

from envbench.engine.local_channel.making import make_channel
from envbench.engine.local_channel.report import ChannelReport, ChannelStep, SkippedDistribution

__all__ = ["ChannelReport", "ChannelStep", "SkippedDistribution", "make_channel"]
