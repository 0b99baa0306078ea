"""The verbs of the screen: one class each, with its key, help, reason and headless twin."""
