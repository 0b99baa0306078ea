"""What differs between two environments or generations, as lines: a pure function."""

from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from envbench.ui.columns import Column, lay_out
from envbench.ui.ink import Line, Part, ink, join, wrap
from envbench.ui.pane_view import PaneView, Row
from envbench.ui.state import Fact

if TYPE_CHECKING:
    from typing_extensions import TypeIs

    from envbench.model.plan import PackageRecord
    from envbench.workbench.values.environments import Comparison
    from envbench.workbench.values.generation_comparison import GenerationComparison

COLUMNS = (
    Column("", least=1),
    Column("name", least=8, most=40, gives=1),
    Column("part", drops=2),
    Column("in the first", least=6, most=60, gives=3),
    Column("", least=1),
    Column("in the second", least=6, most=60, gives=2),
    Column("what", drops=1),
)
KINDS: dict[str, tuple[Part, str]] = {
    "add": (("+", "ok"), "new"),
    "remove": (("-", "error"), "goes"),
    "upgrade": (("~", "accent"), "newer"),
    "downgrade": (("▼", "warning"), "older"),
    "rebuild": (("~", "accent"), "other build"),
    "rechannel": (("~", "accent"), "other channel"),
    "change": (("~", "accent"), "changed"),
}
"""Kind of a difference to its mark and its words."""


class Difference(NamedTuple):
    """One thing that differs."""

    kind: str
    """One of `KINDS`."""
    part: str
    name: str
    old: str
    new: str


def describe_comparison(
    fact: "Fact[Comparison | GenerationComparison]", width: int, names: tuple[str, str] = ("", "")
) -> PaneView:
    """List what it takes to get from the first to the second.

    Args:
        fact: The comparison.
        width: Of the lines, in cells.
        names: What is compared, as people know it, while there is no answer yet.
    """
    width, found = max(2, width), fact.value
    title, keys = "Comparison", "Esc back"
    if found is None:
        said: Part = (fact.working or " ".join(names) or "-", "dim")
        line = ink(("× ", "error"), fact.fault) if fact.fault else ink(said)
        back = ink(("Esc", "accent"), (" goes back to the list", "dim"))
        return PaneView(title, empty=(*wrap(line, width), *wrap(back, width)), keys=keys)
    differences = tuple(list_differences(found))
    one, other = name_sides(found)
    heading, lines = lay_out(COLUMNS, [_cells(each) for each in differences], width, indent=" ")
    rows = tuple(
        Row(f"diff:{each.part}:{each.name}", (line,))
        for each, line in zip(differences, lines, strict=True)
    )
    top = (*wrap(ink("from ", (one, "bold"), " to ", (other, "bold")), width),)
    counts = _count(differences)
    top += tuple(wrap(counts, width)) if counts else ()
    same = wrap(ink(("● ", "ok"), "The same packages, variables, channels and platform."), width)
    badge = f"{len(rows)} differ" if rows else "same"
    return PaneView(
        title,
        badge,
        "warning" if rows else "ok",
        top=(*top, (), heading) if rows else top,
        rows=rows,
        empty=same,
        keys=keys,
    )


def name_sides(found: "Comparison | GenerationComparison") -> tuple[str, str]:
    """Name what is compared."""
    if _is_of_generations(found):
        return f"{found.environment} generation {found.a}", f"generation {found.b}"
    return found.a, found.b


def _is_of_generations(
    found: "Comparison | GenerationComparison",
) -> "TypeIs[GenerationComparison]":
    """Tell the two kinds apart without importing them, which takes longer than a frame."""
    return hasattr(found, "rows")


def list_differences(found: "Comparison | GenerationComparison") -> Iterator[Difference]:
    """Give everything that differs: conda packages, pip packages, then the rest."""
    if _is_of_generations(found):
        for row in found.rows:
            is_value = row.part not in {"conda", "pip"} and row.kind.value == "rebuild"
            kind = "change" if is_value else row.kind.value
            yield Difference(kind, row.part, row.name, row.old, row.new)
        return
    difference = found.difference
    for change in difference.conda:
        kind = change.kind.value
        pair = (_say_record(record, kind) for record in (change.old, change.new))
        yield Difference(kind, "conda", change.name, *pair)
    for pip in difference.pip:
        pair = (package.version if package else "" for package in (pip.old, pip.new))
        yield Difference(pip.kind.value, "pip", pip.name, *pair)
    for variable in difference.variables:
        missing = "add" if variable.old is None else "remove" if variable.new is None else ""
        values = _hide((variable.old or "", variable.new or ""))
        yield Difference(missing or "change", "variable", variable.name, *values)
    for name in ("channels", "platform"):
        sides = getattr(difference, name)
        if sides:
            texts = (side if isinstance(side, str) else ", ".join(side) for side in sides)
            yield Difference("change", name, name, *_hide(tuple(texts)))


def _hide(texts: tuple[str, ...]) -> tuple[str, ...]:
    """Take secrets out of values that were written by people."""
    from envbench.model.redaction import redact

    return tuple(redact(text) for text in texts)


def _say_record(record: "PackageRecord | None", kind: str) -> str:
    if record is None:
        return ""
    build = f" {record.build}" if kind in {"rebuild", "rechannel"} else ""
    source = f" from {record.channel}" if kind == "rechannel" else ""
    return f"{record.version}{build}{source}"


def _cells(each: Difference) -> list[Part]:
    mark, words = KINDS.get(each.kind, KINDS["change"])
    old: Part = each.old or ("-", "faint")
    new: Part = each.new or ("-", "faint")
    return [mark, (each.name, "bold"), (each.part, "dim"), old, ("→", "dim"), new, (words, "dim")]


def _count(differences: tuple[Difference, ...]) -> Line:
    counted = Counter(KINDS.get(each.kind, KINDS["change"])[1] for each in differences)
    return join(", ", [ink(f"{count} {words}") for words, count in counted.items()])
