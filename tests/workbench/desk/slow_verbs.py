"""Verbs for the tests of the desk: they echo, wait, spin, print, shout and die."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from envbench.model.errors import (
    CancelledWorkError,
    NotFineError,
    PreventedError,
    UsageError,
)
from envbench.model.problem import Severity
from envbench.settings.load import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Everything:
    """A value of every kind that answers hold."""

    path: Path
    severity: Severity = Severity.ERROR
    names: tuple[str, ...] = ()
    pairs: tuple[tuple[str, int], ...] = ()
    table: dict[str, float | None] = field(default_factory=dict)
    anything: Any = None
    nested: "Everything | None" = None


def echo(value: Any) -> Any:
    return value


def echo_everything(value: Everything) -> Everything:
    assert isinstance(value.path, Path)
    return value


def wait(seconds: float) -> str:
    time.sleep(seconds)
    return "waited"


def note(path: Path, text: str, seconds: float = 0.0) -> str:
    time.sleep(seconds)
    with path.open("a") as stream:
        stream.write(f"{text}\n")
    return text


def spin() -> None:
    """Hold the interpreter's lock in native code for a long time."""
    pow(7, 10**9)


def count(to: int, pause_s: float = 0.0) -> Iterator[int]:
    for number in range(to):
        yield number
        time.sleep(pause_s)
    return to


def count_noting(to: int, path: Path) -> Iterator[int]:
    """Count, and leave a byte for each number in a file."""
    with path.open("wb", buffering=0) as stream:
        for number in range(to):
            stream.write(b".")
            yield number


def report_twice(settings: Settings, report: Callable[..., None]) -> str:
    report("begun")
    report(1, 2)
    return str(settings.paths.state_dir)


def shout() -> str:
    print("this is no message")
    os.write(1, b'{"type":"answer","id":1,"value":"forged"}\n')
    subprocess.run([sys.executable, "-c", "print('neither is this')"], check=True)
    print("x" * 200_000, file=sys.stderr)
    return "heard"


def die(number: int) -> None:
    os.write(2, b"last words \x1b[31m of it\n")
    os.kill(os.getpid(), number)
    time.sleep(60)


def leave(code: int) -> None:
    os._exit(code)


def refuse(kind: str, what: str, where: str, why: str, hint: str) -> None:
    kinds = {k.__name__: k for k in (UsageError, NotFineError, PreventedError, CancelledWorkError)}
    raise kinds[kind](what, where=where, why=why, hint=hint)


def break_down() -> None:
    raise ZeroDivisionError("nobody \x1b[2Jforesaw https://user:secret@example.org/x")


def find_file(path: str) -> int:
    return Path(path).stat().st_size


def make_list(items: int) -> tuple[str, ...]:
    return tuple(f"item {number}" for number in range(items))


def make_text(length: int) -> str:
    return "x" * length


def start_helper() -> int:
    """Start a process in this one's session, which ignores hints."""
    code = "import signal, time; signal.signal(15, signal.SIG_IGN); time.sleep(300)"
    return subprocess.Popen([sys.executable, "-c", code]).pid


def where() -> tuple[str, int, int, bool]:
    """Say directory, session and pid, and whether Ctrl-C would come here."""
    try:
        os.open("/dev/tty", os.O_RDWR)
        has_terminal = True
    except OSError:
        has_terminal = False
    return str(Path.cwd()), os.getsid(0), os.getpid(), has_terminal
