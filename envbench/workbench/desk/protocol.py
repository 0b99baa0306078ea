"""The lines between the screen and the children that work for it; bytes in, messages out.

One JSON object a line, in both directions. The child speaks first (`Hello`); after that every
question has an `id` that its messages carry back. A child works on one question at a time and ends
when its standard input ends. To cancel is to kill the child.
"""

from collections.abc import Iterator
from typing import Any

import msgspec

from envbench.model.document import to_builtins
from envbench.model.json_lines import LineReader

PROTOCOL = 1
"""Raised when old and new sides would misunderstand each other."""

MAX_ANSWER_BYTES = 64 * 1024 * 1024
"""No screen shows more; a longer answer is refused where it is made."""

PIECE_ITEMS = 200
"""A longer list travels in pieces, so that whoever reads it can do something else in between."""


class Ask(msgspec.Struct, frozen=True, kw_only=True, tag="ask"):
    """A question; answered by any number of `Update` and `Piece`, then `Answer` or `Refusal`."""

    id: int
    verb: str
    arguments: dict[str, Any] = {}
    """By the names of the parameters of the verb's function, as JSON builtins."""


class Hello(msgspec.Struct, frozen=True, kw_only=True, tag="hello"):
    """The child is up; its first line."""

    pid: int
    protocol: int = PROTOCOL


class Update(msgspec.Struct, frozen=True, kw_only=True, tag="update"):
    """Something that is told while the work goes on."""

    id: int
    value: msgspec.Raw


class Piece(msgspec.Struct, frozen=True, kw_only=True, tag="piece"):
    """The next items of an answer that is a long list; the last ones are in its `Answer`."""

    id: int
    items: msgspec.Raw


class Answer(msgspec.Struct, frozen=True, kw_only=True, tag="answer"):
    """What the verb returned."""

    id: int
    value: msgspec.Raw


class Refusal(msgspec.Struct, frozen=True, kw_only=True, tag="refusal"):
    """The parts of an error that the verb ended with."""

    id: int
    code: int
    """The exit code that its headless twin would end with."""
    what: str
    where: str = ""
    why: str = ""
    hint: str = ""


AnyMessage = Hello | Update | Piece | Answer | Refusal


def encode_ask(ask: Ask) -> bytes:
    """Write a question as one line; its arguments may be values of any kind that JSON can hold."""
    plain = {name: to_builtins(value) for name, value in ask.arguments.items()}
    return _encode({"type": "ask", "id": ask.id, "verb": ask.verb, "arguments": plain}) + b"\n"


def encode_update(number: int, value: object) -> bytes:
    """Write an update as one line."""
    return _encode_line(Update(id=number, value=_encode_value(value)))


def encode_answer(number: int, value: object) -> Iterator[bytes]:
    """Write an answer as one line, or as several when it is a long list.

    Raises:
        ValueError: It is longer than any screen can use.
    """
    if isinstance(value, tuple | list) and len(value) > PIECE_ITEMS:
        last = (len(value) - 1) // PIECE_ITEMS * PIECE_ITEMS
        for start in range(0, last, PIECE_ITEMS):
            items = _encode_value(value[start : start + PIECE_ITEMS])
            yield _encode_line(Piece(id=number, items=items))
        value = value[last:]
    yield _encode_line(Answer(id=number, value=_encode_value(value)))


def encode_message(message: Hello | Refusal) -> bytes:
    """Write another message as one line."""
    return _encode(to_builtins(message)) + b"\n"


def read_asks() -> "LineReader[Ask]":
    """Make the reader of the child's side."""
    return LineReader(msgspec.json.Decoder(Ask), limit=MAX_ANSWER_BYTES)


def read_messages() -> "LineReader[AnyMessage]":
    """Make the reader of the screen's side."""
    return LineReader(msgspec.json.Decoder(AnyMessage), limit=2 * MAX_ANSWER_BYTES)


def _encode_line(message: Update | Piece | Answer) -> bytes:
    return msgspec.json.encode(message) + b"\n"


def _encode_value(value: object) -> msgspec.Raw:
    data = _encode(to_builtins(value))
    if len(data) > MAX_ANSWER_BYTES:
        raise ValueError(f"an answer of {len(data)} bytes is more than a screen can use")
    return msgspec.Raw(data)


def _encode(plain: Any) -> bytes:
    try:
        return msgspec.json.encode(plain)
    except UnicodeEncodeError:
        # Half characters, such as those in the name of a file that is no UTF-8.
        return msgspec.json.encode(_replace_halves(plain))


def _replace_halves(plain: Any) -> Any:
    """Put U+FFFD in the place of every lone surrogate."""
    if isinstance(plain, str):
        return plain.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    if isinstance(plain, dict):
        return {_replace_halves(k): _replace_halves(v) for k, v in plain.items()}
    return [_replace_halves(item) for item in plain] if isinstance(plain, list | tuple) else plain
