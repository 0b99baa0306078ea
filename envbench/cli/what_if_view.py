"""The same spec under other conditions as a table."""

from collections.abc import Sequence

from envbench.cli.output import format_bytes, say
from envbench.cli.table import fold, print_table, terminal_width
from envbench.model.what_if import Condition, Variant, WhatIfReport

_GAP = 2
_PIPE_WIDTH = 10_000


def show_what_if(report: WhatIfReport) -> None:
    """Print the table in as many parts as the width asks for, then what does not fit into cells."""
    for part in _part(report, terminal_width() or _PIPE_WIDTH):
        print_table(("", *(v.title for v in part)), _list_rows(report, part))
        say("")
    for variant in report.variants:
        _tell(variant)
    say(f"solved in {report.seconds:.1f} s")


def _part(report: WhatIfReport, width: int) -> list[list[Variant]]:
    """Split the columns so that each part fits; as it is stands first in all of them."""
    if not report.variants:
        return []
    first, *others = report.variants
    names = max((len(name) for name in report.names), default=0)
    used = start = max(names, len("download")) + _GAP + _measure(first, report)
    parts = [[first]]
    for variant in others:
        used += _GAP + _measure(variant, report)
        if used > width and len(parts[-1]) > 1:
            parts.append([first])
            used = start + _GAP + _measure(variant, report)
        parts[-1].append(variant)
    return parts


def _measure(variant: Variant, report: WhatIfReport) -> int:
    cells = [variant.title, *(row[1] for row in _list_rows(report, [variant]))]
    return max(map(len, cells))


def _list_rows(report: WhatIfReport, variants: Sequence[Variant]) -> list[tuple[str, ...]]:
    rows = [(name, *(_cell(variant, name) for variant in variants)) for name in report.names]
    rows.append(("packages", *map(_count_packages, variants)))
    rows.append((
        "download",
        *(format_bytes(v.download_bytes) if v.is_solvable else "" for v in variants),
    ))  # fmt: skip
    return rows


def _count_packages(variant: Variant) -> str:
    if variant.is_solvable is None:
        return "not tried"
    if not variant.is_solvable:
        return "pip refuses" if variant.packages else "no solution"
    return str(variant.packages)


def _cell(variant: Variant, name: str) -> str:
    if variant.is_solvable is None:
        return "?"
    version = (variant.versions or {}).get(name, "")
    if not version:
        return "-"
    return f"{version} CPU" if name in variant.lost_gpu else version


def _tell(variant: Variant) -> None:
    title = variant.title
    if variant.refusal:
        says = "no solution" if variant.is_solvable is False else ""
        _say(": ".join(part for part in (title, says, variant.refusal) if part))
    elif variant.pip and variant.pip != "resolved":
        _say(f"{title}: pip section {variant.pip}")
    if variant.note:
        _say(f"{title}: {variant.note}")
    if variant.lost_gpu:
        _say(f"{title}: CPU builds of {', '.join(variant.lost_gpu)}")
    if variant.is_solvable and variant.condition is not Condition.AS_IT_IS:
        for row in variant.diff:
            if row.sign != " ":
                _say(f"{title}: {row.sign} line {row.line}: {row.text.strip()}")
        if variant.command:
            _say(f"{title}: take it with {variant.command}")


def _say(text: str) -> None:
    say(fold(text, terminal_width(), "    "))
