"""Fuzzy matching of a short query against many names, fast enough for every key press.

A name matches when it holds the query, or when the letters of the query stand in it in this order, the
first of them at the begin of a word. `-`, `_` and `.` are the same letter, as are upper and lower
case.
"""

import heapq
import itertools
import re
from bisect import bisect_left
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum

_FOLDS = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ_.", "abcdefghijklmnopqrstuvwxyz--")
"""One letter for one letter, so that places in the folded text are places in the name."""

MAX_QUERY = 60
"""Longer queries match nothing: no package has such a name."""

MAX_SCATTERED = 1000
"""So many names with scattered letters, the shortest ones, are compared more closely."""

ENOUGH = 8
"""Where so many names hold the query in one piece, scattered letters are not looked for."""

_RARE_FIRST = "zqxjwvkyfhbgdumcpsolaintre-"


class MatchKind(IntEnum):
    """How a query fits a name, the best first."""

    EXACT = 0
    PREFIX = 1
    WORD_START = 2
    """It stands at the begin of a later word of the name."""
    INSIDE = 3
    """It stands in one piece elsewhere."""
    SCATTERED = 4
    """Its letters stand in the name in this order, with others between them."""


@dataclass(frozen=True, slots=True)
class FuzzyMatch:
    """A name that fits a query."""

    name: str
    """As it was given."""
    kind: MatchKind
    positions: tuple[int, ...]
    """Places in `name`, 0-based and rising, of the letters of the query."""


def match_name(query: str, name: str) -> FuzzyMatch | None:
    """Match one name; None when it does not fit. An empty query is a prefix of everything."""
    wanted, folded = _fold(query), _fold(name)
    if len(wanted) > MAX_QUERY:
        return None
    start = _find_best_start(wanted, folded)
    if start >= 0:
        kind = _classify(wanted, folded, start)
        return FuzzyMatch(name, kind, tuple(range(start, start + len(wanted))))
    places = _scatter(wanted, folded)
    return FuzzyMatch(name, MatchKind.SCATTERED, places) if places else None


def _fold(text: str) -> str:
    return text.translate(_FOLDS)


def _classify(wanted: str, folded: str, start: int) -> MatchKind:
    if start == 0:
        return MatchKind.EXACT if wanted == folded else MatchKind.PREFIX
    return MatchKind.WORD_START if folded[start - 1] == "-" else MatchKind.INSIDE


def _find_best_start(wanted: str, folded: str) -> int:
    if folded.startswith(wanted):
        return 0
    at_word = folded.find(f"-{wanted}")
    return at_word + 1 if at_word >= 0 else folded.find(wanted)


def _scatter(wanted: str, folded: str) -> tuple[int, ...]:
    """Find the letters one by one from the begin of a word on, as close together as possible."""
    starts = [0, *(index + 1 for index, letter in enumerate(folded) if letter == "-")]
    tries = [_scatter_from(start, wanted, folded) for start in starts]
    return min((t for t in tries if t), key=lambda t: t[-1] - t[0], default=())


def _scatter_from(start: int, wanted: str, folded: str) -> tuple[int, ...]:
    if not folded.startswith(wanted[:1], start):
        return ()
    place = start
    for letter in wanted[1:]:
        place = folded.find(letter, place + 1)
        if place < 0:
            return ()
    # The earliest end is known; the letters before it move as close to it as they can.
    places = [place] if len(wanted) > 1 else []
    for letter in reversed(wanted[1:-1]):
        place = folded.rfind(letter, 0, place)
        places.append(place)
    return (start, *reversed(places))


class NameTable:
    """Many names, made ready to be asked again and again."""

    def __init__(self, names: Iterable[str]) -> None:
        """Fold and sort the names; doubles are dropped."""
        pairs = sorted({(_fold(name), name) for name in names})
        self._folded = [folded for folded, _ in pairs]
        self._names = [name for _, name in pairs]
        self._distinct = list(dict.fromkeys(self._folded))

    def __len__(self) -> int:
        return len(self._names)

    def __contains__(self, name: str) -> bool:
        return name in self._unfold((_fold(name),))

    @property
    def names(self) -> Sequence[str]:
        """All names, sorted."""
        return self._names

    def find(
        self, query: str, *, limit: int = 50, favoured: Collection[str] = frozenset()
    ) -> tuple[FuzzyMatch, ...]:
        """List the names that fit a query, best first; the same answer for the same names.

        Within a kind the favoured names come first, then the short ones, then by alphabet;
        scattered ones by how closely their letters stand together.

        Args:
            query: What was typed.
            limit: Most names of the answer.
            favoured: Names that many people mean.
        """
        wanted = _fold(query)
        if limit <= 0 or len(wanted) > MAX_QUERY:
            return ()
        if not wanted:
            return self._begin_with(favoured, limit)
        found: list[str] = []
        for search in (self._with_prefix, self._with_word, self._with_part, self._scattered):
            if search == self._scattered and len(found) >= ENOUGH:
                break
            taken = set(found)
            new = [name for name in self._unfold(search(wanted)) if name not in taken]
            ranked = heapq.nsmallest(limit, new, key=lambda name: _weigh(wanted, name, favoured))
            found += ranked[: limit - len(found)]
            if len(found) >= limit:
                break
        matches = (match_name(query, name) for name in found)
        return tuple(match for match in matches if match is not None)

    def _begin_with(self, favoured: Collection[str], limit: int) -> tuple[FuzzyMatch, ...]:
        """Answer an empty query: the favoured names first, then the others by alphabet."""
        liked = sorted(name for name in favoured if name in self)
        others = (name for name in self._names if name not in favoured)
        chosen = itertools.islice(itertools.chain(liked, others), limit)
        return tuple(FuzzyMatch(name, MatchKind.PREFIX, ()) for name in chosen)

    def _unfold(self, texts: Iterable[str]) -> Iterator[str]:
        for folded in texts:
            index = bisect_left(self._folded, folded)
            while index < len(self._folded) and self._folded[index] == folded:
                yield self._names[index]
                index += 1

    def _with_prefix(self, wanted: str) -> list[str]:
        start = bisect_left(self._distinct, wanted)
        # All that begin so stand together: the first that does not ends them.
        end = bisect_left(
            self._distinct, True, start, key=lambda folded: not folded.startswith(wanted)
        )
        return self._distinct[start:end]

    def _with_word(self, wanted: str) -> list[str]:
        needle = f"-{wanted}"
        return [folded for folded in self._distinct if needle in folded]

    def _with_part(self, wanted: str) -> list[str]:
        if len(wanted) < 2:  # one letter stands in nearly every name
            return []
        return [folded for folded in self._distinct if wanted in folded]

    def _scattered(self, wanted: str) -> list[str]:
        if len(wanted) < 2:
            return []
        # Which names hold all letters is quickly told; their order is looked at only in those.
        first, at_word = wanted[0], f"-{wanted[0]}"
        left = [text for text in self._distinct if text.startswith(first) or at_word in text]
        for letter in sorted(set(wanted), key=_RARE_FIRST.find):
            left = [folded for folded in left if letter in folded]
        letters = [re.escape(letter) for letter in wanted]
        rest = "".join(f"[^{letter}]*{letter}" for letter in letters[1:])
        fits = re.compile(f"(?:\\A|-){letters[0]}{rest}", re.DOTALL).search
        fitting = [folded for folded in left if fits(folded)]
        return sorted(fitting, key=lambda folded: (len(folded), folded))[:MAX_SCATTERED]


def _weigh(wanted: str, name: str, favoured: Collection[str]) -> tuple[int, int, bool, int, str]:
    folded = _fold(name)
    if wanted in folded:
        return 0, folded != wanted, name not in favoured, len(name), name
    places = _scatter(wanted, folded)
    at_words = sum(place == 0 or folded[place - 1] == "-" for place in places)
    span = places[-1] - places[0] if places else 0
    return span - 3 * at_words, places[0] if places else 0, name not in favoured, len(name), name
