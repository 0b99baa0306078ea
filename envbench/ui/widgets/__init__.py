"""Widgets that know nothing of environments."""
