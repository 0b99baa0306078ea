"""Asking the desk for one fact of the state: working, then settled or failed."""

from collections.abc import Awaitable
from typing import TypeVar

from envbench.ui.bench import Bench
from envbench.ui.state import Fact

T = TypeVar("T")


async def learn(
    bench: Bench, name: str, what: str, answer: Awaitable[T], *, about: str = ""
) -> T | None:
    """Ask for a fact; the state says that it is on its way, what it is, or why it is not known.

    Args:
        bench: The screen.
        name: Field of the state, of the kind `Fact`.
        what: What is being done, in words: `reading the folder`.
        answer: The question to the desk.
        about: What is asked about, such as the environment; what is known about another one is
            forgotten.

    Returns:
        The answer; None when there was none, which has been told.
    """
    from envbench.model.errors import EnvbenchError

    before = _fact(bench, name)
    begun = (before if before.about == about else Fact(about=about)).begin(what)
    _put(bench, name, begun)
    try:
        value = await answer
    except EnvbenchError as fault:
        from envbench.ui.flows.faults import say_error

        _put(bench, name, begun.fail(say_error(fault), fault.hint))
        return None
    except BaseException:
        # Cancelled: what was known before is still known; a newer question is not disturbed.
        if _fact(bench, name) is begun:
            kept = Fact(before.value, fault=before.fault, hint=before.hint, about=before.about)
            _put(bench, name, kept)
        raise
    _put(bench, name, begun.settle(value))
    return value


def _fact(bench: Bench, name: str) -> Fact[object]:
    fact: Fact[object] = getattr(bench.state, name)
    return fact


def _put(bench: Bench, name: str, fact: Fact[object]) -> None:
    bench.change(**{name: fact})
