"""What the place of locks is about: an environment, or the plan of a spec that was not built yet."""

from typing import TYPE_CHECKING

from envbench.ui.environment_choice import find_row, is_unbuilt, refuse_unbuilt
from envbench.ui.state import LOCK, Fact, ScreenState, SolveView

if TYPE_CHECKING:
    from envbench.workbench.values.lock_offers import LockOffer, LockPreview


def plan_to_lock(state: ScreenState) -> SolveView | None:
    """Give the plan that is locked where there is no environment: that of the open spec."""
    view = state.solve.value
    if view is None or view.report.plan is None or state.solve.working:
        return None
    row = find_row(state, state.environment)
    if state.environments.value is None or (row is not None and not is_unbuilt(row)):
        return None
    is_open = state.spec is not None and state.spec.path == view.path
    return view if is_open and "/" not in state.environment else None


def refuse_locking(state: ScreenState, reference: str) -> str:
    """Say why there is nothing to lock; empty when there is."""
    if reference == state.environment and plan_to_lock(state) is not None:
        return ""
    if not reference:
        spec = (
            "s solves the open spec, and its plan can be locked" if state.spec else "1 opens a spec"
        )
        return f"there is nothing to lock: {spec}; 5 shows the environments"
    return refuse_unbuilt(state, reference)


def offers_of(state: ScreenState) -> "tuple[LockOffer, ...]":
    """Give the formats of the environment, as far as they are known."""
    known = state.locks.value if state.locks.about == state.environment else None
    return known.offers if known is not None else ()


def chosen_offer(state: ScreenState) -> "LockOffer | None":
    """Give the format that is looked at, else the one under the cursor, else the first."""
    offers = offers_of(state)
    shown = shown_preview(state)
    key = shown.format if shown is not None else state.selected.get(LOCK, "")
    return next((offer for offer in offers if offer.format == key), next(iter(offers), None))


def shown_preview(state: ScreenState) -> "LockPreview | None":
    """Give the text that is looked at."""
    return state.preview.value if is_previewing(state) else None


def is_previewing(state: ScreenState) -> bool:
    """Whether the text of a lock, or why there is none, is in sight."""
    preview = state.preview
    return preview != Fact() and preview.about.partition(" ")[2] == state.environment
