"""What a verb does: asks the desk, changes the state; no widget is known here."""
