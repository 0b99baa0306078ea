"""The front door: the verbs that the command line and the screen both ask for."""
