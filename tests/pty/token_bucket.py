"""A slow link: bytes come through at a rate, behind a buffer of a size."""

import time


class TokenBucket:
    """How many bytes may pass now, and how long to wait for more.

    A burst of at most one tenth of a second goes through at once, so that the picture
    grows as evenly as over a modem.
    """

    def __init__(self, bytes_per_s: float) -> None:
        self.bytes_per_s = bytes_per_s
        self._burst = max(1.0, bytes_per_s / 10)
        self._tokens = self._burst
        self._then = time.monotonic()

    def take(self, wanted: int) -> int:
        """Take up to `wanted` bytes; 0 when none may pass yet."""
        now = time.monotonic()
        self._tokens = min(self._burst, self._tokens + (now - self._then) * self.bytes_per_s)
        self._then = now
        taken = min(wanted, int(self._tokens))
        self._tokens -= taken
        return taken

    def wait_s(self, wanted: int) -> float:
        """Seconds until a worthwhile part of `wanted` bytes may pass."""
        enough = max(1.0, min(float(wanted), self._burst / 4))
        return max(0.0, (enough - self._tokens) / self.bytes_per_s)
