"""Lock formats that are written and read back, one file each."""
