"""The lines above and below the rows of a plan: what it comes to, and the row under the cursor."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from envbench.ui.flows.plan_texts import SAME, find_asked, find_record
from envbench.ui.ink import Line, cut, ink, join, width_of, wrap
from envbench.ui.panels.plan_facts import PlanFacts, counted_pip, plan_facts
from envbench.ui.sizes import show_bytes, show_duration
from envbench.ui.state import PlanFace, SolveView

if TYPE_CHECKING:
    from envbench.model.package_needs import Need
    from envbench.model.plan import PackageRecord
    from envbench.model.plan_sizes import PlanSizes

NARROW = 50
_DETAIL_NARROW = 80
GAP = "   "
_MOST_WAYS = 3
_WAY_LINES = 4
_MOST_NAMES = 4


def summarise(view: SolveView, width: int) -> tuple[Line, ...]:
    """Say how it was solved, what it changes, and what it costs."""
    if width < NARROW:
        return (*summarise_low(view, width), *_say_notes(view, width))
    facts = plan_facts(view)
    found = _pack(_say_solve(view, facts), width)
    found += _pack((_say_counts(view, facts), *_say_costs(view, width)), width)
    return (*(cut(line, width) for line in found), *_say_notes(view, width))


def summarise_low(view: SolveView, width: int) -> tuple[Line, ...]:
    """Say in one line what a plan changes, and what is to be fetched."""
    counts, costs = _say_counts(view, plan_facts(view)), _say_costs(view, 0)[0]
    return (cut(join("  ", (counts, costs)), width),)


def _pack(parts: Sequence[Line], width: int) -> list[Line]:
    """Put parts behind each other; one that has no room begins another line."""
    lines: list[Line] = []
    for part in parts:
        longer = join(GAP, (lines[-1], part)) if lines else part
        if lines and width_of(longer) <= width:
            lines[-1] = longer
        elif part:
            lines.append(part)
    return lines


def _say_solve(view: SolveView, facts: PlanFacts) -> list[Line]:
    plan = view.report.plan
    if plan is None:
        return []
    against = ink(("against ", "dim"), (_name_against(view), "bold"))
    box = ", ".join((plan.platform, *facts.virtuals))
    parts = [
        ink(("solved in ", "dim"), show_duration(view.elapsed_s)),
        against if view.against else ink(("nothing built yet", "dim")),
        ink((box, "dim")),
    ]
    if plan.channel_priority.value != "flexible":
        parts.append(ink((f"{plan.channel_priority.value} channel priority", "dim")))
    if view.offline:
        parts.insert(1, ink(("offline, from cached indexes", "warning")))
    return parts


def _name_against(view: SolveView) -> str:
    number = f" gen {view.generation}" if view.generation is not None else ""
    return f"{view.against}{number}"


def _say_counts(view: SolveView, facts: PlanFacts) -> Line:
    change, new, gone, same = facts.counts
    pip = len(counted_pip(view.report))
    if not view.against:
        said = [ink((str(new), "bold"), " packages" if new != 1 else " package")]
    else:
        words = (
            (change, "changes" if change == 1 else "change"),
            (new, "new"),
            (gone, "goes" if gone == 1 else "go"),
            (same, "same"),
        )
        said = [ink((str(count), "bold" if count else "dim"), f" {word}") for count, word in words]
    if pip:
        said.append(ink((str(pip), "bold"), " by pip"))
    return join("  ", said)


def _say_costs(view: SolveView, width: int) -> tuple[Line, ...]:
    sizes, plan = view.report.sizes, view.report.plan
    if sizes is None or plan is None:
        return ((),)
    cached = len(plan.packages) - sizes.downloads
    if not sizes.downloads:
        return ink(("nothing to fetch, all cached", "ok")), _say_disk(sizes)
    said = f"get {show_bytes(sizes.download_bytes)}"
    if sizes.downloads_of_unknown_size:
        said += f" and {sizes.downloads_of_unknown_size} of unknown size"
    if width < NARROW:
        return (ink(said),)
    return ink(said, (f" in {sizes.downloads}, {cached} cached", "dim")), _say_disk(sizes)


def _say_disk(sizes: "PlanSizes") -> Line:
    # Channels state the size of archives only.
    if sizes.on_disk_unknown and not sizes.disk_bytes:
        return ink(("on disk: known when fetched", "dim"))
    if sizes.on_disk_unknown:
        known = show_bytes(sizes.disk_bytes)
        return ink((f"on disk {known} + {sizes.on_disk_unknown} not known yet", "dim"))
    return ink((f"on disk {show_bytes(sizes.disk_bytes)}", "dim"))


def _say_notes(view: SolveView, width: int) -> tuple[Line, ...]:
    """Say in words what the marks of surprising rows mean."""
    plan, facts = view.report.plan, plan_facts(view)
    found: list[Line] = []
    if view.against and not facts.changed:
        found.append(ink(("● ", "ok"), "no conda package changes"))
    back = [line.name for line in facts.changed if line.kind == "downgrade"]
    if back:
        steps = "1 step back" if len(back) == 1 else f"{len(back)} steps back"
        found.append(ink(("▼ ", "warning"), f"{steps}: {_list_some(back)}", ("   w why", "dim")))
    swapped = [line.name for line in facts.changed if line.surprise == "CPU build for a GPU build"]
    others = [name for name in facts.cpu_builds if name not in swapped]
    if swapped:
        text = f"CPU build in the place of a GPU build: {_list_some(swapped)}"
        found.append(ink(("▲ ", "warning"), text))
    if others and plan is not None:
        why = f"this box has CUDA {plan.host.cuda}" if plan.host.cuda else "no GPU driver seen here"
        found.append(ink(("▲ ", "warning"), f"CPU build: {_list_some(others)}; {why}"))
    return tuple(cut(line, width) for line in found)


def _list_some(names: list[str]) -> str:
    more = f" and {len(names) - _MOST_NAMES} more" if len(names) > _MOST_NAMES else ""
    return ", ".join(names[:_MOST_NAMES]) + more


def describe_chosen(view: SolveView, key: str, face: PlanFace, width: int) -> tuple[Line, ...]:
    """Say more of the row under the cursor, always in the same number of lines."""
    record, facts = find_record(view, key), plan_facts(view)
    if record is not None:
        lines = _describe_record(record, facts, width)
        ways = _describe_ways(record.name, view, facts) if face.why else []
        rows = [row for way in ways for row in wrap(way, max(2, width))]
        extra = _pad(rows, _WAY_LINES) if face.why else []
        return tuple(cut(line, width) for line in (*lines, *extra))
    lines = _describe_other(view, key)
    count = (3 if width < _DETAIL_NARROW else 2) + (_WAY_LINES if face.why else 0)
    return tuple(cut(line, width) for line in _pad(lines, count))


def _describe_other(view: SolveView, key: str) -> list[Line]:
    asked = find_asked(view, key)
    if asked is not None and asked.is_pip:
        return [
            ink((asked.text, "bold"), (f"   line {asked.line}", "dim")),
            ink(("pip chooses it when the conda part is in place", "dim")),
        ]
    if key == SAME:
        return [ink(("These stay as they are: version, build and channel.", "dim"))]
    return []


def _describe_record(record: "PackageRecord", facts: PlanFacts, width: int) -> list[Line]:
    name = ink((record.name, "bold"), f" {record.version} ", (record.build, "dim"))
    size = show_bytes(record.size_bytes) if record.size_bytes is not None else "size unknown"
    where = f"{record.channel}/{record.subdir}"
    rest = ink((f"{size}   {record.license or 'licence not stated'}   {where}", "dim"))
    needed = _say_needed(record.name, facts)
    return [name, rest, needed] if width < _DETAIL_NARROW else [join(GAP, (name, rest)), needed]


def _say_needed(name: str, facts: PlanFacts) -> Line:
    line = facts.asked.get(name)
    askers = tuple(dict.fromkeys(need.by for need in facts.needs.get(name, ())))
    parts = [ink(("asked for by ", "dim"), f"line {line.line} {line.text}")] if line else []
    if askers:
        more = f" and {len(askers) - 6} more" if len(askers) > 6 else ""
        parts.append(ink(("needed by ", "dim"), ", ".join(askers[:6]) + more))
    return join(GAP, parts) or ink(("nothing in the plan needs it", "dim"))


def _describe_ways(name: str, view: SolveView, facts: PlanFacts) -> list[Line]:
    from envbench.model.package_needs import trace_needs

    plan = view.report.plan
    if plan is not None and all(record.name != name for record in plan.packages):
        return [ink(("why  ", "accent"), "it goes: no line and no package of the plan needs it")]
    ways = trace_needs(name, facts.needs, facts.asked.keys(), most=_MOST_WAYS)
    lines = [_say_way(way, facts) for way in ways]
    if not lines:
        lines = [ink("only your line asks for it" if name in facts.asked else "nothing needs it")]
    return [ink(("why  ", "accent"), line) for line in lines]


def _say_way(way: "tuple[Need, ...]", facts: PlanFacts) -> Line:
    line = facts.asked[way[0].by]
    steps = [ink((f"line {line.line} ", "bold"), line.text)]
    steps += [ink(need.text) for need in way]
    return join((" needs ", "dim"), steps)


def _pad(lines: list[Line], count: int) -> list[Line]:
    return (lines + [()] * count)[:count]
