"""Match specs: read as rattler's lenient parser reads them, which is the oracle here."""

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rattler import MatchSpec as Oracle

from envbench.formats.environment_yml import parse_spec
from envbench.model.matchspec import MatchSpecError, parse_match_spec
from envbench.model.spec import SpecText

DATA = Path(__file__).resolve().parents[2].parent / "shared" / "data"


def ours(text):
    match = parse_match_spec(text)
    return match.name, match.version, match.build, match.subdir


def theirs(text):
    match = Oracle(text)
    return match.name.normalized, match.version, match.build, match.subdir


@pytest.mark.parametrize(
    ("text", "version", "build"),
    [
        ("python", None, None),
        ("python=3.9", "3.9.*", None),
        ("python 3.9", "==3.9", None),
        ("python==3.9", "==3.9", None),
        ("numpy=1.23.*", "1.23.*", None),
        ("numpy==1.23.*", "1.23.*", None),
        ("numpy 1.23*", "1.23.*", None),
        ("numpy=1.23 *", "==1.23", "*"),
        ("pytorch=1.13.1=py3.9_cuda11.7*", "==1.13.1", "py3.9_cuda11.7*"),
        ("pytorch~=2.1.0 *cuda12*", "~=2.1.0", "*cuda12*"),
        ("jaxlib=*=*cuda*", "*", "*cuda*"),
        ("pytorch>=2.8,<3=cpu*", ">=2.8,<3", "cpu*"),
        ("numpy>1.*", ">=1", None),
        ("numpy>=1.*", ">=1", None),
        ("numpy =1.20,<2", "1.20.*,<2", None),
        ("numpy 1.20|1.21", "==1.20|==1.21", None),
        ("numpy (1.2|1.3),<2 x", "(==1.2|==1.3),<2", "x"),
        ("numpy >=1.2 , <2", ">=1.2,<2", None),
        ("zlib>=1,==1.*", ">=1,==1", None),
        ("num py 3 x y", "==py", "3 x y"),
        ("numpy >=1.2 <2", ">=1.2", "<2"),
        ("numpy 1.0 # why", "==1.0", None),
    ],
)
def test_forms(text, version, build):
    assert ours(text)[1:3] == (version, build)
    assert ours(text) == theirs(text)


@pytest.mark.parametrize(
    ("text", "channel", "subdir"),
    [
        ("conda-forge::numpy", "conda-forge", None),
        ("conda-forge/linux-64::numpy", "conda-forge", "linux-64"),
        ("sleap/label/dev::tensorflow ==2.7.0", "sleap/label/dev", None),
        ("https://104.17.92.24:443::flask=1.0.2", "https://104.17.92.24:443", None),
        ("file:///x/y::numpy", "file:///x/y", None),
        ("numpy[channel=conda-forge,subdir=noarch]", "conda-forge", "noarch"),
        ("::numpy", None, None),
    ],
)
def test_channels(text, channel, subdir):
    match = parse_match_spec(text)
    assert (match.channel, match.subdir) == (channel, subdir)
    assert match.name == theirs(text)[0]


def test_brackets():
    match = parse_match_spec("pkg=1[build='*cuda*', md5=d41d8cd98f00b204e9800998ecf8427e]")
    assert (match.version, match.build) == ("1.*", "*cuda*")
    assert match.brackets == (("md5", "d41d8cd98f00b204e9800998ecf8427e"),)
    assert match.is_pinned


def test_archives_are_named_by_their_file():
    match = parse_match_spec("https://x.org/c/linux-64/numpy-base-1.0-py_0.conda#abc")
    assert match.name == "numpy-base"
    assert match.brackets[0][0] == "url"


def test_names_are_lower_case():
    assert parse_match_spec("NumPy").name == "numpy"


@pytest.mark.parametrize(
    "text",
    [
        *("", "*", "foo*", "pip:", "numpy=>1.2", "numpy=", "numpy==", "./x.conda", "numpy@1"),
        *("requests[security]", "müsli", "numpy 1.2|", "numpy>=1.2,", "numpy=*1", "numpy===1.2"),
        *("numpy(>=1.2)", "numpy 1..2", "a::b::c", "conda-forge::", "numpy[foo=bar]", "numpy]"),
        *("numpy[build=x", "git+https://x.y/z", "name @ https://x.y/z", "cudf={{version}}"),
        *("numpy[sha256=abc]", "numpy[url=foo]", "numpy 18446744073709551616", "numpy<*"),
        "numpy=1.2\x1b[31m",
    ],
)
def test_texts_that_are_none(text):
    with pytest.raises(MatchSpecError):
        parse_match_spec(text)
    with pytest.raises(Exception, match=r".*"):
        Oracle(text)


@pytest.mark.parametrize("text", ["-c conda-forge", "--override-channels", "-", " -n x"])
def test_options_are_no_packages_though_the_oracle_takes_them_for_some(text):
    assert theirs(text)[0].startswith("-")
    with pytest.raises(MatchSpecError, match="option"):
        parse_match_spec(text)


def test_a_number_of_thousands_of_digits_is_refused_at_once():
    with pytest.raises(MatchSpecError, match="too large"):
        parse_match_spec("numpy=" + "9" * 100_000)


PIECES = st.sampled_from(
    [
        *(
            "numpy",
            "py",
            "=",
            "==",
            ">=",
            "<",
            "!=",
            "~=",
            ",",
            "|",
            " ",
            "1",
            "1.2",
            "1.2.3",
            ".*",
            "*",
        ),
        *(
            "(",
            ")",
            "build",
            "py39_0",
            "cu*",
            "conda-forge",
            "::",
            "[",
            "]",
            "'",
            "version",
            "2.0a1",
        ),
        *("+cpu", "!", ".", "-", "_", "/", "#", "linux-64"),
    ]
)
CONSTRAINTS = st.from_regex(
    r"( ?(=|==|>=|<=|<|>|!=|~=)[1-9](\.[1-9a-c]{1,3}){0,2}(\.\*|\*)?"
    r"([,|](>=|<=|<|>|!=|~=|=|==)?[1-9](\.[1-9]){0,2}(\.\*|\*)?){0,2}([ =](py|cuda)[a-z_*]{0,3})?)?",
    fullmatch=True,
)


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(("numpy", "r-base", "conda-forge::x", "_a.b")), CONSTRAINTS)
def test_made_specs_are_read_as_by_the_oracle(name, constraint):
    text = name + constraint
    try:
        expected = theirs(text)
    except Exception:  # noqa: BLE001 - the oracle's exceptions have no common base
        with pytest.raises(MatchSpecError):
            parse_match_spec(text)
        return
    assert ours(text) == expected


@settings(max_examples=200, deadline=None)
@given(st.lists(PIECES, max_size=7).map("".join))
def test_rubbish_never_means_another_package(text):
    try:
        name = parse_match_spec(text).name
    except MatchSpecError:
        return
    try:
        expected = theirs(text)[0]
    except Exception:  # noqa: BLE001 - the oracle's exceptions have no common base
        return
    assert name == expected


@pytest.mark.skipif(not DATA.is_dir(), reason="the real specs are not here")
def test_all_match_specs_of_real_specs():
    count = 0
    for path in sorted((DATA / "specs").glob("*.y*ml")):
        spec = parse_spec(SpecText(path.read_bytes().decode())).spec
        for item in spec.dependencies:
            try:
                expected = theirs(item.text)
            except Exception:  # noqa: BLE001 - the oracle's exceptions have no common base
                assert item.match is None, item.text
                continue
            count += 1
            assert item.match is not None, item.text
            name, version, *rest = ours(item.text)
            # The oracle drops leading zeros: `2018.03.07` and `2018.3.7` are one version.
            plain = version and re.sub(r"(?<![0-9A-Za-z])0+(?=[0-9])", "", version)
            assert (name, plain, *rest) == expected, item.text
    assert count > 3000
