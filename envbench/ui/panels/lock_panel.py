"""What each lock format keeps of the environment and loses, before anything is written."""

import time
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from envbench.ui.columns import Column, lay_out
from envbench.ui.environment_choice import show_name
from envbench.ui.ink import Line, Part, cut, ink, wrap
from envbench.ui.lock_choice import chosen_offer, is_previewing, refuse_locking
from envbench.ui.pane_view import PaneView, Row
from envbench.ui.panels.panel import Panel
from envbench.ui.state import ScreenState
from envbench.ui.times import show_since

if TYPE_CHECKING:
    from envbench.model.lock import Loss
    from envbench.workbench.values.lock_offers import LockOffer, LockOffers, LockPreview

COLUMNS = (
    Column("", least=1),
    Column("format"),
    Column("file", drops=4),
    # Cut short they say nothing: what is lost matters more, and the rest stands below.
    Column("keeps", least=30, most=60, gives=4, drops=5),
    Column("loses", least=30, most=70, gives=3, drops=1),
    Column("on disk", drops=2),
)
MOST_NAMES = 6
OTHERS = "files for other tools, with the locks that they need"
KEYS = "l write  L all  Enter preview  B build it  T offline pack"


class LockPanel(Panel):
    """One row a format; what it loses in words below them, or its text."""

    reads = (
        "locks", "preview", "environment", "environments", "selected", "minute", "solve", "spec",
    )  # fmt: skip

    def describe(self, state: ScreenState, width: int) -> PaneView:
        """Show the formats, or the text of one."""
        return describe_lock(state, width, time.time())


def describe_lock(state: ScreenState, width: int, now: float) -> PaneView:
    """List the formats with what each keeps and loses, or show the text of one.

    Args:
        state: All that is known.
        width: Of the lines, in cells.
        now: Unix time.
    """
    width, fact = max(2, width), state.locks
    name = show_name(state, state.environment)
    title = f"{name}: lock files" if name else "Lock"
    if is_previewing(state):
        return _describe_preview(state, title, width)
    found = fact.value if fact.about == state.environment else None
    fault = wrap(ink(("× ", "error"), fact.fault), width) if fact.fault else ()
    if found is None:
        # What was asked before it was known that nothing is built yet has failed, and says less.
        is_off = bool(refuse_locking(state, state.environment))
        told = tuple(_say_empty(state, width)) if is_off or not fault else fault
        return PaneView(title, empty=told)
    heading, lines = lay_out(COLUMNS, [_cells(o) for o in found.offers], width, indent=" ")
    rows = tuple(_list_rows(found.offers, lines, width))
    offer = chosen_offer(state)
    bottom = tuple(_describe_offer(offer, width, now)) if offer is not None else ()
    badge, role = _judge(found)
    top = (*fault, *_say_head(found, width), (), heading)
    return PaneView(title, badge, role, top=top, rows=rows, bottom=bottom, keys=KEYS)


def _list_rows(offers: "tuple[LockOffer, ...]", lines: Sequence[Line], width: int) -> Iterator[Row]:
    """Give a row for each format; what cannot be built from stands apart."""
    described = list(zip(offers, lines, strict=True))
    yield from (Row(offer.format, (line,)) for offer, line in described if offer.is_lock)
    others = [(offer, line) for offer, line in described if not offer.is_lock]
    if others:
        yield Row(OTHERS, ((), cut(ink((f" {OTHERS}", "dim")), width)), selectable=False)
    yield from (Row(offer.format, (line,)) for offer, line in others)


def _say_empty(state: ScreenState, width: int) -> Iterator[Line]:
    refusal = refuse_locking(state, state.environment)
    yield from wrap(ink((refusal or state.locks.working or "reading", "dim")), width)


def _judge(found: "LockOffers") -> tuple[str, str]:
    on_disk = [offer.on_disk for offer in found.offers if offer.on_disk is not None]
    stale = sum(each.is_stale for each in on_disk)
    if stale:
        return f"{stale} STALE", "warning"
    return (f"{len(on_disk)} on disk", "ok") if on_disk else ("nothing locked yet", "dim")


def _say_head(found: "LockOffers", width: int) -> Iterator[Line]:
    git = f", {found.from_git} from git" if found.from_git else ""
    counts = f"{found.conda_packages} conda, {found.pip_packages} pip{git}"
    yield from wrap(ink(f"from {_say_source(found)}: ", (counts, "bold")), width)
    into = ink((f"written into {found.folder}; L writes those marked ", "dim"), ("●", "ok"))
    yield from wrap(into, width)
    for note in found.notes:
        yield from wrap(ink(("▲ ", "warning"), note), width)


def _say_source(found: "LockOffers") -> str:
    if found.spec:
        return f"the plan of {found.spec.rpartition('/')[2]}, nothing is installed"
    if found.generation is None:
        return "what is there as installed"
    return f"generation {found.generation} as installed"


def _cells(offer: "LockOffer") -> list[Part]:
    if offer.refusal:
        mark, keeps, loses = ("×", "error"), ("-", "faint"), ("cannot say it", "error")
    else:
        mark = ("●", "ok") if offer.is_usual else ("○", "dim")
        keeps = (offer.keeps, "text")
        loses = (offer.loses, "warning" if offer.lost else "ok")
    return [mark, (offer.format, "bold"), offer.file_name, keeps, loses, _say_disk(offer)]


def _say_disk(offer: "LockOffer") -> Part:
    lock = offer.on_disk
    if lock is None:
        return ("-", "faint")
    return ("▲ stale", "warning") if lock.is_stale else ("ok", "ok")


def _describe_offer(offer: "LockOffer", width: int, now: float) -> Iterator[Line]:
    yield ()
    yield from wrap(ink((offer.file_name, "bold"), f"  {offer.summary}"), width)
    if offer.companions:
        yield from wrap(ink(("with ", "dim"), ", ".join(offer.companions)), width)
    if offer.keeps:
        yield from wrap(ink(("keeps ", "dim"), offer.keeps), width)
    if offer.refusal:
        yield from wrap(ink(("× cannot be written: ", "error"), offer.refusal), width)
        return
    for loss in offer.lost:
        yield from _tell_loss(loss, width)
    if not offer.lost:
        yield from wrap(ink(("● ", "ok"), "loses nothing"), width)
    lock = offer.on_disk
    if lock is not None:
        mark: Part = ("▲ ", "warning") if lock.is_stale else ("● ", "ok")
        age = f", written {show_since(lock.written, now)}"
        yield from wrap(ink(mark, f"{offer.file_name} on disk: {lock.note}", (age, "dim")), width)
    if offer.is_lock:
        yield cut(ink(("read back by its own reader before it is offered", "dim")), width)


def _tell_loss(loss: "Loss", width: int) -> tuple[Line, ...]:
    """Say what is lost, of which packages, and what follows from it."""
    # A row may end between two pieces: the colon belongs to the word before it.
    whom = _say_whom(loss)
    what = (loss.what if whom else f"{loss.what}:", "bold")
    of = (f" {whom}:" if whom else "", "dim")
    return wrap(ink(("▲ loses ", "warning"), what, of, f" {loss.why}"), width)


def _say_whom(loss: "Loss") -> str:
    if not loss.packages:
        return ""
    named = ", ".join(loss.packages[:MOST_NAMES])
    more = len(loss.packages) - MOST_NAMES
    return f"of {named}" + (f" and {more} more" if more > 0 else "")


def _describe_preview(state: ScreenState, title: str, width: int) -> PaneView:
    fact = state.preview
    preview = fact.value
    format_name = fact.about.partition(" ")[0]
    if preview is None:
        line = ink(("× ", "error"), fact.fault) if fact.fault else ink((fact.working, "dim"))
        back = ink(("Esc", "accent"), (" goes back to the formats", "dim"))
        return PaneView(
            title, format_name, empty=(*wrap(line, width), *wrap(back, width)), keys="Esc back"
        )
    rows = tuple(_show_files(preview, width))
    offer = chosen_offer(state)
    if offer is not None and offer.lost:
        # The list says what follows from each; here the text of the file is what counts.
        losses = wrap(ink(("▲ loses ", "warning"), offer.loses), width)
        rows = (Row("losses", (*losses, ()), selectable=False), *rows)
    head = ink((preview.file_name, "bold"), (f"  {format_name}, {preview.lines} lines", "dim"))
    bottom: tuple[Line, ...] = ()
    if preview.is_cut:
        shown = len(preview.text.splitlines())
        said = f"only {shown} of {preview.lines} lines are shown; l writes all of them"
        bottom = wrap(ink(("▲ ", "warning"), said), width)
    return PaneView(
        title,
        "preview",
        "accent",
        top=(cut(head, width), ()),
        rows=rows,
        bottom=bottom,
        keys="Esc back  l write  c copy",
    )


def _show_files(preview: "LockPreview", width: int) -> Iterator[Row]:
    """Show the file, and those that are written with it below their names."""
    yield from _show_lines("line", preview.text, width)
    for number, other in enumerate(preview.companions, 1):
        name = ink((other.path, "bold"), (f"  {other.lines} lines, written with it", "dim"))
        yield Row(f"file:{number}", ((), cut(name, width), ()), selectable=False)
        yield from _show_lines(f"line:{number}", other.text, width)
        if other.is_cut:
            more = cut(ink(("  and so on", "dim")), width)
            yield Row(f"more:{number}", (more,), selectable=False)


def _show_lines(key: str, text: str, width: int) -> Iterator[Row]:
    for number, line in enumerate(text.splitlines(), 1):
        yield Row(f"{key}:{number}", _chop(line, width), selectable=False)


def _chop(text: str, width: int) -> tuple[Line, ...]:
    """Break a line of a file anywhere: its blanks mean something, and its end tells the hash."""
    if not text.isascii():
        return (cut(ink(text), width),)
    starts = range(0, len(text), width) or (0,)
    return tuple(ink(text[start : start + width]) for start in starts)
