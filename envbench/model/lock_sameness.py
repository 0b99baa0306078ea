"""Two texts that name one thing: channels and direct references of locks."""

from urllib.parse import unquote

from envbench.model.channel_names import read_channel


def same_channel(one: str, other: str) -> bool:
    """Tell whether two texts name one channel: a mirror's address ends in the channel's name."""
    first, second = read_channel(one).conda_name, read_channel(other).conda_name
    if "defaults" in {first, second}:
        return all(name == "defaults" or name.startswith("pkgs/") for name in (first, second))
    return first == second or first.endswith(f"/{second}") or second.endswith(f"/{first}")


def same_reference(one: str | None, other: str | None) -> bool:
    """Tell whether two direct references are one: pip writes `a%2Bb` where uv writes `a+b`."""
    return unquote(one or "") == unquote(other or "")
