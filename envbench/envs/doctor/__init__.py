"""The static doctor: what is bound to fail in an environment, told without importing any of it."""
