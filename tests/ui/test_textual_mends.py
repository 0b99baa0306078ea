"""Widgets that were removed leave nothing behind."""

import gc

from textual._styles_cache import StylesCache
from textual.app import App
from textual.widgets import Static

from envbench.ui.textual_mends import let_widgets_go


def count_caches() -> int:
    gc.collect()
    return sum(isinstance(thing, StylesCache) for thing in gc.get_objects())


async def test_the_pictures_of_removed_widgets_are_freed():
    let_widgets_go()
    let_widgets_go()
    app = App()
    async with app.run_test() as pilot:
        await pilot.pause()
        before = count_caches()
        for number in range(20):
            widget = Static(f"widget {number}")
            await app.mount(widget)
            await pilot.pause()
            await widget.remove()
        del widget
        await pilot.pause()
        assert count_caches() <= before + 2
