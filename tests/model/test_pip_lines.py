"""The lines of a pip section: what passes, what needs consent, what is refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envbench.model.pip_lines import (
    CONSENT_KINDS,
    PipFlaw,
    PipKind,
    PipVerdict,
    classify_pip_item,
)

COMMIT = "a" * 40
DIGEST = "b" * 64


@pytest.mark.parametrize(
    "text",
    [
        "rich",
        "rich==15.*",
        "rich >=13, <15",
        "rich[jupyter]; python_version < '3.12'",
        "rich  # a comment",
        f"rich==1.0 --hash=sha256:{DIGEST}",
        "yaml2bib; sys_platform == 'linux' and platform_machine == 'x86_64'",
    ],
)
def test_requirements_are_accepted(text):
    line = classify_pip_item(text)
    assert line.verdict is PipVerdict.ACCEPTED
    assert line.requirement is not None
    assert line.is_allowed(frozenset())


@pytest.mark.parametrize(
    ("text", "needs"),
    [
        ("git+https://github.com/a/b.git", {"git"}),
        (f"x @ git+https://github.com/a/b@{COMMIT}", {"git"}),
        (f"https://h/x-1-py3-none-any.whl#sha256={DIGEST}", {"url"}),
        ("https://h/x-1.tar.gz", {"url", "sdist"}),
        ("x @ https://h/x.whl", {"url"}),
        ("-e .", {"editable", "local"}),
        ("--editable=.[dev]", {"editable", "local"}),
        ("-e ..[docs]", {"editable", "local", "outside"}),
        ("-e git+https://github.com/a/b.git@main#egg=b", {"editable", "git"}),
        ("./proj", {"local"}),
        ("dist/x.whl", {"local"}),
        ("a/../../b", {"local", "outside"}),
        ("/abs/proj", {"local", "outside"}),
        ("~/proj", {"local", "outside"}),
        ("x @ file:///abs/proj", {"local", "outside"}),
        ("file:///abs/x.whl", {"local", "outside"}),
        ("-r more.txt", {"requirements-file"}),
        ("-c ../limits.txt", {"requirements-file", "outside"}),
    ],
)
def test_what_needs_consent(text, needs):
    line = classify_pip_item(text)
    assert line.verdict is PipVerdict.CONSENT
    assert {kind.value for kind in line.needs} == needs
    assert line.is_allowed(line.needs)
    for kind in line.needs:
        assert not line.is_allowed(line.needs - {kind})


@pytest.mark.parametrize(
    "text",
    [
        *("--index-url https://x/simple", "-i https://x", "--extra-index-url=https://x"),
        *("--find-links x", "-f x", "--no-index", "--trusted-host x", "--pre", "--no-binary :all:"),
        *("--target x", "--prefix=x", "--user", "--anything", "-", "--"),
        *("x --config-settings=a=b", "x --global-option=y", "x --index-url https://y"),
        "git+ssh://git@github.com/a/b",
        "git+http://github.com/a/b",
        "git://github.com/a/b",
        "git+{PLACEHOLDER}#egg=x",
        "hg+https://x/y",
        "svn+https://x/y",
        "ftp://h/x.whl",
        "https://h/x.whl --extra-index-url https://evil",
        "x @ https://h/x.whl --extra-index-url https://evil",
        "-r a.txt --index-url https://evil",
        "-e . --index-url https://evil",
        "./x --pre",
        "-r https://evil/requirements.txt",
        "-e",
        "rich\n--index-url https://evil",
        "rich\r--pre",
        "not a req!!",
        "rich=1.2",
        "rich==",
        "",
        "# only a comment",
        "conda-forge::rich",
    ],
)
def test_hostile_row_16_everything_else_is_refused(text):
    line = classify_pip_item(text)
    assert line.verdict is PipVerdict.REFUSED
    assert line.reason
    assert not line.is_allowed(CONSENT_KINDS)


@pytest.mark.parametrize(
    "text",
    [
        "https://h/${TOKEN}/x.whl",
        "git+https://${USER}@h/a",
        "x=={${V}}",
        "--index-url ${URL}",
        "${X}",
    ],
)
def test_hostile_row_16_variables_are_refused(text):
    line = classify_pip_item(text)
    assert line.verdict is PipVerdict.REFUSED
    assert PipFlaw.VARIABLE in line.flaws


def test_flaws():
    assert classify_pip_item("git+https://h/a@v1").flaws == {PipFlaw.NO_COMMIT}
    assert not classify_pip_item(f"git+https://h/a@{COMMIT}#egg=a").flaws
    assert classify_pip_item("https://h/x.whl").flaws == {PipFlaw.NO_HASH}
    assert classify_pip_item("http://h/x.whl").flaws == {PipFlaw.NO_HASH, PipFlaw.UNENCRYPTED}
    without_version = classify_pip_item(f"x --hash=sha256:{DIGEST}")
    assert without_version.flaws == {PipFlaw.HASH_WITHOUT_VERSION}
    assert without_version.verdict is PipVerdict.REFUSED
    assert classify_pip_item(f"x==1.* --hash=sha256:{DIGEST}").verdict is PipVerdict.REFUSED


def test_hashes_and_targets_are_kept():
    assert classify_pip_item(f"x==1 --hash=sha256:{DIGEST}").hashes == (f"sha256:{DIGEST}",)
    assert classify_pip_item("x @ https://h/x.whl").target == "https://h/x.whl"
    assert classify_pip_item("-e ./proj[dev]").target == "./proj"


@given(st.text(max_size=60))
def test_nothing_is_raised_and_options_never_pass(text):
    line = classify_pip_item(text)
    if line.verdict is PipVerdict.ACCEPTED:
        assert line.kind is PipKind.REQUIREMENT
        assert line.requirement is not None
        assert line.requirement.url is None
        assert not line.text.startswith("-")
        assert "\n" not in line.text
