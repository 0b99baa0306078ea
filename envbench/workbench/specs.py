"""Specs as files: reading and checking them."""

import hashlib
import re
import shlex
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from envbench.files import read_text_file
from envbench.formats.environment_yml import check_text
from envbench.model.checks.catalogue import CATALOGUE, CodeEntry
from envbench.model.checks.context import CheckContext
from envbench.model.cleaning import clean
from envbench.model.errors import NotFineError, UsageError
from envbench.model.pip_lines import CONSENT_KINDS, PipKind
from envbench.model.problem import Problem, Severity
from envbench.model.spec import EnvironmentSpec, SpecText
from envbench.settings.load import Settings

_ANACONDA = "anaconda."
_LOCKS = {
    "an explicit lock": re.compile(r"^@EXPLICIT\s*$", re.MULTILINE),
    "a pylock": re.compile(r"^lock-version\s*=", re.MULTILINE),
}
"""Files that people give where a spec is meant; as YAML they would get baffling answers."""


@dataclass(frozen=True, slots=True)
class SpecReport:
    """A spec and everything that was found in it."""

    path: str
    """How messages name the file."""
    sha256: str
    """Of the file's bytes."""
    problems: tuple[Problem, ...]
    """In order of their place."""
    spec: EnvironmentSpec | None
    """None when the text is too broken to be read as a spec."""

    @property
    def is_fine(self) -> bool:
        """Whether nothing keeps it from being solved and built."""
        return self.spec is not None and not any(
            problem.severity is Severity.ERROR for problem in self.problems
        )


def check_spec(path: Path, settings: Settings, *, platform: str = "linux-64") -> SpecReport:
    """Read a spec from a file and check it.

    Raises:
        UsageError: The file cannot be read as text, or is a lock of a form that is no spec.
    """
    found = read_text_file(path, what="spec")
    for kind, mark in _LOCKS.items():
        if mark.search(found.text):
            raise UsageError(
                f"this is {kind}, not a spec",
                where=clean(str(path)),
                hint="envbench verify compares an environment with it; an environment.lock.yml"
                " is both a lock and a spec",
            )
    source = SpecText(found.text, path=clean(str(path)), has_bom=found.has_bom)
    parsed = check_text(source, describe_context(settings, platform))
    digest = hashlib.sha256(found.raw).hexdigest()
    return SpecReport(source.path, digest, parsed.problems, parsed.spec)


def describe_context(settings: Settings, platform: str) -> CheckContext:
    """Tell the checks what they must know of the user's configuration."""
    channels = settings.channels
    urls = [url for members in channels.multichannels.values() for url in members]
    urls += [channels.alias, *channels.named.values(), *channels.mirrors.values()]
    defaults = channels.multichannels["defaults"]
    return CheckContext(
        known_channels=frozenset(
            name
            for name in channels.known_names
            # A name that everybody has does not speak for a decision of this user.
            if not all(_ANACONDA in (urlsplit(u).hostname or "") for u in channels.find(name).urls)
        ),
        known_hosts=frozenset(host for url in urls if (host := urlsplit(url).hostname)),
        defaults_configured=not any(_ANACONDA in (urlsplit(u).hostname or "") for u in defaults),
        channels_configured=channels.configured_source != "default",
        allowed_pip=allowed_pip_kinds(settings),
        platform=platform,
    )


def allowed_pip_kinds(settings: Settings) -> frozenset[PipKind]:
    """List the kinds of pip items that the user's settings consent to."""
    known = {kind.value: kind for kind in CONSENT_KINDS}
    return frozenset(known[name] for name in settings.pip.allowed_options if name in known)


def require_sound(report: SpecReport) -> EnvironmentSpec:
    """Give the spec of a report that has no errors.

    Raises:
        NotFineError: It has; the first one is told with its place.
    """
    if report.spec is not None and report.is_fine:
        return report.spec
    errors = [p for p in report.problems if p.severity is Severity.ERROR]
    first = errors[0]
    place = f"{report.path}:{first.span.line}" if first.span else report.path
    more = f" (and {len(errors) - 1} more)" if len(errors) > 1 else ""
    raise NotFineError(
        f"{first.code} {first.message}{more}",
        where=place,
        hint=(f"{first.hint}; " if first.hint else "")
        + f"envbench check {shlex.quote(report.path)} lists all problems",
    )


def explain_problem(code: str) -> CodeEntry:
    """Look a problem code up in the catalogue.

    Raises:
        UsageError: There is no such code.
    """
    asked = code.strip().upper()
    entry = CATALOGUE.get(asked) or CATALOGUE.get(f"EB{asked}")
    if entry is None:
        near = [known for known in CATALOGUE if known[:3] == asked[:3]] or CATALOGUE
        hint = f"codes: {', '.join(near)}"
        raise UsageError(f"there is no problem code {code!r}", hint=hint)
    return entry
