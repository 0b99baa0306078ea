"""The lines around the panes: header, tabs, message and keys; pure functions of the state."""

from collections.abc import Iterator, Sequence

from envbench.ui.commands.command import Command, find_refusal
from envbench.ui.editor_keys import EDITOR_KEYS
from envbench.ui.ink import Line, cut, ink, join, plain, spread, width_of
from envbench.ui.state import EDITOR, PLACES, SPEC, OpenSpec, ScreenState

GAP = "   "
MOST_NAME = 24
"""Cells of an environment's name in the header: counts behind it must stay in sight."""


def describe_header(state: ScreenState, width: int) -> Line:
    """Say what is open, how it stands, what runs, and how fast the link is."""
    parts = [ink(("envbench", "accent"))] if width >= 70 else []
    parts.append(
        _say_spec(state.spec) if state.spec else ink((_last_part(state.directory), "bold"))
    )
    gpus = _say_bad_gpus(state) if width >= 70 else ()
    parts += [part for part in (_say_problems(state.spec), _say_jobs(state), gpus) if part]
    if state.walk >= 0:
        parts.append(ink(("walk", "accent")))
    right = _say_link(state) if width >= 60 else ()
    return spread(ink(" ", join(GAP, parts)), ink(right, " "), width)


def _say_bad_gpus(state: ScreenState) -> Line:
    """Name GPUs that are lost or hang; mostly there are none."""
    sample = state.gpus.value
    bad = [gpu for gpu in sample.gpus if gpu.fault is not None] if sample is not None else []
    if not bad or sample is None:
        return ()
    from envbench.ui.gpu_words import name_fault

    if len(bad) == 1:
        return ink((f"GPU {bad[0].index} {name_fault(bad[0])}", "error"))
    return ink((f"{len(bad)} of {len(sample.gpus)} GPUs NOT OK", "error"))


def _say_link(state: ScreenState) -> Line:
    """Say how long the terminal takes to draw, and that rates are lower when it is slow."""
    link = state.link
    if link is None:
        return ()
    delay = f"link {link.latency_ms:.0f} ms" if link.latency_ms is not None else "link"
    if link.mode == "fast":
        return ink((delay, "dim")) if link.latency_ms is not None else ()
    return ink((f"{delay} SLOW", "warning"))


def _last_part(path: str) -> str:
    return path.rstrip("/").rpartition("/")[2] or "/"


def _say_spec(spec: OpenSpec) -> Line:
    star = (" * unsaved", "warning") if spec.is_dirty else ""
    shown = plain(cut(ink(spec.environment), MOST_NAME))
    name = f"   env {shown}" if shown else ""
    return ink((spec.name, "bold"), star, name)


def _say_problems(spec: OpenSpec | None) -> Line:
    if spec is None or spec.checked < 0:
        return ()
    if not spec.problems:
        return ink(("ok", "ok"))
    count = len(spec.problems)
    if all(problem.severity.value == "info" for problem in spec.problems):
        return ink((f"{count} {'note' if count == 1 else 'notes'}", "info"))
    word = "problem" if count == 1 else "problems"
    return ink((f"{count} {word}", "error" if spec.errors else "warning"))


def _say_jobs(state: ScreenState) -> Line:
    running = state.running_jobs
    if not running:
        return ()
    first = running[0]
    share = f" {first.share:.0%}" if first.share is not None else ""
    count = f"{len(running)} jobs" if len(running) > 1 else "1 job"
    return ink((f"{count}{share}", "accent"))


def describe_tabs(state: ScreenState, width: int) -> Line:
    """Name the places of the centre with their digits; the one that is open stands out.

    Where the width does not do for all names, the last ones are digits only.
    """
    spelled = len(PLACES)
    while spelled and _measure_tabs(spelled) > width:
        spelled -= 1
    parts = []
    for number, (digit, place, name) in enumerate(PLACES):
        if place == state.place:
            parts.append(ink((f"{digit} {name.upper()}", "bold")))
        else:
            parts.append(ink((digit, "accent"), (f" {name}" if number < spelled else "", "dim")))
    line = ink(" ", join("  ", parts))
    return line if width_of(line) <= width else cut(ink(" ", join(" ", parts)), width)


def _measure_tabs(spelled: int) -> int:
    names = sum(len(name) + 1 for _, _, name in PLACES[:spelled])
    longest = max((len(name) + 1 for _, _, name in PLACES[spelled:]), default=0)
    return 1 + 3 * len(PLACES) + names + longest


def describe_status(state: ScreenState, width: int) -> Line:
    """Say what just happened."""
    if not state.told:
        return ()
    last = state.told[-1]
    mark = {"error": "× ", "warning": "▲ ", "ok": "● "}.get(last.severity, "")
    role = last.severity if last.severity in {"error", "warning", "ok"} else "dim"
    return cut(ink(" ", (mark, role), last.text), width)


def describe_keys(state: ScreenState, commands: Sequence[Command], width: int) -> Line:
    """Name the keys that matter now; what is off is faint, and pressing it says why."""
    parts: list[Line] = []
    lead = next((command for command in commands if command.id == "help"), None)
    # The key that names all others is the last one to go.
    kept = _name_key(state, lead) if lead is not None else ()
    used = 1 + width_of(kept)
    for command in commands:
        part = kept if command is lead else _name_key(state, command)
        needed = 0 if command is lead else width_of(part)
        if used + needed + 2 > width:
            if kept and kept not in parts and used <= width:
                parts.append(kept)
            break
        parts.append(part)
        used += needed + 2
    if state.focus == EDITOR:
        parts += _name_editor_keys(width - used)
    return ink(" ", join("  ", parts))


def _name_key(state: ScreenState, command: Command) -> Line:
    role = "faint" if find_refusal(command, state) else "dim"
    key = show_key(command.key)
    return ink((key, "accent" if role == "dim" else role), " ", (command.say_title(state), role))


def _name_editor_keys(room: int) -> Iterator[Line]:
    *others, last = EDITOR_KEYS
    for key, title, _ in (last, *others):
        part = ink((key, "accent"), " ", (title, "dim"))
        if room < width_of(part) + 2:
            return
        room -= width_of(part) + 2
        yield part


def show_key(key: str) -> str:
    """Write Textual's name of a key as people write it."""
    names = {
        "question_mark": "?", "colon": ":", "slash": "/", "comma": ",", "escape": "Esc",
        "enter": "Enter", "tab": "Tab", "space": "space", "at": "@", "semicolon": ";",
        "ampersand": "&", "full_stop": ".", "left_square_bracket": "[", "right_square_bracket": "]",
    }  # fmt: skip
    first = key.split(",")[0]
    if first.startswith("ctrl+"):
        return f"^{first[5:].upper()}"
    return names.get(first, first)


def choose_footer(state: ScreenState, commands: Sequence[Command]) -> list[Command]:
    """Choose the verbs whose keys are named at the foot: those of the pane, then the general."""
    if state.focus == EDITOR:
        leave = [c for c in commands if c.key == "escape"]
        return leave + sorted((c for c in commands if c.in_editor and c.footer), key=_place)
    here = [c for c in commands if state.focus in c.panes and c.is_in_footer(state)]
    general = [c for c in commands if not c.panes and c.footer]
    if state.place != SPEC:
        # What is done to the text is a place away; what is done here needs the room.
        general = [c for c in general if not c.in_editor]
    taken = {command.key for command in here}
    general = [command for command in general if command.key not in taken]
    return sorted(here, key=_place) + sorted(general, key=_place)


def _place(command: Command) -> int:
    return command.footer
