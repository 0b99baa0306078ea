"""Moves of fixes, as laws over layouts: the outcome says what was wanted, all other lines stay."""

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from spec_layouts import MadeSpec, made_specs

from envbench.formats.environment_yml import parse_spec
from envbench.formats.spec_moves import apply_moves, diff_rows
from envbench.formats.tracked_text import invert_edit
from envbench.model.errors import UsageError
from envbench.model.repair import Move, MoveKind
from envbench.model.spec import SpecText

LAWS = settings(
    max_examples=80,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
LEAVES = {MoveKind.REMOVE, MoveKind.TO_PIP, MoveKind.TO_CONDA}
PINS = ("=1.26.*", ">=1.20,<2", "==3", "", "=2.0=cuda*", "[version='>=1,<2']")
PIP_PINS = ("==9.9", ">=1,<2", "", "[x]~=1.0")
KINDS_CONDA = (
    MoveKind.PIN, MoveKind.RELEASE, MoveKind.SET_CHANNEL, MoveKind.RENAME, MoveKind.REMOVE,
    MoveKind.TO_PIP,
)  # fmt: skip
KINDS_PIP = (MoveKind.PIN, MoveKind.RELEASE, MoveKind.RENAME, MoveKind.REMOVE, MoveKind.TO_CONDA)


def said(text):
    spec = parse_spec(SpecText(text)).spec
    return (
        [item.text for item in spec.dependencies],
        [item.text for item in spec.pip],
        [entry.name for entry in spec.channels],
    )


def rest_of(text):
    spec = parse_spec(SpecText(text)).spec
    return spec.name, spec.platforms, [(v.name, v.value) for v in spec.variables]


@st.composite
def moves_of(draw, made):
    """Draw some moves, each on an item of its own, and what the spec says after them."""
    spec = parse_spec(SpecText(made.text)).spec
    conda, pip = list(made.conda), list(made.pip or ())
    items = [(False, i) for i in range(len(conda))] + [(True, i) for i in range(len(pip))]
    chosen = draw(st.lists(st.sampled_from(items), unique=True, max_size=3)) if items else []
    moves, to_conda, to_pip = [], [], []
    for number, (is_pip, index) in enumerate(chosen):
        item = (spec.pip if is_pip else spec.dependencies)[index]
        kind = draw(st.sampled_from(KINDS_PIP if is_pip else KINDS_CONDA))
        name = item.requirement.name if is_pip else item.match.name
        new = {
            MoveKind.PIN: name + draw(st.sampled_from(PIP_PINS if is_pip else PINS)),
            MoveKind.SET_CHANNEL: f"nvidia::{name}",
            MoveKind.RENAME: f"other{number}",
            MoveKind.REMOVE: "",
            MoveKind.TO_PIP: f"moved{number}>=1,<2",
            MoveKind.TO_CONDA: f"moved{number}=1.*",
        }.get(kind, name)
        move = Move(
            kind=kind, name=name, old=item.text, new=new, line=item.span.line, is_pip=is_pip
        )
        moves.append(move)
        (pip if is_pip else conda)[index] = None if kind in LEAVES else new
        if kind is MoveKind.TO_PIP:
            to_pip.append(new)
        if kind is MoveKind.TO_CONDA:
            to_conda.append(new)
    if draw(st.booleans()):
        moves.append(Move(kind=MoveKind.ADD, name="extra", new="extra <2"))
        to_conda.append("extra <2")
    channels = list(made.channels or ())
    if draw(st.booleans()):
        moves.append(Move(kind=MoveKind.ADD_CHANNEL, name="chan", new="chan"))
    if channels and draw(st.booleans()):
        name = draw(st.sampled_from(channels))
        line = spec.channels[channels.index(name)].span.line
        moves.append(Move(kind=MoveKind.RAISE_CHANNEL, name=name, new=name, line=line))
        channels.remove(name)
        channels.insert(0, name)
    if any(move.kind is MoveKind.ADD_CHANNEL for move in moves):
        channels.append("chan")
    moves = draw(st.permutations(moves))
    pip += [move.new for move in moves if move.kind is MoveKind.TO_PIP]
    wanted_conda = [text for text in conda if text is not None]
    return moves, wanted_conda, to_conda, [text for text in pip if text is not None], channels


@LAWS
@given(made_specs(), st.data())
def test_moves_say_exactly_the_wanted_spec(made: MadeSpec, data):
    moves, conda, added, pip, channels = data.draw(moves_of(made))
    edit = apply_moves(SpecText(made.text), moves)
    after = edit.apply(made.text)
    found = said(after)
    assert [text for text in found[0] if text not in added] == conda
    assert sorted(text for text in found[0] if text in added) == sorted(added)
    assert found[1:] == (pip, channels)
    assert rest_of(after) == rest_of(made.text)
    assert invert_edit(edit, made.text).apply(after) == made.text


@LAWS
@given(made_specs(), st.data())
def test_all_other_lines_stay_byte_for_byte(made: MadeSpec, data):
    moves, *_ = data.draw(moves_of(made))
    after = apply_moves(SpecText(made.text), moves).apply(made.text)
    assert ("\r" in after) == ("\r" in made.text) or "\n" not in made.text
    if "\r\n" in made.text:
        assert "\n" not in after.replace("\r\n", "")
    old, new = made.text.splitlines(), after.splitlines()
    touched = {move.line - 1 for move in moves if move.line}
    flows = {i for i, row in enumerate(old) if ": [" in row or row.rstrip().endswith(" ~")}
    kept = [row for i, row in enumerate(old) if i not in touched | flows]
    if emptied(made, moves):
        kept = [row for row in kept if "pip:" not in row and not inside_pip(made, row)]
    if any(move.kind is MoveKind.RAISE_CHANNEL for move in moves):
        # Comments above the item went along with it.
        assert all(new.count(row) >= kept.count(row) for row in kept)
    else:
        rest = iter(new)
        assert all(row in rest for row in kept)


def emptied(made, moves):
    leaving = sum(move.kind in LEAVES and move.is_pip for move in moves)
    return made.pip and leaving == len(made.pip)


def inside_pip(made, row):
    """Comments and blank rows of a section go with the section."""
    return not row.strip() or row.strip().startswith("#")


@LAWS
@given(made_specs(), st.data())
def test_a_rewritten_item_touches_nothing_but_its_scalar(made: MadeSpec, data):
    assume(made.conda)
    spec = parse_spec(SpecText(made.text)).spec
    item = spec.dependencies[data.draw(st.integers(0, len(made.conda) - 1))]
    new = item.match.name + "=9.9.*"
    move = Move(kind=MoveKind.PIN, name="x", old=item.text, new=new, line=item.span.line)
    (change,) = apply_moves(SpecText(made.text), [move]).replacements
    assert (change.start, change.end) == (item.span.start, item.span.end)
    quote = made.text[item.span.start]
    if quote in "'\"":
        assert change.text == f"{quote}{new}{quote}"


@LAWS
@given(made_specs(), st.data())
def test_an_item_that_says_something_else_by_now_is_refused(made: MadeSpec, data):
    assume(made.conda)
    spec = parse_spec(SpecText(made.text)).spec
    index = data.draw(st.integers(0, len(made.conda) - 1))
    item = spec.dependencies[index]
    old = data.draw(st.sampled_from((item.text + "0", "foreign", *made.conda, *(made.pip or ()))))
    line = data.draw(st.integers(1, made.text.count("\n") + 2))
    spots = {(d.text, d.span.line) for d in spec.dependencies}
    assume((old, line) not in spots)
    kind = data.draw(st.sampled_from((MoveKind.PIN, MoveKind.REMOVE, MoveKind.TO_PIP)))
    move = Move(kind=kind, name="x", old=old, new="x", line=line)
    with pytest.raises(UsageError, match="not there any more") as told:
        apply_moves(SpecText(made.text, "environment.yml"), [move])
    assert told.value.where == f"environment.yml:{line}"


@LAWS
@given(made_specs(), st.data())
def test_the_rows_of_a_difference_tell_both_texts(made: MadeSpec, data):
    moves, *_ = data.draw(moves_of(made))
    after = apply_moves(SpecText(made.text), moves).apply(made.text)
    old, new = made.text.splitlines(), after.splitlines()
    rows = diff_rows(made.text, after, context=data.draw(st.integers(0, 3)))
    for row in rows:
        assert row.text == (new if row.sign == "+" else old)[row.line - 1].rstrip("\r")
    gone = {row.line - 1 for row in rows if row.sign == "-"}
    come = {row.line - 1 for row in rows if row.sign == "+"}
    assert [r for i, r in enumerate(old) if i not in gone] == [
        r for i, r in enumerate(new) if i not in come
    ]


HARD = st.text(
    alphabet=st.sampled_from("-:[]{},#'\"|>&*!%@ \n\r\tab=1.\u2028\x85é\ufeff"), max_size=60
)
HEADS = (
    "dependencies:\n- a\n- ",
    "channels: [x, y]\ndependencies: [a, {pip: [b]}]\n",
    "channels:\n- x\n- y\ndependencies:\n- a\n- pip:\n  - b\n  - ",
)
ANY_MOVES = (
    Move(kind=MoveKind.PIN, name="a", old="a", new="a>=1,<2"),
    Move(kind=MoveKind.TO_PIP, name="a", old="a", new="a==1"),
    Move(kind=MoveKind.REMOVE, name="b", old="b", is_pip=True),
    Move(kind=MoveKind.TO_CONDA, name="b", old="b", new="b=1", is_pip=True),
    Move(kind=MoveKind.ADD, name="newcomer", new="newcomer>=1"),
    Move(kind=MoveKind.ADD_CHANNEL, name="chan", new="chan"),
    Move(kind=MoveKind.RAISE_CHANNEL, name="y", new="y"),
)


@settings(max_examples=100, deadline=None)
@given(HARD, st.sampled_from(HEADS), st.sets(st.sampled_from(ANY_MOVES), min_size=1, max_size=3))
def test_moves_are_right_or_refused_whatever_the_text(noise, head, moves):
    text = head + noise
    moves = sorted(moves, key=lambda move: move.kind)
    try:
        edit = apply_moves(SpecText(text), moves)
    except UsageError:
        return
    after = edit.apply(text)
    conda, pip, channels = said(after)
    assert invert_edit(edit, text).apply(after) == text
    for move in moves:
        if move.kind in {MoveKind.PIN, MoveKind.ADD, MoveKind.TO_CONDA}:
            assert move.new in conda
        elif move.kind is MoveKind.TO_PIP:
            assert move.new in pip
        elif move.kind is MoveKind.RAISE_CHANNEL:
            assert channels[0] == "y"
