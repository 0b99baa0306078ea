"""What stands over a plan beside its summary: options of this screen, whether the pip part fits."""

from envbench.ui.flows.fixing import refuse_undo
from envbench.ui.ink import Line, ink, wrap
from envbench.ui.solve_choice import STOPPED, name_solve
from envbench.ui.state import ScreenState, SolveView


def name_keys(state: ScreenState, view: SolveView, build: str) -> list[str]:
    """Name the keys that matter with a plan; `build` is empty while it cannot be built."""
    pip = "f pip part" if view.report.pip_items else ""
    undo = "" if refuse_undo(state) else "U undo fix"
    return [key for key in (build, undo, pip, "i what if") if key]


def say_pip_check(state: ScreenState, view: SolveView, width: int) -> tuple[Line, ...]:
    """Say whether the pip part fits beside the plan, as far as that was asked."""
    fact, room = state.fixes, max(2, width)
    if fact.about != name_solve(view):
        return ()
    if fact.working:
        seconds = max(0, state.tick - state.solve_tick)
        line = ink(
            ("► ", "accent"), fact.working, (f"   {seconds} s   ", "dim"), ("x", "accent"),
            (" stops it", "dim"),
        )  # fmt: skip
        return wrap(line, room)
    if fact.fault:
        fault = "stopped before it was known whether the pip part fits"
        return wrap(ink(("× ", "error"), fault if fact.fault == STOPPED else fact.fault), room)
    report = fact.value
    if report is None or report.conflict is not None:
        return ()
    if report.not_tried:
        return wrap(ink(("▲ ", "warning"), report.not_tried[0]), room)
    return wrap(ink(("● ", "ok"), "the pip part fits beside this plan"), room)


def say_options(state: ScreenState, view: SolveView, width: int) -> tuple[Line, ...]:
    """Say what was asked beside the spec and the settings, and how to make it last."""
    options = view.options
    if options.is_empty:
        return ()
    lasting = ""
    if options.priority:
        lasting = f"conda config --set channel_priority {options.priority} makes it lasting"
    elif options.virtual:
        name, _, version = options.virtual.removeprefix("__").partition("=")
        value = "" if version == "none" else version
        lasting = f"export CONDA_OVERRIDE_{name.upper()}={value} makes it lasting"
    said = ink(("▲ ", "warning"), "for this screen: ", (options.command, "bold"))
    if state.solve_options != options:
        end = ink(("   taken back: ", "dim"), ("s", "accent"), (" solves without", "dim"))
    else:
        end = ink(
            (f"   {lasting}" if lasting else "", "dim"), ("   U", "accent"), (" undoes it", "dim")
        )
    return wrap(ink(said, end), max(2, width))
