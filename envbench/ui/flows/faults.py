"""What went wrong, told in words; the screen goes on."""

from envbench.ui.bench import Bench


def tell_fault(bench: Bench, fault: Exception) -> None:
    """Say an error as every verb says errors; a fault of ours is kept with its traceback."""
    from envbench.model.errors import EnvbenchError

    if isinstance(fault, EnvbenchError):
        bench.tell(say_error(fault), "error")
        return
    from envbench.ui.flows.fault_record import record_fault

    bench.tell(record_fault(fault), "error")


def say_error(error: Exception) -> str:
    """Put the parts of an error into one line: what, where, why, what next."""
    where = getattr(error, "where", "")
    why = getattr(error, "why", "")
    hint = getattr(error, "hint", "")
    what = getattr(error, "what", "") or str(error)
    line = f"{where}: {what}" if where else what
    line += f": {why}" if why else ""
    return f"{line}. {hint[:1].upper()}{hint[1:]}" if hint else line
