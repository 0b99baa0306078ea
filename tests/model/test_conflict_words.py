"""A conflict in a dozen rows: the lines to change, what does not meet, what exists instead."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from envbench.model.conflict import Chain, Conflict, ConflictCause, Core, CoreKind, Link, SpecLine
from envbench.model.conflict_words import describe_conflict


def item(text, line, *, is_pip=False):
    name = text.split("::")[-1].split("=")[0].split(">")[0].split("<")[0].strip()
    return SpecLine(text=text, name=name, line=line, is_pip=is_pip)


TENSORFLOW = item("tensorflow=2.13.1", 12)
OPENAI = item("openai>=2", 16, is_pip=True)
BETWEEN = Core(
    kind=CoreKind.PIP_AGAINST_CONDA,
    lines=(TENSORFLOW, OPENAI),
    explanation=("These cannot be combined.",),
    chains=(
        Chain(
            line=TENSORFLOW,
            links=(
                Link("tensorflow 2.13.1", "tensorflow-base 2.13.1"),
                Link("tensorflow-base 2.13.1", "typing-extensions >=3.6.6,<4.6.0"),
            ),
            demand="typing-extensions >=3.6.6,<4.6.0",
        ),
        Chain(
            line=OPENAI,
            links=(Link("openai 2.0 ... 2.48", "typing-extensions >=4.11,<5"),),
            demand="typing-extensions >=4.11,<5",
        ),
    ),
    meeting="typing-extensions",
)


def alone(kind, text, line, *explanation, available=(), is_pip=False):
    spec_line = item(text, line, is_pip=is_pip)
    return Core(kind=kind, lines=(spec_line,), explanation=explanation, available=available)


MISSING = alone(
    CoreKind.MISSING_VERSION,
    "tensorflow=2.13.0",
    12,
    "tensorflow=2.13.0 (line 12): no channel has a version of tensorflow that it accepts.",
    "conda-forge has 2.12.1, 2.13.1, 2.11.1 (nearest first).",
    available=("2.12.1", "2.13.1", "2.11.1"),
)


def told(*cores, path="environment.yml", asked=12, note="", **options):
    is_proven = all(core.is_minimal for core in cores)
    conflict = Conflict(summary="none", causes=(), cores=cores, note=note, is_proven=is_proven)
    return "\n".join(describe_conflict(conflict, path, asked=asked, **options))


def test_two_lines_that_do_not_meet():
    assert (
        told(BETWEEN)
        == """\
environment.yml: no solution. 2 of your 12 lines cannot both hold.
  environment.yml:12  tensorflow=2.13.1  -> tensorflow-base 2.13.1
      -> typing-extensions >=3.6.6,<4.6.0
  environment.yml:16  openai>=2 (pip)    -> typing-extensions >=4.11,<5
      typing-extensions cannot be >=3.6.6,<4.6.0 (line 12) and >=4.11,<5 (line 16) at once: change
      line 12 or line 16."""
    )


def test_a_wide_terminal_needs_no_second_row():
    rows = told(BETWEEN, width=120).split("\n")
    assert rows[1] == (
        "  environment.yml:12  tensorflow=2.13.1"
        "  -> tensorflow-base 2.13.1 -> typing-extensions >=3.6.6,<4.6.0"
    )
    assert len(rows) == 4
    assert rows[3].endswith("at once: change line 12 or line 16.")


ALONE = {
    CoreKind.MISSING_PACKAGE: (
        alone(
            CoreKind.MISSING_PACKAGE,
            "pytroch",
            7,
            "pytroch (line 7): no channel has a package named pytroch for linux-64.",
            available=("pytorch", "pytorch-cpu"),
        ),
        """\
  environment.yml:7  pytroch
      no channel has a package named pytroch for linux-64.
      did you mean: pytorch, pytorch-cpu""",
    ),
    CoreKind.MISSING_VERSION: (
        MISSING,
        """\
  environment.yml:12  tensorflow=2.13.0
      no channel has a version of tensorflow that it accepts. conda-forge has 2.12.1, 2.13.1, 2.11.1
      (nearest first).""",
    ),
    CoreKind.MISSING_BUILD: (
        alone(
            CoreKind.MISSING_BUILD,
            "pytorch=2.5=cuda*",
            9,
            "pytorch=2.5=cuda* (line 9): pytorch 2.5.1 exists, but no build of it matches.",
            available=("cpu_py311_0", "cpu_py312_0"),
        ),
        """\
  environment.yml:9  pytorch=2.5=cuda*
      pytorch 2.5.1 exists, but no build of it matches.
      builds there are: cpu_py311_0, cpu_py312_0""",
    ),
    CoreKind.WRONG_CHANNEL: (
        alone(
            CoreKind.WRONG_CHANNEL,
            "nvidia::pytorch",
            9,
            "nvidia::pytorch (line 9): channel nvidia has no pytorch; conda-forge has it.",
            available=("conda-forge::pytorch",),
        ),
        """\
  environment.yml:9  nvidia::pytorch
      channel nvidia has no pytorch; conda-forge has it.""",
    ),
    CoreKind.MISSING_VIRTUAL: (
        alone(
            CoreKind.MISSING_VIRTUAL,
            "pytorch=*=cuda*",
            9,
            "pytorch=*=cuda* (line 9): every matching build needs __cuda >=12; this box has none.",
            available=("__cuda >=12",),
        ),
        """\
  environment.yml:9  pytorch=*=cuda*
      It needs an NVIDIA driver for CUDA 12 or newer (`__cuda >=12`); this box has none.""",
    ),
    CoreKind.PLATFORM: (
        alone(
            CoreKind.PLATFORM,
            "mlx",
            9,
            "mlx (line 9): mlx exists for osx-arm64, not for linux-64.",
            available=("osx-arm64",),
        ),
        """\
  environment.yml:9  mlx
      mlx exists for osx-arm64, not for linux-64.""",
    ),
    CoreKind.PIP: (
        alone(
            CoreKind.PIP,
            "openai==99",
            16,
            "No version of openai is 99.",
            is_pip=True,
            available=("2.48.0",),
        ),
        """\
  environment.yml:16  openai==99 (pip)
      No version of openai is 99.
      there are: 2.48.0""",
    ),
}


@pytest.mark.parametrize("kind", ALONE)
def test_a_line_alone(kind):
    core, expected = ALONE[kind]
    head, _, rest = told(core).partition("\n")
    # Other pip items may clash as well.
    others = "" if core.kind is CoreKind.PIP else "; the other 11 are fine"
    assert head == f"environment.yml: no solution. 1 of your 12 lines cannot be met{others}."
    assert rest == expected


def test_lines_that_strict_priority_keeps_apart():
    core = Core(
        kind=CoreKind.CHANNEL_PRIORITY,
        lines=(item("pytorch=2.4", 8), item("torchvision=0.15", 9)),
        explanation=(
            "pytorch=2.4 (line 8) and torchvision=0.15 (line 9) cannot be combined.",
            "Strict channel priority leaves out torchvision 0.15.2 of pytorch.",
        ),
    )
    assert told(core).split("\n")[1:] == [
        "  environment.yml:8  pytorch=2.4",
        "  environment.yml:9  torchvision=0.15",
        "      Strict channel priority leaves out torchvision 0.15.2 of pytorch.",
    ]


def test_the_line_in_which_others_meet_needs_no_chain():
    python, numba = item("python=3.13", 6), item("numba=0.57", 8)
    core = Core(
        kind=CoreKind.INCOMPATIBLE,
        lines=(python, numba),
        explanation=("These cannot be combined.",),
        chains=(
            Chain(line=python, demand="python 3.13.*"),
            Chain(
                line=numba,
                links=(Link("numba 0.57.1", "python >=3.9,<3.10 or python >=3.11,<3.12"),),
                demand="python >=3.9,<3.10 or python >=3.11,<3.12",
            ),
        ),
        meeting="python",
    )
    assert told(core).split("\n")[1:] == [
        "  environment.yml:6  python=3.13",
        "  environment.yml:8  numba=0.57  -> python 3.9 or 3.11",
        "      python cannot be 3.13 (line 6) and 3.9 or 3.11 (line 8) at once: change line 6 or line 8.",
    ]


def wide(count, first=20):
    lines = tuple(item(f"pack{i}=1", first + i) for i in range(count))
    chains = tuple(
        Chain(line=line, links=(Link(f"{line.name} 1", "x"),), demand=f"numpy >={i},<{i + 1}")
        for i, line in enumerate(lines)
    )
    return Core(
        kind=CoreKind.INCOMPATIBLE, lines=lines, explanation=("x",), chains=chains, meeting="numpy"
    )


def test_many_lines_are_cut_and_the_others_counted():
    rows = told(wide(30), asked=40).split("\n")
    assert len(rows) == 12
    assert rows[0].endswith("30 of your 40 lines cannot all hold; the other 10 are fine.")
    assert "and 22 more lines: 28, 29, 30" in rows[-3]
    assert rows[-2:] == [
        "      numpy cannot be 0.* (line 20), 1.* (line 21), 2.* (line 22) and 27 more ranges at once: change",
        "      one of them.",
    ]


def test_cores_share_the_rows():
    rows = told(MISSING, BETWEEN, wide(7)).split("\n")
    assert len(rows) <= 12
    assert "There are 3 conflicts, in 10 of your 12 lines" in rows[0]
    text = "\n".join(rows)
    assert all(part in text for part in ("2.12.1", ">=4.11,<5 (line 16)", "numpy cannot be"))


def test_a_line_of_several_conflicts_is_named():
    python, numpy, scipy = item("python=3.8", 5), item("numpy=1.25", 6), item("scipy=1.14", 7)
    cores = [
        Core(
            kind=CoreKind.INCOMPATIBLE,
            lines=(python, other),
            explanation=("x cannot be combined.",),
        )
        for other in (numpy, scipy)
    ]
    rows = told(*cores, width=140).split("\n")
    assert rows[0].endswith("the other 9 are fine.")
    assert rows[1] == "  Changing line 5 alone can be enough."
    assert rows[4] == "      These cannot be combined."
    # As long as other conflicts may come to light, no line is known to be enough.
    rows = told(*cores, width=140, note="There may be more.").split("\n")
    assert rows[3] == "      These cannot be combined: change line 5 or line 6."


def test_patterns_of_builds_are_cut():
    text = 'It needs __archspec 1.*[build="^(core2|k10|nocona|x86_64|haswell|skylake|zen)$"].'
    core = alone(CoreKind.MISSING_VERSION, "tensorflow", 6, text)
    assert '1.*[build="^(core2|...|zen)$"].' in told(core)


def test_cores_without_room_are_counted_with_their_lines():
    cores = [
        alone(CoreKind.MISSING_PACKAGE, f"p{i}", i, f"no p{i}", available=("q",))
        for i in range(1, 31)
    ]
    rows = told(*cores, asked=40).split("\n")
    assert len(rows) == 12
    assert rows[1] == "  environment.yml:1  p1: did you mean q"
    assert rows[-1] == "  and 20 more conflicts (`envbench fix environment.yml` tells all)"
    rows = told(*cores[:14], asked=40).split("\n")
    assert rows[-1] == (
        "  and 4 more conflicts: lines 11, 12, 13 and 14 (`envbench fix environment.yml` tells all)"
    )


def test_what_is_not_known_is_not_claimed():
    unsure = Core(
        kind=CoreKind.INCOMPATIBLE,
        lines=(item("a", 1), item("b", 2)),
        explanation=("There was no time to find out which.",),
        is_minimal=False,
    )
    rows = told(unsure, note="The search was given up.").split("\n")
    assert "The cause may be one of these lines" in rows[0]
    assert "fine" not in rows[0]
    assert rows[-1].strip() == "The search was given up."
    assert "fine" not in told(BETWEEN, note="There may be further conflicts.").split("\n")[0]
    assert "of your" not in told(BETWEEN, asked=0)


def test_a_conflict_without_cores_is_told_by_what_there_is():
    cause = ConflictCause(CoreKind.MISSING_PACKAGE, "foo", 3, "nothing provides foo")
    assert describe_conflict(Conflict("no luck", (cause,)), "e.yml") == (
        "e.yml: no luck",
        "  e.yml:3  foo",
        "      nothing provides foo",
    )
    text = "\n".join(f"line {i}" for i in range(40))
    rows = describe_conflict(Conflict("no luck", (), text), "e.yml")
    assert len(rows) == 12
    assert rows[-1] == "  ... (30 more rows)"


def test_a_long_path_is_said_once():
    path = "/home/somebody/projects/with/a/long/name/environment.yml"
    rows = told(MISSING, path=path, width=200).split("\n")
    assert rows[0].startswith(f"{path}: ")
    assert rows[1] == "  environment.yml:12  tensorflow=2.13.0"
    deep = "/x/" + "environment" * 5 + ".yml"
    assert told(MISSING, path=deep, width=200).split("\n")[1] == "  line 12  tensorflow=2.13.0"


def direct(text, line, demand=""):
    spec_line = item(text, line)
    return Chain(line=spec_line, demand=demand or text)


def through(text, line, *packages, demand):
    links = tuple(Link(package, "x") for package in packages)
    return Chain(line=item(text, line), links=links, demand=demand)


def between(meeting, *chains, explanation=("These cannot be combined.",), **options):
    lines = tuple(chain.line for chain in chains)
    kind = options.pop("kind", CoreKind.INCOMPATIBLE)
    return Core(
        kind=kind, lines=lines, explanation=explanation, chains=chains, meeting=meeting, **options
    )


def test_lines_that_all_stand_against_one_are_told_once():
    cores = [
        between(
            "python", direct("python=3.10", 5), through(text, line, f"{text[:5]} 3", demand=NEWER)
        )
        for line, text in ((6, "scipy>=1.16"), (7, "pandas>=3"))
    ]
    assert told(*cores).split("\n")[1:] == [
        "  Changing line 5 alone can be enough.",
        "  environment.yml:5  python=3.10",
        "  environment.yml:6  scipy>=1.16  -> python 3.11 to 3.14",
        "  environment.yml:7  pandas>=3    with it panda 3 -> python 3.11 to 3.14",
        "      python cannot be 3.10 (line 5) and 3.11 to 3.14 (lines 6 and 7) at once.",
    ]


NEWER = "python 3.11 ... 3.14"


def test_others_that_may_meet_each_other_are_not_said_to_clash():
    cores = [
        between("python", direct("python=3.8", 5), through(text, line, text, demand=demand))
        for line, text, demand in (
            (6, "pandas=2", "python 3.9 or 3.10 or 3.11"),
            (7, "numpy=2", "python >=3.10"),
        )
    ]
    assert told(*cores).split("\n")[-1] == (
        "      python 3.8 (line 5) fits none of 3.9 to 3.11 (line 6) and >=3.10 (line 7)."
    )


def pair(one, other):
    return Core(
        kind=CoreKind.INCOMPATIBLE,
        lines=(item(f"p{one}=1", one), item(f"p{other}=1", other)),
        explanation=("These cannot be combined.",),
    )


@pytest.mark.parametrize(
    ("pairs", "said"),
    [
        (((5, 6), (5, 7)), "Changing line 5 alone can be enough."),
        (((5, 6), (5, 7), (6, 7)), "At least two lines must change: 5 and 6, 5 and 7, or 6 and 7."),
        (((5, 6), (5, 7), (7, 8)), "At least two lines must change: 5 and 7, 5 and 8, or 6 and 7."),
        (((5, 6), (7, 8)), "At least two lines must change: one of each conflict."),
        (((5, 6), (6, 7), (7, 8)), "At least two lines must change: 5 and 7, 6 and 7, or 6 and 8."),
        (
            ((1, 2), (2, 3), (4, 5), (5, 6), (3, 6)),
            "At least 3 lines must change, such as 1, 3 and 5.",
        ),
    ],
)
def test_the_fewest_lines_that_end_all_conflicts(pairs, said):
    row = told(*(pair(*lines) for lines in pairs)).split("\n")[1].strip()
    assert row == said


def test_lines_alone_must_all_change():
    cores = [alone(CoreKind.MISSING_PACKAGE, f"p{i}", i, f"no p{i}") for i in (3, 4)]
    assert told(*cores).split("\n")[1] == "  Lines 3 and 4 must both change."


def hidden(text, line, package):
    return between(
        package,
        through(text, line, f"{item(text, line).name} 1", demand=f"{package} >=2"),
        kind=CoreKind.CHANNEL_PRIORITY,
        explanation=(
            f"{text} (line {line}) needs {package} >=2.",
            f"conda-forge has {package} 2, but under strict channel priority only old counts,"
            f" which comes first and has {package} 1.",
            "With flexible channel priority these lines have a solution.",
        ),
        available=(f"conda-forge::{package}",),
    )


def test_what_strict_priority_hides_is_told_once():
    rows = told(hidden("a=1", 5, "x"), hidden("b=1", 6, "y")).split("\n")
    assert rows[1:3] == [
        "  environment.yml:5  a=1  -> x >=2",
        "  environment.yml:6  b=1  -> y >=2",
    ]
    assert " ".join(row.strip() for row in rows[3:]) == (
        "Under strict channel priority x and y of conda-forge do not count: old, which comes first,"
        " has others of that name. A way out: flexible channel priority (with it each of these lines"
        " can be met), or perhaps conda-forge before old in the list of channels."
    )
    one = told(hidden("a=1", 5, "x"))
    assert "needs x" not in one
    assert "Another way may be to put conda-forge before old" in one


def test_the_box_is_told_in_words():
    core = between(
        "__glibc",
        through("app=1", 5, "app 1", "lib 2", demand="__glibc >=2.28,<3.0.a0"),
        kind=CoreKind.MISSING_VIRTUAL,
        explanation=("app=1 (line 5) needs __glibc.", "This host has __glibc 2.17."),
    )
    assert told(core).split("\n")[1:] == [
        "  environment.yml:5  app=1  -> lib 2 -> __glibc >=2.28,<3",
        "      It needs glibc 2.28 or newer (`__glibc >=2.28,<3`); this box has 2.17.",
    ]


def test_a_line_that_only_narrows_another_says_so():
    told_need = (
        "With numba=1 (line 6), tb<2 (line 7) needs proto 6, which proto<5 (line 8) rules out."
    )
    core = between(
        "proto",
        direct("numba=1", 6),
        through("tb<2", 7, "tb 1", demand="proto 6.1"),
        direct("proto<5", 8),
        explanation=(told_need,),
    )
    rows = told(core).split("\n")
    assert rows[1].split("numba=1")[1].strip() == "(narrows what line 7 can be)"
    assert rows[4].startswith(
        "      proto cannot be 6.1 (line 7 with line 6) and <5 (line 8) at once"
    )
    unknown = between("proto", *core.chains, explanation=("These cannot be combined.",))
    assert "numba=1  (and this line as well)" in told(unknown)


def test_what_is_not_needed_but_kept_out_is_no_arrow():
    core = between(
        "cpuonly",
        through("torch=2=*cuda*", 8, "torch 2", demand="cpuonly <0"),
        direct("cpuonly", 9),
        explanation=(
            "torch=2=*cuda* (line 8) allows only cpuonly <0, which cpuonly (line 9) rules out.",
            "Of torch 2 only *cpu* can go with cpuonly (line 9).",
        ),
    )
    assert told(core).split("\n")[1:] == [
        "  environment.yml:8  torch=2=*cuda*  allows no cpuonly",
        "  environment.yml:9  cpuonly",
        "      torch=2=*cuda* (line 8) allows no cpuonly, which cpuonly (line 9) rules out: change line 8 or",
        "      line 9.",
        "      Of torch 2 only *cpu* can go with cpuonly (line 9).",
    ]


def test_a_line_against_itself_shows_both_ways():
    core = between(
        "zlib",
        through("tf=2", 6, "tf 2", "grpc 1", demand="zlib >=1.2.13,<1.3.0a0"),
        through("tf=2", 6, "tf 2", demand="zlib >=1.3.1,<2.0a0"),
    )
    core = Core(
        kind=core.kind,
        lines=core.lines[:1],
        explanation=("These cannot be combined.",),
        chains=core.chains,
        meeting="zlib",
    )
    assert told(core).split("\n")[1:] == [
        "  environment.yml:6  tf=2  -> grpc 1 -> zlib >=1.2.13,<1.3",
        "                 and also  -> zlib >=1.3.1,<2",
        "      zlib cannot be >=1.2.13,<1.3 and >=1.3.1,<2 at once.",
    ]


WORDS = st.text(st.sampled_from("abcé -><=.*,0123"), min_size=1, max_size=40)


@st.composite
def any_core(draw):
    lines = tuple(
        SpecLine(text=draw(WORDS), name="n", line=draw(st.none() | st.integers(1, 99)), is_pip=pip)
        for pip in draw(st.lists(st.booleans(), min_size=1, max_size=15))
    )
    chains = tuple(
        Chain(
            line=line,
            links=tuple(Link(draw(WORDS), draw(WORDS)) for _ in range(draw(st.integers(0, 4)))),
            demand=draw(WORDS),
        )
        for line in (lines if draw(st.booleans()) else ())
    )
    return Core(
        kind=draw(st.sampled_from(CoreKind)),
        lines=lines,
        explanation=tuple(draw(st.lists(WORDS, max_size=4))),
        chains=chains,
        meeting=draw(st.sampled_from(("", "numpy"))),
        available=tuple(draw(st.lists(WORDS, max_size=6))),
        is_minimal=draw(st.booleans()),
        is_independent=draw(st.booleans()),
    )


@settings(max_examples=100, deadline=None)
@given(
    st.lists(any_core(), max_size=20),
    st.integers(30, 160),
    st.integers(1, 16),
    st.integers(0, 60),
)
def test_never_more_rows_nor_wider_ones(cores, width, limit, asked):
    conflict = Conflict("no solution", (), "text", cores=tuple(cores), note="a note")
    rows = describe_conflict(conflict, "e.yml", width=width, limit=limit, asked=asked)
    assert 1 <= len(rows) <= limit
    assert all(len(row) <= width and "\n" not in row for row in rows)
    assert all(row.strip() for row in rows)
    assert rows == describe_conflict(conflict, "e.yml", width=width, limit=limit, asked=asked)
    numbers = [line.line for core in cores for line in core.lines if line.line is not None]
    if 0 < len(cores) <= limit - 4 and len(numbers) == 1 and width >= 100:
        assert any(f"e.yml:{numbers[0]}" in row for row in rows)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(1, 40).map(lambda n: pair(n, n + 3)), min_size=1, max_size=12))
def test_sentences_are_never_cut_while_there_is_width(cores):
    rows = told(*cores).split("\n")
    assert len(rows) <= 12
    assert not any(row.endswith("...") for row in rows)
    assert all(not re.search(r"(line|lines|to|>=)$", row) for row in rows)


def test_a_line_whose_other_versions_help_no_more_is_not_to_be_changed():
    python, faiss = item("python=3.10", 7), item("faiss-gpu=1.7.3", 8)
    core = Core(
        kind=CoreKind.INCOMPATIBLE,
        lines=(python, faiss),
        explanation=("No faiss-gpu can go with python=3.10 (line 7).",),
        chains=(
            Chain(line=python, demand="python 3.10.*"),
            Chain(
                line=faiss,
                links=(Link("faiss-gpu 1.7.3", "python 3.8.* or 3.9.*"),),
                demand="python 3.8.* or 3.9.*",
            ),
        ),
        meeting="python",
    )
    text = " ".join(told(core).split())
    assert "at once: change line 7. No faiss-gpu can go with python=3.10 (line 7)." in text
