"""Questions to the user, as answers that can be awaited."""

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from textual.app import App
    from textual.screen import Screen


async def ask(app: "App[Any]", question: str, details: Sequence[str], yes: str) -> bool:
    """Ask for a yes; everything else is a no."""
    from envbench.ui.screens.question import Question

    return await answer_of(app, Question(question, tuple(details), yes)) is True


async def choose(
    app: "App[Any]", title: str, options: Sequence[tuple[str, str]], details: Sequence[str]
) -> str | None:
    """Let the user choose one of (key, text); None when he does not."""
    from envbench.ui.screens.choice import Choice

    answer: str | None = await answer_of(app, Choice(title, tuple(options), tuple(details)))
    return answer


async def fill(
    app: "App[Any]", title: str, fields: Sequence[tuple[str, str, str]], details: Sequence[str]
) -> dict[str, str] | None:
    """Let the user fill a form of (name, label, value); None when he does not."""
    from envbench.ui.screens.form import Form

    answer: dict[str, str] | None = await answer_of(app, Form(title, tuple(fields), tuple(details)))
    return answer


async def answer_of(app: "App[Any]", screen: "Screen[Any]") -> Any:
    """Show a screen over the others and wait for what it is left with."""
    answer = asyncio.get_running_loop().create_future()

    def take(value: Any) -> None:
        if not answer.done():
            answer.set_result(value)

    try:
        await app.push_screen(screen, take)
        return await answer
    except asyncio.CancelledError:
        # Whoever asked was stopped: a question that nobody waits for must not stay.
        if app.is_running and app.screen is screen:
            app.pop_screen()
        raise
