"""What runs inside an environment, and what its outcome means."""
