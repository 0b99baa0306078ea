"""What the keys of the editor do, in words; letters are text there."""

EDITOR_KEYS: tuple[tuple[str, str, str], ...] = (
    ("^N", "complete", "Offer names, versions and builds for what is written here; ^Space too."),
    ("^L", "add a line", "Put a dependency in by a small form."),
    ("^R", "change line", "Change the dependency on this line by the same form."),
    ("^F", "find", "Find a text; Enter goes on to the next match, Esc ends it."),
    ("F4", "$EDITOR", "Open the file in your own editor, at this line."),
    ("^Z ^Y", "undo, redo", "Take the last step back, or make it again."),
    ("Alt+G", "problem before", "Go to the problem before this one; ^G to the next."),
    ("F1", "help", "Show these keys."),
)
"""Key, name and what it does; those first that are most wanted, as the foot has room for some."""
