"""Detached jobs: store, supervisor, events, log tailing, cancel."""
