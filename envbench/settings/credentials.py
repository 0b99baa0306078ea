"""Credentials of channels and indexes: taken out of URLs, kept in one private file.

Source: rattler's authentication file (`RATTLER_AUTH_FILE`): host to `BasicHTTP`, `BearerToken` or
`CondaToken`.
"""

import fcntl
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from envbench.files import MIB, make_private_directory, read_bytes, write_atomically
from envbench.model.errors import PreventedError, UsageError
from envbench.model.redaction import (
    UrlSecret,
    register_secret,
    register_url_secret,
    split_url_secrets,
)

_KINDS = frozenset({"BasicHTTP", "BearerToken", "CondaToken", "S3Credentials", "OAuth"})


@dataclass(frozen=True, slots=True)
class Credential:
    """What one host asks for."""

    host: str
    """Host name without port, as rattler looks it up; `*.example.org` serves subdomains."""
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    """With a user name: HTTP Basic."""
    conda_token: str | None = field(default=None, repr=False)
    """Goes into the URL as `/t/TOKEN/`."""
    bearer_token: str | None = field(default=None, repr=False)

    def entry(self) -> dict[str, object]:
        """Return the host's entry in rattler's format."""
        if self.conda_token is not None:
            return {"CondaToken": self.conda_token}
        if self.bearer_token is not None:
            return {"BearerToken": self.bearer_token}
        return {"BasicHTTP": {"username": self.username or "", "password": self.password or ""}}


def split_credential(url: str) -> tuple[str, Credential | None, UrlSecret | None]:
    """Take the secret out of a URL, remember it for this process, and say how to send it.

    Returns:
        The clean URL; the credential for its host, None without a secret or with one that only a
        URL can carry (a query parameter); what was taken out.
    """
    clean_url, secret = split_url_secrets(url)
    if secret is None:
        return url, None, None
    register_url_secret(secret)
    try:
        host = urlsplit(clean_url).hostname
    except ValueError:
        host = None
    if not host:
        return clean_url, None, secret
    if secret.token is not None:
        return clean_url, Credential(host, conda_token=secret.token), secret
    if secret.username is not None:
        return clean_url, Credential(host, secret.username, secret.password or ""), secret
    return clean_url, None, secret


def store_credentials(
    path: Path, credentials: Sequence[Credential], *, base_files: Sequence[Path] = ()
) -> Path:
    """Add credentials to the file, host by host; entries of other hosts stay.

    Args:
        path: The file; its directory is made private.
        credentials: What to add; a host that is there already gets the new entry.
        base_files: Other files in the same format, whose hosts are added where they are new: the
            user's own `RATTLER_AUTH_FILE`, whose place ours takes. (rattler's other stores,
            netrc among them, stay in force beside the file that the variable names.)

    Returns:
        `path`, for `RATTLER_AUTH_FILE`.

    Raises:
        PreventedError: The file cannot be read, understood or written.
    """
    make_private_directory(path.parent)
    with _hold_lock(path.with_name(f".{path.name}.lock")):
        old = read_credentials(path)
        entries: dict[str, object] = {}
        for base in base_files:
            entries.update(_keep_known(read_credentials(base)))
        entries.update(old)
        entries.update((credential.host, credential.entry()) for credential in credentials)
        if entries != old or not path.exists():
            import json

            data = json.dumps(entries, indent=1, sort_keys=True).encode()
            write_atomically(path, data, mode=0o600)
            path.chmod(0o600)
    return path


def read_credentials(path: Path) -> dict[str, object]:
    """Read a file of credentials and remember its secrets for this process.

    Returns:
        Host to entry; empty when there is no file.

    Raises:
        PreventedError: It cannot be read, or is no such file.
    """
    if not path.exists():
        return {}
    import json

    try:
        entries = json.loads(read_bytes(path, limit_bytes=MIB, what="file of credentials"))
    except UsageError as fault:
        raise PreventedError(fault.what, where=fault.where, why=fault.why) from None
    except (ValueError, RecursionError):
        entries = None
    if not isinstance(entries, dict):
        why = "it is no JSON object of hosts"
        raise PreventedError("the credentials cannot be read", where=str(path), why=why)
    for entry in entries.values():
        _register(entry)
    return entries


def recall_credentials(path: Path) -> tuple[Credential, ...]:
    """List the Basic credentials of a file, and remember all of its secrets for this process.

    A file that cannot be read counts as empty: who needs it will find out and say so.
    """
    try:
        entries = read_credentials(path)
    except (PreventedError, OSError):
        return ()
    found = []
    for host, entry in _keep_known(entries).items():
        pair = entry.get("BasicHTTP")
        if isinstance(pair, dict):
            found.append(Credential(host, str(pair.get("username")), str(pair.get("password"))))
    return tuple(found)


def _keep_known(entries: Mapping[str, object]) -> dict[str, dict[str, object]]:
    """Drop entries of other kinds: rattler refuses a file as a whole for one of them."""
    return {
        host: entry
        for host, entry in entries.items()
        if isinstance(entry, dict) and len(entry) == 1 and _KINDS.issuperset(entry)
    }


def _register(entry: object) -> None:
    if isinstance(entry, dict):
        user = entry.get("username")
        for name, value in entry.items():
            if isinstance(value, dict):
                _register(value)
            elif isinstance(value, str) and name != "username":
                register_secret(value, username=user if isinstance(user, str) else None)


@contextmanager
def _hold_lock(path: Path) -> Iterator[None]:
    flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
    try:
        descriptor = os.open(path, flags, 0o600)
    except OSError as fault:
        why = os.strerror(fault.errno or 0)
        raise PreventedError("the lock cannot be opened", where=str(path), why=why) from fault
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
