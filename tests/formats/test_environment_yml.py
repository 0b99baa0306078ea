"""Reading and checking a spec: values, places, problems, edits."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from envbench.formats.environment_yml import check_text, parse_spec
from envbench.model.checks import CheckContext
from envbench.model.pip_lines import PipKind
from envbench.model.problem import Severity
from envbench.model.spec import SelectorStyle, SpecText

FULL = """\
# my environment
name: demo
channels:
  - conda-forge
  - nvidia/label/cuda-12.4.0
  - nodefaults
dependencies:
  - python=3.12
  - 'numpy>=1.26,<2'   # why
  - pip
  - pip:
    - rich[jupyter]>=13
    - "torch==2.0 ; python_version < '3.13'"
variables:
  PORT: 8080
  VERSION: "3.10"
platforms: [linux-64, osx-arm64]
prefix: /home/x/envs/demo
category: main
"""


def codes(text, **context):
    return [p.code for p in check_text(SpecText(text), CheckContext(**context)).problems]


def found(text, code, **context):
    problems = check_text(SpecText(text), CheckContext(**context)).problems
    return [problem for problem in problems if problem.code == code]


def mended(text, code):
    (problem,) = found(text, code)
    assert problem.edit is not None, problem
    return problem.edit.apply(text)


def test_all_values_and_their_places():
    spec = parse_spec(SpecText(FULL, "f.yml")).spec
    assert spec.name == "demo"
    assert [c.name for c in spec.channels] == [
        "conda-forge",
        "nvidia/label/cuda-12.4.0",
        "nodefaults",
    ]
    assert [d.text for d in spec.dependencies] == ["python=3.12", "numpy>=1.26,<2", "pip"]
    assert spec.dependencies[1].match.version == ">=1.26,<2"
    assert [i.requirement.name for i in spec.pip] == ["rich", "torch"]
    assert [(v.name, v.value) for v in spec.variables] == [("PORT", "8080"), ("VERSION", "3.10")]
    assert spec.platforms == ("linux-64", "osx-arm64")
    assert spec.prefix == "/home/x/envs/demo"
    assert not spec.unknown_keys
    numpy = spec.dependencies[1].span
    assert FULL[numpy.start : numpy.end] == "'numpy>=1.26,<2'"
    assert (numpy.line, numpy.column) == (9, 5)
    assert (spec.pip_span.line, spec.pip_span.column) == (11, 5)
    assert spec.channels_span.line == 3
    assert spec.dependencies_span.line == 7


def test_a_good_spec_has_only_the_prefix_against_it():
    assert codes(FULL) == ["EB503"]


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_line_ends_and_marks_change_no_value(newline, mark):
    text = mark + FULL.replace("\n", newline)
    source = SpecText.from_decoded(text)
    assert source.to_bytes() == text.encode()
    for given_source in (source, SpecText(text)):
        spec = parse_spec(given_source).spec
        plain = parse_spec(SpecText(FULL)).spec
        assert [d.text for d in spec.dependencies] == [d.text for d in plain.dependencies]
        assert [d.span.line for d in spec.dependencies] == [d.span.line for d in plain.dependencies]
        assert spec.source.has_bom == bool(mark)


def test_the_export_of_micromamba_without_a_name():
    spec = parse_spec(SpecText('name: \nchannels:\n- a\ndependencies:\n- b=1\nprefix: "/x"\n')).spec
    assert spec.name is None
    assert codes("name: \nchannels: [a]\ndependencies: [b=1]\n") == ["EB504"]


def test_unknown_keys_offer_the_nearest():
    text = "name: x\nchanels: [a]\ndependencies: [b=1]\n"
    assert "`channels`" in found(text, "EB109")[0].hint
    assert "\nchannels: [a]\n" in mended(text, "EB109")
    spec = parse_spec(SpecText(text)).spec
    assert [key.path for key in spec.unknown_keys] == ["chanels"]


def test_unknown_subsections():
    text = "channels: [a]\ndependencies:\n- npm:\n  - left-pad\n"
    spec = parse_spec(SpecText(text)).spec
    assert [key.path for key in spec.unknown_keys] == ["dependencies.npm"]
    wrong_colon = "channels: [a]\ndependencies:\n- python: 3.10\n"
    assert "`python=3.10`" in found(wrong_colon, "EB110")[0].hint
    assert "- pip:" in mended("channels: [a]\ndependencies:\n- pip3: [rich]\n", "EB110")


@pytest.mark.parametrize(
    ("text", "after"),
    [
        ("channels: a\ndependencies: [b=1]\n", "channels: [a]\n"),
        ("channels: [a]\ndependencies: b=1\n", "dependencies: [b=1]\n"),
        ("channels: [a]\ndependencies:\n- pip:\n    rich\n", "    [rich]\n"),
    ],
)
def test_a_text_in_place_of_a_list_is_mended(text, after):
    assert after in mended(text, "EB108")
    assert "EB108" not in codes(mended(text, "EB108"))


@pytest.mark.parametrize(
    "text",
    [
        "name: [x]\ndependencies: [a]\n",
        "name: x\ndependencies: {a: b}\n",
        "name: x\ndependencies: [[a]]\n",
        "name: x\nchannels: [{a: b}]\ndependencies: [a]\n",
        "name: x\nvariables: [a]\ndependencies: [a]\n",
        "name: x\nvariables: {a: [b]}\ndependencies: [a]\n",
        "name: x\ndependencies: [{pip: [{a: b}]}]\n",
        "? [a]\n: b\ndependencies: [a]\n",
    ],
)
def test_wrong_shapes_are_errors_with_a_line(text):
    parsed = parse_spec(SpecText(text))
    assert parsed.spec is not None
    problem = parsed.problems[0]
    assert problem.code in {"EB108", "EB109"}
    assert problem.span is not None


def test_dependencies_that_are_missing_or_empty():
    assert "EB111" in codes("name: x\nchannels: [a]\n")
    for empty in ("dependencies:", "dependencies: []", "dependencies: ~"):
        assert "EB112" in codes(f"name: x\nchannels: [a]\n{empty}\n")


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ("3.10", "the number 3.1"),
        ("no", "the truth value false"),
        ("1:30", "the number 90"),
        ("2024-01-01", "the date 2024-01-01"),
        ("010", "the number 8"),
    ],
)
def test_hostile_row_10_unquoted_values_are_told_and_quoted(written, words):
    for text in (
        f"name: {written}\nchannels: [a]\ndependencies: [b=1]\n",
        f"channels: [a]\ndependencies:\n- {written}\n",
        f"channels: [{written}]\ndependencies: [b=1]\n",
        f"channels: [a]\ndependencies: [b=1]\nvariables: {{V: {written}}}\n",
    ):
        (problem,) = found(text, "EB113")
        assert words in problem.message
        assert f'"{written}"' in mended(text, "EB113")
        assert not found(mended(text, "EB113"), "EB113")


def test_numbers_of_variables_that_stay_the_same_are_fine():
    assert "EB113" not in codes("channels: [a]\ndependencies: [b=1]\nvariables: {V: 8080}\n")


def test_selectors_of_both_kinds():
    text = (
        "channels: [a]\ndependencies:\n- x=1  # [linux]\n- y=1  # [not win and x86_64] why\n"
        "- z=1  # [see below]\n- sel(win): pywin32=3\n- sel(linux): [a=1, b=1]\n- sel(unix): c=1\n"
    )
    spec = parse_spec(SpecText(text)).spec
    kinds = [d.selector and (d.selector.style, d.selector.expression) for d in spec.dependencies]
    assert kinds == [
        (SelectorStyle.COMMENT, "linux"),
        (SelectorStyle.COMMENT, "not win and x86_64"),
        None,
        (SelectorStyle.KEY, "win"),
        (SelectorStyle.KEY, "linux"),
        (SelectorStyle.KEY, "linux"),
        (SelectorStyle.KEY, "unix"),
    ]
    on_linux = [d.text for d in spec.dependencies_on("linux-64")]
    assert on_linux == ["x=1", "y=1", "z=1", "a=1", "b=1", "c=1"]
    assert [d.text for d in spec.dependencies_on("win-64")] == ["x=1", "y=1", "z=1", "pywin32=3"]
    # Left out, and understood: the second is told once, whatever the number of lines.
    assert codes(text).count("EB211") == 2
    assert codes(text).count("EB212") == 2


def test_the_same_package_for_two_platforms_is_no_duplicate():
    text = "channels: [a]\ndependencies:\n- sel(linux): x=1\n- sel(osx): x=2\n"
    assert "EB203" not in codes(text)


def test_invalid_match_specs_say_why_and_mend_operators():
    text = "channels: [a]\ndependencies:\n- rust =>1.65.0 \n"
    assert "=>" in found(text, "EB201")[0].message
    assert "- rust >=1.65.0 \n" in mended(text, "EB201")
    assert "comma" in found("channels: [a]\ndependencies:\n- numpy >=1 <2\n", "EB205")[0].hint
    assert "- numpy >=1,<2\n" in mended("channels: [a]\ndependencies:\n- numpy >=1 <2\n", "EB205")
    spaced = "channels: [a]\ndependencies:\n- numpy = 1.2 = py_0\n"
    assert found(spaced, "EB205")[0].hint == "write `numpy=1.2=py_0`, without blanks"
    assert "- numpy=1.2=py_0\n" in mended(spaced, "EB205")


def test_hints_say_what_was_meant():
    def hint(line: str, code: str) -> str:
        return found(f"channels: [a]\ndependencies:\n{line}\n", code)[0].hint

    assert "name=version" in hint("- numpy:1.2", "EB214")
    assert "channel::name" in hint("- forge:numpy", "EB214")
    assert "behind `- `" in hint("  numpy: 1.2", "EB108")
    behind = hint("- pip: ['a==1 --extra-index-url https://x.org']", "EB305")
    assert behind.startswith("remove the option, and set `pip.extra_index_urls`")
    assert hint("- pip: ['--pre']", "EB305") == "remove the line"
    extras = found("channels: [a]\ndependencies: ['requests[security]']\n", "EB201")[0]
    assert "no extras" in extras.hint
    url = found("channels: [a]\ndependencies:\n- git+https://u:hunter22@h/x\n", "EB201")[0]
    assert "pip" in url.hint
    assert "hunter22" not in url.message


def test_what_was_understood_is_shown():
    message = found("channels: [a]\ndependencies:\n- num py 3 x y\n", "EB205")[0].message
    assert "package `num`" in message
    assert "build `3 x y`" in message


def test_options_are_refused_with_a_way_out():
    hint = found("channels: [a]\ndependencies:\n- -c conda-forge\n", "EB204")[0].hint
    assert "channels" in hint


def test_hostile_row_04_letters_of_other_scripts_are_named():
    problem = found("channels: [a]\ndependencies:\n- pyth\u043en-dateutil=2\n", "EB202")[0]
    assert "U+043E CYRILLIC SMALL LETTER O" in problem.message
    for character in ("\u202e", "\u200b", "\U000e0041"):
        problems = check_text(
            SpecText(f"name: x{character}\nchannels: [a]\ndependencies:\n- num{character}py=1\n"),
            CheckContext(),
        ).problems
        hidden = [p for p in problems if p.code == "EB106"]
        assert len(hidden) == 2
        assert f"U+{ord(character):04X}" in hidden[0].message
        assert all(character not in p.message for p in problems)


def test_control_characters_that_quotes_let_through_are_cleaned():
    text = 'name: "x\\e[31m"\nchannels: ["a\\x9b31m"]\ndependencies: ["numpy\\e]0;x\\a=1"]\n'
    parsed = check_text(SpecText(text), CheckContext())
    spec = parsed.spec
    assert spec.name == "x"
    assert all(c.name.isprintable() for c in spec.channels)
    assert all(d.text.isprintable() and d.match is None for d in spec.dependencies)
    assert [p.code for p in parsed.problems].count("EB106") == 3
    assert all(p.message.isprintable() and p.hint.isprintable() for p in parsed.problems)


def test_known_names():
    text = "channels: [pytorch]\ndependencies:\n- pytorch::torch=2.1\n- 'opencv-python>=4'\n- sklearn\n"
    hints = [p.hint for p in found(text, "EB210")]
    assert hints == [
        "did you mean `pytorch`?",
        "did you mean `opencv`?",
        "did you mean `scikit-learn`?",
    ]
    edits = [p.edit.apply(text) for p in found(text, "EB210")]
    assert "- pytorch::pytorch=2.1\n" in edits[0]
    assert "- 'opencv>=4'\n" in edits[1]
    assert "- scikit-learn\n" in edits[2]


def test_both_by_conda_and_pip_under_different_names():
    text = (
        "channels: [a]\ndependencies:\n- python=3\n- pip\n- pytorch=2\n- scikit-learn=1\n"
        "- pip:\n  - torch\n  - Scikit_Learn==1\n  - rich==1\n"
    )
    problems = found(text, "EB303")
    assert [p.span.line for p in problems] == [8, 9]
    assert "as `pytorch`" in problems[0].message
    assert "line 5" in problems[0].message
    assert "torch\n" not in problems[0].edit.apply(text).split("- pip:")[1]
    assert problems[1].edit is None


@pytest.mark.parametrize(
    ("conda", "pip"),
    [
        ("python-snappy", "python-snappy"),
        ("pytorch_geometric", "torch-geometric"),
        ("pyg", "torch_geometric"),
        ("pytorch_scatter", "torch-scatter"),
        ("pytorch-scatter", "torch-scatter"),
    ],
)
def test_names_that_differ_in_conda_and_on_pypi(conda, pip):
    text = f"channels: [a]\ndependencies: [python=3, pip, {conda}=1, {{pip: [{pip}]}}]\n"
    assert len(found(text, "EB303")) == 1


def test_pip_is_added_before_the_section():
    text = "channels: [a]\ndependencies:\n  - python=3\n  - pip:\n      - rich==1\n"
    assert "  - python=3\n  - pip\n  - pip:\n" in mended(text, "EB301")
    assert "EB301" not in codes(mended(text, "EB301"))


def test_twins_are_removed_and_others_are_not():
    text = "channels: [a]\ndependencies:\n- x=1  # one\n- x=1  # two\n"
    assert mended(text, "EB203") == "channels: [a]\ndependencies:\n- x=1  # one\n"
    assert found("channels: [a]\ndependencies: [x=1, x>=1]\n", "EB203")[0].edit is None


def test_hostile_row_16_consent_is_per_kind():
    text = (
        "channels: [a]\ndependencies:\n- python=3\n- pip\n- pip:\n  - -e git+https://h/x@"
        + "a" * 40
    )
    assert "`editable` and `git`" in found(text, "EB304")[0].hint
    assert "EB304" in codes(text, allowed_pip=frozenset({PipKind.GIT}))
    both = frozenset({PipKind.GIT, PipKind.EDITABLE})
    assert codes(text, allowed_pip=both) == ["EB504"]


def test_hostile_row_14_secrets_in_urls_are_told_and_never_shown():
    secret = "hunter2secret"
    text = (
        f"channels:\n- https://user:{secret}@h.org/c\n- https://h.org/t/{secret}/c\n"
        f"- https://h.org/c?token={secret}\n- https://u:{secret}/x@h.org/c\n"
        f"dependencies:\n- python=3\n- pip\n- https://u:{secret}@h.org/d::x=1\n"
        f"- https://u:{secret}@h.org/e/noarch/y-1-0.conda\n"
        f"- git+https://u:{secret}@h.org/z\n"
        f"- pip:\n  - https://u:{secret}@h.org/x.whl\n  - git+https://u:{secret}@h.org/x\n"
        f"  - --index-url https://u:{secret}@h.org\n  - what https://u:{secret}@h.org/\n"
        f"variables:\n  URL: https://u:{secret}@h.org/c\n"
        f"name: https://u:{secret}@h.org/c\nprefix: https://u:{secret}@h.org/c\n"
        f"{secret}@x: y\n"
    )
    problems = check_text(SpecText(text), CheckContext()).problems
    assert [p.span.line for p in problems if p.code == "EB406"] == [2, 3, 4, 5, 9, 10, 13, 14]
    for problem in problems:
        if problem.code != "EB109":  # a key that is a secret is beyond recognition
            assert secret not in problem.message + problem.hint, problem


@pytest.mark.parametrize(
    ("channel", "code"),
    [
        ("http://h.org/c", "EB407"),
        ("https://h.org/${TOKEN}/c", "EB408"),
        ("https://$USER@h.org/c", "EB408"),
        ("$CHANNEL", "EB408"),
        ("file:///srv/c", "EB409"),
        ("/srv/c", "EB409"),
        ("~/c", "EB409"),
        ("./c", "EB409"),
        ("http://169.254.169.254/latest/meta-data", "EB410"),
        ("http://[fe80::1]/c", "EB410"),
        ("https://h.org/c", "EB411"),
        ("a, b", "EB412"),
        ("a b", "EB412"),
        ("../../etc", "EB409"),
        ("a/../b", "EB412"),
        ("javascript:alert(1)", "EB412"),
        ("ftp://h.org/c", "EB412"),
    ],
)
def test_hostile_row_15_addresses_of_channels(channel, code):
    text = f"channels:\n- '{channel}'\ndependencies: [a=1]\n"
    assert code in codes(text)
    assert found(text, code)[0].span.line == 2


def test_one_channel_by_name_and_by_address():
    def found(channels: str, line: str) -> list[str]:
        text = f"name: a\nchannels: [{channels}]\ndependencies: [python=3.12, '{line}']\n"
        return [code for code in codes(text) if code in {"EB404", "EB405"}]

    by_address = "https://conda.anaconda.org/pytorch"
    assert found(by_address, "pytorch::a=1") == []
    assert found("pytorch", f"{by_address}::a=1") == []
    assert found("pytorch/linux-64", "pytorch::a=1") == []
    assert found("defaults", "https://repo.anaconda.com/pkgs/main::a=1") == []
    assert found(f"pytorch, {by_address}", "a=1") == ["EB405"]
    assert found("https://mirror.corp/pytorch", "pytorch::a=1") == ["EB404"]
    assert found("conda-forge", f"{by_address}::a=1") == ["EB404"]


def test_channels_that_are_known_are_left_alone():
    text = "channels:\n- https://mirror.lan/c\n- defaults\n- https://conda.anaconda.org/x\ndependencies: [mine::a=1]\nname: x\n"
    context = {
        "known_hosts": frozenset({"mirror.lan"}),
        "known_channels": frozenset({"mine"}),
        "defaults_configured": True,
    }
    assert codes(text, **context) == []
    assert codes(text) == ["EB411", "EB402", "EB404"]


def test_channel_order_is_mended_by_swapping():
    text = "channels:\n- defaults  # first\n- bioconda\n- 'conda-forge'\ndependencies: [a=1]\n"
    after = mended(text, "EB403")
    assert after.startswith("channels:\n- 'conda-forge'  # first\n- bioconda\n- defaults\n")
    assert "EB403" not in codes(after)


def test_an_unlisted_channel_is_told_once_and_added():
    text = "name: x\nchannels: [a]\ndependencies: [nvidia::a=1, nvidia::b=1, a/linux-64::c=1]\n"
    assert "channels: [a, nvidia]" in mended(text, "EB404")


def test_hostile_row_13_a_prefix_is_never_used():
    for prefix in ("/", "~", "/etc", "../x", ""):
        text = f"name: x\nchannels: [a]\ndependencies: [a=1]\nprefix: {prefix}\n"
        (problem,) = found(text, "EB503")
        assert problem.severity is Severity.WARNING
        assert mended(text, "EB503") == text.partition("prefix")[0]


@pytest.mark.parametrize(
    "name", ["../x", "a/b", "-n", ".", "''", '"a\\0b"', '"a\\nb"', "base", "root", "x" * 300]
)
def test_hostile_row_12_names(name):
    text = f"name: {name}\nchannels: [a]\ndependencies: [a=1]\n"
    problems = check_text(SpecText(text), CheckContext()).problems
    assert any(p.code in {"EB501", "EB502", "EB106"} and p.is_error for p in problems)


@pytest.mark.parametrize(
    ("entry", "code"),
    [
        ("LD_PRELOAD: x", "EB506"),
        ("LD_LIBRARY_PATH: x", "EB506"),
        ("PATH: x", "EB506"),
        ("PYTHONPATH: x", "EB506"),
        ("PYTHONSTARTUP: x", "EB506"),
        ("A-B: x", "EB505"),
        ("1A: x", "EB505"),
        ("'A B': x", "EB505"),
        ("'A;rm': x", "EB505"),
        ("é: x", "EB505"),
        ('A: "x\\ny"', "EB507"),
        ('A: "x\\0y"', "EB106"),
        ("AWS_SECRET_ACCESS_KEY: abcdefgh", "EB508"),
        ("HF_TOKEN: abcdefgh", "EB508"),
    ],
)
def test_hostile_row_18_variables(entry, code):
    text = f"name: x\nchannels: [a]\ndependencies: [a=1]\nvariables:\n  {entry}\n"
    (problem,) = found(text, code)
    assert problem.span.line == 5
    assert "abcdefgh" not in problem.message


def test_silencing_on_the_line_above_and_for_the_file():
    text = "name: x\nchannels: [a]\ndependencies:\n- python\n- numpy\n"
    assert codes(text) == ["EB208", "EB209"]
    on_line = text.replace("- python\n", "- python  # envbench: ignore EB208\n")
    assert codes(on_line) == ["EB209"]
    above = text.replace("- python\n", "# envbench: ignore EB208, eb209\n\n- python\n")
    assert codes(above) == ["EB209"]
    whole = "# envbench: ignore EB208 EB209\n" + text
    assert codes(whole) == []
    elsewhere = text.replace("- numpy\n", "- numpy  # envbench: ignore EB208\n")
    assert codes(elsewhere) == ["EB208", "EB209"]


def test_errors_cannot_be_silenced():
    text = (
        "# envbench: ignore EB502 EB999 nonsense\nname: base\nchannels: [a]\ndependencies: [a=1]\n"
    )
    assert codes(text) == ["EB115", "EB115", "EB115", "EB502"]


def test_problems_come_in_the_order_of_the_text():
    problems = check_text(SpecText("\n".join(reversed(FULL.splitlines()))), CheckContext()).problems
    places = [p.span.start if p.span else -1 for p in problems]
    assert places == sorted(places)


def test_thousands_of_items_are_checked_in_time():
    rows = [f"- nvidia::pkg{i}=1" for i in range(6000)]
    text = "name: x\nchannels: [a]\ndependencies:\n" + "\n".join(rows) + "\n"
    parsed = check_text(SpecText(text), CheckContext())
    assert len(parsed.spec.dependencies) == 6000


SPEC_LIKE = st.lists(
    st.sampled_from(
        [
            *(
                "name: x\n",
                "channels:\n",
                "dependencies:\n",
                "variables:\n",
                "prefix: ",
                "- pip:\n",
            ),
            *(
                "  - a=1\n",
                "- ",
                "  ",
                "    - rich\n",
                "[",
                "]",
                "{",
                "}",
                ": ",
                "#",
                "'",
                '"',
                "\r\n",
            ),
            *(
                "-e .",
                "::",
                "https://u:p@h/c",
                "~",
                "3.10",
                "\\e[31m",
                "é",
                "\u202e",
                "sel(win): x\n",
            ),
            *("{{ a }}", "\t", "&a", "*a", "<<: x", "!t", "platforms: [x]\n", "=", "\n"),
        ]
    ),
    max_size=16,
).map("".join)


@settings(max_examples=300, deadline=None)
@given(SPEC_LIKE | st.text(max_size=80))
def test_whatever_the_text_there_is_an_answer(text):
    parsed = check_text(SpecText(text), CheckContext())
    assert parsed.spec is not None or parsed.errors
    length = len(text.removeprefix("\ufeff"))
    for problem in parsed.problems:
        assert problem.message
        assert problem.message.isprintable()
        assert problem.hint == "" or problem.hint.isprintable()
        if problem.span:
            assert 0 <= problem.span.start <= problem.span.end <= length
        if problem.edit:
            assert problem.edit.apply(text.removeprefix("\ufeff")) is not None


MANY = "name: x\nchannels: [a]\ndependencies:\n- pip\n"


@pytest.mark.parametrize(
    "text",
    [
        MANY + "- x=1\n" * 9000,
        MANY + "".join(f"- c{i}::a{i} # [osx]\n" for i in range(9000)),
        MANY + "# envbench: ignore EB208 EB1\n" * 30000,
        MANY + '- "' + "https://a/.conda#" * 50000 + ' "\n',
        MANY + '- pip: ["' + "a=" * 400000 + ' "]\n',
        "channels:\n" + "- http://u:hunter22{}@x.y/c\n" * 9000 + "dependencies: [a]\n",
        MANY + "".join(f"- p{i}\n" for i in range(150)) * 2 + "- pip: [a=1]\n",
        MANY + "- 'x " + "(" * 4000 + "'\n",
        MANY + "- x " + "(" * 1300 + "1" + ")" * 1300 + "\n",
        MANY + "- pip: ['x; " + "(" * 1900 + 'os_name=="a"' + ")" * 1900 + "']\n",
    ],
    ids=[
        "twins",
        "channels",
        "comments",
        "archives",
        "equals",
        "secrets",
        "mends",
        "open",
        "nested",
        "marker",
    ],
)
def test_hostile_row_08_answers_come_in_bounded_time(text):
    start = time.perf_counter()
    parsed = check_text(SpecText(text), CheckContext())
    assert time.perf_counter() - start < 15
    assert parsed.problems
