"""Every fix that is offered holds: solved elsewhere from the edited text, and none better exists."""

import difflib

import pytest

from envbench.model.repair import SETTINGS, Fix, MoveKind
from envbench.model.version_steps import Distance
from tests.conflicts.case import Case, name_of
from tests.conflicts.cases import CASES
from tests.conflicts.exhaustive import (
    MOST_SOLVES,
    asks_for_gpu,
    computes_on,
    count_combinations,
    find_ways,
    hitting_sets,
    list_changes,
)
from tests.conflicts.fixer import Asked, Fixer, text_after, world_after
from tests.conflicts.oracle import Outcome

BESIDE = SETTINGS | {MoveKind.ADD_CHANNEL, MoveKind.RAISE_CHANNEL}
"""Changes beside the lines that ask for packages."""
DAILY = ("typo-pytroch", "torchvision-between-two", "old-driver-for-cuda-version")
"""Of the default lane: a name, two conflicts that share a line, the box."""


def params(quick: tuple[str, ...] = DAILY):
    return pytest.mark.parametrize(
        "case",
        [
            pytest.param(case, id=case.name, marks=() if case.name in quick else pytest.mark.slow)
            for case in CASES
        ],
    )


@pytest.fixture(scope="module")
def fixers(tmp_path_factory, shared_channels):
    made: dict[str, Fixer] = {}
    root = tmp_path_factory.mktemp("homes")

    def give(tree: str) -> Fixer:
        if tree not in made:
            made[tree] = Fixer(root, shared_channels, tree)
        return made[tree]

    yield give
    for fixer in made.values():
        fixer.close()


@pytest.fixture(scope="module")
def asked(fixers):
    """What the search for the fixes of a case came to; once for each."""
    known: dict[str, Asked] = {}

    def ask(case: Case) -> Asked:
        if case.name not in known:
            known[case.name] = fixers(case.tree).ask(case)
        return known[case.name]

    return ask


@params()
def test_every_fix_solves_from_the_edited_text(case, asked, oracle, shared_channels):
    report = asked(case).report
    assert report.conflict is not None and report.fixes
    for fix in report.fixes:
        world, specs = world_after(case, fix, shared_channels)
        assert oracle.solve(world, specs, again=True).is_solvable, fix.title


@params()
def test_fixes_leave_all_other_lines_alone(case, asked):
    for fix in asked(case).report.fixes:
        before = case.text.splitlines(keepends=True)
        after = text_after(case, fix).splitlines(keepends=True)
        touched = {move.line for move in fix.moves if move.line is not None}
        matcher = difflib.SequenceMatcher(None, before, after, autojunk=False)
        gone, new = set[int](), list[str]()
        for tag, start, end, left, right in matcher.get_opcodes():
            if tag != "equal":
                gone |= set(range(start + 1, end + 1))
                new += after[left:right]
        if any(move.kind is MoveKind.RAISE_CHANNEL for move in fix.moves):
            # An entry of the channels goes to another place, as it is.
            assert sorted(before) == sorted(after)
        else:
            assert gone <= touched, fix.title
        changes = [move for move in fix.moves if move.kind not in SETTINGS]
        assert len(new) <= 2 * len(changes)
        assert (fix.edit is None) == (not changes)
        for move in changes:
            comment = before[move.line - 1].partition("#")[2] if move.line else ""
            if comment and move.kind is not MoveKind.REMOVE:
                assert any(comment in line for line in new), fix.title


@params()
def test_the_best_comes_first_and_is_the_one_meant(case, asked):
    fixes = asked(case).report.fixes
    assert [fix.cost for fix in fixes] == sorted(fix.cost for fix in fixes)
    assert len({fix.moves for fix in fixes}) == len(fixes)
    in_file = [fix for fix in fixes if fix.edit is not None]
    if case.fix:
        assert sorted(move.name for move in in_file[0].moves) == sorted(case.fix)


@params()
def test_who_falls_to_the_cpu_is_said(case, asked, oracle, shared_channels):
    """Held against the build strings of the oracle's plans."""
    lines = {name_of(text): text for _, text in case.lines}
    world = case.world(shared_channels)
    for fix in asked(case).report.fixes:
        plan = oracle.solve(*world_after(case, fix, shared_channels))
        renamed = {name_of(m.new): m.old for m in fix.moves if m.kind is MoveKind.RENAME}
        asked_as = lines | renamed
        on_cpu = {name for name in asked_as if computes_on(plan.pick(name)) == "cpu"}
        said = {shift.name for shift in fix.effect.shifts if shift.lost_gpu}
        assert said <= on_cpu, fix.title
        assert fix.loses_gpu == bool(said)
        assert {name for name in on_cpu if asks_for_gpu(asked_as[name])} <= said, fix.title
        touched = {move.name for move in fix.moves} | set(renamed)
        rest = oracle.solve(world, [text for name, text in lines.items() if name not in touched])
        for name in said:
            wished = oracle.solve(world, [asked_as[name]]), oracle.solve(world, [name]), rest
            assert asks_for_gpu(asked_as[name]) or "gpu" in {
                computes_on(outcome.pick(name)) for outcome in wished
            }, fix.title
        if not any(move.kind in SETTINGS for move in fix.moves):
            for name in on_cpu - touched - said:
                assert computes_on(rest.pick(name)) != "gpu", fix.title


@params(quick=())
def test_the_same_fixes_again(case, asked, fixers):
    def in_short(fix: Fix) -> tuple[object, ...]:
        return fix.title, fix.cost, fix.effect, fix.diff, fix.gains

    first = asked(case).report
    again = fixers(case.tree).ask(case).report
    assert [in_short(fix) for fix in again.fixes] == [in_short(fix) for fix in first.fixes]


@params(quick=("torchvision-between-two",))
def test_no_way_is_better_than_the_first_fix(case, asked, oracle, shared_channels):
    report = asked(case).report
    close = {}
    for core in report.conflict.cores:
        for line in core.lines:
            renamed = [m.new for f in report.fixes for m in f.moves if m.kind is MoveKind.RENAME]
            close[line.name] = tuple(name_of(text) for text in renamed)
    changes = list_changes(case, shared_channels, close)
    size = next(size for size in range(1, 5) if any(hitting_sets(case, size)))
    if count_combinations(case, changes, size) > MOST_SOLVES:
        pytest.skip("too many combinations for trying all of them")
    ways = find_ways(case, shared_channels, oracle, changes, size)
    fixes = [fix for fix in report.fixes if not BESIDE & {move.kind for move in fix.moves}]
    if not ways:
        assert all(fix.cost.lines > size for fix in fixes)
        return
    world = case.world(shared_channels)
    on_gpu = {
        name_of(text)
        for _, text in case.lines
        if "gpu"
        in {
            computes_on(oracle.solve(world, [s]).pick(name_of(text))) for s in (text, name_of(text))
        }
    }

    def price(lines: int, removals: int, distance: Distance, outcome: Outcome) -> tuple:
        lost = sum(computes_on(outcome.pick(name)) == "cpu" for name in on_gpu)
        return lines, removals, lost, distance

    best = min(ways, key=lambda w: price(w.lines, w.removals, w.distance, w.outcome))
    assert fixes, f"{[move.new for move in best.moves]} would do"
    first, plan = fixes[0].cost, oracle.solve(*world_after(case, fixes[0], shared_channels))
    found = price(first.lines, first.removals, first.distance, plan)
    wanted = price(best.lines, best.removals, best.distance, best.outcome)
    told = f"{fixes[0].title} against {[move.new for move in best.moves]}"
    space = {(c.move.kind, c.move.new) for each in changes.values() for c in each}
    if all((move.kind, move.new) in space for move in fixes[0].moves):
        assert found == wanted, told
    else:
        # Some changes, such as to the package for any box, are the search's alone.
        assert found <= wanted, told
