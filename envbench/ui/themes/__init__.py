"""Colours of the screen: files that say which, read with care, shown as Textual themes."""
