"""What Enter and `t` do in the place of the plan."""

from dataclasses import replace

from envbench.ui.bench import Bench
from envbench.ui.fix_choice import SEARCH, chosen_fix, place_to_return
from envbench.ui.flows import fixing, plan_texts, solving
from envbench.ui.plan_face import FOLDED, RAW
from envbench.ui.state import PLAN, SolveView


async def open_row(bench: Bench) -> None:
    """Take over a column or a fix, or go to what the row is about."""
    state = bench.state
    if state.plan_face.what_if:
        from envbench.ui.flows import what_if

        await what_if.take(bench)
        return
    ranked = chosen_fix(state)
    if ranked is not None:
        await fixing.take(bench, ranked.fix, ranked.rank)
        return
    view, key = state.solve.value, state.selected.get(PLAN, "")
    if view is not None:
        await _go(bench, view, key)


async def _go(bench: Bench, view: SolveView, key: str) -> None:
    """Go to the line of a row, list what stays, or say why a package is there."""
    face = bench.state.plan_face
    lines = plan_texts.find_cause_lines(view, key)
    if key == SEARCH:
        bench.tell("No fix is chosen: they come in below, the best one first")
    elif key == plan_texts.SAME:
        bench.change(plan_face=replace(face, unfolded=not face.unfolded))
    elif key.startswith("tried:"):
        bench.tell("That was tried and has no solution: there is nothing to apply")
    elif lines and bench.state.spec is not None and bench.state.spec.path == view.path:
        line = await _choose_line(bench, view, lines)
        if line:
            await solving.go_to_line(bench, line)
    elif lines:
        bench.tell("That line is in another spec than the one that is open", "warning")
    elif key.startswith("package:"):
        bench.change(plan_face=replace(face, why=True))


async def _choose_line(bench: Bench, view: SolveView, lines: tuple[int, ...]) -> int:
    """Let the user choose where two lines stand side by side."""
    if len(lines) == 1:
        return lines[0]
    texts = {line.line: line.text for line in view.report.asked}
    options = [(str(line), f"line {line}  {texts.get(line, '')}") for line in lines]
    chosen = await bench.choose("Go to which line?", options)
    return int(chosen) if chosen is not None else 0


def turn_solver_text(bench: Bench) -> None:
    """Show the solver's words folded, then untouched, then not at all."""
    face = bench.state.plan_face
    then = {"": FOLDED, FOLDED: RAW, RAW: ""}[face.solver_text]
    if not then:
        step_back(bench)
        return
    back = face.back if face.is_aside else bench.state.selected.get(PLAN, "")
    bench.change(plan_face=replace(face, solver_text=then, compared=None, back=back))
    bench.select(PLAN, "text:0")


def step_back(bench: Bench) -> None:
    """Go back to the plan, or to the conflict, with the cursor where it was."""
    face, key = bench.state.plan_face, place_to_return(bench.state)
    bench.change(plan_face=replace(face, solver_text="", compared=None, what_if=False, back=""))
    if key:
        bench.select(PLAN, key)
