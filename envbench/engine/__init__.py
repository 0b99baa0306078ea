"""conda and pip: solving, fetching, linking, local channels, the pip section."""
