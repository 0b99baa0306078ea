"""Looking at the box again, without a word about it while it goes well."""

from envbench.ui.bench import Bench
from envbench.ui.state import Fact


async def look_again(bench: Bench) -> None:
    """Read the figures of the box anew; what was known stays until then."""
    from envbench.model.errors import EnvbenchError
    from envbench.ui.flows.faults import say_error

    if bench.state.box.working:
        return
    try:
        bench.change(box=Fact(await bench.desk.describe_box()))
    except EnvbenchError as fault:
        bench.change(box=bench.state.box.fail(say_error(fault), fault.hint))
