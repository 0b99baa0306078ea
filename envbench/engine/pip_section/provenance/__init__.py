"""Where installed wheels came from, found again and proved."""
