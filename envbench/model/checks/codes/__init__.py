"""The codes of problems as data, one file per family."""
