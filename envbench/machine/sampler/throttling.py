"""Why a GPU's clocks are held down, in words.

Source: `nvmlClocksEventReasons` in NVML's API reference, called `nvmlClocksThrottleReasons` before
driver 535.
"""

_WORDS = {
    0x001: "idle",
    0x002: "clocks set by a user",
    0x004: "power cap",
    0x008: "hardware slowdown",
    0x010: "sync boost",
    0x020: "thermal",
    0x040: "hardware thermal",
    0x080: "power brake",
    0x100: "display clocks",
    0x200: "board limit",
    0x400: "reliability",
}


def name_reasons(bits: int) -> tuple[str, ...]:
    """Name the reasons of a bit set, the lowest bit first; bits without a name keep their number."""
    single = (1 << place for place in range(bits.bit_length()))
    return tuple(_WORDS.get(bit, f"reason {bit:#x}") for bit in single if bits & bit)
