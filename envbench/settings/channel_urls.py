"""The spelling of channel addresses."""

from pathlib import Path
from urllib.parse import urlsplit

from envbench.model.lazy_patterns import lazy_pattern

KNOWN_SUBDIRS = frozenset(
    {
        "noarch",
        *(f"linux-{arch}" for arch in ("32", "64", "aarch64", "armv6l", "armv7l", "loongarch64")),
        *(f"linux-{arch}" for arch in ("ppc64", "ppc64le", "riscv32", "riscv64", "s390x")),
        *("osx-64", "osx-arm64", "win-32", "win-64", "win-arm64", "freebsd-64", "zos-z"),
        *("emscripten-wasm32", "wasi-wasm32"),
    }
)
"""Source: conda's list of platforms."""

_SCHEME = lazy_pattern(r"[A-Za-z][A-Za-z0-9+.-]*://|file:/")
_ROOT_TOKEN = lazy_pattern(r"[^:]*://[^/]*/t/")
_ANY_TOKEN = lazy_pattern(r"/t/[^/?#]+")


def is_url(name: str) -> bool:
    """Tell a URL from a name or a path."""
    return _SCHEME.match(name) is not None


def has_valid_host(url: str) -> bool:
    """Tell whether an address can be taken apart: `https://[x` cannot."""
    try:
        parts = urlsplit(url)
        return parts.scheme == "file" or (bool(parts.hostname) and parts.port != 0)
    except ValueError:
        return False


def is_local_path(name: str) -> bool:
    """Tell a path from a name: it begins with `/`, `./`, `../` or `~`."""
    return name.startswith(("/", "./", "../", "~")) or name in {".", ".."}


def path_to_url(text: str, directory: Path, home: Path) -> str:
    """Turn a path into a `file://` URL, `..` taken out, links left as they are.

    A relative `directory` is taken to lie in the working directory.
    """
    if text == "~" or text.startswith("~/"):
        text = f"{home}{text[1:]}"
    parts: list[str] = []
    for part in (directory / text).absolute().parts[1:]:
        if part == "..":
            parts = parts[:-1]
        else:
            parts.append(part)
    return Path("/", *parts).as_uri()


def join_url(base: str, tail: str) -> str:
    """Join an address and a name with one slash."""
    tail = tail.strip("/")
    return f"{base.rstrip('/')}/{tail}" if tail else base.rstrip("/")


def strip_platform(name: str) -> tuple[str, str]:
    """Split a platform off the end: `conda-forge/linux-64` is a channel and a platform."""
    head, slash, last = name.rpartition("/")
    return (head, last) if slash and last in KNOWN_SUBDIRS else (name, "")


def token_is_inside_path(url: str) -> bool:
    """Tell a `/t/TOKEN/` behind other parts of the path, where only the URL itself can carry it."""
    return bool(_ANY_TOKEN.search(url)) and not _ROOT_TOKEN.match(url)
