"""What is known of which versions work together: data with sources, and the rules over it.

Facts about what is installed (metadata, build strings, the driver's own word) always win over
these tables, which explain, and advise where nothing is installed yet.
"""
