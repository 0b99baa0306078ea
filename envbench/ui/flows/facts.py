"""Asking the desk for one fact of the state: working, then settled or failed."""

from collections.abc import Awaitable
from typing import TypeVar

from envbench.ui.bench import Bench
from envbench.ui.state import Fact

T = TypeVar("T")


async def learn(bench: Bench, name: str, what: str, answer: Awaitable[T]) -> T | None:
    """Ask for a fact; the state says that it is on its way, what it is, or why it is not known.

    Args:
        bench: The screen.
        name: Field of the state, of the kind `Fact`.
        what: What is being done, in words: `reading the folder`.
        answer: The question to the desk.

    Returns:
        The answer; None when there was none, which has been told.
    """
    from envbench.model.errors import EnvbenchError

    _put(bench, name, _fact(bench, name).begin(what))
    try:
        value = await answer
    except EnvbenchError as fault:
        from envbench.ui.flows.faults import say_error

        _put(bench, name, _fact(bench, name).fail(say_error(fault), fault.hint))
        return None
    except BaseException:
        # Cancelled: what was known before is still known.
        fact = _fact(bench, name)
        _put(bench, name, Fact(fact.value, fault=fact.fault, hint=fact.hint))
        raise
    _put(bench, name, Fact(value))
    return value


def _fact(bench: Bench, name: str) -> Fact[object]:
    fact: Fact[object] = getattr(bench.state, name)
    return fact


def _put(bench: Bench, name: str, fact: Fact[object] | Fact[T]) -> None:
    bench.change(**{name: fact})
