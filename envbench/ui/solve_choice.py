"""What the solve that is shown is about, and what can be done with it; pure functions."""

from envbench.ui.state import OpenSpec, ScreenState, SolveView

STOPPED = "stopped"
"""The fault of what the user stopped."""


def name_solve(view: SolveView) -> str:
    """Name a solve, so that what is found out about it is not taken for another one's."""
    options = view.options
    parts = (view.path, view.sha256, options.priority, options.virtual, options.exclude_newer)
    return repr(parts)


def has_conflict(state: ScreenState) -> bool:
    """Whether what is shown is a solve without a solution."""
    view = state.solve.value
    return view is not None and view.report.conflict is not None


def refuse_asking(state: ScreenState) -> str:
    """Say that something else is asked of the solver, which answers one question at a time."""
    if state.solve.working:
        return "a solve is at work: x stops it"
    if state.fixes.working:
        return "fixes are being looked for: x stops that"
    if state.what_if.working:
        return "other conditions are being solved: x stops that"
    if state.why.working:
        return "what holds a package back is being proved: x stops that"
    return ""


def is_stale(spec: OpenSpec, view: SolveView) -> bool:
    """Tell whether the spec, in the editor or on disk, is no longer what was solved."""
    return spec.is_dirty or bool(spec.disk) or view.sha256 != spec.sha256


def refuse_taking(state: ScreenState) -> str:
    """Say why nothing can be put into the spec that was found out about the shown solve."""
    spec, view = state.spec, state.solve.value
    if view is None:
        return "there is no solve yet: s solves, nothing is touched"
    if spec is None or spec.path != view.path:
        return "this is of another spec than the one that is open"
    if state.solve.working:
        return "the solve is still at work"
    if is_stale(spec, view):
        return "the spec changed since it was solved: s again"
    return spec.read_only
