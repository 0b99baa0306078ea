"""What conda and micromamba do with environment files beyond what these say.

Source: conda 26.7 and micromamba 2.5 (what they add to a pip part, when they set variables).
"""

from collections.abc import Iterator

from envbench.model.lock import Lock, Loss

WHY_PIP = (
    "The environment has no pip; conda and micromamba add the newest one to install the pip part."
)


def find_consumer_losses(lock: Lock) -> tuple[Loss, ...]:
    """List what an environment has afterwards that it did not have, and the other way round."""
    return tuple(_describe(lock))


def _describe(lock: Lock) -> Iterator[Loss]:
    if lock.pip and not any(package.name == "pip" for package in lock.packages):
        yield Loss("pip itself", (), WHY_PIP)
    if lock.variables:
        yield Loss(
            "variables in micromamba", (),
            "micromamba before 2.2 does not read them, and `micromamba run` does not set them;"
            " activation does.",
        )  # fmt: skip
