"""In which order a foreign environment asked its channels; records do not say.

Source: conda's `history.py` (`# cmd:` lines), condarc's search path (`PREFIX/.condarc`), pixi's
`conda-meta/pixi` (JSON with `manifest_path`) and its manifest's `channels`.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from envbench.files import read_bytes
from envbench.model.cleaning import clean
from envbench.model.errors import UsageError
from envbench.model.redaction import redact, split_url_secrets

_LIMIT_BYTES = 16 * 1024 * 1024
_MOST_CHANNELS = 50


@dataclass(frozen=True, slots=True)
class ChannelOrder:
    """Channels by priority, and who says so."""

    names: tuple[str, ...]
    """Names or addresses without secrets; empty when nothing tells them."""
    told_by: str
    """`the command line in conda-meta/history`, ...; empty when nothing does."""


class _PixiFile(msgspec.Struct):
    manifest_path: str = ""


def find_channel_order(prefix: Path) -> ChannelOrder:
    """Find the channels that an environment was made from, in their order."""
    for read, told_by in (
        (_of_pixi, "the manifest of its pixi workspace"),
        (_of_history, "the command lines in conda-meta/history"),
        (_of_condarc, "the .condarc in the environment"),
    ):
        names = tuple(dict.fromkeys(map(_bare, read(prefix))))[:_MOST_CHANNELS]
        if names:
            return ChannelOrder(names, told_by)
    return ChannelOrder((), "")


def read_requested_channels(history: str) -> tuple[str, ...]:
    """Read the channels of the command lines of a history, the first command's first."""
    found: dict[str, None] = {}
    for line in history.splitlines():
        _, mark, command = line.partition("# cmd:")
        if mark and line.startswith("#"):
            found.update(dict.fromkeys(_channels_of(command)))
    return tuple(found)


def _of_history(prefix: Path) -> tuple[str, ...]:
    return read_requested_channels(_read_text(prefix / "conda-meta" / "history"))


def _channels_of(command: str) -> Iterator[str]:
    import shlex

    try:
        words = shlex.split(command)
    except ValueError:
        words = command.split()
    takes = False
    for word in words:
        if takes:
            # micromamba takes several behind one option.
            yield from word.split(",")
            takes = False
        elif word in {"-c", "--channel"}:
            takes = True
        elif word.startswith("--channel="):
            yield from word.removeprefix("--channel=").split(",")
        elif word.startswith("-c") and not word.startswith("--"):
            yield from word[2:].split(",")


def _of_condarc(prefix: Path) -> tuple[str, ...]:
    texts = [text for name in (".condarc", "condarc") if (text := _read_text(prefix / name))]
    if not texts:
        return ()
    # Few environments have one, and reading YAML has a price at every start.
    from envbench.settings.condarc_text import CondarcTextError, parse_condarc

    for text in texts:
        try:
            entries = parse_condarc(text)
        except CondarcTextError:
            continue
        for entry in entries:
            if entry.key == "channels" and isinstance(entry.value, list):
                return tuple(each for each in entry.value if isinstance(each, str))
    return ()


def _of_pixi(prefix: Path) -> tuple[str, ...]:
    text = _read_text(prefix / "conda-meta" / "pixi")
    if not text:
        return ()
    import tomllib

    try:
        manifest = Path(msgspec.json.decode(text, type=_PixiFile).manifest_path)
        document = tomllib.loads(_read_text(manifest)) if manifest.is_absolute() else {}
    except (msgspec.MsgspecError, tomllib.TOMLDecodeError, ValueError, RecursionError):
        return ()
    if manifest.name == "pyproject.toml":
        document = _table(_table(document, "tool"), "pixi")
    for name in ("workspace", "project"):
        channels = _table(document, name).get("channels")
        if isinstance(channels, list):
            return tuple(_name_of(each) for each in channels if _name_of(each))
    return ()


def _table(document: dict[str, Any], name: str) -> dict[str, Any]:
    found = document.get(name)
    return found if isinstance(found, dict) else {}


def _name_of(channel: Any) -> str:
    """Read a channel of a manifest: a name, or a table with its priority."""
    if isinstance(channel, dict):
        channel = channel.get("channel")
    return channel if isinstance(channel, str) else ""


def _bare(channel: str) -> str:
    bare = split_url_secrets(channel.strip())[0].rstrip("/")
    return redact(clean(bare, limit=400))


def _read_text(path: Path) -> str:
    try:
        return read_bytes(path, limit_bytes=_LIMIT_BYTES).decode("utf-8", "replace")
    except UsageError:
        return ""
