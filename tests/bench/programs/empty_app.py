"""An empty Textual app that answers each key with another picture: the measure of what must be."""

from textual.app import App


class EmptyApp(App[None]):
    """Nothing but its background."""

    def on_key(self) -> None:
        """Answer."""
        self.screen.styles.background = "darkblue"


if __name__ == "__main__":
    EmptyApp().run()
