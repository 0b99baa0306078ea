"""What channels have, read from indexes that are at hand already; the network is never asked."""
