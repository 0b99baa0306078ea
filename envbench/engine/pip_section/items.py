"""The last look at the items before they are written into a requirements file.

The checks of the spec have classified them already. What gets past this file reaches a tool that
obeys options and expands variables inside requirement files, hence a second, independent gate.
"""

import re
from dataclasses import dataclass

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from envbench.engine.pip_section.errors import PipItemError, PipNoSolutionError
from envbench.engine.pip_section.request import PipTask
from envbench.engine.pip_section.workspace import pinnable
from envbench.model.cleaning import clean
from envbench.model.redaction import redact, split_url_secrets
from envbench.model.requirement import read_requirement

MOST_ITEMS = 5000
_HASH_OPTION = re.compile(
    r"\s--hash=(sha256:[0-9a-f]{64}|sha384:[0-9a-f]{96}|sha512:[0-9a-f]{128})"
)
_URL_HASH = re.compile(
    r"[#&](sha256=[0-9a-fA-F]{64}|sha384=[0-9a-fA-F]{96}|sha512=[0-9a-fA-F]{128})"
)
_ACCEPTED_URL = re.compile(r"(https?|file|git\+https|git\+file)://")


@dataclass(frozen=True, slots=True)
class VettedItem:
    """One item that may be written into a requirements file."""

    requirement: Requirement
    hashes: tuple[str, ...]
    """`sha256:...` as the user gave them, beside `==` or behind the `#` of an address."""
    place: str
    """`environment.yml:12`."""

    @property
    def name(self) -> str:
        """The normalised name."""
        return canonicalize_name(self.requirement.name)

    @property
    def text(self) -> str:
        """The line for the requirements file, without the hashes."""
        return str(self.requirement)

    @property
    def line(self) -> str:
        """The line for the requirements file."""
        hashes = () if self.requirement.url else self.hashes
        return " ".join((self.text, *(f"--hash={digest}" for digest in hashes)))


def vet_items(task: PipTask) -> tuple[VettedItem, ...]:
    """Parse all items.

    Raises:
        PipItemError: An item is an option, has a control character or a variable, or is no
            requirement; or there are too many.
    """
    if len(task.items) > MOST_ITEMS:
        raise PipItemError(
            f"{len(task.items)} pip items are more than {MOST_ITEMS}", where=task.spec_path
        )
    return tuple(_vet_item(item, task.place(index)) for index, item in enumerate(task.items))


def read_item(text: str) -> Requirement:
    """Parse an item, leaving hashes and a comment away.

    Raises:
        InvalidRequirement: It is none.
    """
    return read_requirement(_without_comment(_HASH_OPTION.sub("", text)))


def specifier_of(text: str) -> str:
    """Give the versions that an item asks for, `>=2,<3`; empty for any, or for no requirement."""
    try:
        return ",".join(sorted(map(str, read_item(text).specifier), reverse=True))
    except InvalidRequirement:
        return ""


def refuse_excluded_pins(items: tuple[VettedItem, ...], task: PipTask) -> None:
    """Refuse items that exclude the version of a distribution that conda installs.

    Raises:
        PipNoSolutionError: Names the item's line and conda's version.
    """
    pins = pinnable(task.owned)
    for item in items:
        version = pins.get(item.name)
        specifier = item.requirement.specifier
        if version is None or not _applies(item) or specifier.contains(version, prereleases=True):
            continue
        raise PipNoSolutionError(
            f"the pip item {item.text!r} excludes {item.name} {version}, which conda installs",
            where=item.place,
            why="The pip section may not replace what conda installed: conda would not notice, and"
            " the next update would mix both.",
            hint=f"Ask for {item.name} in the conda dependencies only, or change one of the two"
            " so that they agree.",
        )


def _applies(item: VettedItem) -> bool:
    """Whether the item counts here; markers are left to uv, which knows the target's Python."""
    return item.requirement.marker is None and item.requirement.url is None


def _vet_item(text: str, place: str) -> VettedItem:
    reason = _refusal(text)
    if reason:
        raise _refused(text, place, reason)
    hashes = tuple(_HASH_OPTION.findall(text))
    try:
        requirement = read_item(text)
    except InvalidRequirement as error:
        raise _refused(text, place, clean(str(error), limit=300)) from error
    reason = _url_refusal(requirement) or _hash_refusal(requirement, hashes)
    if reason:
        raise _refused(text, place, reason)
    return VettedItem(requirement, hashes or _url_hashes(requirement), place)


def _refusal(text: str) -> str:
    """Say why the raw text cannot be accepted; empty when it can."""
    if any(ord(character) < 0x20 or 0x7F <= ord(character) < 0xA0 for character in text):
        return "it holds a control character"
    if text.lstrip().startswith("-"):
        return "options are not taken from a spec; indexes come from the settings"
    if "${" in text:
        return "variables are not expanded: they could send a secret to a stranger"
    return ""


def _url_refusal(requirement: Requirement) -> str:
    url = requirement.url
    if url is None:
        return ""
    if not _ACCEPTED_URL.match(url):
        return "only http, https, file, git+https and git+file addresses are accepted"
    if split_url_secrets(url)[1] is not None:
        return "it holds a user name or password; move it to your netrc file"
    return ""


def _hash_refusal(requirement: Requirement, hashes: tuple[str, ...]) -> str:
    # uv ignores a hash beside anything but `==` without a word.
    exact = [s.operator == "==" and not s.version.endswith(".*") for s in requirement.specifier]
    if hashes and exact != [True]:
        return "a hash only counts beside one exact version (`==`)"
    return ""


def _url_hashes(requirement: Requirement) -> tuple[str, ...]:
    """Take the hash of an address, `#sha256=...`: uv passes over a wrong one without a word."""
    found = _URL_HASH.findall(requirement.url or "")
    return tuple(digest.lower().replace("=", ":", 1) for digest in found)


def _without_comment(text: str) -> str:
    return re.split(r"\s#", text, maxsplit=1)[0].strip()


def _refused(text: str, place: str, reason: str) -> PipItemError:
    return PipItemError(
        f"the pip item {redact(clean(text, limit=200))!r} is not accepted", where=place, why=reason
    )
