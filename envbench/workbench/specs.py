"""Specs as files: reading and checking them."""

import codecs
import hashlib
import re
import shlex
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from envbench.files import read_text_file
from envbench.formats.environment_yml import check_text as check_spec_text
from envbench.model.checks.catalogue import CATALOGUE, CodeEntry
from envbench.model.checks.context import CheckContext
from envbench.model.cleaning import clean
from envbench.model.dependency_meaning import say_match, say_pip
from envbench.model.errors import NotFineError, UsageError
from envbench.model.pip_lines import CONSENT_KINDS, PipKind, classify_pip_item
from envbench.model.problem import Problem, Severity
from envbench.model.spec import EnvironmentSpec, SpecText
from envbench.settings.load import Settings
from envbench.workbench.values.checked_texts import LineMeaning as LineMeaning
from envbench.workbench.values.checked_texts import TextReport as TextReport

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
    kind = find_other_kind(found.text)
    if kind:
        raise UsageError(
            f"this is {kind}, not a spec",
            where=clean(str(path)),
            hint="envbench verify compares an environment with it; an environment.lock.yml"
            " is both a lock and a spec",
        )
    source = SpecText(found.text, path=clean(str(path)), has_bom=found.has_bom)
    return _check(source, describe_context(settings, platform))


def check_text(
    text: str,
    path: str,
    settings: Settings,
    *,
    platform: str = "linux-64",
    has_bom: bool = False,
) -> TextReport:
    """Check a text that need not be on disk; nothing is raised, whatever the text.

    Args:
        text: As it would be saved, line ends included.
        path: How messages name the file.
        settings: Channels and consents that the checks ask for.
        platform: The platform that the spec is meant for.
        has_bom: Whether it will be saved with a byte order mark.
    """
    return check_with(text, path, describe_context(settings, platform), has_bom=has_bom)


def check_with(text: str, path: str, context: CheckContext, *, has_bom: bool = False) -> TextReport:
    """Check a text as `check_text` does; for many texts, the context is made once."""
    report = _check(SpecText(text, clean(path), has_bom), context)
    counts = Counter(problem.severity for problem in report.problems)
    spec = report.spec
    return TextReport(
        path=report.path,
        sha256=report.sha256,
        name=(spec.name or "") if spec is not None else "",
        is_spec=spec is not None,
        problems=report.problems,
        errors=counts[Severity.ERROR],
        warnings=counts[Severity.WARNING],
        meanings=_say_lines(spec) if spec is not None else (),
        other_kind=find_other_kind(text),
    )


def find_other_kind(text: str) -> str:
    """Name the kind of lock that a text is; empty when it may be a spec."""
    return next((kind for kind, mark in _LOCKS.items() if mark.search(text)), "")


def _check(source: SpecText, context: CheckContext) -> SpecReport:
    parsed = check_spec_text(source, context)
    digest = hashlib.sha256(_to_bytes(source)).hexdigest()
    return SpecReport(source.path, digest, parsed.problems, parsed.spec)


def _to_bytes(source: SpecText) -> bytes:
    # Half a surrogate pair may come from a clipboard; it is a problem of the text, not a crash.
    mark = codecs.BOM_UTF8 if source.has_bom else b""
    return mark + source.text.encode("utf-8", "surrogatepass")


def _say_lines(spec: EnvironmentSpec) -> tuple[LineMeaning, ...]:
    found = [
        LineMeaning(item.span.line, say_match(item.match))
        for item in spec.dependencies
        if item.match is not None
    ]
    found += [
        LineMeaning(item.span.line, say_pip(classify_pip_item(item.text))) for item in spec.pip
    ]
    return tuple(sorted(found, key=lambda meaning: meaning.line))


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
