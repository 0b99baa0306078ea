"""Edits of specs by example; the laws are in tests/property."""

import pytest

from envbench.formats.environment_yml import check_text, parse_spec
from envbench.formats.sequence_edits import LayoutError, write_scalar
from envbench.formats.spec_edits import (
    add_channel,
    add_dependency,
    add_pip_requirement,
    edit_between,
    move_to_conda,
    move_to_pip,
    relax_pin,
    remove_dependency,
    remove_pip_requirement,
    set_pin,
    set_pip_pin,
)
from envbench.formats.yaml_tree import ScalarStyle
from envbench.model.checks import CheckContext
from envbench.model.errors import UsageError
from envbench.model.spec import SpecText

TEXT = """\
name: x   # keep
channels: [conda-forge]

dependencies:
    # why python
  - python=3.11  # py
  - 'numpy=1.23.*'
  - pytorch::pytorch=2.0=cuda*
  - openmc=0.15.0[build=dagmc_nompi_*]
  - pip
  - pip:
      - rich  # pretty
      - "torch-geometric[full]==2.4; sys_platform == 'linux'"
"""


def edited(make, *args, text=TEXT, **options):
    return make(SpecText(text), *args, **options).apply(text)


def swap(old, new, text=TEXT):
    assert text.count(old) == 1
    return text.replace(old, new)


@pytest.mark.parametrize(
    ("name", "constraint", "old", "new"),
    [
        ("python", "3.12", "python=3.11 ", "python=3.12 "),
        ("python", ">=3.10,<3.13", "python=3.11 ", "python>=3.10,<3.13 "),
        ("numpy", "=1.26.*", "'numpy=1.23.*'", "'numpy=1.26.*'"),
        ("numpy", "", "'numpy=1.23.*'", "'numpy'"),
        ("pytorch", "=2.1", "pytorch::pytorch=2.0=cuda*", "pytorch::pytorch=2.1"),
        ("openmc", "==0.15.1", "openmc=0.15.0[build=dagmc_nompi_*]", "openmc==0.15.1"),
        ("pip", ">=24", "- pip\n", "- pip>=24\n"),
        ("PIP", ">=24", "- pip\n", "- pip>=24\n"),
    ],
)
def test_set_pin(name, constraint, old, new):
    assert edited(set_pin, name, constraint) == swap(old, new)


def test_relax_pin():
    assert edited(relax_pin, "pytorch") == swap("pytorch::pytorch=2.0=cuda*", "pytorch::pytorch")


def test_the_title_says_what_is_done():
    assert set_pin(SpecText(TEXT), "numpy", "=1.26.*").title == "pin numpy to 1.26.*"
    assert relax_pin(SpecText(TEXT), "numpy").title == "unpin numpy"


def test_a_package_listed_twice_is_named_by_its_line():
    text = "dependencies:\n- a>=1\n- a<3\n"
    with pytest.raises(UsageError, match="more than once") as caught:
        set_pin(SpecText(text), "a", "=2")
    assert "lines 2, 3" in str(caught.value)
    assert edited(set_pin, "a", "<2", line=3, text=text) == "dependencies:\n- a>=1\n- a<2\n"
    assert edited(remove_dependency, "a", line=2, text=text) == "dependencies:\n- a<3\n"


@pytest.mark.parametrize("constraint", ["=>1", "[version", " 1 2 [x]", "::x", "=1\n- evil", "#x"])
def test_constraints_that_are_none_are_refused(constraint):
    with pytest.raises(UsageError):
        set_pin(SpecText(TEXT), "numpy", constraint)


def test_set_pip_pin_keeps_extras_and_marker():
    after = edited(set_pip_pin, "torch_geometric", "==2.5")
    assert "\"torch-geometric[full]==2.5; sys_platform == 'linux'\"" in after or (
        'torch-geometric[full]==2.5; sys_platform == \\"linux\\"' in after
    )
    assert edited(set_pip_pin, "rich", ">=13") == swap("- rich  #", "- rich>=13  #")


def test_add_and_remove():
    assert edited(add_dependency, "scipy>=1,<2") == swap("- pip\n", "- pip\n  - scipy>=1,<2\n")
    assert edited(add_dependency, "conda-forge::scipy=1[build=x*]") == swap(
        "- pip\n", "- pip\n  - conda-forge::scipy=1[build=x*]\n"
    )
    assert edited(remove_dependency, "python") == swap("  - python=3.11  # py\n", "")
    assert edited(remove_pip_requirement, "rich") == swap("      - rich  # pretty\n", "")
    assert edited(add_pip_requirement, "einops") == TEXT + "      - einops\n"


def test_moving():
    moved = edited(move_to_pip, "pytorch")
    assert moved == swap("  - pytorch::pytorch=2.0=cuda*\n", "") + "      - torch==2.0\n"
    back = edited(move_to_conda, "torch", text=moved)
    assert back == swap("  - pytorch::pytorch=2.0=cuda*\n", "").replace(
        "- pip\n", "- pip\n  - pytorch==2.0\n"
    )
    with pytest.raises(UsageError, match="match spec"):
        move_to_conda(SpecText(TEXT), "torch-geometric")
    assert "  - pyg=2.4\n" in edited(move_to_conda, "torch-geometric", "pyg=2.4")
    either = "dependencies: ['a=1|=2']\n"
    with pytest.raises(UsageError, match="requirement"):
        move_to_pip(SpecText(either), "a")


def test_the_last_pip_item_takes_the_section_along():
    text = "dependencies:\n- a\n- pip:\n  - rich\n"
    assert edited(remove_pip_requirement, "rich", text=text) == "dependencies:\n- a\n"


def test_channels():
    assert edited(add_channel, "nvidia") == swap("[conda-forge]", "[conda-forge, nvidia]")
    assert edited(add_channel, "nvidia", first=True) == swap(
        "[conda-forge]", "[nvidia, conda-forge]"
    )
    with pytest.raises(UsageError, match="already"):
        add_channel(SpecText(TEXT), "conda-forge")
    without = "name: x  # n\r\ndependencies:\r\n- a\r\n"
    after = edited(add_channel, "https://h.org/c", text=without)
    assert after == without.replace("# n\r\n", '# n\r\nchannels:\r\n  - "https://h.org/c"\r\n')


def test_a_missing_key_is_made():
    assert edited(add_dependency, "a=1", text="name: x") == "name: x\ndependencies:\n  - a=1\n"


@pytest.mark.parametrize(
    ("make", "args"),
    [
        (add_dependency, ("numpy>=2",)),
        (add_dependency, ("pytorch",)),
        (add_dependency, ("-c conda-forge",)),
        (add_dependency, ("a # b",)),
        (add_dependency, ("a=>1",)),
        (add_pip_requirement, ("Rich==1",)),
        (add_pip_requirement, ("--pre",)),
        (add_pip_requirement, ("x\n- y",)),
        (set_pin, ("scipy", "=1")),
        (remove_dependency, ("rich",)),
        (remove_pip_requirement, ("numpy",)),
    ],
)
def test_what_is_refused(make, args):
    with pytest.raises(UsageError):
        make(SpecText(TEXT), *args)


@pytest.mark.parametrize(
    "text",
    [
        "dependencies:\n  -\n    a\n",
        "dependencies:\n- &x a\n",
        "dependencies: [a, # why\n  b]\n",
        "{dependencies: {a: b}}",
    ],
)
def test_unusual_layouts_are_refused_in_plain_words(text):
    with pytest.raises(UsageError) as caught:
        remove_dependency(SpecText(text, "f.yml"), "a")
    assert "f.yml" in str(caught.value)


def test_a_flow_list_over_several_rows():
    text = "dependencies: [\n  a=1,\n  b=2,\n]\n"
    assert edited(set_pin, "a", "=2", text=text) == text.replace("a=1", "a=2")
    assert edited(add_dependency, "c", text=text) == "dependencies: [\n  a=1,\n  b=2, c,\n]\n"
    assert edited(remove_dependency, "b", text=text) == "dependencies: [\n  a=1,\n]\n"


@pytest.mark.parametrize("style", list(ScalarStyle))
@pytest.mark.parametrize("flow", [True, False])
@pytest.mark.parametrize(
    "text",
    ["a", "a>=1,<2", "3.10", "no", "a: b", "it's", 'say "x"', "back\\slash", "a::b", "[x]", "*"],
)
def test_written_scalars_are_read_as_they_were(style, flow, text):
    written = write_scalar(text, flow=flow, style=style)
    whole = f"dependencies: [{written}]\n" if flow else f"dependencies:\n- {written}\n"
    assert parse_spec(SpecText(whole)).spec.dependencies[0].text == text


def test_scalars_that_no_line_can_hold():
    for text in ("a\nb", "a\x1bb", "a\x85b"):
        with pytest.raises(LayoutError):
            write_scalar(text, flow=False)


def test_edit_between_touches_only_what_differs():
    old, new = "a\nb\nc\n", "a\nx\nc\nd\n"
    edit = edit_between(old, new, "t")
    assert edit.apply(old) == new
    assert len(edit.replacements) == 2


def test_every_offered_edit_mends_its_problem():
    text = (
        "channels:\n- defaults\n- conda-forge\ndependencies:\n- python\n- sklearn\n- rust =>1\n"
        "- numpy >=1 <2\n- a=1\n- a=1\n- nvidia::b=1\n- pip:\n  - a\n- 3.10\nprefix: /x\nchanels: x\n"
    )
    problems = check_text(SpecText(text), CheckContext()).problems
    offered = [p for p in problems if p.edit is not None]
    assert {p.code for p in offered} >= {"EB109", "EB113", "EB201", "EB203", "EB205", "EB210"}
    for problem in offered:
        after = problem.edit.apply(text)
        left = check_text(SpecText(after), CheckContext()).problems
        before = sum(p.code == problem.code for p in problems)
        assert sum(p.code == problem.code for p in left) < before, problem
