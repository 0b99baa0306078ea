"""`python -m envbench` and the `envbench` command."""


def main() -> None:
    """Run the command line."""
    from envbench.cli.app import run  # noqa: PLC0415

    run()


if __name__ == "__main__":
    main()
