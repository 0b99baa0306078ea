"""What the lines of a `pip:` section are, and which of them are let through.

Only what is listed here passes. Everything else is refused with its reason: options change where
packages come from, URLs and folders run code of their own, `${NAME}` is filled in by installers.

Source: PEP 508 (requirements), pip's requirements file format, and what uv does with its lines.
"""

import posixpath
import re
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import unquote

from packaging.requirements import InvalidRequirement, Requirement

from envbench.model.pip_kinds import CONSENT_KINDS as CONSENT_KINDS
from envbench.model.pip_kinds import PipKind as PipKind
from envbench.model.requirement import read_requirement

MAX_ITEMS = 3000
"""Most items of one section."""


class PipVerdict(StrEnum):
    """What is done with a line."""

    ACCEPTED = "accepted"
    CONSENT = "consent"
    """Let through when all kinds in `needs` are allowed, and shown in the plan."""
    REFUSED = "refused"


class PipFlaw(StrEnum):
    """Why a line is refused, or what is to be warned of."""

    VARIABLE = "variable"
    """`${NAME}`."""
    NO_COMMIT = "no-commit"
    NO_HASH = "no-hash"
    HASH_WITHOUT_VERSION = "hash-without-version"
    UNENCRYPTED = "unencrypted"


@dataclass(frozen=True, slots=True)
class PipLine:
    """One line, judged."""

    text: str
    """As written, without its comment."""
    kind: PipKind
    verdict: PipVerdict
    reason: str = ""
    """Why it needs consent or is refused, in plain words; holds no more of the text than a name."""
    requirement: Requirement | None = None
    """Set when the line is a requirement (with `name @ URL` too)."""
    needs: frozenset[PipKind] = frozenset()
    """The kinds that must be allowed, when the verdict is consent."""
    target: str | None = None
    """The URL or path (secrets included: redact before showing)."""
    hashes: tuple[str, ...] = ()
    """Values of `--hash=`, such as `sha256:...`."""
    flaws: frozenset[PipFlaw] = frozenset()

    def is_allowed(self, allowed: frozenset[PipKind]) -> bool:
        """Tell whether the line passes when these kinds are allowed."""
        if self.verdict is PipVerdict.CONSENT:
            return self.needs <= allowed
        return self.verdict is PipVerdict.ACCEPTED


_COMMENT = re.compile(r"(?:^|\s)#.*$", re.DOTALL)
_HASHES = re.compile(r"\s--hash[= ](\S+)")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")
_VCS = re.compile(r"(?P<tool>git|hg|svn|bzr)\+(?P<transport>[a-z]+)://", re.IGNORECASE)
_COMMIT = re.compile(r"@[0-9a-fA-F]{40}(?:#|$)")
_URL_HASH = re.compile(
    r"[#&](?:sha256=[0-9a-fA-F]{64}|sha384=[0-9a-fA-F]{96}|sha512=[0-9a-fA-F]{128})(?:&|$)"
)
_EDITABLE = re.compile(r"(?:-e\s*|--editable(?:\s+|=))(?P<target>.*)", re.DOTALL)
_FILE_OPTION = re.compile(
    r"(?:-[rc]\s*|--(?:requirement|constraint)(?:\s+|=))(?P<target>.*)", re.DOTALL
)
_OPTION_NAME = re.compile(r"--?[A-Za-z][A-Za-z0-9-]*")
_NAMED_URL = re.compile(
    r"[A-Za-z0-9][A-Za-z0-9._-]*\s*(?:\[[^\]]*\])?\s*@\s*(?P<target>.+)", re.DOTALL
)
_PATH = re.compile(r"(?:\.{1,2}(?:[/\\\[]|$)|[/~\\]|[A-Za-z]:[/\\])|[^@<>=!~;\s]*[/\\]|\S+\.whl$")

_INDEX_OPTIONS = frozenset(
    {"-i", "--index-url", "--pypi-url", "--extra-index-url", "-f", "--find-links", "--no-index"}
)
_OPTION_REASONS = {
    "--trusted-host": "it switches off the check of certificates",
    "--pre": "it lets pre-releases of every package in",
    "--no-binary": "it makes packages run code of their own while they are built",
    "--only-binary": "envbench sets it by itself",
    "--config-settings": "it passes options to the code that builds a package",
    "--global-option": "it passes options to the code that builds a package",
    "--target": "it installs outside the environment",
    "--prefix": "it installs outside the environment",
    "--user": "it installs outside the environment",
    "--upgrade": "it may replace packages that conda owns",
    "-U": "it may replace packages that conda owns",
}


def classify_pip_item(text: str) -> PipLine:
    """Judge one item of a `pip:` section; never raises, never touches disk or network."""
    body = _COMMENT.sub("", text).strip()
    flaw = _refuse_at_once(body)
    if flaw is not None:
        return flaw
    if body.startswith("-"):
        return _classify_option(body)
    if _VCS.match(body) or _SCHEME.match(body):
        return _classify_target(body, body, None)
    if _PATH.match(body) and not _NAMED_URL.fullmatch(body):
        return _classify_path(body, body, None)
    return _classify_requirement(body)


def _refuse_at_once(body: str) -> PipLine | None:
    if not body:
        return _refused(body, PipKind.INVALID, "the item is empty")
    if re.search(r"[\x00-\x08\x0a-\x1f\x7f-\x9f]", body):
        return _refused(body, PipKind.INVALID, "the item holds a line break or a control character")
    if "${" in body:
        reason = "`${...}` would be filled in from the environment of whoever builds"
        return _refused(body, PipKind.INVALID, reason, PipFlaw.VARIABLE)
    if re.match(r"(?:-e\s*|--editable[\s=]\s*)?(?:git|hg|svn|bzr)\+(?![a-z]+://)", body):
        return _refused(body, PipKind.INVALID, "no `https://...` stands behind the `+`")
    return None


def _refused(text: str, kind: PipKind, reason: str, *flaws: PipFlaw) -> PipLine:
    return PipLine(text, kind, PipVerdict.REFUSED, reason, flaws=frozenset(flaws))


def _classify_option(body: str) -> PipLine:
    editable = _EDITABLE.fullmatch(body)
    if editable:
        return _classify_editable(body, editable["target"].strip())
    file_option = _FILE_OPTION.fullmatch(body)
    if file_option:
        return _classify_file_option(body, file_option["target"].strip())
    match = _OPTION_NAME.match(body)
    name = match[0] if match else "-"
    if name in _INDEX_OPTIONS:
        reason = f"`{name}`: package indexes are set in the settings, not in a spec"
    else:
        reason = f"`{name}`: {_OPTION_REASONS.get(name, 'options are not accepted in a spec')}"
    return _refused(body, PipKind.OPTION, reason)


def _classify_editable(body: str, target: str) -> PipLine:
    if not target:
        return _refused(body, PipKind.EDITABLE, "an editable install needs a folder")
    is_address = bool(_VCS.match(target) or _SCHEME.match(target))
    line = (_classify_target if is_address else _classify_path)(body, target, None)
    if line.verdict is PipVerdict.REFUSED:
        return line
    return PipLine(
        body,
        PipKind.EDITABLE,
        PipVerdict.CONSENT,
        f"an editable install of {line.reason}",
        needs=line.needs | {PipKind.EDITABLE},
        target=line.target,
        flaws=line.flaws,
    )


def _classify_file_option(body: str, target: str) -> PipLine:
    if not target or _SCHEME.match(target) or re.search(r"\s-", target):
        reason = "further requirements may only be read from a file beside the spec"
        return _refused(body, PipKind.FILE_OF_REQUIREMENTS, reason)
    needs = {PipKind.FILE_OF_REQUIREMENTS}
    if _leaves_folder(target):
        needs.add(PipKind.OUTSIDE)
    return PipLine(
        body,
        PipKind.FILE_OF_REQUIREMENTS,
        PipVerdict.CONSENT,
        "another file, whose lines are not part of the spec",
        needs=frozenset(needs),
        target=target,
    )


def _classify_requirement(body: str) -> PipLine:
    hashes = tuple(_HASHES.findall(body))
    bare = _HASHES.sub("", body).strip()
    option = re.search(r"\s(--?[A-Za-z][\w-]*)", bare)
    if option and "@" not in bare:
        reason = f"`{option[1]}` behind a requirement is not accepted"
        return _refused(body, PipKind.OPTION, reason)
    try:
        requirement = read_requirement(bare)
    except InvalidRequirement as error:
        return _refused(body, PipKind.INVALID, _first_line(str(error)))
    if requirement.url:
        return _classify_target(body, requirement.url, requirement)
    exact = any(
        s.operator in {"==", "==="} and not s.version.endswith(".*") for s in requirement.specifier
    )
    if hashes and not exact:
        reason = "`--hash` counts only beside `==`"
        line = _refused(body, PipKind.REQUIREMENT, reason, PipFlaw.HASH_WITHOUT_VERSION)
        return PipLine(
            body, line.kind, line.verdict, reason, requirement, hashes=hashes, flaws=line.flaws
        )
    return PipLine(body, PipKind.REQUIREMENT, PipVerdict.ACCEPTED, "", requirement, hashes=hashes)


def _first_line(message: str) -> str:
    return message.split("\n", 1)[0]


def _classify_target(body: str, target: str, requirement: Requirement | None) -> PipLine:
    """Judge an address, alone or behind `name @`."""
    if re.search(r"\s", target):
        # Installers read what stands behind a blank as an option.
        return _refused(body, PipKind.URL, "nothing may stand behind an address")
    vcs = _VCS.match(target)
    if vcs:
        return _classify_vcs(body, target, vcs, requirement)
    scheme = target.partition("://")[0].lower() if _SCHEME.match(target) else ""
    if scheme == "file":
        return _classify_path(body, unquote(target[7:]), requirement)
    if not scheme:
        return _classify_path(body, target, requirement)
    if scheme not in {"https", "http"}:
        return _refused(body, PipKind.URL, f"`{scheme}://` is no address of a package")
    flaws = set() if _URL_HASH.search(target) else {PipFlaw.NO_HASH}
    if scheme == "http":
        flaws.add(PipFlaw.UNENCRYPTED)
    needs = {PipKind.URL}
    if not re.split(r"[?#]", target)[0].lower().endswith(".whl"):
        needs.add(PipKind.SDIST)
    reason = "a file from an address, outside the package index"
    if PipKind.SDIST in needs:
        reason += "; it runs code of its own while it is built"
    return PipLine(
        body,
        PipKind.URL,
        PipVerdict.CONSENT,
        reason,
        requirement,
        frozenset(needs),
        target,
        flaws=frozenset(flaws),
    )


def _classify_vcs(
    body: str, target: str, vcs: re.Match[str], requirement: Requirement | None
) -> PipLine:
    tool, transport = vcs["tool"].lower(), vcs["transport"].lower()
    if tool != "git":
        return _refused(body, PipKind.GIT, f"`{tool}` repositories are not supported")
    if transport == "file":
        return _classify_path(body, unquote(target[vcs.end() :].partition("@")[0]), requirement)
    if transport != "https":
        reason = f"`git+{transport}://` is refused; use `git+https://` and a credential helper"
        return _refused(body, PipKind.GIT, reason)
    flaws = frozenset() if _COMMIT.search(target) else frozenset({PipFlaw.NO_COMMIT})
    return PipLine(
        body,
        PipKind.GIT,
        PipVerdict.CONSENT,
        "a git repository; it runs code while it is built",
        requirement,
        frozenset({PipKind.GIT}),
        target,
        flaws=flaws,
    )


def _classify_path(body: str, target: str, requirement: Requirement | None) -> PipLine:
    path = re.sub(r"\[[^\]]*\]$", "", target)
    if re.search(r"\s-|\s;", path):
        return _refused(body, PipKind.LOCAL, "nothing may stand behind a path")
    outside = _leaves_folder(path)
    needs = frozenset({PipKind.LOCAL, PipKind.OUTSIDE} if outside else {PipKind.LOCAL})
    where = "outside the folder of the spec" if outside else "in the folder of the spec"
    return PipLine(
        body,
        PipKind.LOCAL,
        PipVerdict.CONSENT,
        f"a local project {where}; it runs code while it is built",
        requirement,
        needs,
        path,
    )


def _leaves_folder(path: str) -> bool:
    """Tell whether a path, taken relative to the spec, leads out of its folder (links aside)."""
    if re.match(r"[/~\\]|[A-Za-z]:", path) or "\\" in path or "$" in path:
        return True
    return posixpath.normpath(path).split("/", 1)[0] == ".."
