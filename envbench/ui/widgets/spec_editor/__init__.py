"""An editor for one `environment.yml`: its text, what is wrong in it, and what may be typed next."""
