"""Secrets kept out of everything that is shown, written or handed to another program.

Two nets, one behind the other: URLs are taken apart structurally where they enter
(`split_url_secrets`) and their secrets remembered for this process (`register_secret`); `redact`
then replaces those values literally, and what merely looks like a secret by pattern, at every exit.

Source: RFC 3986 (userinfo), anaconda.org's `/t/TOKEN/` paths, RFC 7617 (Basic authorization),
AWS signature version 4 (`X-Amz-...` query parameters).
"""

import re
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from urllib.parse import quote, unquote

from envbench.model.lazy_patterns import lazy_pattern

MASK = "***"
"""What stands in the place of a secret."""

MIN_SECRET_LENGTH = 4
"""Shorter values are masked where they stand in a URL, but not searched for in every text."""


@dataclass(frozen=True, slots=True)
class UrlSecret:
    """What was taken out of a URL, percent-decoded."""

    username: str | None = field(default=None, repr=False)
    password: str | None = field(default=None, repr=False)
    token: str | None = field(default=None, repr=False)
    """The value of a `/t/TOKEN/` path part."""
    query: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    """Names and values of query parameters that carry secrets."""

    def values(self) -> tuple[str, ...]:
        """List all that must never be shown."""
        # A lone user name is a token in disguise (`https://TOKEN@host`, GitHub's
        # `https://TOKEN:x-oauth-basic@host`); beside a password it is no secret by itself.
        alone = self.username if self.password in {None, "", "x-oauth-basic"} else None
        found = (alone, self.password, self.token, *(value for _, value in self.query))
        return tuple(value for value in found if value)


class _SecretRegistry:
    """The secrets that this process has met; grows only, replaced as a whole on each change."""

    def __init__(self) -> None:
        self.forms: frozenset[str] = frozenset()

    def add(self, forms: Iterable[str]) -> None:
        self.forms |= {form for form in forms if len(form) >= MIN_SECRET_LENGTH}


_REGISTRY = _SecretRegistry()

_QUERY_SECRET = lazy_pattern(
    r"(?:[\w-]*token|api[_-]?key|key|sig|signature|password|passwd|secret|auth|x-amz-[\w-]+)",
    re.IGNORECASE,
)
_SCHEME = lazy_pattern(r"[A-Za-z][A-Za-z0-9+.-]*")
_URL_REST = lazy_pattern(r"(?<=[A-Za-z0-9+.-]):(?://|\\/\\/)[^\s\"'<>`]+")
_PASSWORD_BEFORE_PATH = lazy_pattern(r"[^/?#@:\[]*:(?!\d{1,5}(?:[/?#]|$))")
_BARE_TOKEN_PATH = lazy_pattern(
    r"(?P<lead>(?<![\w.~/-])/t/|(?:^|[\w./-])/t/(?=[A-Za-z]{2}-[0-9A-Za-z]))(?P<token>[^/\s\"'<>?#]+)"
)
_ASSIGNMENT = lazy_pattern(
    r"(?P<lead>(?:token|api[_-]?key|access[_-]?key|password|passwd|secret|signature)(?:=|%3D|[\"']\s?[:=]\s?(?=[\"'])))(?P<quote>[\"']?)"
    r"(?P<value>[^\s&\"'<>;,]+)",
    re.IGNORECASE,
)
_AMAZON = lazy_pattern(
    r"(?P<lead>x-amz-[a-z-]{1,40}(?:=|:\s?))(?P<value>[^\s&\"'<>]+)", re.IGNORECASE
)
_PLACEHOLDER = lazy_pattern(r"\$(?:\w+|\{\w+\})")
_AUTHORIZATION = lazy_pattern(
    r"(?P<lead>authorization[\"']?\s{0,3}[:=]\s{0,3}[\"']?(?:(?:basic|bearer|token|digest)\s{1,3})?)"
    r"(?P<value>[^\s\"',]+)",
    re.IGNORECASE,
)
_BEARER = lazy_pattern(r"(?P<lead>\bbearer\s{1,3})(?P<value>[\w+/=.~-]{12,})", re.IGNORECASE)
_KNOWN_SHAPES = lazy_pattern(
    r"\b(?:gh[opsur]_\w{20,}|github_pat_\w{20,}|glpat-[\w-]{16,}|hf_[A-Za-z0-9]{20,}"
    r"|pypi-AgE[\w-]{16,})"
)


def register_secret(value: str, *, username: str | None = None) -> None:
    """Remember a secret for this process, in each form in which tools print it.

    Args:
        value: The secret, percent-decoded. Values under `MIN_SECRET_LENGTH` characters are not
            remembered: replacing them everywhere would garble every text.
        username: With it, the Basic authorization of the pair is remembered too.
    """
    if len(value) < MIN_SECRET_LENGTH or value == MASK or _PLACEHOLDER.fullmatch(value):
        return
    _REGISTRY.add(secret_forms(value, username=username))


def register_url_secret(secret: UrlSecret) -> None:
    """Remember everything that was taken out of a URL."""
    for value in secret.values():
        register_secret(value, username=secret.username)


def secret_forms(value: str, *, username: str | None = None) -> tuple[str, ...]:
    """List the spellings of a secret: plain, percent-encoded, inside a Basic authorization."""
    encoded = quote(value, safe="")
    forms = {value, encoded, re.sub(r"%[0-9A-F]{2}", lambda m: m[0].lower(), encoded)}
    forms |= {quote(value), quote(value, safe="!$&'()*+,;=~-._")}
    if username is not None:
        import base64

        pair = f"{username}:{value}".encode(errors="surrogatepass")
        forms |= {base64.b64encode(pair).decode(), base64.urlsafe_b64encode(pair).decode()}
    return tuple(forms)


def holds_secret(text: str) -> bool:
    """Tell whether a text contains a remembered secret; asked of every lock and export."""
    return any(form in text for form in _REGISTRY.forms)


def redact(text: str, secrets: Collection[str] = ()) -> str:
    """Mask the secrets of a text: remembered ones literally, others by their looks.

    Args:
        text: Anything that is about to be shown, written or handed on.
        secrets: More values to be masked, percent-decoded.
    """
    forms = set(_REGISTRY.forms)
    for secret in secrets:
        if secret and secret != MASK:
            forms.update(secret_forms(secret))
    if forms:
        text = _literal_pattern(frozenset(forms)).sub(MASK, text)
    return _redact_patterns(text)


def redact_url(url: str) -> str:
    """Mask the secrets of one URL, structurally first: catches a password with a raw `/`."""
    clean_url, secret = split_url_secrets(url)
    if secret is None:
        return redact(url)
    scheme, mark, rest = clean_url.partition("://")
    lead = f"{MASK}@" if secret.username is not None else ""
    return redact(f"{scheme}{mark}{lead}{rest}")


def split_url_secrets(url: str) -> tuple[str, UrlSecret | None]:
    """Take the secrets out of a URL.

    Args:
        url: An absolute URL; anything else (a name, a path, `file://...`) comes back as it is.

    Returns:
        The URL without user name, password, `/t/TOKEN` and secret query parameters, and what was
        taken out; None when there was nothing.
    """
    scheme, mark, rest = url.partition("://")
    if not mark or scheme.lower() == "file" or not _SCHEME.fullmatch(scheme):
        return url, None
    userinfo, rest = _split_userinfo(rest, is_vcs="+" in scheme)
    if userinfo == "git" and "ssh" in scheme:
        return url, None
    token, rest = _split_token(rest)
    query, rest = _split_query(rest)
    if userinfo is None and token is None and not query:
        return url, None
    name, colon, password = (userinfo or "").partition(":")
    secret = UrlSecret(
        username=unquote(name) if userinfo is not None else None,
        password=unquote(password) if colon else None,
        token=unquote(token) if token is not None else None,
        query=query,
    )
    return f"{scheme}://{rest}", secret


def _split_userinfo(rest: str, *, is_vcs: bool = False) -> tuple[str | None, str]:
    """Split `user:password@host/path`, where the password may hold raw `/`, `?`, `#` and `@`.

    An address of a version control system ends in `@REVISION`: there an `@` behind the first slash
    belongs to the path.
    """
    end = len(rest)
    if is_vcs or not _PASSWORD_BEFORE_PATH.match(rest):
        end = min((i for i in map(rest.find, "/?#") if i >= 0), default=end)
    at = rest.rfind("@", 0, end)
    return (None, rest) if at < 0 else (rest[:at], rest[at + 1 :])


def _split_token(rest: str) -> tuple[str | None, str]:
    host, slash, path = rest.partition("/")
    head, mark, tail = f"/{path}".partition("/t/")
    token, _, after = tail.partition("/")
    if not slash or not mark or not token:
        return None, rest
    return token, f"{host}{head}/{after}" if after else f"{host}{head}"


def _split_query(rest: str) -> tuple[tuple[tuple[str, str], ...], str]:
    path, mark, query = rest.partition("?")
    if not mark:
        return (), rest
    query, hash_mark, fragment = query.partition("#")
    pairs = [part.partition("=") for part in query.split("&")]
    secret = tuple((n, unquote(v)) for n, _, v in pairs if v and _QUERY_SECRET.fullmatch(n))
    if not secret:
        return (), rest
    kept = "&".join(n + eq + v for n, eq, v in pairs if not (v and _QUERY_SECRET.fullmatch(n)))
    return secret, path + (f"?{kept}" if kept else "") + hash_mark + fragment


@lru_cache(maxsize=8)
def _literal_pattern(forms: frozenset[str]) -> re.Pattern[str]:
    # Longest first: a secret that contains another must go as a whole.
    return re.compile("|".join(map(re.escape, sorted(forms, key=lambda form: (-len(form), form)))))


def _redact_patterns(text: str) -> str:
    # Most lines of a log hold none of these words; looking for them first is several times cheaper.
    lower = text.lower()
    for words, pattern, replacement in _RULES:
        for word in words:
            if word in lower:
                text = pattern.sub(replacement, text)
                break
    return text


def _redact_rest(match: re.Match[str]) -> str:
    """Mask inside what follows a scheme: `://user:pass@host/t/TOKEN/x?token=y`."""
    lead = 3 if match[0].startswith("://") else 5
    mark, rest = match[0][:lead], match[0][lead:]
    if match.string[max(0, match.start() - 4) : match.start()].lower() == "file":
        return match[0]
    # `https://a/x,https://user:pass@b/` is one run of characters that are no blanks.
    return mark + "://".join(map(_redact_authority, rest.split("://")))


def _redact_authority(rest: str) -> str:
    if not ("@" in rest or "/t/" in rest or "?" in rest):
        return rest
    userinfo, rest = _split_userinfo(rest)
    if userinfo is not None:
        rest = f"git@{rest}" if userinfo == "git" else f"{MASK}@{rest}"
    host, slash, path = rest.partition("/")
    parts = f"/{path}".split("/t/") if slash else []
    if len(parts) > 1:
        masked = [re.sub(r"^[^/?#]+", MASK, part) for part in parts[1:]]
        rest = host + "/t/".join([parts[0], *masked])
    return re.sub(r"([?&])([^=&#?]+)=([^&#]+)", _redact_pair, rest)


def _redact_pair(match: re.Match[str]) -> str:
    value = MASK if _QUERY_SECRET.fullmatch(match[2]) else match[3]
    return f"{match[1]}{match[2]}={value}"


_Replacement = str | Callable[[re.Match[str]], str]
_RULES: tuple[tuple[tuple[str, ...], re.Pattern[str], _Replacement], ...] = (
    (("://", ":\\/\\/"), _URL_REST, _redact_rest),
    (("/t/",), _BARE_TOKEN_PATH, rf"\g<lead>{MASK}"),
    (("authorization",), _AUTHORIZATION, rf"\g<lead>{MASK}"),
    (("bearer",), _BEARER, rf"\g<lead>{MASK}"),
    (("token", "key", "passw", "secret", "signature"), _ASSIGNMENT, rf"\g<lead>\g<quote>{MASK}"),
    (("x-amz-",), _AMAZON, rf"\g<lead>{MASK}"),
    (("gh", "glpat-", "hf_", "pypi-age"), _KNOWN_SHAPES, MASK),
)
"""Words of which a text must hold one, lower case; what to look for then; what to put there."""
