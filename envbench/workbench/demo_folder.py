"""The folder that the demo opens: a channel made from this Python, and three specs beside it.

What a user changed there is kept: a spec is written anew only while it is as it was written here.
"""

import hashlib
import importlib.metadata
import os
import platform
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from envbench.engine.local_channel import ChannelStep, make_channel
from envbench.engine.local_channel.lock import hold_channel
from envbench.files import read_bytes, write_atomically
from envbench.model.cleaning import clean
from envbench.model.document import decode, encode
from envbench.model.errors import PreventedError, UsageError
from envbench.settings.load import Settings
from envbench.workbench.demo import DISTRIBUTIONS, LOCK_FILE, SPEC_FILE, find_demo_spec
from envbench.workbench.demo_specs import CONFLICT, GOOD, PROBLEMS, write_demo_specs
from envbench.workbench.demo_wheel import make_demo_wheel, make_tiny_wheel
from envbench.workbench.values.demo_folder import DemoFolder as DemoFolder
from envbench.workbench.values.demo_folder import DemoSpec as DemoSpec
from envbench.workbench.values.demo_folder import DemoStep as DemoStep

_MARK = ".envbench-demo.json"
_SCHEMA = "envbench.demo-folder/1"
_RECIPE = 1
"""Goes up when the channel shall hold other packages than before."""
_LIMIT_BYTES = 1024 * 1024
_PURPOSES = {
    GOOD: "a good spec: solve it, build it",
    PROBLEMS: "a spec with problems, each with its fix",
    CONFLICT: "a spec whose lines contradict each other",
}
_TINY = (
    ("hello-core", "1.9", ()),
    ("hello-core", "2.1", ()),
    ("hello-maps", "1.2", ("hello-core>=1.5,<2",)),
    ("hello-maps", "2.0", ("hello-core>=2",)),
    ("hello-report", "1.4", ("hello-core>=1.5,<2",)),
    ("hello-report", "2.0", ("hello-core>=2",)),
)
"""Name, version and needs of the packages by which the conflict comes about."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Mark:
    """What an earlier preparation noted: by it the folder is known as the demo's."""

    fingerprint: str = ""
    """Of what the channel was made from; empty while it is not complete."""
    specs: dict[str, str] = field(default_factory=dict)
    """File name to the SHA-256 of the text that was written."""


def choose_folder(directory: Path | None, settings: Settings) -> Path:
    """Say where the demo goes.

    Args:
        directory: As the user named it; None takes the demo's own in the cache directory.
        settings: The user's settings.
    """
    return (directory or settings.paths.cache_dir / "demo").absolute()


def prepare_demo(
    directory: Path | None,
    settings: Settings,
    report: Callable[[DemoStep], None] = lambda _: None,
) -> DemoFolder:
    """Make the folder of the demo, or bring it up to date. No network is used.

    Args:
        directory: Where; None takes the folder of the demo in the cache directory.
        settings: The user's settings.
        report: Told about each step before it starts, in this thread.

    Raises:
        UsageError: In the directory lies a spec that is not the demo's.
        PreventedError: The disk refused.
    """
    folder = choose_folder(directory, settings)
    with _explain_disk(folder):
        if _read_mark(folder) is None:
            _refuse_foreign(folder)
        folder.mkdir(parents=True, exist_ok=True)
        waiting = DemoStep("waiting for another preparation of this folder", 0, 0)
        with hold_channel(folder, lambda: report(waiting)):
            return _prepare(folder, _read_mark(folder) or _Mark(), report)


def _prepare(folder: Path, mark: _Mark, report: Callable[[DemoStep], None]) -> DemoFolder:
    _write_mark(folder, mark)
    fingerprint = _fingerprint()
    is_new = mark.fingerprint != fingerprint or not _has_channel(folder)
    if is_new:
        _make_channel(folder, report)
    specs, written = [], {}
    for name, text in write_demo_specs(platform.python_version(), _versions()).items():
        edited = _place(folder / name, text, mark)
        written[name] = mark.specs.get(name, "") if edited else _digest(text.encode())
        specs.append(
            DemoSpec(name=name, path=str(folder / name), purpose=_PURPOSES[name], is_edited=edited)
        )
    _write_mark(folder, _Mark(fingerprint=fingerprint, specs=written))
    return DemoFolder(
        directory=str(folder),
        channel=str(folder / "channel"),
        python=platform.python_version(),
        specs=tuple(specs),
        is_channel_new=is_new,
    )


@contextmanager
def _explain_disk(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as fault:
        raise PreventedError(
            "the demo has no place", where=str(folder), why=os.strerror(fault.errno or 0)
        ) from fault


def _refuse_foreign(folder: Path) -> None:
    """Make sure that the demo moves into nobody's project.

    What the headless demo left is the demo's, too.
    """
    ours = set()
    spec = folder / SPEC_FILE
    if spec.is_file() and spec.read_bytes() == find_demo_spec().read_bytes():
        ours = {SPEC_FILE, LOCK_FILE}
    found = (path.name for path in folder.iterdir()) if folder.is_dir() else ()
    foreign = sorted(n for n in found if n.endswith((".yml", ".yaml")) and n not in ours)
    if foreign:
        raise UsageError(
            f"there is {clean(foreign[0], limit=100)} already, which is not the demo's",
            where=str(folder),
            hint="name a directory that is new or empty",
        )


def _has_channel(folder: Path) -> bool:
    return any((folder / "channel").glob("*/repodata.json"))


def _make_channel(folder: Path, report: Callable[[DemoStep], None]) -> None:
    report(DemoStep("making a channel out of this Python", 0, 0))
    wheels = folder / "wheels"
    made = [make_demo_wheel(wheels)]
    made += [make_tiny_wheel(wheels, name, v, requires=needs) for name, v, needs in _TINY]

    def tell(step: ChannelStep) -> None:
        report(DemoStep(step.text, step.done, step.total))

    make_channel(
        folder / "channel", python=True, distributions=DISTRIBUTIONS, wheels=made, progress=tell
    )


def _fingerprint() -> str:
    """Digest what the channel is made from: this Python, and what is installed for it."""
    facts = (str(_RECIPE), sys.version, sys.base_prefix, *map(str, sorted(_versions().items())))
    return _digest("\n".join(facts).encode())


def _versions() -> Mapping[str, str]:
    found = {}
    for name in DISTRIBUTIONS:
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            # pip may be missing: then its wheel that comes with Python is taken.
            continue
    return found


def _place(path: Path, text: str, mark: _Mark) -> bool:
    """Write a spec unless the user changed it; tell whether it is the user's now."""
    if os.path.lexists(path):
        try:
            there = _digest(read_bytes(path, limit_bytes=_LIMIT_BYTES))
        except UsageError:
            return True
        if there == _digest(text.encode()):
            return False
        if there != mark.specs.get(path.name):
            return True
    write_atomically(path, text.encode(), mode=0o644)
    return False


def _read_mark(folder: Path) -> _Mark | None:
    try:
        data = read_bytes(folder / _MARK, limit_bytes=_LIMIT_BYTES)
        return decode(data, _Mark, schema=_SCHEMA)
    except UsageError:
        return None
    except (msgspec.MsgspecError, UnicodeDecodeError):
        # Ours all the same; what is not known to be untouched counts as the user's.
        return _Mark()


def _write_mark(folder: Path, mark: _Mark) -> None:
    write_atomically(folder / _MARK, encode(mark, schema=_SCHEMA), mode=0o644, durable=False)


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
