"""The solver as a process of its own: repodata in memory, killed to cancel."""
