"""What holds for all tests."""

from hypothesis import settings

# How long an example takes says how busy the box is; figures are for tests/bench.
settings.register_profile("envbench", deadline=None)
settings.load_profile("envbench")
