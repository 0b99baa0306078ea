"""The headless verbs: arguments, exit codes and output, one file per group of verbs."""
