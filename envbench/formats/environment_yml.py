"""Reading an `environment.yml`: text in, values and problems out.

Source: CEP 24 (environment.yml).
"""

from dataclasses import replace

from envbench.formats.guarded_yaml import GuardedYaml, read_guarded
from envbench.formats.silencing import Silencing, read_silencing
from envbench.formats.spec_reader import SpecReader
from envbench.formats.yaml_tree import Mapping
from envbench.model.checks import CheckContext, check_spec, make_problem, sort_problems
from envbench.model.problem import Problem
from envbench.model.spec import BYTE_ORDER_MARK, EnvironmentSpec, ParsedSpec, SpecText


def parse_spec(source: SpecText) -> ParsedSpec:
    """Read the text of a spec.

    Args:
        source: Any text, hostile ones included; a byte order mark that is still in it is dropped.

    Returns:
        The spec, unless the text is no mapping at all, and the problems of syntax and schema,
        sorted by place. Nothing is raised, whatever the text.
    """
    source = _without_mark(source)
    spec, problems = _read(source, read_guarded(source.text))
    return ParsedSpec(spec, sort_problems(problems))


def check_text(source: SpecText, context: CheckContext) -> ParsedSpec:
    """Read the text of a spec and run all checks over it.

    Problems that a comment silences are left out; the rest is sorted by place, with edits that mend
    them where one is certain.
    """
    source = _without_mark(source)
    document = read_guarded(source.text)
    spec, problems = _read(source, document)
    silencing = _silencing(document)
    found = [*problems, *silencing.problems]
    if spec is not None:
        found += check_spec(spec, context)
    return ParsedSpec(spec, sort_problems(p for p in found if silencing.keeps(p)))


def _without_mark(source: SpecText) -> SpecText:
    if not source.text.startswith(BYTE_ORDER_MARK):
        return source
    return replace(source, text=source.text[1:], has_bom=True)


def _read(source: SpecText, document: GuardedYaml) -> tuple[EnvironmentSpec | None, list[Problem]]:
    problems = list(document.problems)
    root = document.root
    if isinstance(root, Mapping):
        reader = SpecReader(source, document)
        spec = reader.read(root)
        return spec, problems + reader.problems
    if root is not None:
        message = "the file must be a mapping of keys such as `name:` and `dependencies:`"
        place = document.lines.span(root.span.start, min(root.span.end, root.span.start + 1))
        problems.append(make_problem("EB107", message, place))
    elif not problems:
        place = document.lines.span(0, 0)
        problems.append(make_problem("EB107", "the file is empty", place))
    return None, problems


def _silencing(document: GuardedYaml) -> Silencing:
    root = document.root
    first_key = root.span.start if root is not None else None
    return read_silencing(document.comments, document.lines, first_key)
