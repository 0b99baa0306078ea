"""The pip part of a lock, installed just as it is named."""
