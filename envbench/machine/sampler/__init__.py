"""The GPU sampler: a child that asks the driver, and a client that survives what befalls it."""
