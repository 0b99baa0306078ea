"""What the solver is asked on behalf of the screen, and the command lines that do the same."""

from typing import TYPE_CHECKING, Any

from envbench.ui.command_lines import quote_path
from envbench.ui.plan_face import SolveOptions
from envbench.ui.state import ScreenState, SolveView

if TYPE_CHECKING:
    from envbench.workbench.values.solving import SolveOrder


def make_order(view: SolveView) -> "SolveOrder":
    """Ask for just what was solved, with whatever is to be found out about it."""
    return order_solve(view.path, view.against, view.options, offline=view.offline)


def order_solve(path: str, against: str, options: SolveOptions, *, offline: bool) -> "SolveOrder":
    """Ask for a solve, with what this screen asks beside the spec and the settings."""
    from envbench.model.channel import ChannelPriority
    from envbench.workbench.values.solving import SolveOrder

    return SolveOrder(
        spec=read_path(path),
        against=against or None,
        is_fresh=bool(against),
        offline=offline,
        priority=ChannelPriority(options.priority) if options.priority else None,
        virtual=(options.virtual,) if options.virtual else (),
        exclude_newer=options.exclude_newer or None,
    )


def read_path(text: str) -> Any:
    """Make a path of a text."""
    from pathlib import Path

    return Path(text)


def spec_twin(state: ScreenState, verb: str) -> str:
    """Give the command line of a verb about the open spec, with what this screen asks beside."""
    if state.spec is None:
        return ""
    options = state.solve_options.command
    return " ".join(["envbench", verb, name_file(state), *([options] if options else [])])


def name_file(state: ScreenState) -> str:
    """Name the file of the open spec as a shell takes it."""
    path = state.spec.path if state.spec is not None else ""
    return quote_path(path, state.directory)
