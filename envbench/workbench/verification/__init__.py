"""A lock held against an environment, a spec or another lock."""
