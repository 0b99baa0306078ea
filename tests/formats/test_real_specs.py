"""The specs of public repositories: each gives a spec, or a problem that names its line."""

import time
from pathlib import Path

import pytest

from envbench.formats.environment_yml import check_text
from envbench.formats.spec_edits import add_channel, add_dependency, add_pip_requirement
from envbench.model.checks import CheckContext
from envbench.model.errors import UsageError
from envbench.model.spec import SpecText

SPECS = Path(__file__).resolve().parents[2].parent / "shared" / "data" / "specs"
PATHS = sorted(SPECS.glob("*.y*ml"))

pytestmark = pytest.mark.skipif(not PATHS, reason="the real specs are not here")


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.name[:40])
def test_a_real_spec(path):
    source = SpecText.from_decoded(path.read_bytes().decode(), path.name)
    start = time.perf_counter()
    parsed = check_text(source, CheckContext())
    assert time.perf_counter() - start < 1
    assert parsed.spec is not None or any(p.span for p in parsed.errors)
    for problem in parsed.problems:
        assert problem.message.isprintable()
        if problem.span:
            assert problem.span.line <= source.text.count("\n") + 1
        if problem.edit:
            assert problem.edit.apply(source.text) != source.text


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.name[:40])
def test_a_real_spec_can_be_edited(path):
    source = SpecText.from_decoded(path.read_bytes().decode(), path.name)
    for edit in (
        add_dependency(source, "newcomer>=1,<2"),
        add_pip_requirement(source, "newcomer==1"),
        add_channel(source, "newcomer"),
    ):
        after = edit.apply(source.text)
        left = iter(after.splitlines())
        # Every row is still there, in order; a flow list is the one row that may have changed.
        changed = [row for row in source.text.splitlines() if not any(row == r for r in left)]
        assert len(changed) <= (1 if "[" in "".join(changed) else 0), changed


def test_there_are_as_many_as_there_should_be():
    assert len(PATHS) == 106


def test_an_edit_that_fails_says_so():
    with pytest.raises(UsageError):
        add_dependency(SpecText("- a\n"), "b")
