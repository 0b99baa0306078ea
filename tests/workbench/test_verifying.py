"""Locks, specs and environments held against each other, as they lie on disk."""

import hashlib
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest

from envbench.formats.lock_formats import LOCK_FORMATS, export_lock
from envbench.model.build import PipSettings
from envbench.model.document import make_foreign, to_builtins
from envbench.model.errors import NotFineError, UsageError
from envbench.model.export_options import ExportOptions
from envbench.model.job import JobState
from envbench.model.lock import Lock
from envbench.model.lock_verdicts.finding import FindingGroup
from envbench.settings.load import load_settings
from envbench.workbench.demo_wheel import make_demo_wheel
from envbench.workbench.environments import read_lock
from envbench.workbench.locks.making import LockOrder, make_locks
from envbench.workbench.values.verifying import LockReport, VerifyKind, VerifyReport
from envbench.workbench.verification.verify import verify
from tests.channels import index_channel, make_package
from tests.workbench.conftest import Box, make_box

FORMS = [form.name for form in LOCK_FORMATS if form.is_lock]
CALLED_LOCKS = [
    form.name for form in LOCK_FORMATS if form.is_lock and form.file_name != "environment.yml"
]
"""Those whose name says that they are locks; an `environment.yml` of exact pins is a spec, too."""
NO_PIP = "conda-lock-no-pip"


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory, python_channel: Path):
    """One environment with a pip part, and all its locks."""
    with pytest.MonkeyPatch.context() as patch:
        box = make_box(tmp_path_factory.mktemp("verified"), patch)
        wheel = make_demo_wheel(box.root / "wheels")
        pip = PipSettings(find_links=(str(wheel.parent),), no_index=True, offline=True)
        spec = box.write_spec(
            "python", "pip", "rich", pip=("hello-envbench",), channel=python_channel.as_uri()
        )
        result, _ = box.build(spec, pip)
        assert result.state is JobState.DONE, result.reason
        for form in FORMS:
            folder = box.root / form
            folder.mkdir()
            write(read_lock("env", box.settings), form, folder)
        yield box


def write(lock: Lock | list[Lock], form: str, folder: Path) -> Path:
    exported = export_lock(lock, form, ExportOptions())
    for file in exported.files:
        (folder / file.path).write_text(file.text)
    return folder / exported.file_name


def lock_file(box: Box, form: str) -> Path:
    return box.root / form / next(f.file_name for f in LOCK_FORMATS if f.name == form)


def environment(box: Box, *words: object, **options: bool) -> VerifyReport:
    report = verify(*map(str, words), *[None] * (2 - len(words)), box.settings, **options)
    assert isinstance(report, VerifyReport)
    return report


def pair(box: Box, one: object, two: object) -> LockReport:
    report = verify(str(one), str(two), box.settings)
    assert isinstance(report, LockReport)
    return report


@pytest.mark.parametrize("form", FORMS)
def test_an_environment_is_as_each_of_its_locks_says(built: Box, form: str):
    for words in ((lock_file(built, form), "env"), ("env", lock_file(built, form))):
        report = environment(built, *words, files=False)
        assert report.kind is VerifyKind.ENVIRONMENT
        assert report.is_fine, report.describe()
        assert report.describe()[-1] == "env: as locked; files were not looked at"


def test_files_are_looked_at_unless_they_are_left_out(built: Box):
    report = environment(built, lock_file(built, "pixi-v7"), "env", shallow=True)
    assert report.is_fine
    assert report.files.checked_files > 1000
    alone = environment(built, "env", shallow=True)
    assert (alone.kind, alone.is_fine) == (VerifyKind.FILES, True)


@pytest.mark.parametrize("form", CALLED_LOCKS)
def test_all_locks_of_an_environment_are_the_same(built: Box, form: str):
    for other in CALLED_LOCKS:
        report = pair(built, lock_file(built, form), lock_file(built, other))
        assert report.is_fine, report.describe()
        assert report.kind is VerifyKind.LOCKS


@pytest.mark.parametrize("form", FORMS)
def test_all_locks_satisfy_the_spec_it_was_built_from(built: Box, form: str):
    for words in ((lock_file(built, form), built.root / "env.yml"),
                  (built.root / "env.yml", lock_file(built, form))):  # fmt: skip
        report = pair(built, *words)
        assert report.kind is VerifyKind.SPEC
        # It was made for a consumer that takes no pip packages, and installs none.
        missing = ["hello-envbench"] if form == NO_PIP else []
        assert [f.name for f in report.judgement.findings] == missing, report.describe()


def test_channels_that_the_settings_add_are_no_difference_where_they_do(box: Box):
    more = box.root / "more"
    make_package(more, "other")
    index_channel(more)
    spec = box.write_spec("app")
    condarc = Path.home() / ".condarc"
    condarc.write_text(f"channels: [{more.as_uri()}]\n")
    here = load_settings()
    made = make_locks(LockOrder(subject=str(spec)), here)
    assert made.locks[0].channels == (box.channel.as_uri(), more.as_uri())
    lock = box.root / "conda-lock.yml"
    lock.write_text(export_lock(made.locks[0], "conda-lock").text)
    assert verify(str(lock), str(spec), here).is_fine
    condarc.unlink()
    report = verify(str(lock), str(spec), load_settings())
    assert [each.name for each in report.judgement.findings] == [more.as_uri()]


@pytest.mark.parametrize("form", FORMS)
def test_a_spec_that_asks_for_more_is_not_satisfied_or_not_compared(built: Box, form: str):
    spec = built.root / "more.yml"
    text = (built.root / "env.yml").read_text().replace("- rich", "- rich >=99\n  - scipy")
    spec.write_text(text.replace("- hello-envbench", "- hello-envbench==7"))
    report = pair(built, lock_file(built, form), spec)
    found = [(f.mark.value, f.name) for f in report.judgement.findings]
    pip = (
        [] if form.startswith("explicit") else [("-" if form == NO_PIP else "~", "hello-envbench")]
    )
    assert found == [("~", "rich"), ("-", "scipy"), *pip]
    assert pip or any("hello-envbench==7" in what for what in report.judgement.not_compared)
    places = [str(place).rpartition("/")[2] for place in report.judgement.findings[0].places]
    assert places[0] == "more.yml:7"
    assert "does NOT satisfy" in report.describe()[-1]


def test_a_package_that_was_changed_is_found_whatever_the_format(built: Box):
    lock = read_lock("env", built.settings)
    changed = [replace(p, version="9.9", sha256="0" * 64, md5="0" * 32,
                       url=p.url.replace(f"-{p.version}-", "-9.9-"),
                       file_name=p.file_name.replace(f"-{p.version}-", "-9.9-"))
               if p.name == "pip" else p for p in lock.packages]  # fmt: skip
    for form in FORMS:
        folder = built.root / f"changed-{form}"
        folder.mkdir()
        file = write(replace(lock, packages=tuple(changed)), form, folder)
        report = environment(built, file, "env", files=False)
        assert [f.name for f in report.judgement.findings] == ["pip"], form
        assert report.packages is not None
        assert [(d.manager, d.name) for d in report.packages.drifts] == [("conda", "pip")]


def test_of_several_platforms_that_of_the_environment_counts(built: Box):
    here = read_lock("env", built.settings)
    mac = replace(here, platform="osx-arm64", packages=(), pip=(), virtual_packages=())
    folder = built.root / "several"
    folder.mkdir()
    both = write([mac, here], "pixi-v7", folder)
    assert environment(built, both, "env", files=False).is_fine
    only_mac = folder / "mac"
    only_mac.mkdir()
    mac_file = write(mac, "pixi-v7", only_mac)
    report = environment(built, mac_file, "env", files=False)
    assert [f.group for f in report.judgement.findings] == [FindingGroup.PLATFORM]
    assert any("nothing is locked for linux-64" in line for line in report.describe())
    # Between locks, a platform that only one of them has is a difference.
    apart = pair(built, both, lock_file(built, "pixi-v6"))
    assert [(f.mark.value, f.name) for f in apart.judgement.findings] == [("-", "osx-arm64")]
    apart = pair(built, lock_file(built, "pixi-v6"), both)
    assert [(f.mark.value, f.name) for f in apart.judgement.findings] == [("+", "osx-arm64")]


@pytest.mark.parametrize("form", ["pylock", "requirements"])
def test_the_lock_of_the_conda_part_is_followed(built: Box, form: str, tmp_path: Path):
    file = write(read_lock("env", built.settings), form, tmp_path)
    (beside,) = [each for each in tmp_path.iterdir() if each != file]
    text = beside.read_text()
    beside.write_text(text.replace("/pip-", "/pop-"))
    report = environment(built, file, "env", files=False)
    found = [(f.group, f.mark.value, f.name) for f in report.judgement.findings]
    assert (FindingGroup.COMPANION, "~", beside.name) in found
    assert (FindingGroup.CONDA, "-", "pop") in found
    assert (FindingGroup.CONDA, "+", "pip") in found
    beside.unlink()
    report = environment(built, file, "env", files=False)
    assert [(f.group, f.mark.value) for f in report.judgement.findings] == [
        (FindingGroup.COMPANION, "-")
    ]
    assert any("conda packages" in what for what in report.judgement.not_compared)
    assert not pair(built, file, built.root / "env.yml").is_fine


def test_hashes_that_disagree_are_found(built: Box, tmp_path: Path):
    file = lock_file(built, "explicit-sha256")
    digest = next(p.sha256 for p in read_lock("env", built.settings).packages if p.name == "rich")
    other = hashlib.sha256(b"other").hexdigest()
    (tmp_path / "explicit.txt").write_text(file.read_text().replace(digest or "", other))
    report = environment(built, tmp_path / "explicit.txt", "env", files=False)
    (finding,) = report.judgement.findings
    assert (finding.name, finding.mark.value) == ("rich", "~")
    assert other in finding.message


def test_a_foreign_environment_is_compared_by_its_records(built: Box, tmp_path: Path):
    venv = tmp_path / "venv"
    (venv / "lib/python3.11/site-packages/rich-1.dist-info").mkdir(parents=True)
    (venv / "pyvenv.cfg").write_text("home = /usr/bin\nversion = 3.11.2\n")
    info = venv / "lib/python3.11/site-packages/rich-1.dist-info"
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: rich\nVersion: 1\n")
    (info / "RECORD").write_text("rich-1.dist-info/METADATA,,\nrich-1.dist-info/RECORD,,\n")
    report = environment(built, lock_file(built, "requirements"), venv)
    names = {(f.mark.value, f.group, f.name) for f in report.judgement.findings}
    assert ("-", FindingGroup.PIP, "hello-envbench") in names
    assert ("+", FindingGroup.PIP, "rich") in names


def test_pairs_without_a_lock_say_what_to_do_instead(built: Box):
    spec = str(built.root / "env.yml")
    for words, hint in (
        (("env", "env@1"), "envbench diff env env@1"),
        ((spec, spec), "envbench lock"),
        ((spec, "env"), f"envbench solve {spec} --against env"),
        ((spec, None), "envbench verify LOCK"),
        ((str(lock_file(built, "explicit")), None), "ENV"),
    ):
        with pytest.raises(UsageError) as caught:
            verify(*words, built.settings)
        assert hint in caught.value.hint


def test_a_spec_of_exact_pins_counts_as_a_lock_where_none_is_called_so(built: Box):
    pins = built.root / "pins.yml"
    pins.write_text(lock_file(built, "environment-lock").read_text())
    report = environment(built, pins, "env", files=False)
    assert report.is_fine
    assert any("pins.yml is taken as a lock" in note for note in report.judgement.notes)
    assert pair(built, built.root / "env.yml", pins).is_fine
    called = environment(built, lock_file(built, "environment-lock"), "env", files=False)
    assert called.judgement.notes == ()


def test_what_cannot_be_relied_on_is_refused_with_its_line(built: Box, tmp_path: Path):
    text = lock_file(built, "explicit").read_text()
    twice = tmp_path / "explicit.txt"
    twice.write_text(text + text.splitlines()[-1] + "\n")
    with pytest.raises(NotFineError) as caught:
        verify(str(twice), "env", built.settings)
    assert f"explicit.txt:{len(text.splitlines()) + 1}:" in caught.value.why
    spec = tmp_path / "environment.yml"
    spec.write_text("dependencies:\n  - rich =>13\n")
    with pytest.raises(NotFineError) as caught:
        verify(str(lock_file(built, "explicit")), str(spec), built.settings)
    assert "environment.yml:2:" in caught.value.why


def test_an_index_is_not_asked_for_a_spec(box: Box, monkeypatch: pytest.MonkeyPatch):
    make_package(box.channel, "extra", "1.0")
    index_channel(box.channel)
    (box.root / "environment.lock.yml").write_text(
        "channels: [conda-forge]\ndependencies:\n  - numpy=1.26.4\n"
    )
    spec = box.write_spec("numpy>=1.26", channel="conda-forge")
    monkeypatch.setattr("socket.socket.connect", lambda *_: pytest.fail("the network was asked"))
    report = pair(box, box.root / "environment.lock.yml", spec)
    assert report.is_fine


def test_reports_travel_whole(built: Box):
    lock, spec = lock_file(built, "environment-lock"), built.root / "env.yml"
    for report in (environment(built, lock, "env", shallow=True), pair(built, lock, spec)):
        again = msgspec.convert(to_builtins(report), type(report), dec_hook=make_foreign)
        assert again == report
        assert again.describe() == report.describe()
