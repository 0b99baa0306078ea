"""Pure text in, text out: environment.yml, locks, exports and their fidelity."""
