"""The specs of the folder, those that come with envbench, and those opened lately."""

from typing import TYPE_CHECKING

from envbench.ui.ink import Line, Part, ink, measure, spread, tame, wrap
from envbench.ui.pane_view import PaneView, Row, note
from envbench.ui.panels.panel import Panel
from envbench.ui.state import OpenSpec, ScreenState

if TYPE_CHECKING:
    from envbench.workbench.values.spec_folder import SpecEntry, SpecFolder

MOST_RECENT = 8
_GIT = {"modified": "M", "untracked": "?", "staged": "A"}


class SpecsPanel(Panel):
    """The specs; Enter opens one."""

    reads = ("specs", "spec")

    def describe(self, state: ScreenState, width: int) -> PaneView:
        """List them."""
        return describe_specs(state, width)


def describe_specs(state: ScreenState, width: int) -> PaneView:
    """List the specs of the folder with their state, then samples and recent ones."""
    fact = state.specs
    folder = fact.value
    if folder is None:
        empty: tuple[Line, ...] = (ink((fact.working or "not read yet", "dim")),)
        if fact.fault:
            empty = wrap(ink(("× ", "error"), fact.fault), max(2, width))
        return PaneView("Specs", empty=empty)
    rows = [_entry_row(entry, state.spec, width) for entry in folder.specs]
    if not rows:
        rows = [
            note(folder.fault or "No spec here yet.", key="none"),
            note(("a", "accent"), (" new, Enter on a sample", "dim"), key="none-key"),
        ]
    rows += _samples(folder, state.spec)
    rows += _recent(folder, width)
    badge = f"{folder.left_off} more" if folder.left_off else ""
    old = wrap(ink(("× old: ", "error"), fact.fault), max(2, width)) if fact.fault else ()
    return PaneView(
        "Specs", badge="old" if old else badge, badge_role="warning" if old else "dim", top=old,
        rows=tuple(rows), keys="a new",
    )  # fmt: skip


def _entry_row(entry: "SpecEntry", spec: OpenSpec | None, width: int) -> Row:
    is_open = spec is not None and spec.path == entry.path
    mark = "► " if is_open else "  "
    git = _GIT.get(entry.git.value, "")
    name = ink((mark, "accent"), (entry.shown, "bold" if is_open else "text"), (f" {git}", "dim"))
    return Row(f"spec:{entry.path}", (spread(name, ink(_say_state(entry, spec, is_open)), width),))


def _say_state(entry: "SpecEntry", spec: OpenSpec | None, is_open: bool) -> Part:
    if is_open and spec is not None and spec.checked >= 0:
        return _say_open(spec)
    if entry.state.value in {"broken", "unreadable"}:
        return (f"× {entry.state.value}", "error")
    if entry.errors:
        return (f"× {entry.errors}", "error")
    if entry.has_draft:
        return ("draft", "warning")
    return _say_sound(entry)


def _say_sound(entry: "SpecEntry") -> Part:
    if entry.warnings:
        return (f"▲ {entry.warnings}", "warning")
    if entry.built is not None:
        return ("built", "ok") if entry.built_matches else ("stale", "warning")
    return ("not checked", "dim") if entry.state.value == "unchecked" else ("ok", "ok")


def _say_open(spec: OpenSpec) -> Part:
    if spec.disk:
        return (spec.disk, "warning")
    if spec.is_dirty:
        return (f"× {spec.errors} *" if spec.errors else "unsaved *", "warning")
    if spec.errors:
        return (f"× {spec.errors}", "error")
    return (f"▲ {len(spec.problems)}", "warning") if spec.problems else ("ok", "ok")


def _samples(folder: "SpecFolder", spec: OpenSpec | None) -> list[Row]:
    rows = [note((f"samples {len(folder.samples)}", "dim"), key="samples")]
    for sample in folder.samples:
        mark = "► " if spec is not None and spec.path == sample.path else "  "
        rows.append(Row(f"sample:{sample.path}", (ink((mark, "accent"), sample.name),)))
    return rows if folder.samples else []


def _recent(folder: "SpecFolder", width: int) -> list[Row]:
    here = {entry.path for entry in folder.specs}
    found = [recent for recent in folder.recent if recent.path not in here][:MOST_RECENT]
    rows = [note((f"recent {len(found)}", "dim"), key="recent")]
    rows += [Row(f"recent:{each.path}", (_tail(each.shown, width),)) for each in found]
    return rows if found else []


def _tail(path: str, width: int) -> Line:
    """Keep the end of a path: that is where specs differ."""
    shown = tame(path)
    while measure(shown) > max(2, width - 2):
        shown = f"…{shown[2:]}"
    return ink("  ", shown)
