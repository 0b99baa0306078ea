"""Tar archives from outside, read without trust in what their headers claim."""

import tarfile
from typing import Self

HEADER_LIMIT_BYTES = 1 << 20
"""Most bytes of a header that says more of the next member (its name, its times): Python reads
it into memory as a whole, and a few kilobytes of compressed zeros can stand for all memory."""

_HEADER_TYPES = frozenset(
    {
        tarfile.XHDTYPE,
        tarfile.XGLTYPE,
        tarfile.SOLARIS_XHDTYPE,
        tarfile.GNUTYPE_LONGNAME,
        tarfile.GNUTYPE_LONGLINK,
    }
)


class OversizedHeaderError(tarfile.TarError):
    """A header claims to be followed by more header than there is reason for."""


class BoundedTarInfo(tarfile.TarInfo):
    """A member's header as Python reads it (`tarfile.open(tarinfo=...)`), within limits."""

    @classmethod
    def frombuf(cls, buf: bytes | bytearray, encoding: str, errors: str) -> Self:
        """Read one block.

        Raises:
            OversizedHeaderError: It announces a header of more than `HEADER_LIMIT_BYTES`.
        """
        info = super().frombuf(buf, encoding, errors)
        if info.type in _HEADER_TYPES and info.size > HEADER_LIMIT_BYTES:
            raise OversizedHeaderError(f"a header of {info.size} bytes")
        return info
