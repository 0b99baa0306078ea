"""What a package needs of the box, in words: `__cuda >=12` is a driver for CUDA 12 or newer."""

import re
from collections.abc import Sequence

from envbench.model.version_ranges import shorten_demand, split_demand

_NAMES = {
    "__glibc": "glibc",
    "__win": "Windows",
    "__osx": "macOS",
    "__linux": "Linux",
    "__unix": "Linux or macOS",
    "__archspec": "a known kind of processor",
}
_PLATFORMS = frozenset({"__win", "__osx", "__linux", "__unix"})
_LOW = re.compile(r">=(?P<low>[\w.]+)(?:,<[\w.]+)?")
_HAS = re.compile(
    r"\b(?:host|box) has (?:only )?(?:(?P<none>no(?:ne)?)\b|(?:__\w+ )?(?P<has>\d[\w.]*))"
)
_NEEDS = re.compile(r"\bneeds (?P<demand>__\w+(?: [<>=][^;\s]*)?)")


def say_need(demand: str, sentences: Sequence[str]) -> str:
    """Say what a demand of a virtual package means, and what the box has of it.

    Args:
        demand: Such as `__cuda >=12`; if it is empty, the sentences are searched for one.
        sentences: What was said about it; where it names what the box has, that is repeated.

    Returns:
        One sentence; empty when there is no such demand.
    """
    told = " ".join(sentences)
    found = _NEEDS.search(told)
    demand = demand or (found["demand"] if found else "")
    name, wanted = split_demand(shorten_demand(demand))
    if not name.startswith("__"):
        return ""
    if name in _PLATFORMS:
        return f"It is for {_NAMES[name]} (`{name}`), which this box does not run."
    has = _HAS.search(told)
    version = (has["has"] or "").rstrip(".") if has else ""
    if version and not wanted:
        return f"It needs another {_name(name)} (`{name}`) than that of this box, {version}."
    shown = f"{name} {wanted}".strip()
    box = f"this box has {version or 'none'}" if has else "this box does not have that"
    return f"It needs {_say(name, wanted)} (`{shown}`); {box}."


def _name(name: str) -> str:
    return "NVIDIA driver" if name == "__cuda" else _NAMES.get(name, name)


def _say(name: str, wanted: str) -> str:
    low = _LOW.fullmatch(wanted)
    version = f"{low['low']} or newer" if low else wanted
    if name == "__cuda":
        return f"an NVIDIA driver for CUDA {version}" if version else "an NVIDIA driver"
    if name == "__archspec":
        return _NAMES[name]
    return f"{_NAMES.get(name, name)} {version}".strip()
