"""One JSON message a line between two processes; bytes in, messages out, no pipes here."""

from typing import Generic, TypeVar

import msgspec

MAX_LINE_BYTES = 256 * 1024 * 1024

T = TypeVar("T")


class ProtocolError(ValueError):
    """The other side sent something that is no message."""


class LineReader(Generic[T]):
    """Cuts bytes into lines and lines into messages, whatever the pieces they arrive in."""

    def __init__(self, decoder: "msgspec.json.Decoder[T]", *, limit: int = MAX_LINE_BYTES) -> None:
        """Start with nothing read."""
        self._decoder = decoder
        self._limit = limit
        self._pieces: list[bytes] = []
        self._held = 0

    def feed(self, data: bytes) -> list[T]:
        """Take the next bytes; return the messages that they complete.

        Raises:
            ProtocolError: A line is no message, or has no end within the limit.
        """
        *lines, rest = data.split(b"\n")
        messages = []
        for line in lines:
            whole = b"".join((*self._pieces, line))
            self._pieces, self._held = [], 0
            if whole:
                messages.append(self._decode(whole))
        self._keep(rest)
        return messages

    def _keep(self, rest: bytes) -> None:
        if rest:
            self._pieces.append(rest)
            self._held += len(rest)
        if self._held > self._limit:
            raise ProtocolError(f"a line is longer than {self._limit} bytes")

    def _decode(self, line: bytes) -> T:
        try:
            return self._decoder.decode(line)
        except msgspec.DecodeError as error:
            raise ProtocolError(f"not a message: {error}") from None
