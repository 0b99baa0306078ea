"""The name by which a pack is recognised; apart from what it says, which few readers need."""

MANIFEST_NAME = "envbench-pack.json"
"""Lies at the top of a pack, and is the first file of its tar."""
