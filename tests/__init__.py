"""The tests, a package so that `tests.channels` is never taken from elsewhere."""
