"""`envbench why` and `solve --what-if` as people type them, and what their tables look like."""

import pytest

from envbench.cli import what_if_view, why_view
from envbench.model.conflict import Chain, Link, SpecLine
from envbench.model.what_if import Condition, Variant, WhatIfReport
from envbench.model.why import (
    Culprit,
    HeldBack,
    HeldBackReport,
    Release,
    Requirer,
    WhyReport,
)
from tests.channels import index_channel, make_package, make_python
from tests.cli.test_command_line import document, envbench

SPEC = "name: env\nchannels:\n  - {channel}\ndependencies:\n  - python=3.10\n  - app\n  - zlib\n"


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    root = tmp_path_factory.mktemp("why")
    channel = root / "channel"
    for version in ("3.10.1", "3.11.1"):
        make_python(channel, version)
    make_package(channel, "zlib", "1.3")
    make_package(channel, "zlib", "2.0")
    make_package(channel, "app", "1.0", depends=["zlib <2"])
    index_channel(channel)
    (root / "spec.yml").write_text(SPEC.format(channel=channel.as_uri()))
    broken = SPEC.format(channel=channel.as_uri()).replace("- zlib", "- zlib=2")
    (root / "conflict.yml").write_text(broken)
    return root


def test_who_requires_it_and_what_holds_it_back(home):
    done = envbench(home, "why", "spec.yml", "zlib")
    assert done.returncode == 0, done.stderr
    assert "zlib 1.3  <- spec.yml:7 zlib" in done.stdout
    assert "└─ app 1.0 needs zlib <2  <- line 6 app" in done.stdout
    assert "without line 6 app: zlib 2.0" in done.stdout


def test_only_what_holds_one_package_back(home):
    done = envbench(home, "why", "spec.yml", "zlib", "--not-newer")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("zlib 1.3 is not the newest: there is 2.0.")
    assert "without line 6 app: zlib 2.0" in done.stdout


def test_all_of_a_spec_as_one_document(home):
    report = document(envbench(home, "why", "spec.yml", "--not-newer", "--json"))
    assert report["schema"] == "envbench.why.not-newer/1"
    assert [(h["name"], h["jumps_to"]) for h in report["held_back"]] == [
        ("python", "3.11.1"),
        ("zlib", "2.0"),
    ]


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["spec.yml", "nothing-of-the-kind"], 1),
        (["spec.yml"], 2),
        (["no-such-environment", "--not-newer"], 2),
        (["no-such-environment", "zlib"], 2),
        (["spec.yml", "zlib", "--exclude-newer", "soon"], 2),
    ],
)
def test_exit_codes(home, words, code):
    assert envbench(home, "why", *words).returncode == code


def test_a_conflict_points_to_the_fix(home):
    done = envbench(home, "why", "conflict.yml", "zlib")
    assert done.returncode == 1
    assert "zlib=2" in done.stdout and "envbench fix conflict.yml" in done.stdout
    # What is told to run next is told for the same box and the same packages.
    done = envbench(home, "why", "conflict.yml", "--not-newer", "--priority", "strict")
    assert "envbench fix conflict.yml --priority strict" in done.stdout


def test_what_if_as_a_table_and_as_a_document(home):
    words = ("solve", "spec.yml", "--what-if", "python=3.11", "--what-if", "priority=strict")
    done = envbench(home, *words)
    assert done.returncode == 0, done.stderr
    head, python, *_ = done.stdout.splitlines()
    assert head.split("  ")[-3:] == ["as it is", "python 3.11", "strict"]
    assert python.split() == ["python", "3.10.1", "3.11.1", "3.10.1"]
    assert "strict: take it with --priority strict" in done.stdout
    report = document(envbench(home, *words, "--json"))
    assert report["schema"] == "envbench.solve.what-if/1"
    assert report["variants"][1]["edit"]["replacements"]


def test_what_if_of_a_spec_without_a_solution(home):
    done = envbench(home, "solve", "conflict.yml", "--what-if", "python=3.11")
    assert done.returncode == 1 and "as it is: no solution: " in done.stdout
    assert envbench(home, "solve", "spec.yml", "--what-if", "weather=fine").returncode == 2


def line(text: str, number: int | None = None) -> SpecLine:
    return SpecLine(text=text, name=text.partition("=")[0], line=number)


@pytest.fixture
def narrow(monkeypatch):
    monkeypatch.setattr(why_view, "terminal_width", lambda: 80)
    monkeypatch.setattr(what_if_view, "terminal_width", lambda: 80)
    monkeypatch.setattr("envbench.cli.table.terminal_width", lambda: 80)


def test_a_tree_fits_the_terminal(narrow, capsys):
    long = "some-package >=1.0,<2.0a0,!=1.5.0,!=1.6.0 and some-package >=0.9,!=1.7.0"
    top = Requirer(package="top 1", needs=long, line=line("top", 4))
    middle = Requirer(package="middle 1", needs=long, requirers=(top,))
    folded = Requirer(package="other 1", needs="some-package", is_told_above=True)
    why_view.show_why(
        WhyReport(
            subject="env.yml", package="some-package", version="1.2",
            requirers=(middle, folded), more=3,
        )
    )  # fmt: skip
    shown = capsys.readouterr().out.splitlines()
    assert all(len(each) <= 80 for each in shown)
    assert shown[0] == "some-package 1.2" and shown[-1] == "└─ and 3 more"
    assert "├─ other 1 needs some-package  (told above)" in shown
    # What goes on in the next line stays below its branch.
    assert shown[2].startswith("│  ") and "top 1" in shown[3]


def test_the_newest_of_pip_is_that_of_the_index(narrow, capsys):
    for is_pip, where in ((True, "the package index has"), (False, "the channels have")):
        why_view.show_why(
            WhyReport(subject="env.yml", package="a", version="2", newest="2", is_pip=is_pip)
        )
        assert f"2 is the newest that {where}." in capsys.readouterr().out


def test_what_the_box_has_is_not_said_to_be_held_back(narrow, capsys):
    report = WhyReport(subject="env.yml", package="__glibc", version="2.31")
    why_view.show_why(report, is_tree_shown=False)
    assert capsys.readouterr().out.startswith("__glibc 2.31 is what this box has")


def test_what_holds_it_back_is_told_with_its_proof(narrow, capsys):
    chain = Chain(
        line=line("model", 5),
        links=(Link("model 1.0", "layer"), Link("layer 1.0", "numpy <2")),
        demand="numpy <2",
    )
    held = HeldBack(
        name="numpy", chosen="1.26.4", newest="2.3.1", reason="line 5 `model` holds it",
        culprits=(Culprit(line=line("model", 5), chain=chain),), jumps_to="2.3.1",
        alternatives=(Release(lines=(line("python=3.9", 3),), jumps_to="2.0.2"),),
    )  # fmt: skip
    report = WhyReport(subject="env.yml", package="numpy", version="1.26.4", held_back=held)
    why_view.show_why(report)
    shown = capsys.readouterr().out.splitlines()
    assert shown[-5:] == [
        "numpy 1.26.4 is not the newest: there is 2.3.1.",
        "  line 5 `model` holds it",
        "    model -> model 1.0 -> layer 1.0 -> numpy <2",
        "  without line 5 model: numpy 2.3.1",
        "  without line 3 python=3.9 instead: numpy 2.0.2",
    ]
    why_view.show_held_back(HeldBackReport(path="env.yml", held_back=(held,), newest=("pip 25.0",)))
    table = capsys.readouterr().out.splitlines()
    assert table[1].split() == ["numpy", "1.26.4", "2.3.1", "2.3.1", "line", "5", "model"]


def test_many_columns_are_shown_in_parts(narrow, capsys):
    names = ("python", "framework")
    variants = [
        Variant(
            condition=Condition.PYTHON if number else Condition.AS_IT_IS,
            value=f"3.{number}" if number else "",
            is_solvable=True, versions={"python": f"3.{number}.11", "framework": "12.34.56"},
            lost_gpu=("framework",) if number == 2 else (), packages=100,
        )
        for number in range(9)
    ]  # fmt: skip
    report = WhatIfReport(path="env.yml", names=names, variants=tuple(variants))
    what_if_view.show_what_if(report)
    shown = capsys.readouterr().out.splitlines()
    assert all(len(each) <= 80 for each in shown)
    heads = [each for each in shown if "as it is" in each]
    assert len(heads) == 2 and "python 3.8" in heads[-1]
    assert any("12.34.56 CPU" in each for each in shown)
    assert "python 3.2: CPU builds of framework" in shown
