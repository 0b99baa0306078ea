"""The same panes as the workbench, made at once out of Textual's own widgets, as one would begin."""

from textual.app import App, ComposeResult
from textual.containers import Horizontal, Vertical
from textual.widgets import DataTable, Footer, Header, Log, Sparkline, TextArea, Tree


class NaiveApp(App[None]):
    """A tree, an editor, a table, a log and eight meters."""

    CSS = "Tree, DataTable { height: 1fr; } TextArea { height: 2fr; } Sparkline { height: 1; }"

    def compose(self) -> ComposeResult:
        """Put all panes there."""
        yield Header()
        with Horizontal():
            yield Tree("environments")
            with Vertical():
                yield TextArea("name: x\ndependencies:\n  - numpy\n" * 10)
                yield Log()
            with Vertical():
                yield DataTable()
                yield from (Sparkline([1, 2, 3, 4]) for _ in range(8))
        yield Footer()

    def on_mount(self) -> None:
        """Fill them."""
        tree = self.query_one(Tree)
        tree.root.expand()
        for number in range(20):
            tree.root.add_leaf(f"environment {number}")
        table = self.query_one(DataTable)
        table.add_columns("name", "version", "build")
        table.add_rows([(f"package-{n}", f"1.{n}", "py311_0") for n in range(200)])
        self.query_one(Log).write_lines([f"line {n}" for n in range(100)])

    def on_key(self) -> None:
        """Answer."""
        self.screen.styles.background = "darkblue"
        self.sub_title = "answered"


if __name__ == "__main__":
    NaiveApp().run()
