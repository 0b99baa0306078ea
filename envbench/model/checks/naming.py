"""Name, prefix and platforms."""

import difflib
from collections.abc import Iterator

from envbench.model.checks.catalogue import make_problem
from envbench.model.checks.context import CheckContext
from envbench.model.names import broken_name_rule, is_reserved_name
from envbench.model.problem import Edit, Problem, Replacement
from envbench.model.spec import EnvironmentSpec

PLATFORMS = (
    "linux-64",
    "linux-aarch64",
    "linux-ppc64le",
    "linux-s390x",
    "linux-riscv64",
    "linux-32",
    "linux-armv6l",
    "linux-armv7l",
    "osx-64",
    "osx-arm64",
    "win-64",
    "win-32",
    "win-arm64",
)


def check_name(spec: EnvironmentSpec, context: CheckContext) -> Iterator[Problem]:
    """Judge the name (EB501, EB502, EB504); a hidden character in it is told elsewhere."""
    del context
    if spec.name is None:
        hint = "add `name:`, or give a name when you build"
        yield make_problem("EB504", "the file gives no name", spec.name_span, hint)
        return
    rule = broken_name_rule(spec.name)
    if rule is None:
        return
    code = "EB502" if is_reserved_name(spec.name) else "EB501"
    shown = spec.name if len(spec.name) <= 60 else f"{spec.name[:60]}..."
    yield make_problem(code, f"`{shown}`: {rule}", spec.name_span, "choose another name")


def check_prefix(spec: EnvironmentSpec, context: CheckContext) -> Iterator[Problem]:
    """Find a prefix, which is never used (EB503)."""
    del context
    if spec.prefix_span is None:
        return
    message = f"`prefix: {spec.prefix or ''}` is ignored"
    yield make_problem("EB503", message, spec.prefix_span, "remove it", _remove_line(spec))


def _remove_line(spec: EnvironmentSpec) -> Edit | None:
    """Offer to remove the line of the prefix, when it has one of its own."""
    text, span = spec.source.text, spec.prefix_span
    if span is None or span.column != 1 or "\n" in text[span.start : span.end]:
        return None
    end = text.find("\n", span.end)
    end = len(text) if end < 0 else end + 1
    if text[span.end : end].strip():
        return None
    return Edit("remove `prefix`", (Replacement(span.start, end, ""),))


def check_platforms(spec: EnvironmentSpec, context: CheckContext) -> Iterator[Problem]:
    """Judge `platforms` (EB509)."""
    if not spec.platforms:
        return
    for platform in spec.platforms:
        if platform not in PLATFORMS:
            close = difflib.get_close_matches(platform, PLATFORMS, n=1)
            hint = f"did you mean `{close[0]}`?" if close else ""
            message = f"`{platform}` is no platform"
            yield make_problem("EB509", message, spec.platforms_span, hint)
    if context.platform not in spec.platforms:
        message = f"`{context.platform}` is not among the platforms of this file"
        yield make_problem("EB509", message, spec.platforms_span)
