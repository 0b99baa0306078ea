"""Files that are made of a lock for other tools and are not read back, one file each."""
