"""What the library says about a channel, sorted by what the channel did wrong.

The library's errors are text only. The rows below are tried in order; their patterns are words
of the HTTP standard, of the operating system and of the library's own messages.
"""

import re
from dataclasses import dataclass

from envbench.engine.errors import ChannelFaultError, FaultKind
from envbench.engine.outside_text import show_text


@dataclass(frozen=True, slots=True)
class FaultSign:
    """One row: a text that betrays a fault, and how it is told."""

    kind: FaultKind
    pattern: re.Pattern[str]
    what: str
    """Follows the name of the channel: `channel X ...`."""
    hint: str


def _row(kind: FaultKind, pattern: str, what: str, hint: str) -> FaultSign:
    return FaultSign(kind, re.compile(pattern, re.IGNORECASE), what, hint)


_NETWORK_HINT = "Check the network and the proxy settings, then try again."
_SERVER_HINT = "The server has trouble; try again later, or use a mirror."
_PORTAL_HINT = "A proxy or a login page may have answered instead; open the address in a browser."

FAULT_SIGNS = (
    _row(
        FaultKind.TOO_LARGE,
        r"os error 27\b|file too large",
        "sends an index larger than the limit",
        "If that is right, raise the limit for indexes.",
    ),
    _row(
        FaultKind.NOT_CACHED,
        r"no usable repodata cache|cache.{0,40}(?:missing|not available)",
        "is not in the cache, and the network is not to be used",
        "Solve once without --offline.",
    ),
    _row(
        FaultKind.UNAUTHORIZED,
        r"\b401\b.{0,16}unauthorized|status[^\n]*\b401\b",
        "wants credentials (401 Unauthorized)",
        "Put the credentials into the channel's URL in condarc, netrc or the auth file.",
    ),
    _row(
        FaultKind.FORBIDDEN,
        r"\b403\b.{0,16}forbidden|status[^\n]*\b403\b",
        "refuses access (403 Forbidden)",
        "The credentials do not allow it, or a firewall blocks the address.",
    ),
    _row(
        FaultKind.RATE_LIMITED,
        r"\b429\b",
        "asks to wait (429 Too Many Requests)",
        "Wait a while, or use a mirror.",
    ),
    _row(
        FaultKind.SERVER_ERROR,
        r"status server error[^\n]*?\b(?P<code>5\d\d)\b|\b(?P<code2>5\d\d) (?:internal server|bad gateway|service unavail|gateway time)",
        "answers with a server error",
        _SERVER_HINT,
    ),
    _row(
        FaultKind.REDIRECT_LOOP,
        r"too many redirects|error following redirect",
        "redirects in a circle",
        "Check the address of the channel and the proxy.",
    ),
    _row(
        FaultKind.TLS,
        r"certificate|\btls\b|\bssl\b|UnknownIssuer|handshake",
        "has a certificate that is not trusted",
        "Set ssl_verify in condarc to your organisation's CA bundle.",
    ),
    _row(
        FaultKind.TIMEOUT, r"timed out|timeout|deadline", "does not answer in time", _NETWORK_HINT
    ),
    _row(
        FaultKind.NOT_FOUND,
        r"could not find subdir|\b404\b|os error 2\b|os error 20\b",
        "does not exist there",
        "Check the spelling of the channel, and the channel_alias of condarc.",
    ),
    _row(
        FaultKind.TRUNCATED,
        r"end of file before message length|unexpected (?:eof|end of file)|incomplete message|UnexpectedEof",
        "breaks off in the middle of its index",
        _SERVER_HINT,
    ),
    _row(
        FaultKind.UNREACHABLE,
        r"dns error|connection (?:refused|reset|closed|aborted)|connect error|network is unreachable|no route|broken pipe|error sending request|os error 1(?:01|04|10|11|13)\b",
        "cannot be reached",
        _NETWORK_HINT,
    ),
    _row(
        FaultKind.NOT_REPODATA,
        r"failed to parse|zstd|frame descriptor|failed to decode|decod|invalid (?:type|gzip|bzip|value|length)|expected value|malformed|extract repodata|corrupt|mismatch|checksum|failed to download",
        "sends something that is no index of packages",
        _PORTAL_HINT,
    ),
)


def classify_fault(text: str) -> FaultSign | None:
    """Find the row for an error text of the library; None when no row fits."""
    return next((sign for sign in FAULT_SIGNS if sign.pattern.search(text)), None)


def describe_fault(text: str, *, channel: str, url: str) -> ChannelFaultError:
    """Make the error that the user reads out of an error text of the library.

    Args:
        text: The library's words; cleaned and redacted here.
        channel: The user's name of the channel.
        url: The address that was asked.
    """
    sign = classify_fault(text)
    name = show_text(channel, limit=200)
    what = sign.what if sign else "cannot be used"
    return ChannelFaultError(
        f"channel {name} {what}",
        channel=name,
        where=show_text(url, limit=400),
        fault=sign.kind if sign else FaultKind.OTHER,
        why=shorten_library_text(text),
        hint=sign.hint if sign else "",
    )


def shorten_library_text(text: str, *, limit: int = 600) -> str:
    """Put an error chain of the library into one clean line without secrets."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return show_text("; ".join(line.removeprefix("Caused by: ") for line in lines), limit=limit)
