"""Checking texts that are not on disk."""

import hashlib

import msgspec
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st

from envbench.settings.load import load_settings
from envbench.workbench.specs import TextReport, check_spec, check_text

TEXT = "name: a\nchannels: [conda-forge]\ndependencies:\n  - numpy=1.26.*\n  - pip:\n    - rich\n"


@pytest.fixture(scope="module")
def settings(tmp_path_factory):
    return load_settings({}, home=tmp_path_factory.mktemp("home"))


def checked(text, settings, **options) -> TextReport:
    report = check_text(text, "environment.yml", settings, **options)
    assert msgspec.json.decode(msgspec.json.encode(report), type=TextReport) == report
    return report


def test_a_text_is_checked_as_the_file_would_be(tmp_path, settings):
    text = TEXT.replace("1.26.*", "1.26.*>").replace("rich", "rich==")
    for has_bom in (False, True):
        path = tmp_path / "environment.yml"
        path.write_bytes(b"\xef\xbb\xbf" * has_bom + text.encode())
        saved = check_spec(path, settings)
        report = checked(text, settings, has_bom=has_bom)
        assert (report.problems, report.sha256) == (saved.problems, saved.sha256)
        assert report.is_fine == saved.is_fine
    assert report.errors == sum(problem.is_error for problem in report.problems) > 0


def test_the_report_says_what_each_line_means(settings):
    report = checked(TEXT, settings)
    assert (report.name, report.is_fine, report.is_spec) == ("a", True, True)
    assert [(m.line, m.text) for m in report.meanings] == [
        (4, "numpy: version 1.26.*, any channel of the list"),
        (6, "rich: any version, from the package index"),
    ]


def test_a_lock_is_named(settings):
    report = checked("@EXPLICIT\nhttps://x/a-1-0.conda\n", settings)
    assert (report.other_kind, report.is_fine) == ("an explicit lock", False)


def test_meanings_hold_no_secret(settings):
    text = (
        "dependencies:\n- https://u:hunter22@h/t::zlib\n- pip: ['x @ https://u:hunter22@h/x.whl']\n"
    )
    report = checked(text, settings)
    assert "hunter22" not in repr(report.meanings)
    assert len(report.meanings) == 2


@given(st.text(max_size=60) | st.text("name:depcis -[]\n'\"\t\x00\ufeff&*!", max_size=60))
@examples(max_examples=80, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_text_gets_a_report(settings, text):
    # Half a surrogate pair has no form in JSON, so it cannot come this way.
    sound = text.encode("utf-8", "replace").decode()
    report = checked(sound, settings)
    assert report.sha256 == hashlib.sha256(sound.encode()).hexdigest()
    assert all(p.span is None or 0 <= p.span.start <= p.span.end for p in report.problems)
    check_text(text, "x", settings)
