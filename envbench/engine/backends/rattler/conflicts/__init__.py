"""From a refusal to the lines of the user's file that cause it, and how that comes about."""
