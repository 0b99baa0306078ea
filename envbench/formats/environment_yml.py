"""Reading and checking an `environment.yml`: text in, values and problems out.

Source: CEP 24 (environment.yml).
"""

from envbench.formats.guarded_yaml import GuardedYaml, read_guarded
from envbench.formats.silencing import Silencing, read_silencing
from envbench.formats.spec_mends import attach_mends
from envbench.formats.spec_parsing import parse_spec, read_document, without_mark
from envbench.model.checks import CheckContext, check_spec, sort_problems
from envbench.model.spec import ParsedSpec, SpecText

__all__ = ["check_text", "parse_spec"]


def check_text(source: SpecText, context: CheckContext) -> ParsedSpec:
    """Read the text of a spec and run all checks over it.

    Problems that a comment silences are left out; the rest is sorted by place, with edits that mend
    them where one is certain. Nothing is raised, whatever the text.
    """
    source = without_mark(source)
    document = read_guarded(source.text)
    spec, problems = read_document(source, document)
    silencing = _silencing(document)
    found = [*problems, *silencing.problems]
    if spec is not None:
        found += check_spec(spec, context)
    kept = sort_problems(problem for problem in found if silencing.keeps(problem))
    return ParsedSpec(spec, attach_mends(spec, kept) if spec is not None else kept)


def _silencing(document: GuardedYaml) -> Silencing:
    root = document.root
    first_key = root.span.start if root is not None else None
    return read_silencing(document.comments, document.lines, first_key)
