"""The sentences under the lines of some cores: what does not meet, and what else there is to say."""

import re
from collections.abc import Sequence

from envbench.model.box_words import say_need
from envbench.model.chain_words import same_name
from envbench.model.conflict import Core, CoreKind, SpecLine
from envbench.model.core_groups import CoreGroup, hidden_channel
from envbench.model.meeting_words import (
    count_sides,
    find_name,
    find_narrowed,
    is_side,
    list_sides,
    say_demands,
)
from envbench.model.row_wrapping import list_or, name_lines
from envbench.model.version_ranges import shorten_sentence, split_demand

_MEETING_KINDS = frozenset({CoreKind.INCOMPATIBLE, CoreKind.PIP_AGAINST_CONDA, CoreKind.PIP})
"""Kinds that the two demands explain; of the others, the sentences say more."""
_TOLD = re.compile(
    r"cannot be combined\.$|^No \S+ satisfies both\.$|^No channel has a package named __"
)
"""What the standing of the lines, one below the other, says already, or what is no reason."""
_PARTNERS = re.compile(r"^(?:Only|No|Of|The nearest) .* (?:can|may) go with ")
_FEW = 3
"""Lines of which it is told what goes with the others."""
_FIRST_CHANNEL = re.compile(r"\bonly (\S+) counts\b")


def say_why(group: CoreGroup) -> str:
    """Say why the lines do not go together."""
    core = group.first
    if core.kind is CoreKind.PIP_AGAINST_CONDA and all(line.is_pip for line in group.lines):
        # No line of the file asks for what conda chose: only the sentences name it.
        return shorten_sentence(" ".join(core.explanation))
    if core.meeting.startswith("__") or core.kind is CoreKind.MISSING_VIRTUAL:
        demands = [chain.demand for chain in core.chains if find_name(chain) == core.meeting]
        said = say_need(demands[0] if demands else "", core.explanation)
        return said or shorten_sentence(" ".join(untold(core) or core.explanation))
    if core.kind is CoreKind.CHANNEL_PRIORITY and len(group.cores) > 1:
        return _say_hidden(group)
    if not core.is_minimal or core.kind not in _MEETING_KINDS:
        return shorten_sentence(" ".join(untold(core) or core.explanation))
    return say_demands(group) or _say_without_demands(group)


def _say_without_demands(group: CoreGroup) -> str:
    core = group.first
    sides, count = list_sides(group), count_sides(group)
    if count > 1:
        # One of them takes every version, and still they do not meet: only the sentences say why.
        rest = [t for t in core.explanation if not _TOLD.search(t) and not _PARTNERS.match(t)]
    else:
        rest = untold(core)
    if len(sides) == count == 1 and not _says_no(rest):
        rest = [f"No channel has {core.meeting} {sides[0][1]}.", *rest]
    if rest:
        return shorten_sentence(" ".join(rest))
    return f"These do not meet in {core.meeting}." if core.meeting else "These cannot be combined."


def _says_no(texts: Sequence[str]) -> bool:
    return any(re.search(r"\b[Nn]o(?:thing)?\b", text) for text in texts)


def say_more(group: CoreGroup) -> str:
    """Say what else the sentences tell, for where there is room."""
    core = group.first
    if len(group.cores) > 1:
        return ""
    if core.kind is CoreKind.CHANNEL_PRIORITY:
        channel, before = hidden_channel(core), _find_first_channel(group)
        put = f"Another way may be to put {channel} before {before} in the list of channels."
        return put if channel and before and channel != before else ""
    if core.kind not in _MEETING_KINDS or not core.is_minimal:
        return ""
    told = untold(core) if say_demands(group) else []
    return shorten_sentence(" ".join([*told, *_say_partners(core)]))


def say_role(group: CoreGroup, line: SpecLine) -> str:
    """Say what a line without a chain does, unless the rows and sentences show it."""
    chains = [chain for chain in group.chains if chain.line == line]
    if not chains or any(chain.links for chain in chains) or is_side(group, chains[0]):
        return ""
    starts = [split_demand(c.links[0].package)[0] for c in group.chains if c.links]
    if not starts or any(same_name(start, line.name) for start in starts):
        # A chain of another line begins at its package.
        return ""
    narrowed = [number for number, others in find_narrowed(group.first) if line.line in others]
    if narrowed:
        return f"(narrows what {name_lines(narrowed)} can be)"
    return "(and this line as well)"


def untold(core: Core) -> list[str]:
    """Leave out the sentences that say what the rows show."""
    shown = [chain.line for chain in core.chains]
    return [
        text
        for text in core.explanation
        if not _TOLD.search(text)
        and not _PARTNERS.match(text)
        and not any(_is_need(text, line) for line in shown)
    ]


def list_changeable(group: CoreGroup) -> list[SpecLine]:
    """List the lines of which another version can help; all where none is known to be hopeless."""
    parts = [
        part[:1].lower() + part[1:]
        for text in group.first.explanation
        if _PARTNERS.match(text)
        for part in text.split("; ")
    ]
    helpful = [
        line
        for line in group.lines
        if not any(part.startswith(f"no {line.name} can go with ") for part in parts)
    ]
    return helpful or list(group.lines)


def is_limit(core: Core, line: SpecLine) -> bool:
    """Tell whether a line only limits what it does not itself need."""
    return any(
        _is_need(text, line) and re.search(r"\) (?:\(pip\) )?allows only ", text)
        for text in core.explanation
    )


def _is_need(text: str, line: SpecLine) -> bool:
    number = rf" \(line {line.line}\)" if line.line is not None else ""
    start = rf"(?:With .*?, )?{re.escape(line.text)}{number}(?: \(pip\))? (?:needs|allows only) "
    return re.match(start, text) is not None


def _say_partners(core: Core) -> list[str]:
    """Say which versions go with the other lines, where these are counted and not asked for."""
    found = []
    for text in core.explanation:
        if not _PARTNERS.match(text) or len(core.lines) > _FEW:
            continue
        for part in text.removesuffix(".").split("; "):
            numbers = re.findall(r"\d[\w.]*", part.partition(" can go with ")[0])
            is_asked = part[:4].lower() == "only" and any(
                number in line.text for line in core.lines for number in numbers
            )
            if " ... " not in part and not is_asked:
                found.append(f"{part[:1].upper()}{part[1:]}.")
    return found


# -- strict priority -----------------------------------------------------------------------------


def _say_hidden(group: CoreGroup) -> str:
    channel, before = hidden_channel(group.first), _find_first_channel(group)
    packages = list(dict.fromkeys(core.meeting for core in group.cores if core.meeting))
    why = (
        f"Under strict channel priority {list_or(packages, 'and') or 'packages'} of {channel} do"
        f" not count: {before or 'a channel'}, which comes first, has others of that name."
    )
    is_proven = all(any("flexible" in t.lower() for t in core.explanation) for core in group.cores)
    flexible = "flexible channel priority"
    if is_proven:
        flexible += " (with it each of these lines can be met)"
    other = f", or perhaps {channel} before {before} in the list of channels" if before else ""
    return f"{why} A way out: {flexible}{other}."


def _find_first_channel(group: CoreGroup) -> str:
    """Name the channel that hides the packages of another one; empty when that is not known."""
    texts = [text for core in group.cores for text in core.explanation]
    firsts = {match[1] for text in texts if (match := _FIRST_CHANNEL.search(text))}
    return firsts.pop() if len(firsts) == 1 else ""
