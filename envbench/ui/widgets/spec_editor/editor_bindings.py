"""The keys of the editor; all of them can be remapped by their ids."""

from textual.binding import Binding, BindingType

EDITOR_BINDINGS: list[BindingType] = [
    Binding("escape", "leave", "Leave", id="editor.leave", show=False),
    Binding("ctrl+s", "save", "Save", id="editor.save", show=False),
    Binding("ctrl+o", "fix", "Take the fix", id="editor.fix", show=False),
    Binding("ctrl+g", "next_problem(1)", "Next problem", id="editor.next-problem", show=False),
    Binding("alt+g", "next_problem(-1)", "Problem before", id="editor.last-problem", show=False),
    Binding("ctrl+z,super+z", "undo", "Undo", id="editor.undo", show=False),
    Binding("ctrl+y,super+y", "redo", "Redo", id="editor.redo", show=False),
    Binding("ctrl+f", "find", "Find", id="editor.find", show=False),
    Binding("ctrl+@,ctrl+space,ctrl+n", "complete", "Complete", id="editor.complete", show=False),
    Binding("ctrl+l", "form('insert')", "Add a line by a form", id="editor.insert", show=False),
    Binding("ctrl+r", "form('edit')", "Change the line by a form", id="editor.edit", show=False),
    Binding("f4", "editor", "Open in $EDITOR", id="editor.external", show=False),
]
"""`ctrl+@` is what a terminal sends for Ctrl+Space."""
