"""`python -m envbench.workbench.desk`: a child, for whoever speaks its protocol."""

from envbench.workbench.desk.server import main

if __name__ == "__main__":
    main()
