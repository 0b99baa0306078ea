"""The log viewer: any size, following, wrapped or not, searched and filtered."""
