"""What failures mean, one family a file; a new signature is one more row."""
