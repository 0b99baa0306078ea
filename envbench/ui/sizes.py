"""Sizes, times and counts as people read them; every number keeps its unit."""


def show_bytes(count: float) -> str:
    """Write a number of bytes with three digits: `412 MB`, `1.90 GB`; powers of 1000."""
    for unit in ("B", "kB", "MB", "GB", "TB"):
        if count < 999.5 or unit == "TB":
            digits = 0 if unit == "B" or count >= 99.95 else 1 if count >= 9.995 else 2
            return f"{count:.{digits}f} {unit}"
        count /= 1000
    raise AssertionError("the last unit takes everything")


def show_duration(seconds: float) -> str:
    """Write a duration: `0.8 s`, `41 s`, `2:05`, `1:02:03`."""
    if seconds < 10:
        return f"{max(0.0, seconds):.1f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    hours, rest = divmod(whole, 3600)
    minutes, left = divmod(rest, 60)
    return f"{hours}:{minutes:02}:{left:02}" if hours else f"{minutes}:{left:02}"


def show_age(seconds: float) -> str:
    """Write how long ago something was: `just now`, `7 min ago`, `2 h ago`, `41 days ago`."""
    if seconds < 60:
        return "just now"
    if seconds < 3600:
        return f"{int(seconds // 60)} min ago"
    if seconds < 2 * 86400:
        return f"{int(seconds // 3600)} h ago"
    return f"{int(seconds // 86400)} days ago"
