"""Ways out of a conflict: put into the text, taken back, compared."""

from dataclasses import replace
from typing import TYPE_CHECKING

from envbench.ui.bench import Bench
from envbench.ui.fix_choice import rank_fixes, shown_report
from envbench.ui.flows import fix_search, solving, specs
from envbench.ui.plan_face import SolveOptions, TakenFix
from envbench.ui.solve_choice import is_stale
from envbench.ui.state import ScreenState

if TYPE_CHECKING:
    from envbench.model.problem import Edit
    from envbench.model.repair import Fix, Move

KEPT = 20
"""So many fixes that were taken can be taken back."""


async def take(bench: Bench, fix: "Fix", rank: int) -> None:
    """Put a fix into the text as one step, or take its setting for this screen; then solve."""
    fix_search.stop(bench)
    if fix.edit is None:
        await take_setting(bench, fix.title, read_options(fix.moves))
        return
    if take_edit(bench, fix.edit, fix.title, f"fix {rank}"):
        await solving.solve(bench)


def take_edit(bench: Bench, edit: "Edit", title: str, name: str) -> bool:
    """Make an edit that was proved, as one step that undo takes back; tells whether it was made."""
    bench.editor.hand_over()
    spec, view = bench.state.spec, bench.state.solve.value
    if spec is None or view is None or is_stale(spec, view):
        bench.tell("The spec changed since it was solved: s solves it as it is now", "warning")
        return False
    before = spec.text
    if not bench.editor.apply_edit(edit, spec.version):
        return False
    bench.editor.hand_over()
    now = bench.state.spec
    after = now.text if now is not None else before
    _remember(bench, TakenFix(title=title, path=spec.path, before=before, after=after))
    bench.tell(f"Did {name}: {title}; U takes it back. Solving saves the file", "ok")
    return True


async def take_setting(bench: Bench, title: str, options: SolveOptions) -> None:
    """Ask every solve of this screen for something more; the file stays as it is."""
    before = bench.state.solve_options
    spec = bench.state.spec
    if spec is None:
        return
    chosen = replace(
        before,
        priority=options.priority or before.priority,
        virtual=options.virtual or before.virtual,
        exclude_newer=options.exclude_newer or before.exclude_newer,
    )
    taken = TakenFix(title=title, path=spec.path, options=before, is_setting=True)
    bench.change(solve_options=chosen)
    _remember(bench, taken)
    bench.tell(f"For this screen: {title}; U takes it back", "ok")
    await solving.solve(bench)


def _remember(bench: Bench, taken: TakenFix) -> None:
    bench.change(taken=(*bench.state.taken[-KEPT:], taken))


def read_options(moves: "tuple[Move, ...]") -> SolveOptions:
    """Say what moves that are settings ask of a solve."""
    values = {move.kind.value: move.new for move in moves}
    return SolveOptions(priority=values.get("priority", ""), virtual=values.get("host", ""))


def undo(bench: Bench) -> None:
    """Take the last fix back: the text is byte for byte what it was; nothing is saved."""
    taken = bench.state.taken[-1]
    if taken.is_setting:
        bench.change(solve_options=taken.options, taken=bench.state.taken[:-1])
        bench.tell(f"Took back: {taken.title}; s solves without it", "ok")
        return
    from envbench.model.problem import Edit, Replacement

    bench.editor.hand_over()
    spec = bench.state.spec
    if spec is None or spec.path != taken.path or spec.text != taken.after:
        bench.tell(
            f"The text was changed since: {specs.name_undo(bench.state)} goes back", "warning"
        )
        return
    whole = (Replacement(0, len(taken.after), taken.before),)
    if bench.editor.apply_edit(Edit(f"take back: {taken.title}", whole), spec.version):
        bench.editor.hand_over()
        bench.change(taken=bench.state.taken[:-1])
        bench.tell(f"Took back: {taken.title}. ^S saves it so, s saves and solves", "ok")


def refuse_undo(state: ScreenState) -> str:
    """Say why nothing can be taken back."""
    if not state.taken:
        return "no fix was taken on this screen"
    taken, spec = state.taken[-1], state.spec
    if taken.is_setting:
        return ""
    if spec is None or spec.path != taken.path:
        return f"the last fix was taken in {taken.path.rpartition('/')[2]}, which is not open"
    return "" if spec.text == taken.after else "the text was changed since: e, ^Z goes back"


def mark(bench: Bench, key: str) -> None:
    """Mark a fix, or compare the one under the cursor with the marked one."""
    face = bench.state.plan_face
    known = {each.key for each in rank_fixes(shown_report(bench.state))}
    if face.marked not in known:
        bench.change(plan_face=replace(face, marked=key, compared=None))
        bench.tell("Marked; space on another fix puts the two side by side")
    elif face.marked == key:
        bench.change(plan_face=replace(face, marked=""))
    else:
        bench.change(plan_face=replace(face, compared=(face.marked, key), back=key))
