"""The lines alone: hostile text survives the trip as it is, in pieces of any size."""

from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from envbench.model.document import make_foreign
from envbench.model.errors import (
    CancelledWorkError,
    NotFineError,
    PreventedError,
    UsageError,
)
from envbench.model.json_lines import ProtocolError
from envbench.workbench.desk.failures import explain_fault, to_error, to_refusal
from envbench.workbench.desk.protocol import (
    PIECE_ITEMS,
    Answer,
    Ask,
    Hello,
    Piece,
    Refusal,
    Update,
    encode_answer,
    encode_ask,
    encode_message,
    encode_update,
    read_asks,
    read_messages,
)

TEXT = st.text()  # Any character but surrogates, control characters among them.
HALVES = st.text(st.characters(categories=("Cs", "Lu")))
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**60), 2**60) | TEXT,
    lambda inner: st.lists(inner) | st.dictionaries(TEXT, inner),
    max_leaves=20,
)


@given(TEXT, TEXT, JSON)
def test_a_question_arrives_as_it_was_asked(verb: str, name: str, value: object):
    line = encode_ask(Ask(id=7, verb=verb, arguments={name: value}))
    assert line.count(b"\n") == 1
    assert read_asks().feed(line) == [Ask(id=7, verb=verb, arguments={name: value})]


@given(JSON, st.integers(1, 40))
def test_an_answer_arrives_whatever_the_pieces_of_its_bytes(value: object, size: int):
    data = b"".join((encode_update(1, value), *encode_answer(1, value)))
    reader = read_messages()
    found = [m for i in range(0, len(data), size) for m in reader.feed(data[i : i + size])]
    assert [type(m) for m in found] == [Update, Answer]
    assert [msgspec.json.decode(m.value) for m in found] == [value, value]


@given(st.integers(0, 3 * PIECE_ITEMS + 1))
def test_a_long_list_travels_in_pieces_and_none_is_lost(length: int):
    items = tuple(range(length))
    found = read_messages().feed(b"".join(encode_answer(3, items)))
    *pieces, answer = found
    assert all(isinstance(piece, Piece) for piece in pieces)
    raw = [*(piece.items for piece in pieces), answer.value]
    parts = [msgspec.json.decode(part) for part in raw]
    assert tuple(item for part in parts for item in part) == items
    assert all(len(part) <= PIECE_ITEMS for part in parts)


@given(HALVES)
def test_half_characters_do_not_kill_the_pipe(text: str):
    line = encode_ask(Ask(id=1, verb="echo", arguments={text: [text, {text: (text,)}]}))
    (ask,) = read_asks().feed(line)
    ((name, value),) = ask.arguments.items()
    assert value == [name, {name: [name]}]
    name.encode()  # No half is left.


def test_paths_that_are_no_utf8_are_shown_with_a_mark():
    path = Path("/tmp") / b"caf\xe9.yml".decode("utf-8", "surrogateescape")
    (answer,) = read_messages().feed(b"".join(encode_answer(1, {"path": path})))
    assert msgspec.json.decode(answer.value) == {"path": "/tmp/caf\ufffd.yml"}


@given(
    st.sampled_from((UsageError, NotFineError, PreventedError, CancelledWorkError)),
    TEXT, TEXT, TEXT, TEXT,
)  # fmt: skip
def test_an_error_arrives_whole(kind: type, what: str, where: str, why: str, hint: str):
    line = encode_message(to_refusal(5, kind(what, where=where, why=why, hint=hint)))
    (refusal,) = read_messages().feed(line)
    assert isinstance(refusal, Refusal)
    error = to_error(refusal)
    assert type(error) is kind
    assert error.exit_code == kind.exit_code
    assert (error.what, error.where, error.why, error.hint) == (what, where, why, hint)


@pytest.mark.parametrize("line", [b"[]\n", b"{}\n", b"\xff\n", b'{"type":"nothing"}\n', b"{\n"])
def test_rubbish_is_refused(line: bytes):
    with pytest.raises(ProtocolError):
        read_messages().feed(line)


def test_a_message_says_hello():
    (hello,) = read_messages().feed(encode_message(Hello(pid=12)))
    assert hello == Hello(pid=12)


def test_a_fault_keeps_its_trace_in_a_private_file_without_secrets(tmp_path: Path):
    fault = ZeroDivisionError("at https://user:secret@example.org/\x1b[2J")
    errors = [explain_fault(fault, tmp_path / "state") for _ in range(25)]
    assert "secret" not in str(errors[0])
    assert "\x1b" not in str(errors[0])
    assert errors[0].exit_code == 3
    kept = sorted((tmp_path / "state" / "faults").iterdir())
    assert len(kept) == 20
    assert str(kept[-1]) in {error.where for error in errors}
    text = kept[-1].read_text()
    assert "ZeroDivisionError" in text
    assert "user:" not in text
    assert kept[-1].stat().st_mode & 0o777 == 0o600


def test_what_the_system_refused_is_told_in_its_words(tmp_path: Path):
    error = explain_fault(FileNotFoundError(2, "No such file or directory", "/x"), tmp_path)
    assert (error.what, error.where) == ("No such file or directory", "/x")
    assert list(tmp_path.iterdir()) == []


def test_only_known_kinds_are_made_from_text():
    assert make_foreign(Path, "/a") == Path("/a")
    with pytest.raises(NotImplementedError):
        make_foreign(frozenset, "x")
