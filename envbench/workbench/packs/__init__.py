"""Packs for boxes without a network: made, opened, built from."""
