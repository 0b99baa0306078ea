"""Conda dependencies: names, match specs, and lines that mean something else than they say."""

import re
from collections.abc import Iterator

from packaging.utils import canonicalize_name

from envbench.model.checks.catalogue import make_problem
from envbench.model.checks.context import CheckContext
from envbench.model.checks.mending import replace_inside, rewrite_scalar
from envbench.model.cleaning import describe_characters
from envbench.model.known_names import NOT_IN_CONDA
from envbench.model.matchspec import MatchSpecError, parse_match_spec, strip_comment
from envbench.model.problem import Problem
from envbench.model.redaction import redact_url, split_url_secrets
from envbench.model.spec import CondaDependency, EnvironmentSpec, SelectorStyle

_BUILD = re.compile(r"[A-Za-z0-9_.+*|^$()\[\]-]*")
_WRONG_ORDER = {"=>": ">=", "=<": "<=", "=~": "~=", "=!": "!="}


def check_match_specs(spec: EnvironmentSpec, context: CheckContext) -> Iterator[Problem]:
    """Find lines that are no match specs (EB201, EB202, EB204, EB116)."""
    del context
    for item in spec.dependencies:
        if item.text.lstrip().startswith("-"):
            yield _option_problem(item)
        elif item.match is None:
            # Text that was cleaned while it was read has its own problem already.
            problem = None if "\ufffd" in item.text else _match_problem(spec, item)
            if problem is not None:
                yield problem


def _option_problem(item: CondaDependency) -> Problem:
    hint = "a dependency is written as `name` or `name=version`"
    if re.match(r"-c\b|--channel\b", item.text):
        hint = "list the channel under `channels:`"
    elif re.match(r"-(?:e|r|i)\b|--(?:extra-)?index-url|--editable", item.text):
        hint = "options of pip do not belong among the conda dependencies"
    return make_problem("EB204", f"`{item.text}` is an option, not a package", item.span, hint)


def _match_problem(spec: EnvironmentSpec, item: CondaDependency) -> Problem | None:
    try:
        parse_match_spec(item.text)
    except MatchSpecError as error:
        reason = str(error)
    else:
        return None
    if "{{" in item.text or "}}" in item.text:
        return make_problem("EB116", f"`{item.text}` holds an unfilled placeholder", item.span)
    name = re.split(r"[\s=<>!~\[]", item.text.rpartition("::")[2].strip(), maxsplit=1)[0]
    if re.match(r"(?:git|hg|svn)\+|https?://", item.text) or " @ " in item.text:
        hint = "move it to the `pip:` list"
        return make_problem("EB201", f"`{redact_url(item.text)}` is no match spec", item.span, hint)
    odd = describe_characters(name)
    if odd:
        return make_problem("EB202", f"the name `{name}` holds {odd}", item.span)
    return _syntax_problem(spec, item, reason)


def _syntax_problem(spec: EnvironmentSpec, item: CondaDependency, reason: str) -> Problem:
    extras = re.fullmatch(r"([A-Za-z0-9._-]+)\[[A-Za-z0-9._,\s-]*\](.*)", item.text)
    hint, edit = "", None
    if extras:
        hint = "conda packages have no extras; leave them out or move the line to the `pip:` list"
        reason = "the brackets hold no `key=value`"
    for wrong, right in _WRONG_ORDER.items():
        if wrong in item.text:
            hint = f"did you mean `{right}`?"
            edit = replace_inside(spec.source, item.span, wrong, right, f"write `{right}`")
    if re.search(r"[;@]", item.text) and not hint:
        hint = "markers and addresses are pip's; conda knows neither"
    return make_problem("EB201", f"`{item.text}`: {reason}", item.span, hint, edit)


def check_misread_lines(spec: EnvironmentSpec, context: CheckContext) -> Iterator[Problem]:
    """Find lines that are read otherwise than they were meant (EB205, EB206, EB207, EB214, EB215)."""
    del context
    for item in spec.dependencies:
        if item.match is None or item.text.lstrip().startswith("-"):
            continue
        yield from _build_problems(spec, item)
        yield from _version_problems(item)
        if any(key == "namespace" for key, _ in item.match.brackets):
            name = item.match.name
            message = f"`{item.text}` holds a single colon; it asks for the package `{name}`"
            hint = "a channel is written with two: `channel::name`"
            if name[0].isdigit():
                hint = "a version is written behind an equals sign: `name=version`"
            yield make_problem("EB214", message, item.span, hint)


def _build_problems(spec: EnvironmentSpec, item: CondaDependency) -> Iterator[Problem]:
    match = item.match
    if match is None or match.build is None:
        return
    if _BUILD.fullmatch(match.build):
        yield from _ambiguous(item)
        return
    understood = f"package `{match.name}`, version `{match.version}`, build `{match.build}`"
    hint, edit = "write one package a line", None
    if re.match(r"=\s*[^<>=!~\s]", match.build):
        compact = re.sub(r"\s*=\s*", "=", item.text)
        hint = f"write `{compact}`, without blanks"
        edit = rewrite_scalar(spec.source, item.span, item.text, compact, "remove the blanks")
    elif re.match(r"[<>=!~]", match.build):
        hint = "join constraints with a comma"
        gap = re.search(r"\s+(?=" + re.escape(match.build) + r"\s*$)", item.text)
        if gap:
            edit = replace_inside(
                spec.source, item.span, gap[0] + match.build, f",{match.build}", "join with a comma"
            )
    elif ";" in match.build:
        hint = "markers are pip's; conda knows none"
    yield make_problem("EB205", f"`{item.text}` is read as {understood}", item.span, hint, edit)


def _ambiguous(item: CondaDependency) -> Iterator[Problem]:
    fuzzy = re.search(
        r"(?<![=<>!~])=\s*(?P<version>[^\s=<>!~,|*]+)\s+(?P<build>\S+)$", strip_comment(item.text)
    )
    if fuzzy:
        yield make_problem(
            "EB207",
            f"`{item.text}`: some readers take exactly {fuzzy['version']}, others {fuzzy['version']}.*",
            item.span,
            f"write `={fuzzy['version']}.*={fuzzy['build']}` or `=={fuzzy['version']}={fuzzy['build']}`",
        )


def _version_problems(item: CondaDependency) -> Iterator[Problem]:
    match = item.match
    if match is None or match.version is None:
        return
    word = match.version.lstrip("=<>!~").removesuffix(".*")
    if not re.search(r"[0-9]", match.version) and word != "*":
        yield make_problem(
            "EB206",
            f"`{item.text}` asks for the version `{word}` of `{match.name}`",
            item.span,
            "leave the version out to get the newest one" if word == "latest" else "",
        )
    terms = re.split(r"[,|()]", match.version)
    for starred in re.findall(r"==\s*([0-9][0-9A-Za-z._!+-]*?)\.?\*", item.text):
        if f"=={starred.lower()}" in terms:
            yield make_problem(
                "EB215",
                f"`{item.text}` is read as `{match.version}`: the `*` is lost",
                item.span,
                f"write `{starred}.*`, without the equals signs",
            )


def check_known_names(spec: EnvironmentSpec, context: CheckContext) -> Iterator[Problem]:
    """Find PyPI names in conda lines (EB210)."""
    del context
    for item in spec.dependencies:
        name = item.match.name if item.match else ""
        better = NOT_IN_CONDA.get(canonicalize_name(name)) if name else None
        if better is None:
            continue
        written = re.search(re.escape(name), item.text.rpartition("::")[2], re.IGNORECASE)
        edit = None
        if written:
            changed = item.text[::-1].replace(written[0][::-1], better[::-1], 1)[::-1]
            edit = rewrite_scalar(spec.source, item.span, item.text, changed, f"write `{better}`")
        yield make_problem(
            "EB210",
            f"conda channels call `{name}` `{better}`",
            item.span,
            f"did you mean `{better}`?",
            edit,
        )


def check_selectors(spec: EnvironmentSpec, context: CheckContext) -> Iterator[Problem]:
    """Find lines that are marked for some platforms (EB211, EB212).

    That conda does not understand `sel(...)` is told once; each line that is left out is named.
    """
    told = False
    for item in spec.dependencies:
        selector = item.selector
        if selector is None:
            continue
        if selector.style is SelectorStyle.COMMENT:
            message = (
                f"`# [{selector.expression}]` is a comment: the line counts on {context.platform}"
            )
            yield make_problem("EB212", message, selector.span)
        elif item.applies_to(context.platform):
            message = f"`sel({selector.expression}):` is understood here, but not by conda"
            if not told:
                yield make_problem("EB211", message, selector.span)
            told = True
        else:
            message = (
                f"`sel({selector.expression}):` leaves `{item.text}` out on {context.platform}"
            )
            yield make_problem("EB211", message, selector.span)


def check_archives(spec: EnvironmentSpec, context: CheckContext) -> Iterator[Problem]:
    """Find packages that are named by the address of their archive (EB213, EB406)."""
    del context
    for item in spec.dependencies:
        urls = [value for key, value in item.match.brackets if key == "url"] if item.match else []
        if urls:
            shown = redact_url(urls[0])
            yield make_problem("EB213", f"`{shown}` is taken as it is", item.span)
            if split_url_secrets(urls[0])[1] is not None:
                hint = "move it to the credential store, then renew it"
                yield make_problem("EB406", f"`{shown}` holds a secret", item.span, hint)
