"""The pip section: what its items are, and how they go with the conda dependencies."""

import re
from collections.abc import Iterator

from packaging.utils import canonicalize_name

from envbench.model.checks.catalogue import make_problem
from envbench.model.checks.conda_versions import list_names
from envbench.model.checks.context import CheckContext
from envbench.model.known_names import pypi_name_of
from envbench.model.pip_lines import (
    MAX_ITEMS,
    PipFlaw,
    PipKind,
    PipLine,
    PipVerdict,
    classify_pip_item,
)
from envbench.model.problem import Problem
from envbench.model.redaction import redact, redact_url, split_url_secrets
from envbench.model.spec import EnvironmentSpec, PipItem


def check_pip_items(spec: EnvironmentSpec, context: CheckContext) -> Iterator[Problem]:
    """Judge each item (EB302, EB304 to EB308, EB311, EB312, EB406, EB407)."""
    if len(spec.pip) > MAX_ITEMS:
        message = f"the pip section has {len(spec.pip):,} items; the limit is {MAX_ITEMS:,}"
        yield make_problem("EB312", message, spec.pip_span)
        return
    for item in spec.pip:
        line = classify_pip_item(item.text)
        if line.verdict is PipVerdict.REFUSED:
            yield _refusal(item, line)
            continue
        if line.verdict is PipVerdict.CONSENT and not line.is_allowed(context.allowed_pip):
            yield _consent(item, line, context)
        yield from _warnings(item, line)


def _shown(line: PipLine) -> str:
    """Show the item without the secrets of its address, whose password may hold anything."""
    if line.target and line.target in line.text:
        return line.text.replace(line.target, redact_url(line.target))
    return redact(line.text)


def _refusal(item: PipItem, line: PipLine) -> Problem:
    shown = _shown(line)
    if PipFlaw.VARIABLE in line.flaws:
        hint = "write the text itself; credentials belong to the credential store"
        return make_problem("EB306", f"`{shown}`: {line.reason}", item.span, hint)
    if PipFlaw.HASH_WITHOUT_VERSION in line.flaws:
        return make_problem("EB311", f"`{shown}`: {line.reason}", item.span, "pin with `==`")
    if line.kind is PipKind.INVALID:
        return make_problem(
            "EB302", f"`{shown}`: {line.reason}", item.span, _requirement_hint(line)
        )
    option = re.search(r"(?:^|\s)(--?[A-Za-z][\w-]*)", line.text)
    setting = _INDEX_SETTINGS.get(option[1]) if option else None
    hint = "remove the line" if line.text.startswith("-") else "remove the option"
    if setting:
        hint += f", and set `{setting}` (envbench config --explain)"
    return make_problem("EB305", line.reason, item.span, hint)


_INDEX_SETTINGS = {
    "-i": "pip.index_url",
    "--index-url": "pip.index_url",
    "--extra-index-url": "pip.extra_index_urls",
    "-f": "pip.find_links",
    "--find-links": "pip.find_links",
    "--no-index": "pip.no_index",
}
"""Options of pip, and the settings that have their place here."""


def _requirement_hint(line: PipLine) -> str:
    if re.match(r"[\w.-]+(?:\[[^\]]*\])?\s*=\s*[0-9]", line.text):
        return "pip writes an exact version with two equals signs: `name==1.2`"
    if "::" in line.text:
        return "channels are conda's; move the line to the conda dependencies"
    return ""


def _consent(item: PipItem, line: PipLine, context: CheckContext) -> Problem:
    missing = sorted(kind.value for kind in line.needs - context.allowed_pip)
    kinds = " and ".join(f"`{kind}`" for kind in missing)
    message = f"`{_shown(line)}` needs your consent: {line.reason}"
    hint = (
        f"allow pip items of the kind {kinds}: `pip.allow` in the settings, or"
        f" ENVBENCH_PIP_ALLOW={','.join(missing)} for one call"
    )
    return make_problem("EB304", message, item.span, hint)


def _warnings(item: PipItem, line: PipLine) -> Iterator[Problem]:
    shown = _shown(line)
    if PipFlaw.NO_COMMIT in line.flaws:
        hint = "write `@` and the full commit behind the address, in place of a branch or a tag"
        yield make_problem("EB307", f"`{shown}` names no commit", item.span, hint)
    if PipFlaw.NO_HASH in line.flaws:
        yield make_problem("EB308", f"`{shown}` carries no hash", item.span, "append `#sha256=...`")
    if PipFlaw.UNENCRYPTED in line.flaws:
        yield make_problem("EB407", f"`{shown}` is fetched over http", item.span, "use https")
    if line.target and split_url_secrets(line.target)[1] is not None:
        yield make_problem(
            "EB406", f"`{shown}` holds a secret", item.span, "use netrc or a keyring instead"
        )


def check_pip_itself(spec: EnvironmentSpec, context: CheckContext) -> Iterator[Problem]:
    """Find a pip section without pip among the conda dependencies (EB301)."""
    names = {i.match.name for i in spec.dependencies_on(context.platform) if i.match}
    if spec.pip and "pip" not in names:
        message = "there is a pip section, but `pip` is not among the conda dependencies"
        yield make_problem("EB301", message, spec.pip_span, "add `pip` before it")


def check_both(spec: EnvironmentSpec, context: CheckContext) -> Iterator[Problem]:
    """Find packages asked for by conda and by pip, under whatever name (EB303)."""
    owned = {
        pypi_name_of(i.match.name): i
        for i in spec.dependencies_on(context.platform)
        if i.match is not None
    }
    for item in spec.pip:
        if item.requirement is None:
            continue
        conda = owned.get(canonicalize_name(item.requirement.name))
        if conda is None or conda.match is None:
            continue
        name = item.requirement.name
        other = "" if conda.match.name == canonicalize_name(name) else f" as `{conda.match.name}`"
        message = f"`{name}` is installed by conda{other} too (line {conda.span.line})"
        yield make_problem("EB303", message, item.span, "keep the conda line only")


def check_pip_duplicates(spec: EnvironmentSpec, context: CheckContext) -> Iterator[Problem]:
    """Find requirements that stand twice; different markers are different requirements (EB309)."""
    del context
    first: dict[tuple[str, str], PipItem] = {}
    for item in spec.pip:
        if item.requirement is None:
            continue
        key = (canonicalize_name(item.requirement.name), str(item.requirement.marker or ""))
        earlier = first.setdefault(key, item)
        if earlier is not item:
            message = f"`{item.requirement.name}` is listed again (line {earlier.span.line})"
            yield make_problem("EB309", message, item.span, "keep one of the lines")


def check_pip_unpinned(spec: EnvironmentSpec, context: CheckContext) -> Iterator[Problem]:
    """Count the requirements without a version (EB310)."""
    del context
    named = [i for i in spec.pip if i.requirement is not None and i.requirement.url is None]
    loose = [i for i in named if i.requirement and not i.requirement.specifier]
    if loose:
        names = list_names([i.requirement.name for i in loose if i.requirement])
        have = "has" if len(loose) == 1 else "have"
        message = f"{len(loose)} of {len(named)} pip packages {have} no version: {names}"
        yield make_problem("EB310", message, loose[0].span)
