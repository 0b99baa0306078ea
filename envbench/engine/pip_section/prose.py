"""Reads the prose in which uv explains that there is no solution.

Tolerant: what is not recognised is passed over, and nothing is made up. What is recognised are the
plain statements (who depends on what, who requires what, what does not exist), with the statements
that uv concludes from them marked as such.

Source: the report of uv 0.11 to 0.13 (`uv-resolver`, `pubgrub/report.rs`), no stable interface.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from packaging.utils import canonicalize_name

_NAME = r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?"
_RANGE = r"(?:===|==|~=|!=|>=|<=|>|<)[A-Za-z0-9.*+!_-]*[A-Za-z0-9*]"
_TERM = rf"{_NAME}(?:{_RANGE}(?:,{_RANGE})*)?"
_LIST = rf"(?:«[^»]*»|{_TERM})"
_BARE = re.compile(rf"{_TERM}$")
_SPLIT_TERM = re.compile(rf"({_NAME})(.*)$")
_OPENER = re.compile(r"(?:(?:all|any|one) of|available):$")
_MARKER = re.compile(r"\{[^}\n]*\}|\[[^\]\n]*\]")
_SENTENCE = re.compile(r"(?:^|\s)(?:And because|Because) ")
_CONCLUDES = "we can conclude that "
_KNOWN_ABOVE = re.compile(r"we know from \(\d+\) that ")
_END = re.compile(r"[.,\s]*(?:\(\d+\))?\s*$")
_JOINED = re.compile(r",?\s+and\s+|,\s+")

_FIRST_INDEX = re.compile(rf"hint: `({_NAME})` was found on (\S+), but not at the requested")

_CLAUSES = {
    "depends": re.compile(rf"(?:all versions of )?(?P<who>{_LIST}) depends? on (?P<what>{_LIST})"),
    "python": re.compile(
        rf"(?:all versions of )?(?P<who>{_LIST}) requires? (?P<what>Python)"
        rf" (?P<range>{_RANGE}(?:,{_RANGE})*)"
    ),
    "requires": re.compile(rf"you require (?P<what>{_LIST})"),
    "absent": re.compile(rf"(?P<what>{_LIST}) was not found in the (?:package|provided)"),
    "missing": re.compile(rf"there (?:is no version|are no versions) of (?P<what>{_LIST})"),
    "available": re.compile(
        rf"only (?:the following versions of \S+ are available: )?(?P<what>{_LIST})"
    ),
    "no wheel": re.compile(
        rf"(?:all versions of )?(?P<what>{_LIST}) (?:has|have) no (?:usable wheels|wheels with)"
    ),
    "more": re.compile(rf"(?P<what>{_LIST})$"),
}


@dataclass(frozen=True, slots=True, order=True)
class Term:
    """A distribution, and which versions of it are meant."""

    name: str
    """Normalised, without extras."""
    versions: str = ""
    """Specifiers without blanks, `>=4.11,<5`; empty means any."""

    def __str__(self) -> str:
        """Spell it: `typing-extensions >=4.11,<5`."""
        return f"{self.name} {self.versions}" if self.versions else self.name


@dataclass(frozen=True, slots=True, order=True)
class Demand:
    """These versions of a distribution depend on another one."""

    who: Term
    what: Term
    is_concluded: bool = False
    """uv derived it from other statements; it may skip packages in between."""


@dataclass(frozen=True, slots=True)
class Prose:
    """What could be read."""

    demands: tuple[Demand, ...] = ()
    """Each once, in the order of the text."""
    required: tuple[Term, ...] = ()
    """What the items (and the pins) ask for directly."""
    absent: tuple[str, ...] = ()
    """Distributions that no index has."""
    missing: tuple[Term, ...] = ()
    """Versions that do not exist."""
    available: tuple[Term, ...] = ()
    """Versions that exist, where uv says `only ...`."""
    without_wheel: tuple[Term, ...] = ()
    """Versions for which there is only source, or wheels for other Pythons and platforms."""
    first_index: tuple[tuple[str, str], ...] = ()
    """Distributions of which only the first index that has them was looked at, and that index."""
    needs_python: tuple[Demand, ...] = ()
    """Demands of `python` that this Python does not meet."""

    @property
    def names(self) -> frozenset[str]:
        """All distributions that take part."""
        terms = [*self.required, *self.missing, *self.without_wheel]
        terms += [term for demand in self.demands for term in (demand.who, demand.what)]
        terms += [demand.who for demand in self.needs_python]
        return frozenset({term.name for term in terms} | set(self.absent))


def read_prose(talk: str) -> Prose:
    """Read what uv said on stderr."""
    statements: list[_Statement] = []
    for given, concluded in _split(_flatten(talk)):
        statements += _read_clauses(given, concluded=False)
        statements += _read_clauses(concluded, concluded=True)
    demands = list(dict.fromkeys(demand for each in statements for demand in each.demands))
    # A premise says more than the same thing concluded again.
    told = {(demand.who, demand.what) for demand in demands if not demand.is_concluded}
    demands = [d for d in demands if not d.is_concluded or (d.who, d.what) not in told]
    return Prose(
        demands=tuple(d for d in demands if d.what.name != "python"),
        required=_collect("requires", statements),
        absent=tuple(dict.fromkeys(term.name for term in _collect("absent", statements))),
        missing=_collect("missing", statements),
        available=_collect("available", statements),
        without_wheel=_collect("no wheel", statements),
        first_index=tuple(dict.fromkeys(_FIRST_INDEX.findall(talk))),
        needs_python=tuple(d for d in demands if d.what.name == "python"),
    )


@dataclass(frozen=True, slots=True)
class _Statement:
    kind: str
    who: tuple[Term, ...]
    what: tuple[Term, ...]
    is_concluded: bool

    @property
    def demands(self) -> Iterator[Demand]:
        for who in self.who:
            for what in self.what:
                if who.name != what.name:
                    yield Demand(who, what, self.is_concluded)


def _flatten(talk: str) -> str:
    """Write the explanation as one line, lists of versions as `«a|b»`."""
    pieces: list[str] = []
    listed: list[str] | None = None
    for line in _explaining_lines(talk):
        if listed is not None and _BARE.match(line):
            listed.append(line)
            continue
        if listed is not None:
            pieces.append(_write_list(listed))
        pieces.append(line)
        listed = [] if _OPENER.search(line) else None
    if listed:
        pieces.append(_write_list(listed))
    return re.sub(r"(?:all|any|one) of: (?=«)", "", " ".join(pieces))


def _explaining_lines(talk: str) -> Iterator[str]:
    begun = False
    for raw in talk.splitlines():
        line = _MARKER.sub("", raw).strip().removeprefix("cause:").removeprefix("╰─▶").strip()
        if line.startswith("hint:"):
            return
        begun = begun or line.startswith("Because ")
        if begun and line:
            yield line


def _write_list(listed: list[str]) -> str:
    return f"«{'|'.join(listed)}»"


def _split(text: str) -> Iterator[tuple[str, str]]:
    """Give each sentence as what is given and what is concluded from it."""
    for sentence in _SENTENCE.split(text):
        given, _, concluded = sentence.partition(_CONCLUDES)
        if given:
            yield given, concluded


def _read_clauses(text: str, *, concluded: bool) -> list[_Statement]:
    found: list[_Statement] = []
    for written in _JOINED.split(_END.sub("", text)):
        clause = _KNOWN_ABOVE.sub("", written)
        for kind, pattern in _CLAUSES.items():
            match = pattern.match(clause)
            if match is None:
                continue
            parts = match.groupdict()
            wanted = parts["what"] + parts.get("range", "")
            who, what = _read_terms(parts.get("who")), _read_terms(wanted)
            if kind == "more":
                # `A depends on B and C`: the last thing that was said goes on.
                if found:
                    found[-1] = replace(found[-1], what=(*found[-1].what, *what))
            else:
                found.append(_Statement(kind, who, what, concluded or clause != written))
            break
        else:
            found.append(_Statement("unknown", (), (), concluded))
    return found


def _collect(kind: str, statements: Iterable[_Statement]) -> tuple[Term, ...]:
    """List what was given (not concluded) in statements of a kind, each once."""
    found = (s for s in statements if s.kind == kind and not s.is_concluded)
    return tuple(dict.fromkeys(term for statement in found for term in statement.what))


def _read_terms(text: str | None) -> tuple[Term, ...]:
    """Read one term or a list of them; several of one name stay apart."""
    parts = (text or "").strip("«»").split("|")
    matches = [match for part in parts if (match := _SPLIT_TERM.match(part))]
    return tuple(Term(canonicalize_name(match[1]), match[2]) for match in matches)
