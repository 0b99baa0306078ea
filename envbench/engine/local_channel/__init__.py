"""Local channels: real `.conda` packages and an index, made without any network.

The packages come from the interpreter that runs envbench (or another one on this box), from
installed distributions and from wheels.
"""
