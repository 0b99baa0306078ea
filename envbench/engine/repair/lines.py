"""All ways out that one line offers, while other lines are left out or changed already."""

from collections.abc import Callable, Generator, Sequence

from envbench.engine.repair.ledger import Ledger, Progress
from envbench.engine.repair.sides import Side, find_nearest, join_series
from envbench.engine.solver.protocol import Tried
from envbench.model.conflict import SpecLine
from envbench.model.line_texts import build_for_other_versions, read_line
from envbench.model.repair import Fix, Move, MoveKind
from envbench.model.repair_candidate import Candidate, remove
from envbench.model.version_match import satisfies_version
from envbench.model.version_steps import Distance, distance_from

_MOST_ON_A_SIDE = 10
"""So many series are looked at behind the nearest one with a solution that is not good enough."""
_NO_SOLUTION = "still no solution"

Steps = Generator[Progress, None, None]


class LineSearch:
    """Looks at the changes of one line."""

    def __init__(
        self,
        *,
        line: SpecLine,
        candidates: Sequence[Candidate],
        ask: Callable[[str | None], Tried],
        ledger: Ledger,
        others: tuple[Move, ...] = (),
        channels: Sequence[tuple[str, Sequence[str]]] = (),
        is_strict: bool = False,
    ) -> None:
        """Prepare.

        Args:
            line: The user's line.
            candidates: Its changes.
            ask: Tries another text in the place of the line.
            ledger: Where fixes are proved.
            others: What is changed besides.
            channels: Channels with versions of the package, in order, where the priority of
                channels is strict and several have it: a line that asks for a version may then let
                in another channel than one that leaves it open, so that nothing follows from one
                answer for another question.
            is_strict: Whether the priority of channels is strict: what lines offer together does
                not follow from what each offers while the others are left out.
        """
        self._line = line
        self._ask = ask
        self._ledger = ledger
        self._others = others
        self._channels = channels
        self._is_strict = is_strict
        self._is_in_vain = False
        self._above = [c for c in candidates if c.side > 0]
        self._below = [c for c in candidates if c.side < 0]
        self._loose = [c for c in candidates if c.side == 0 and not c.removals]
        for pins in (self._above, self._below):
            pins.sort(key=lambda candidate: candidate.place)

    def explore(self, vain: str = "", *, is_open: bool = True) -> Steps:
        """Prove the nearest change on each side, and every other change that may be better.

        Args:
            is_open: Whether there is a solution without the line. Where there is none, only what
                lets in another channel can help.
            vain: Why pip refuses when the line is left out. Where it says the same of a version, no
                other version will please it.
        """
        if not is_open:
            for pins in (self._above, self._below, self._loose):
                pins[:] = [c for c in pins if self._lets_another_in(c)]
        released = self._release()
        yield self._ledger.snapshot()
        fixes: list[Fix] = []
        sides = [
            (pins, side)
            for pins in (self._above, self._below)
            if pins and (side := self._find_side(pins, released)).nearest is not None
        ]
        sides.sort(key=lambda each: each[0][each[1].nearest or 0].least)
        for pins, side in sides:
            yield from self._walk(pins, side.nearest or 0, fixes, vain)
        if self._is_in_vain:
            return
        for candidate in self._loose:
            yield from self._try_loose(candidate, released, fixes)

    def list_options(self) -> list[Candidate]:
        """List the changes that have a solution while the other lines are left out."""
        options: list[Candidate] = []
        if self._is_strict:
            options = [*self._above[:_MOST_ON_A_SIDE], *self._below[:_MOST_ON_A_SIDE], *self._loose]
        else:
            released = self._release()
            for pins in (self._above, self._below):
                nearest = self._find_side(pins, released).nearest if pins else None
                if nearest is not None:
                    options += pins[nearest : nearest + _MOST_ON_A_SIDE]
            options += [
                c for c in self._loose if self._ask(c.move.new).is_solvable and self._adds(c)
            ]
        return [*options, remove(self._line)]

    def list_pins(self) -> list[Candidate]:
        """List as `list_options`, without removal; no release where there are versions to pin."""
        options = [candidate for candidate in self.list_options() if not candidate.removals]
        return without_release(options)

    def blocked_text(self) -> tuple[str, list[Candidate]] | None:
        """Give the newer versions, where none of them has a solution."""
        if not self._above or self._find_side(self._above, self._release()).nearest is not None:
            return None
        return join_series(self._line, self._above), self._above

    # -- steps -----------------------------------------------------------------------------------

    def _release(self) -> Tried | None:
        """Try the line without any constraint; None where it has none to begin with."""
        release = next((c for c in self._loose if c.move.kind is MoveKind.RELEASE), None)
        return self._ask(release.move.new) if release is not None else None

    def _find_side(self, pins: Sequence[Candidate], released: Tried | None) -> Side:
        if self._channels:
            answers = (i for i, pin in enumerate(pins) if self._ask(pin.move.new).is_solvable)
            return Side(next(answers, None))
        if released is not None and not released.is_solvable:
            self._ledger.fail((), _NO_SOLUTION, title=self._name_side(pins))
            return Side(None, released.refusal)
        # Without a constraint any build will do, which says nothing of pins that keep theirs.
        read = read_line(self._line.text)
        keeps_build = read is not None and bool(build_for_other_versions(read.build))
        side = find_nearest(self._line, pins, self._ask, None if keeps_build else released)
        skipped = pins[: side.nearest] if side.nearest is not None else pins
        if skipped:
            self._ledger.fail((), _NO_SOLUTION, title=self._name_side(skipped))
        return side

    def _name_side(self, pins: Sequence[Candidate]) -> str:
        place = f"line {self._line.line}  " if self._line.line is not None else ""
        first, last = pins[0].series, pins[-1].series
        series = first if first == last else f"{first} ... {last}"
        return f"{place}{self._line.text} → {series}"

    def _walk(self, pins: Sequence[Candidate], nearest: int, fixes: list[Fix], vain: str) -> Steps:
        """Prove pins of one side until one loses nothing that a further one could keep."""
        for count, candidate in enumerate(pins[nearest:]):
            if count >= _MOST_ON_A_SIDE:
                self._ledger.not_tried.append(self._name_side(pins[nearest + count :]))
                return
            if count > 0 and not self._ask(candidate.move.new).is_solvable:
                continue
            fix = yield from self._ledger.prove((*self._others, candidate.move))
            if fix is None:
                refusal = self._ledger.proofs.pip_refusal_of((*self._others, candidate.move))
                self._is_in_vain = bool(refusal) and refusal == vain
                if self._is_in_vain:
                    return
                continue
            fixes.append(fix)
            following = pins[nearest + count + 1 : nearest + count + 2]
            if not fix.loses_gpu and not any(c.least <= fix.cost.distance for c in following):
                return

    def _try_loose(self, candidate: Candidate, released: Tried | None, fixes: list[Fix]) -> Steps:
        moves = (*self._others, candidate.move)
        is_release = candidate.move.kind is MoveKind.RELEASE
        if not self._adds(candidate):
            return
        answer = released if is_release and released is not None else self._ask(candidate.move.new)
        if not answer.is_solvable:
            if not is_release:
                self._ledger.fail(moves, _NO_SOLUTION)
            return
        if (
            is_release
            and fixes
            and self._measure(answer, candidate) > min(fix.cost.distance for fix in fixes)
        ):
            self._ledger.defer(moves)
            return
        fix = yield from self._ledger.prove(moves)
        if fix is not None:
            fixes.append(fix)

    def _adds(self, candidate: Candidate) -> bool:
        """Tell whether a change gives more than the one that asks for more."""
        return not candidate.narrower or not self._ask(candidate.narrower).is_solvable

    def _lets_another_in(self, candidate: Candidate) -> bool:
        """Tell whether the first channel that has what is asked for is not the first of all."""
        read = read_line(candidate.move.new)
        wanted = (read.match.version if read is not None else None) or "*"
        having = (
            channel
            for channel, versions in self._channels
            if any(satisfies_version(v, wanted) is not False for v in versions)
        )
        is_first = next(having, None) == next((channel for channel, _ in self._channels), None)
        return bool(self._channels) and (not is_first or "::" in candidate.move.new)

    def _measure(self, answer: Tried, candidate: Candidate) -> Distance:
        read = read_line(self._line.text)
        got = next((p.version for p in answer.picks if p.name == self._line.name), "")
        constraint = read.match.version if read is not None else None
        if not got or constraint is None or satisfies_version(got, constraint):
            return candidate.least
        return distance_from(
            constraint, got, self._ledger.versions_of(self._line.name), name=self._line.name
        )


def without_release(candidates: Sequence[Candidate]) -> list[Candidate]:
    """Leave the constraint, where there are versions to pin.

    To release it costs nothing that is known before it is solved, so that it would come first.
    """
    pins = [candidate for candidate in candidates if candidate.series]
    kept = [c for c in candidates if c.move.kind is not MoveKind.RELEASE]
    return kept if pins else list(candidates)
