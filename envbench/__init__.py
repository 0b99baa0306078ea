"""envbench: the terminal workbench for conda environments on GPU boxes."""

__version__ = "0.1.0"
