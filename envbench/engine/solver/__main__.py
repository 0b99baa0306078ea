"""`python -m envbench.engine.solver`: the solver process, for whoever speaks its protocol."""

from envbench.engine.solver.server import main

if __name__ == "__main__":
    main()
