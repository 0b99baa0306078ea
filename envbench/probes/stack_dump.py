"""Stacks that Python's faulthandler wrote into a log: which code was running at the end.

Source: the documentation of `faulthandler`, and its output from Python 3.8 to 3.14.
"""

import re
from dataclasses import dataclass

_THREAD = re.compile(
    r"^(?P<current>Current thread|Thread) 0x[0-9a-f]+.*\(most recent call first\):"
)
_FRAME = re.compile(r'^\s*File "(?P<file>[^"]*)", line (?P<line>\d+|\?\?\?) in (?P<function>.+)$')
_OWN_FILE = re.compile(r"/probes/payloads/main\.py$")
_STANDARD_LIBRARY = re.compile(r"/lib/python\d\.\d+/(?!site-packages/|dist-packages/)|^<frozen ")


@dataclass(frozen=True, slots=True)
class DumpedFrame:
    """One line of a stack."""

    file: str
    line: str
    function: str

    def __str__(self) -> str:
        """Tell it in one piece, as other frames of a result are told."""
        return f"{self.file}:{self.line} in {self.function}"

    @property
    def is_of_library(self) -> bool:
        """Whether it is neither of the standard library nor of the probe's own start."""
        return not (_STANDARD_LIBRARY.search(self.file) or _OWN_FILE.search(self.file))


def read_dump(log: str) -> tuple[DumpedFrame, ...]:
    """Find the stack that matters in the last dump of a log.

    Args:
        log: Whatever a probe printed.

    Returns:
        The frames of the thread that crashed, or else of the main thread, which is written last;
        the most recent call first. Empty when nothing was dumped.
    """
    threads: list[tuple[bool, list[DumpedFrame]]] = []
    for line in log.splitlines():
        if head := _THREAD.match(line):
            threads.append((head["current"] == "Current thread", []))
        elif threads and (frame := _FRAME.match(line)):
            threads[-1][1].append(DumpedFrame(frame["file"], frame["line"], frame["function"]))
    if not threads:
        return ()
    current = [frames for is_current, frames in threads if is_current and frames]
    return tuple(current[-1] if current else threads[-1][1])


def find_culprit(frames: tuple[DumpedFrame, ...]) -> DumpedFrame | None:
    """Pick the frame that names the library at work: the most recent one of a library, or any."""
    return next((frame for frame in frames if frame.is_of_library), frames[0] if frames else None)
