"""Locks: made from environments, specs and other locks; written, compared, offered."""
