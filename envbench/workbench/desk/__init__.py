"""How the screen asks the workbench without ever waiting: children that run its verbs."""
