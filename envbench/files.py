"""The one way in which files are read and replaced."""
