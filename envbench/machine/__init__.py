"""This box: host facts and executables."""
