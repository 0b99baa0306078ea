"""A conflict in a dozen rows: the lines to change, what does not meet, what exists instead."""

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
environment.yml: no solution. 2 of your 12 lines cannot both hold; the other 10 are fine.
  environment.yml:12  tensorflow=2.13.1  -> tensorflow-base 2.13.1
      -> typing-extensions >=3.6.6,<4.6.0
  environment.yml:16  openai>=2 (pip)    -> typing-extensions >=4.11,<5
      typing-extensions cannot be >=3.6.6,<4.6.0 and >=4.11,<5 at once: change line 12 or line 16."""
    )


def test_a_wide_terminal_needs_no_second_row():
    rows = told(BETWEEN, width=120).split("\n")
    assert rows[1] == (
        "  environment.yml:12  tensorflow=2.13.1"
        "  -> tensorflow-base 2.13.1 -> typing-extensions >=3.6.6,<4.6.0"
    )
    assert len(rows) == 4


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
      channel nvidia has no pytorch; conda-forge has it.
      there is: conda-forge::pytorch""",
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
      every matching build needs __cuda >=12; this box has none.""",
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
    assert head == (
        "environment.yml: no solution. 1 of your 12 lines cannot be met; the other 11 are fine."
    )
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
        explanation=("no",),
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
        "  environment.yml:8  numba=0.57  -> python >=3.9,<3.10 or >=3.11,<3.12",
        "      python cannot be 3.13.* and (>=3.9,<3.10 or >=3.11,<3.12) at once: change line 6 or line 8.",
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
    assert "and 21 more lines: 29, 30" in rows[-2]
    assert rows[-1].startswith("      numpy cannot be >=0,<1, >=1,<2, >=2,<3 and 27 more ranges")


def test_cores_share_the_rows():
    rows = told(MISSING, BETWEEN, wide(7)).split("\n")
    assert len(rows) <= 12
    assert "There are 3 conflicts, in 10 of your 12 lines" in rows[0]
    text = "\n".join(rows)
    assert all(part in text for part in ("2.12.1", "line 12 or line 16", "numpy cannot be"))


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
    assert rows[0].endswith("the other 9 are fine. Line 5 is in both of them.")
    assert rows[3] == "      These cannot be combined: change line 5 or line 6."


def test_patterns_of_builds_are_cut():
    text = 'It needs __archspec 1.*[build="^(core2|k10|nocona|x86_64|haswell|skylake|zen)$"].'
    core = alone(CoreKind.MISSING_VIRTUAL, "tensorflow", 6, text)
    assert '1.*[build="^(core2|...|zen)$"].' in told(core)


def test_cores_without_room_are_counted_with_their_lines():
    cores = [
        alone(CoreKind.MISSING_PACKAGE, f"p{i}", i, f"no p{i}", available=("q",))
        for i in range(1, 31)
    ]
    rows = told(*cores, asked=40).split("\n")
    assert len(rows) == 12
    assert rows[1] == "  environment.yml:1  p1: did you mean q"
    assert rows[-1].startswith("  and 20 more conflicts, in the lines 11, 12, 13")


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
