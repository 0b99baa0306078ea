"""One item of a spec as the fields of a form, and back into the text."""

from dataclasses import replace

from envbench.formats.item_edits import SpecItem, find_item, replace_item
from envbench.formats.item_texts import require_channel, write_conda, write_requirement
from envbench.formats.spec_edits import add_channel, add_dependency, add_pip_requirement
from envbench.model.channel_names import read_channel
from envbench.model.cleaning import clean
from envbench.model.dependency_meaning import say_match, say_pip
from envbench.model.errors import UsageError
from envbench.model.item_kind import ItemKind
from envbench.model.matchspec import MatchSpec, MatchSpecError, parse_match_spec
from envbench.model.names import require_environment_name
from envbench.model.pip_lines import PipKind, classify_pip_item
from envbench.model.problem import Edit
from envbench.model.redaction import redact_url
from envbench.model.spec import SpecText
from envbench.workbench.values.dependency_form import DependencyForm as DependencyForm

__all__ = ["DependencyForm", "ItemKind", "describe_dependency", "write_dependency"]


def describe_dependency(text: str, line: int) -> DependencyForm:
    """Take the item on a line apart; a line without one has the kind `other`.

    Args:
        text: The whole spec.
        line: 1-based.

    Raises:
        UsageError: The text is no YAML, or no mapping.
    """
    item = find_item(SpecText.from_decoded(text), line)
    describe = {ItemKind.CONDA: _describe_conda, ItemKind.PIP: _describe_pip}.get(item.kind)
    if describe is not None:
        return describe(item)
    if item.kind is ItemKind.CHANNEL:
        return _describe_channel(item)
    base = DependencyForm(kind=item.kind, line=item.line)
    if item.kind is ItemKind.NAME:
        return replace(base, name=item.text, meaning="the name of the environment")
    if item.kind is ItemKind.VARIABLE:
        meaning = "set when the environment is activated"
        return replace(base, name=item.key, meaning=meaning, locked="edit the value in the text")
    return replace(base, locked="no dependency, channel or name stands on this line")


def write_dependency(text: str, path: str, form: DependencyForm, line: int | None = None) -> Edit:
    """Make the edit that puts the fields of a form into a spec, comments and layout kept.

    Args:
        text: The whole spec.
        path: How messages name the file.
        form: Its kind and fields; `line`, `meaning` and `locked` do not count.
        line: The item to be replaced, 1-based; None adds one behind the last of its kind.

    Returns:
        The edit; without replacements when the text says so already.

    Raises:
        UsageError: A field is wrong (`where` is its name), the item is listed already, or the
            layout of the text is not edited.
    """
    source = SpecText.from_decoded(text, clean(path, limit=1000))
    written = _write(form)
    if line is None:
        return _add(source, form.kind, written)
    before = describe_dependency(text, line)
    if before.kind is not form.kind:
        where = f"{source.path}:{line}"
        raise UsageError(f"no {form.kind} item stands on this line any more", where=where)
    if before.locked:
        raise UsageError(
            "the form cannot change this line", where=where_of(before), why=before.locked
        )
    if _fields(before) == _fields(form):
        return Edit("change nothing", ())
    return replace_item(source, line, written)


def where_of(form: DependencyForm) -> str:
    """Name the place of an item."""
    return f"line {form.line}"


def _fields(form: DependencyForm) -> tuple[str, ...]:
    fields = (form.name, form.version, form.build, form.channel, form.extras, form.marker)
    return tuple(field.strip() for field in fields)


def _write(form: DependencyForm) -> str:
    if form.kind is ItemKind.CONDA:
        return write_conda(form.name, form.version, form.build, form.channel)
    if form.kind is ItemKind.PIP:
        return write_requirement(form.name, form.version, form.extras, form.marker)
    if form.kind is ItemKind.CHANNEL:
        require_channel(form.name.strip())
        return form.name.strip()
    if form.kind is ItemKind.NAME:
        return require_environment_name(form.name.strip())
    raise UsageError(f"a form does not write an item of the kind {form.kind}", where="kind")


def _add(source: SpecText, kind: ItemKind, written: str) -> Edit:
    if kind is ItemKind.CONDA:
        return add_dependency(source, written)
    if kind is ItemKind.PIP:
        return add_pip_requirement(source, written)
    if kind is ItemKind.CHANNEL:
        return add_channel(source, written)
    raise UsageError("a spec has one name", where="kind", hint="change the one it has")


def _describe_conda(item: SpecItem) -> DependencyForm:
    base = DependencyForm(kind=item.kind, line=item.line)
    try:
        match = parse_match_spec(item.text)
    except MatchSpecError as fault:
        return replace(base, name=clean(redact_url(item.text), limit=200), locked=str(fault))
    return replace(
        base,
        name=match.name,
        version=match.version or "",
        build=match.build or "",
        channel=redact_url(_place_of(match)),
        meaning=say_match(match),
        locked=_lock_of(match),
    )


def _place_of(match: MatchSpec) -> str:
    return "/".join(part for part in (match.channel, match.subdir) if part)


def _lock_of(match: MatchSpec) -> str:
    if match.channel and read_channel(match.channel).secret is not None:
        return "the channel's address holds a secret: edit it in the text"
    if match.brackets or (match.subdir and not match.channel):
        return "it has conditions in brackets: edit them in the text"
    try:
        written = write_conda(match.name, match.version or "", match.build or "", _place_of(match))
        same = parse_match_spec(written) == match
    except (UsageError, MatchSpecError):
        same = False
    return "" if same else "its fields say less than the line: edit it in the text"


def _describe_pip(item: SpecItem) -> DependencyForm:
    base = DependencyForm(kind=item.kind, line=item.line)
    line = classify_pip_item(item.text)
    found = line.requirement
    if found is None or line.kind is not PipKind.REQUIREMENT or line.hashes:
        shown = found.name if found is not None else clean(redact_url(item.text), limit=200)
        why = "an item with hashes" if line.hashes else line.reason
        return replace(
            base, name=shown, meaning=say_pip(line), locked=f"{why}: edit it in the text"
        )
    return replace(
        base,
        name=found.name,
        version=str(found.specifier),
        extras=",".join(sorted(found.extras)),
        marker=str(found.marker or ""),
        meaning=say_pip(line),
    )


def _describe_channel(item: SpecItem) -> DependencyForm:
    has_secret = read_channel(item.text).secret is not None
    return DependencyForm(
        kind=item.kind,
        line=item.line,
        name=clean(redact_url(item.text), limit=1000),
        meaning="a channel; the first one that has a package is asked for it",
        locked="the address holds a secret: edit it in the text" if has_secret else "",
    )
