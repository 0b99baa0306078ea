"""What a keyboard sends: names of keys to bytes, as xterm without extensions sends them."""

_NAMED = {
    "enter": "\r",
    "tab": "\t",
    "shift+tab": "\x1b[Z",
    "escape": "\x1b",
    "backspace": "\x7f",
    "space": " ",
    "up": "\x1b[A",
    "down": "\x1b[B",
    "right": "\x1b[C",
    "left": "\x1b[D",
    "home": "\x1b[H",
    "end": "\x1b[F",
    "insert": "\x1b[2~",
    "delete": "\x1b[3~",
    "pageup": "\x1b[5~",
    "pagedown": "\x1b[6~",
    "f1": "\x1bOP",
    "f2": "\x1bOQ",
    "f3": "\x1bOR",
    "f4": "\x1bOS",
}
_NAMED |= {
    f"f{n}": f"\x1b[{code}~" for n, code in enumerate((15, 17, 18, 19, 20, 21, 23, 24), start=5)
}
_LETTERED = {"up": "A", "down": "B", "right": "C", "left": "D", "home": "H", "end": "F"}
_MODIFIERS = {"shift": 1, "alt": 2, "ctrl": 4}


def key_bytes(key: str) -> bytes:
    """Return what pressing a key sends.

    Args:
        key: A name (`enter`, `shift+tab`, `ctrl+s`, `alt+x`, `ctrl+left`, `f1`) or literal text.

    Raises:
        ValueError: It looks like a combination, but no terminal sends it.
    """
    if key in _NAMED:
        return _NAMED[key].encode()
    *modifiers, base = key.split("+") if len(key) > 1 else [key]
    if not modifiers or not set(modifiers) <= set(_MODIFIERS):
        return key.encode("utf-8", "surrogatepass")
    if base in _LETTERED:
        return f"\x1b[1;{1 + sum(map(_MODIFIERS.__getitem__, modifiers))}{_LETTERED[base]}".encode()
    if (
        modifiers == ["ctrl"]
        and len(base) == 1
        and base.lower() in "abcdefghijklmnopqrstuvwxyz@[\\]^_"
    ):
        return bytes([ord(base.upper()) & 0x1F])
    if modifiers == ["ctrl"] and base == "space":
        return b"\x00"
    if modifiers == ["alt"] and (len(base) == 1 or base in _NAMED):
        return b"\x1b" + key_bytes(base)
    raise ValueError(f"no terminal sends {key!r}")
