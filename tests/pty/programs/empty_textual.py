"""An empty Textual app: the measure of what start-up and keys cost without anything of ours."""

import sys
from typing import ClassVar

from textual.app import App


class EmptyApp(App[None]):
    """Shows nothing, ends on `q`."""

    BINDINGS: ClassVar = [("q", "quit", "Quit")]


if __name__ == "__main__":
    app = EmptyApp()
    app.run()
    sys.exit(app.return_code or 0)
