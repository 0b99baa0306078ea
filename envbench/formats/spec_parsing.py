"""A text read into a spec: the guard first, then the values.

Source: CEP 24 (environment.yml).
"""

from dataclasses import replace

from envbench.formats.guarded_yaml import GuardedYaml, read_guarded
from envbench.formats.spec_reader import SpecReader
from envbench.formats.yaml_tree import Mapping
from envbench.model.checks import make_problem, sort_problems
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
    source = without_mark(source)
    spec, problems = read_document(source, read_guarded(source.text))
    return ParsedSpec(spec, sort_problems(problems))


def without_mark(source: SpecText) -> SpecText:
    """Drop a byte order mark that is still in the text, and remember it."""
    if not source.text.startswith(BYTE_ORDER_MARK):
        return source
    return replace(source, text=source.text[1:], has_bom=True)


def read_document(
    source: SpecText, document: GuardedYaml
) -> tuple[EnvironmentSpec | None, list[Problem]]:
    """Turn what the guard let through into a spec; the problems come in no particular order."""
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
