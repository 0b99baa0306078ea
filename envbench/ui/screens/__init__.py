"""Screens: the bench itself, and the questions that come over it."""
