"""The border that every lock passes before it is written: no secret leaves."""

import re
from dataclasses import replace

from envbench.model.errors import PreventedError
from envbench.model.lock import Lock, PipPackage
from envbench.model.package_record import PackageRecord
from envbench.model.redaction import holds_secret, register_url_secret, split_url_secrets


def scrub_lock(lock: Lock) -> Lock:
    """Take user names, passwords and tokens out of all addresses of a lock."""
    return replace(
        lock,
        channels=tuple(map(_bare, lock.channels)),
        packages=tuple(map(_scrub_package, lock.packages)),
        pip=tuple(map(_scrub_pip, lock.pip)),
        indexes=tuple(map(_bare, lock.indexes)),
    )


def refuse_secrets(text: str, where: str) -> str:
    """Return a text that holds none of the secrets which this process knows.

    Raises:
        PreventedError: It does hold one.
    """
    if holds_secret(text):
        raise PreventedError(
            "the lock would hold a secret and is not written",
            where=where,
            why="A password or token of your settings stands in it, in a variable or a name.",
            hint="Take it out of the environment's variables; set it where the environment runs.",
        )
    return text


def _bare(url: str) -> str:
    bare, secret = split_url_secrets(url)
    if secret is not None:
        register_url_secret(secret)
    return bare


def bare_reference(url: str) -> str:
    """Take the secrets out of a direct reference such as `git+https://u:p@host/x@<commit>`.

    The revision is set aside first: behind a password, its `@` could be taken for that of the
    user's name.
    """
    match = re.fullmatch(r"((?:git|hg|svn|bzr)\+.+?)(@[^@/#?]*)?(#.*)?", url)
    if match is None:
        return _bare(url)
    return "".join((_bare(match[1]), match[2] or "", match[3] or ""))


def _scrub_package(package: PackageRecord) -> PackageRecord:
    given = (package.url, package.channel, package.channel_url)
    url, channel, channel_url = map(_bare, given)
    # Hardly any holds a secret, and making each anew takes longer than looking.
    if (url, channel, channel_url) == given:
        return package
    return replace(package, url=url, channel=channel, channel_url=channel_url)


def _scrub_pip(package: PipPackage) -> PipPackage:
    return replace(
        package,
        url=_bare(package.url) if package.url else None,
        direct_url=bare_reference(package.direct_url) if package.direct_url else None,
        index_url=_bare(package.index_url) if package.index_url else None,
        requires_dist=None
        if package.requires_dist is None
        else tuple(map(_bare_requirement, package.requires_dist)),
    )


def _bare_requirement(text: str) -> str:
    """Take the secrets out of a requirement such as `x @ git+https://u:p@host/x`."""
    return re.sub(
        r"[A-Za-z][A-Za-z0-9+.-]*://[^\s;]+", lambda match: bare_reference(match[0]), text
    )
