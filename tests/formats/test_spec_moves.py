"""Moves of fixes in real layouts: what is written where, and what is refused."""

import pytest

from envbench.formats.spec_moves import apply_moves, describe_move, diff_rows
from envbench.formats.tracked_text import TrackedText, invert_edit
from envbench.model.errors import UsageError
from envbench.model.problem import Edit, Replacement
from envbench.model.repair import Move, MoveKind
from envbench.model.spec import SpecText

SPEC = """\
name: ai  # the name
channels:
  - defaults
  # for cuda
  - nvidia  # first one day
  - conda-forge
dependencies:
  - python=3.9
  - "pytorch::pytorch=1.13.1"   # keep
  - 'tensorflow=2.13.1=cuda112*'  # slow
  # between
  - torch
  - pip
  - pip:
      - openai>=2  # chat
      - einops
"""


def move(kind, old="", new="", line=None, *, is_pip=False):
    return Move(kind=MoveKind(kind), name=old or new, old=old, new=new, line=line, is_pip=is_pip)


def after(text, *moves):
    source = SpecText.from_decoded(text, "environment.yml")
    edit = apply_moves(source, moves)
    changed = edit.apply(source.text)
    assert invert_edit(edit, source.text).apply(changed) == source.text
    return changed


def rows_of(text, *moves):
    return [f"{row.sign}{row.line} {row.text}" for row in diff_rows(text, after(text, *moves), 0)]


@pytest.mark.parametrize(
    ("made", "rows"),
    [
        (
            move("pin", "tensorflow=2.13.1=cuda112*", "tensorflow=2.14.*", 10),
            [
                "-10   - 'tensorflow=2.13.1=cuda112*'  # slow",
                "+10   - 'tensorflow=2.14.*'  # slow",
            ],
        ),
        (
            move("drop_channel", "pytorch::pytorch=1.13.1", "pytorch=1.13.1", 9),
            [
                '-9   - "pytorch::pytorch=1.13.1"   # keep',
                '+9   - "pytorch=1.13.1"   # keep',
            ],
        ),
        (
            move("rename", "torch", "pytorch", 12),
            ["-12   - torch", "+12   - pytorch"],
        ),
        (
            move("set_channel", "torch", "conda-forge::torch[build='*cuda*']", 12),
            ["-12   - torch", "+12   - \"conda-forge::torch[build='*cuda*']\""],
        ),
        (move("remove", "torch", line=12), ["-12   - torch"]),
        (
            move("release", "openai>=2", "openai", 15, is_pip=True),
            ["-15       - openai>=2  # chat", "+15       - openai  # chat"],
        ),
        (
            move("to_pip", "tensorflow=2.13.1=cuda112*", "tensorflow==2.13.1", 10),
            [
                "-10   - 'tensorflow=2.13.1=cuda112*'  # slow",
                "+16       - tensorflow==2.13.1  # slow",
            ],
        ),
        (
            move("to_conda", "openai>=2", "openai >=2", 15, is_pip=True),
            ["+14   - openai >=2  # chat", "-15       - openai>=2  # chat"],
        ),
        (move("add", new="typing_extensions <4.6"), ["+14   - typing_extensions <4.6"]),
        (move("add_channel", new="pytorch"), ["+7   - pytorch"]),
        (move("raise_channel", new="conda-forge"), ["+3   - conda-forge", "-6   - conda-forge"]),
        (
            move("raise_channel", "nvidia", "nvidia", 5),
            [
                "-3   - defaults",
                "+5   - defaults",
            ],
        ),
        (move("raise_channel", new="defaults"), []),
        (move("priority", new="flexible"), []),
        (move("host", new="__cuda=12.4"), []),
    ],
)
def test_each_move_changes_its_own_rows(made, rows):
    assert rows_of(SPEC, made) == rows


def test_several_moves_are_one_edit_with_a_splice_a_place():
    moves = [
        move("pin", "python=3.9", "python=3.10", 8),
        move("pin", "tensorflow=2.13.1=cuda112*", "tensorflow=2.15", 10),
        move("remove", "torch", line=12),
    ]
    edit = apply_moves(SpecText(SPEC), moves)
    assert [SPEC[r.start : r.end] for r in edit.replacements] == [
        "python=3.9",
        "'tensorflow=2.13.1=cuda112*'",
        "  - torch\n",
    ]
    assert edit.title == (
        "write python=3.10 in line 8; write tensorflow=2.15 in line 10; remove torch in line 12"
    )


def test_the_last_items_of_a_section_go_and_others_come():
    moved = after(
        SPEC,
        move("to_conda", "openai>=2", "openai>=2", 15, is_pip=True),
        move("remove", "einops", line=16, is_pip=True),
        move("to_pip", "torch", "torch", 12),
    )
    assert moved == SPEC.replace("  - torch\n", "").replace(
        "  - pip:\n", "  - openai>=2  # chat\n  - pip:\n"
    ).replace("      - openai>=2  # chat\n      - einops\n", "      - torch\n")
    emptied = after(
        SPEC,
        move("remove", "openai>=2", line=15, is_pip=True),
        move("remove", "einops", line=16, is_pip=True),
    )
    assert emptied == SPEC[: SPEC.index("  - pip:")]


def test_a_pip_section_is_made_where_there_is_none():
    assert after("dependencies:\n- a=1 # x\n", move("to_pip", "a=1", "a==1", 2)) == (
        "dependencies:\n- pip:\n    - a==1 # x\n"
    )


def test_flow_lists_and_crlf_and_the_byte_order_mark_stay():
    text = "\ufeffchannels: [a, b , 'c']\r\ndependencies: [x=1, \"y\", {pip: [z]}]  # d\r\n"
    source = SpecText.from_decoded(text, "environment.yml")
    moves = [
        move("raise_channel", new="c", line=1),
        move("pin", "x=1", "x>=1,<2", 2),
        move("to_pip", "y", "y", 2),
    ]
    changed = source.with_text(apply_moves(source, moves).apply(source.text))
    assert changed.to_bytes().decode() == (
        "\ufeffchannels: ['c', a, b]\r\ndependencies: [\"x>=1,<2\", {pip: [z, y]}]  # d\r\n"
    )


@pytest.mark.parametrize(
    ("made", "why"),
    [
        (
            move("pin", "tensorflow=2.13.0", "tensorflow", 10),
            "it says `tensorflow=2.13.1=cuda112*`",
        ),
        (move("remove", "torch", line=11), "no such item stands there"),
        (move("remove", "einops", line=16), "no such item stands there"),
        (move("remove", "torch", line=12, is_pip=True), "no such item stands there"),
        (move("raise_channel", "conda-forge", "conda-forge", 5), "it says `nvidia`"),
        (move("raise_channel", new="bioconda"), "the file does not list it"),
    ],
)
def test_a_line_that_says_something_else_by_now_is_left_alone(made, why):
    with pytest.raises(UsageError, match="not there any more") as told:
        apply_moves(SpecText(SPEC, "environment.yml"), [made])
    assert told.value.why == why
    assert "solve again" in told.value.hint
    place = f"environment.yml:{made.line}" if made.line else "environment.yml"
    assert told.value.where == place


@pytest.mark.parametrize(
    ("moves", "what"),
    [
        ([move("add", new="pytorch::torch")], "`torch` is listed already"),
        ([move("to_pip", "torch", "Einops", 12)], "`einops` is listed in the pip section already"),
        ([move("add_channel", new="nvidia")], "`nvidia` is listed already"),
        ([move("pin", "torch", "torch=[", 12)], "is no match spec"),
        ([move("pin", "torch", "torch # 2", 12)], "is no dependency"),
        ([move("pin", "einops", "--index-url=x", 16, is_pip=True)], "is no requirement"),
        (
            [move("pin", "torch", "torch=1", 12), move("remove", "torch", line=12)],
            "two moves concern one item",
        ),
    ],
)
def test_what_cannot_be_meant_is_refused(moves, what):
    with pytest.raises(UsageError, match=what.replace("(", r"\(")):
        apply_moves(SpecText(SPEC), moves)


def test_an_item_may_take_the_name_of_one_that_goes():
    text = "dependencies:\n- torch=1\n- pip:\n  - torch==2\n"
    moved = after(
        text,
        move("to_pip", "torch=1", "torch==1", 2),
        move("remove", "torch==2", line=4, is_pip=True),
    )
    assert moved == "dependencies:\n- pip:\n  - torch==1\n"


def test_a_masked_secret_is_never_written_into_the_file():
    text = "dependencies:\n- https://me:hunter22@host.example/chan::torch=1\n"
    shown = "https://***@host.example/chan::torch=1"
    with pytest.raises(UsageError, match="not made") as told:
        apply_moves(SpecText(text), [move("pin", shown, shown.replace("=1", "=2"), 2)])
    assert "password" in told.value.why
    assert after(text, move("remove", shown, line=2)) == "dependencies:\n"


def test_rows_of_a_difference_are_clean_and_hold_no_secret():
    old = "a\nb\nc\nd\ne\n"
    new = "a\nb\nhttps://me:hunter22@host.example/\x1b[31mx\nd\ne\nf\n"
    shown = [(row.sign, row.line, row.text) for row in diff_rows(old, new)]
    assert shown == [
        (" ", 2, "b"),
        ("-", 3, "c"),
        ("+", 3, "https://***@host.example/x"),
        (" ", 4, "d"),
        (" ", 5, "e"),
        ("+", 6, "f"),
    ]
    assert diff_rows("a\r\nb", "a\nb\n") == ()


def test_a_tracked_text_knows_where_its_characters_are():
    tracked = TrackedText("abcdef")
    tracked.apply(Edit("", (Replacement(1, 3, "XY"), Replacement(6, 6, "!"))))
    tracked.apply(Edit("", (Replacement(0, 2, ""),)))
    assert tracked.text == "Ydef!"
    assert [tracked.find(i) for i in range(6)] == [None, None, None, 1, 2, 3]
    assert Edit("", tracked.replacements()).apply("abcdef") == "Ydef!"


def test_every_kind_of_move_has_words():
    words = {describe_move(move(kind, "a=1", "b", 3)) for kind in MoveKind}
    assert "move a=1 to the pip section" in words
    assert "write b in line 3" in words
    assert all(word.isprintable() and len(word) < 80 for word in words)
