"""The names under which consumers recognise lock files, and what they do with others.

Source: conda 26.7 with conda-lockfiles 0.2, micromamba 2.8, pixi, uv 0.13, pip 26.2.
"""

import re

from envbench.model.lazy_patterns import lazy_pattern

_EMPTY = (
    "conda takes a YAML file of another name for an environment file without packages, and plans"
    " an EMPTY environment without an error."
)
_RULES: dict[str, tuple[re.Pattern[str], str, str]] = {
    "conda-lock": (
        lazy_pattern(r"conda-lock\.ya?ml"),
        "conda-lock.yml",
        f"{_EMPTY} micromamba wants a name that ends in `-lock.yml`.",
    ),
    "pixi": (lazy_pattern(r"pixi\.lock"), "pixi.lock", f"pixi reads no other name. {_EMPTY}"),
    "pylock": (
        lazy_pattern(r"pylock(?:\.[^.]+)?\.toml"),
        "pylock.toml",
        "uv and pip refuse other names than `pylock.toml` and `pylock.NAME.toml`.",
    ),
    "environment": (
        lazy_pattern(r".+\.ya?ml"),
        "environment.yml",
        "conda and micromamba tell environment files by their ending, `.yml` or `.yaml`.",
    ),
    "explicit": (
        lazy_pattern(r"(?!.+\.(?:ya?ml|toml)\Z).+"),
        "explicit.txt",
        "conda and micromamba take a file of this ending for another format.",
    ),
}


def warn_about_name(format_name: str, path: str) -> str:
    """Say what consumers will do with a lock because of its name; empty when the name is right.

    Args:
        format_name: As the catalogue or the reader names it (`pixi-v6` and `pixi` are the same).
        path: Of the file, or its name; what stands for standard input or output is no name.
    """
    name = re.split(r"[/\\]", path)[-1]
    if name in {"", "-"}:
        return ""
    rule = next((r for lead, r in _RULES.items() if format_name.startswith(lead)), None)
    if rule is None or rule[0].fullmatch(name):
        return ""
    _, usual, why = rule
    return f"the name should be {usual}: {why}"
