"""Environments on disk: generations, discovery, history, verification, activation."""
