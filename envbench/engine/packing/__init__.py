"""Packs for boxes without a network: written with all archives, read back without trust."""
