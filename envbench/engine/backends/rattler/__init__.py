"""The backend that needs no conda on the box: the solver and installer of py-rattler."""
