"""The checks of a spec: one function each, listed in catalogue order."""
