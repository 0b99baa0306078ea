"""What one pane shows: a pure function from the state to lines, and the widget around it."""
