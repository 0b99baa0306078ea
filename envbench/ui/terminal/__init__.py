"""The terminal below the screen: what it can do, what may go to it, how it is left."""
