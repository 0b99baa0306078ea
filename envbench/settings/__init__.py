"""Configuration: envbench's own file, condarc, paths and credentials."""
