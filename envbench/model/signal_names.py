"""Names of signals. The supervisor reads this file: standard library only."""

import signal


def name_signal(number: int) -> str:
    """Name a signal: `SIGSEGV`, or `signal 35` for one without a name."""
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
