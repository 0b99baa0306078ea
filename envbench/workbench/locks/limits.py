"""How large a lock file may be; in a file of its own, for those who load nothing else."""

LOCK_LIMIT_BYTES = 64 * 1024 * 1024
