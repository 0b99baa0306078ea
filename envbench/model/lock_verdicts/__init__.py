"""What a lock says held against a spec or another lock: rules without input or output."""
